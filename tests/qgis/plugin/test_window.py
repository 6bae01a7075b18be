"""The browser tree, the options page and the help, against the real server."""

import socket

import pytest
from audan.core import servers
from audan.core.servers import Server
from audan.core.tasks import Tasks
from audan.gui.browser.items import Deeds, LayerItem, Offered, RootItem, read_dragged
from audan.gui.help import FOLDER, Help
from audan.gui.options import DEMO, OptionsPage
from conftest import wait_for


@pytest.fixture
def asked():
    """What the tree asks of the window."""
    return {"added": [], "looked": [], "options": 0}


@pytest.fixture
def root(server, asked):
    def options():
        asked["options"] += 1

    servers.save(server)
    tasks = Tasks()
    yield RootItem(Deeds(lambda *one: asked["added"].append(one), asked["looked"].append, options, tasks))
    tasks.close()


def opened(root):
    """Return the tree's server when it has answered."""
    (one,) = root.content()
    assert [item.name() for item in one.content()] == ["Asking…"]
    wait_for(lambda: one.answer is not None)
    return one


def layer_of(server, name):
    groups = server.content()
    items = [item for group in groups for item in group.content()]
    return next(item for item in items if item.layer.id == name)


def test_the_tree_holds_what_the_server_offers(root, stalls):
    with stalls:
        server = opened(root)
    assert stalls.longest < 0.1
    assert isinstance(server.answer, Offered)
    names = {item.layer.id for group in server.content() for item in group.content()}
    offered = {one.id for one in server.answer.catalogue.layers if one.geometry != "none"}
    assert names == offered
    rating = layer_of(server, "rating")
    assert [item.name() for item in rating.content()] == ["All offences", "Theft", "Assault"]


def test_offences_come_page_by_page(root, monkeypatch):
    monkeypatch.setattr("audan.gui.browser.items.PAGE", 2)
    rating = layer_of(opened(root), "rating")
    first = rating.content()
    assert [item.name() for item in first] == ["All offences", "Theft", "1 more…"]
    assert first[-1].handleDoubleClick()
    assert len(rating.content()) == 3


def test_a_double_click_adds_and_a_drag_names_the_same(root, asked, server):
    theft = layer_of(opened(root), "rating").content()[1]
    assert theft.handleDoubleClick()
    (choice, form) = asked["added"][0]
    assert (choice.layer, choice.offence, choice.month, form) == ("rating", "theft", "2022-12", "tiles")
    (uri,) = theft.mimeUris()
    assert uri.providerKey == "audan"
    assert read_dragged(uri.uri) == (server, "rating", "theft")
    servers.remove(server.name)
    assert read_dragged(uri.uri) is None


def test_a_server_that_is_down_is_an_item_that_tries_again(root, server):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        servers.save(Server(server.name, f"http://127.0.0.1:{free.getsockname()[1]}"))
    down = opened(root)
    fault, again = down.content()
    assert "cannot be reached" in fault.name()
    object.__setattr__(down, "server", server)
    assert again.handleDoubleClick()
    wait_for(lambda: isinstance(down.answer, Offered))


def test_without_a_server_the_tree_says_how_to_get_one(root, server, asked):
    servers.remove(server.name)
    (hint,) = root.content()
    assert hint.handleDoubleClick()
    assert asked["options"] == 1


def test_the_context_menu_offers_what_a_layer_can(root, qgis_app):
    from qgis.PyQt.QtWidgets import QWidget

    server, parent = opened(root), QWidget()
    assert len(layer_of(server, "rating").actions(parent)) == 3
    assert len(layer_of(server, "spread_paths").actions(parent)) == 1
    assert isinstance(layer_of(server, "density"), LayerItem)


def test_the_options_keep_servers_and_say_what_is_wrong(address):
    page = OptionsPage(None)
    page.show()
    page.add_button.click()
    page.name.setText("Office")
    page.url.setText("crime.example")
    page._edited()
    assert page.fault.isVisible()
    assert not page.test_button.isEnabled()
    page.url.setText(address + "/")
    page._edited()
    assert not page.fault.isVisible()
    page.demo_button.click()
    page.demo_button.click()
    page.apply()
    assert servers.servers() == [DEMO, Server("Office", address)]
    again = OptionsPage(None)
    again.list.setCurrentRow(1)
    again.remove_button.click()
    again.apply()
    assert servers.servers() == [DEMO]


def test_two_servers_of_one_name_are_refused(address):
    page = OptionsPage(None)
    page.show()
    page.add(Server("A", address))
    page.add(Server("B", address))
    page.name.setText("A")
    page._edited()
    assert page.fault.isVisible()


def test_the_options_test_a_server(guarded, authcfg, stalls):
    url, token = guarded
    page = OptionsPage(None)
    page.show()
    page.add(Server("Office", url, authcfg(token)))
    with stalls:
        page.test_button.click()
        wait_for(lambda: "Walled Town" in page.result.text())
    assert stalls.longest < 0.1
    assert "analyst edition" in page.result.text()
    page.auth.setConfigId("")
    page._edited()
    page.test_button.click()
    wait_for(lambda: "token" in page.result.text())


@pytest.mark.parametrize("name", sorted(one.stem for one in (FOLDER / "en").glob("*.md")))
def test_help_pages_are_shown(name):
    shown = Help()
    shown.show_page(name)
    assert len(shown.text.toPlainText()) > 200
    shown.close()
