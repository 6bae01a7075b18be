"""The branch of the browser: filled beside the window, told when a server fails, paged, dragged."""

import json

import pytest
from audan.core import servers
from audan.core.choice import Choice
from audan.core.fault import Fault
from audan.core.models import LayerInfo
from audan.core.network import open_desk
from audan.core.servers import Server
from audan.gui.browser import items, shelf
from audan.gui.browser.drag import DropHandler, choice_of, uri_of
from audan.gui.browser.groups import first_choice, forms, grouped
from audan.gui.browser.tree import Deeds, Tree
from conftest import wait_for
from qgis.core import QgsApplication, QgsBrowserProxyModel, QgsMimeDataUtils
from qgis.gui import QgsBrowserGuiModel
from qgis.PyQt.QtCore import QModelIndex
from qgis.PyQt.QtWidgets import QMenu

DEAD = "http://127.0.0.1:9"


class Shown:
    """The branch as a browser shows it, and what its items asked of the window."""

    def __init__(self):
        self.added, self.chosen, self.opened = [], [], []
        self.tree = Tree(
            Deeds(
                lambda *what: self.added.append(what),
                self.chosen.append,
                lambda: self.opened.append(1),
                self.opened.append,
            )
        )
        self.source = QgsBrowserGuiModel()
        self.source.initialize()
        self.model = QgsBrowserProxyModel()
        self.model.setBrowserModel(self.source)

    def index(self, *names):
        """Find a line by the names of those above it, opening each."""
        at = QModelIndex()
        for name in names:
            rows = [self.model.index(row, 0, at) for row in range(self.model.rowCount(at))]
            at = next((one for one in rows if one.data() == name), None)
            if at is None:
                return None
            if self.model.canFetchMore(at):
                self.model.fetchMore(at)
        return at

    def names(self, *names):
        at = self.index(*names)
        return (
            None
            if at is None
            else [self.model.index(row, 0, at).data() for row in range(self.model.rowCount(at))]
        )

    def item(self, *names):
        return self.model.dataItem(self.index(*names))


@pytest.fixture(autouse=True)
def desk(qgis_app):
    """Requests are sent from the window's thread, as with the plugin."""
    open_desk()


@pytest.fixture
def shown(qgis_app):
    made = Shown()
    yield made
    made.tree.close()
    made.model.deleteLater()
    made.source.deleteLater()


def opened(shown, server):
    """Wait until a server's groups are shown."""
    assert shown.names("Audan", server.name) == ["Asking the server…"]
    wait_for(lambda: shown.names("Audan", server.name) != ["Asking the server…"])


def test_layers_stand_in_groups_and_are_added_by_a_double_click(shown, server, stalls):
    servers.save(server)
    shown.tree.refresh()
    with stalls:
        opened(shown, server)
    assert stalls.longest < 0.1
    assert shown.names("Audan", "Town") == [
        "Rating and signals",
        "Hotspots and clusters",
        "Spread",
        "Districts",
    ]
    assert shown.names("Audan", "Town", "Rating and signals")[:2] == ["Rating", "Dynamics"]
    rating = ("Audan", "Town", "Rating and signals", "Rating")
    assert shown.names(*rating)[:3] == ["All offences", "Theft", "Assault"]
    item = shown.item(*rating)
    assert item.toolTip().endswith("Newest month: 2022-12")
    assert item.handleDoubleClick()
    theft = shown.item(*rating, shown.names(*rating)[1])
    menu = QMenu()
    offered = theft.actions(menu)
    assert len(offered) == 3
    offered[1].trigger()
    offered[2].trigger()
    second = Choice(server, "rating", theft.choice.offence, "2022-12")
    assert second.offence in ("theft", "assault")
    assert shown.added == [(Choice(server, "rating", "all", "2022-12"), "tiles"), (second, "features")]
    assert shown.chosen == [second]


def test_what_is_dragged_comes_back_as_the_same_slice(shown, server):
    servers.save(server)
    shown.tree.refresh()
    opened(shown, server)
    at = shown.index("Audan", "Town", "Rating and signals", "Completeness of cards")
    (dragged,) = QgsMimeDataUtils.decodeUriList(shown.source.mimeData([shown.model.mapToSource(at)]))
    wanted = Choice(server, "completeness", None, "2022-12", "method")
    assert choice_of(dragged) == wanted
    got = []
    handler = DropHandler(got.append)
    assert handler.customUriProviderKey() == dragged.providerKey
    handler.handleCustomUriDrop(dragged)
    assert got == [wanted]
    dragged.uri = json.dumps({"server": 1})
    handler.handleCustomUriDrop(dragged)
    dragged.providerKey = "ogr"
    assert got == [wanted]
    assert choice_of(dragged) is None
    assert choice_of(uri_of(wanted, "Ақпарат")) == wanted


