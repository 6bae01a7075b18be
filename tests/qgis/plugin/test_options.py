"""The options page: servers are added, changed, tested and removed; nothing secret is kept."""

import pytest
from audan.core import servers
from audan.core.network import open_desk
from audan.core.servers import Server
from audan.gui.options import DEMO, OptionsFactory, ServersPage
from conftest import wait_for
from qgis.core import QgsSettings


@pytest.fixture(autouse=True)
def desk(qgis_app):
    """Requests are sent from the window's thread, as with the plugin."""
    open_desk()


@pytest.fixture
def page(qgis_app):
    made = []

    def build(*known):
        for one in known:
            servers.save(one)
        made.append(ServersPage())
        return made[-1]

    yield build
    for one in made:
        one.deleteLater()


def write(field, text):
    """Write into a field as a person does."""
    field.setText(text)
    field.textEdited.emit(text)


def test_an_empty_page_offers_the_demo(page):
    one = page()
    assert not one.empty.isHidden()
    assert one.fields.isHidden()
    assert not one.minus.isEnabled()
    one.demo.click()
    assert one.demo.isHidden()
    assert not one.fields.isHidden()
    assert servers.servers() == []  # nothing is kept before it is accepted
    one.apply()
    assert servers.servers() == [DEMO]


def test_faults_stand_beside_their_fields(page, address):
    one = page(Server("Town", address))
    one.plus.click()
    assert one.fields.address_fault.isHidden()
    assert not one.fields.test.isEnabled()
    write(one.fields.address, "ftp://x")
    assert "ftp://x" in one.fields.address_fault.text()
    assert not one.isValid()
    write(one.fields.address, "https://me:secret@crime.example")
    assert "password" in one.fields.address_fault.text()
    write(one.fields.address, "https://crime.example/")
    assert one.fields.address_fault.isHidden()
    assert one.fields.test.isEnabled()
    assert one.isValid()
    write(one.fields.name, "Town")
    assert "Town" in one.fields.name_fault.text()
    assert not one.fields.test.isEnabled()
    write(one.fields.name, "")
    assert one.fields.name_fault.text()
    assert not one.fields.name_fault.isHidden()


def test_what_is_accepted_is_kept_and_told(page, address):
    told = []
    servers.save(Server("Old", address, "abc1234"))
    one = OptionsFactory(lambda: told.append(1)).createWidget(None)
    write(one.fields.name, "New")
    write(one.fields.address, "https://crime.example/audan/")
    one.apply()
    (kept,) = servers.servers()
    assert (kept.name, kept.url) == ("New", "https://crime.example/audan")
    assert told == [1]
    one.drop()
    one.apply()
    assert servers.servers() == []
    assert told == [1, 1]
    one.deleteLater()


def test_a_server_with_a_fault_stays_as_it_was(page, address):
    one = page(Server("Town", address))
    write(one.fields.address, "nonsense")
    one.plus.click()
    one.apply()
    assert servers.servers() == [Server("Town", address)]


def test_testing_tells_edition_area_and_release_in_one_line(page, server, stalls):
    one = page(server)
    with stalls:
        one.fields.test.click()
        assert one.fields.test.text() == "Stop"
        wait_for(lambda: one.fields.test.text() == "Test")
    assert stalls.longest < 0.1
    text = one.fields.result.text()
    assert text.startswith("Walled Town: analyst edition, release of 20")
    assert "\n" not in text


def test_testing_tells_what_is_wrong_and_what_to_do(page, guarded, authcfg):
    one = page(Server("Guarded", guarded[0]))
    one.fields.test.click()
    wait_for(lambda: one.fields.test.text() == "Test")
    assert "token" in one.fields.result.text()
    assert "Settings → Options → Audan" in one.fields.result.text()
    one.fields.authentication.setConfigId(authcfg(guarded[1]))
    assert one.fields.result.isHidden()
    one.fields.test.click()
    wait_for(lambda: one.fields.test.text() == "Test")
    assert one.fields.result.text().startswith("Walled Town")
    one.apply()
    settings = QgsSettings()
    assert all(guarded[1] not in str(settings.value(key)) for key in settings.allKeys())


def test_a_test_that_takes_long_is_stopped(page, server):
    one = page(server)
    one.fields.test.click()
    (running,) = one._tasks.running
    one.fields.test.click()
    assert one.fields.test.text() == "Test"
    assert one.fields.result.isHidden()
    assert running.isCanceled()
    wait_for(lambda: not one._tasks.running)
    assert one.fields.result.isHidden()