def test_a_dead_server_says_what_to_do_and_is_asked_again(shown, server, monkeypatch):
    servers.save(Server("Town", DEAD))
    shown.tree.refresh()
    opened(shown, server)
    sentence, remedy, again = shown.names("Audan", "Town")
    assert DEAD in sentence
    assert remedy.startswith("Look at the network")
    assert again == "Try again"
    asked = shelf.ask
    monkeypatch.setattr(shelf, "ask", lambda _, ear: asked(server, ear))  # it has come up
    assert shown.item("Audan", "Town", again).handleDoubleClick()
    wait_for(lambda: "Spread" in (shown.names("Audan", "Town") or ()))
    assert shown.item("Audan", "Town").toolTip().count("\n") == 1


def test_servers_come_and_go_without_closing_what_is_open(shown, server, address):
    assert shown.names("Audan") == ["Add a server… (double click)"]
    shown.item("Audan", "Add a server… (double click)").handleDoubleClick()
    wait_for(lambda: shown.opened)
    servers.save(server)
    shown.tree.refresh()
    opened(shown, server)
    servers.save(Server("Also", address))
    shown.tree.refresh()
    assert shown.names("Audan", "Town")[0] == "Rating and signals"
    assert set(shown.names("Audan")) == {"Also", "Town"}
    shown.names("Audan", "Also")  # is being asked when it goes
    servers.remove("Also")
    shown.tree.refresh()
    assert shown.names("Audan") == ["Town"]
    wait_for(lambda: not shown.tree.tasks.running)
    assert shown.names("Audan") == ["Town"]


def test_many_offences_come_a_page_at_a_time(shown, server, monkeypatch):
    monkeypatch.setattr(items, "PAGE", 2)
    servers.save(server)
    shown.tree.refresh()
    opened(shown, server)
    rating = ("Audan", "Town", "Rating and signals", "Rating")
    first = shown.names(*rating)
    assert first == ["All offences", "Theft", "More… (3 left)"]
    shown.item(*rating, first[-1]).handleDoubleClick()
    wait_for(lambda: "More… (3 left)" not in shown.names(*rating))
    assert shown.names(*rating)[:2] == first[:2]
    assert shown.names(*rating)[-1] == "More… (1 left)"


def test_every_layer_with_shapes_has_a_group_and_a_first_slice(server):
    told = shelf.ask(server, None)
    groups = grouped(told.catalogue)
    placed = [layer.id for layers in groups.values() for layer in layers]
    assert sorted(placed) == sorted(one.id for one in told.catalogue.layers if one.geometry != "none")
    assert told.offences["theft"]
    for layers in groups.values():
        for layer in layers:
            choice = first_choice(server, layer)
            assert choice.month == (layer.months[-1] if layer.months else None)
            assert (choice.offence is None) == (not layer.offences)
            assert forms(layer)[0] == "tiles"
    new = LayerInfo("later", {"en": "Later"}, {}, "polygon", ("district",), ())
    assert forms(new) == ("tiles", "features")
    assert first_choice(server, new).month is None


def test_a_fault_of_one_server_is_kept_until_it_answers(qgis_app):
    heard = []
    from audan.core.tasks import Tasks

    kept = shelf.Shelf(Tasks(), heard.append)
    dead = Server("Dead", DEAD)
    assert kept.told(dead) is None
    kept.ask(dead)
    kept.ask(dead)
    wait_for(lambda: heard)
    assert heard == [dead]
    assert isinstance(kept.told(dead), Fault)


def test_closing_takes_the_branch_away(qgis_app, server):
    before = [one.name() for one in QgsApplication.dataItemProviderRegistry().providers()]
    made = Shown()
    servers.save(server)
    made.tree.refresh()
    assert made.index("Audan") is not None
    made.names("Audan", "Town")
    made.tree.close()
    assert made.index("Audan") is None
    assert [one.name() for one in QgsApplication.dataItemProviderRegistry().providers()] == before
