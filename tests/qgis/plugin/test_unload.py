"""The whole plugin in a window: its parts are connected, and nothing of it stays after it is unloaded."""

import gc
import weakref

import pytest
from audan.core import network, servers
from audan.core.choice import Choice
from audan.core.fault import Fault
from audan.layers.marks import marked, put_mark
from conftest import wait_for
from qgis.core import QgsApplication, QgsProject, QgsSettings
from qgis.gui import QgsLayerTreeMapCanvasBridge, QgsMapCanvas, QgsMessageBar
from qgis.PyQt.QtCore import QCoreApplication, QEvent, QObject
from qgis.PyQt.QtWidgets import QMainWindow


class Window:
    """As much of QGIS's interface as a plugin meets, around a real window, map and message bar."""

    def __init__(self):
        self.window = QMainWindow()
        self.canvas = QgsMapCanvas(self.window)
        self.window.setCentralWidget(self.canvas)
        self.bridge = QgsLayerTreeMapCanvasBridge(
            QgsProject.instance().layerTreeRoot(), self.canvas, self.canvas
        )
        self.bar = QgsMessageBar(self.canvas)
        self.menu, self.factories, self.drops, self.docks, self.opened = [], [], [], [], []

    def mainWindow(self):
        return self.window

    def mapCanvas(self):
        return self.canvas

    def layerTreeCanvasBridge(self):
        return self.bridge

    def messageBar(self):
        return self.bar

    def openMessageLog(self):
        self.opened.append("log")

    def showOptionsDialog(self, parent, page):
        self.opened.append(page)

    def openLayoutDesigner(self, layout):
        self.opened.append(layout)

    def addToolBar(self, name):
        return self.window.addToolBar(name)

    def addDockWidget(self, area, dock):
        self.docks.append(dock)
        self.window.addDockWidget(area, dock)

    def removeDockWidget(self, dock):
        self.docks.remove(dock)
        self.window.removeDockWidget(dock)

    def addPluginToMenu(self, name, action):
        self.menu.append(action)

    def removePluginMenu(self, name, action):
        self.menu.remove(action)

    def registerOptionsWidgetFactory(self, factory):
        self.factories.append(factory)

    def unregisterOptionsWidgetFactory(self, factory):
        self.factories.remove(factory)

    def registerCustomDropHandler(self, handler):
        self.drops.append(handler)

    def unregisterCustomDropHandler(self, handler):
        self.drops.remove(handler)

    def state(self):
        """Return everything that a plugin may leave behind."""
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()
        project, settings = QgsProject.instance(), QgsSettings()
        return {
            "children": sorted(
                f"{type(one).__name__} {one.objectName()}" for one in self.window.findChildren(QObject)
            ),
            "listeners": project.receivers(project.readProject),
            "time": self.canvas.receivers(self.canvas.temporalRangeChanged),
            "algorithms": [one.id() for one in QgsApplication.processingRegistry().providers()],
            "browser": [one.name() for one in QgsApplication.dataItemProviderRegistry().providers()],
            "registered": (self.menu, self.factories, self.drops, self.docks, self.bar.items()),
            "settings": [key for key in settings.allKeys() if key.startswith("audan")],
            "desk": network._DESK,
        }


@pytest.fixture
def window(qgis_app):
    network.close_desk()
    made = Window()
    yield made
    made.window.deleteLater()


@pytest.fixture
def plugin(window):
    import audan

    made = audan.classFactory(window)
    yield made
    made.unload()


def test_nothing_stays_after_unloading_and_it_can_be_loaded_again(window, plugin, server):
    servers.save(server)
    before = window.state()
    for _ in range(2):
        plugin.initGui()
        assert {"audan"} <= {one.id() for one in QgsApplication.processingRegistry().providers()}
        assert len(window.menu) == 5
        assert window.docks
        plugin.adder.add(Choice(server, "rating", "all", "2022-08"))  # runs while it is unloaded
        plugin.messages.fault(Fault("needs_token", server="Town"))
        plugin._actions["help"].trigger()
        plugin.unload()
        assert window.state() == before
    plugin.unload()
    wait_for(lambda: QgsApplication.taskManager().countActiveTasks() == 0)
    assert not QgsProject.instance().mapLayers()


def test_processing_needs_no_window(qgis_app):
    import audan

    made = audan.classFactory(None)
    made.initProcessing()
    assert QgsApplication.processingRegistry().providerById("audan") is made.provider
    made.unload()
    assert QgsApplication.processingRegistry().providerById("audan") is None


def test_what_is_added_comes_to_the_map_and_is_told(window, plugin, server, stalls):
    plugin.initGui()
    with stalls:
        plugin.adder.add(Choice(server, "rating", "theft", "2021-07"))
        wait_for(lambda: window.bar.items())
    assert stalls.longest < 0.1
    names = [layer.name() for layer in QgsProject.instance().mapLayers().values()]
    assert any("Theft" in name and "July 2021" in name for name in names), names
    assert "Added" in window.bar.items()[0].text()
    assert plugin.follower.month == "2021-07"


def test_a_fault_is_told_once_with_its_remedy(window, plugin, server):
    plugin.initGui()
    for _ in range(2):
        plugin.adder.add(Choice(server.__class__("Dead", "http://127.0.0.1:9"), "rating"))
        wait_for(lambda: not plugin.tasks.running)
    (item,) = window.bar.items()
    assert "Dead" in item.text()
    assert "Look at the network" in item.text()


def test_an_empty_project_takes_metres_so_that_tiles_are_not_reprojected(window, plugin, server):
    plugin.initGui()
    plugin.adder.add_set(server, (("rating", "clusters", "spread_paths"), "all", "2021-07", None, "tiles"))
    wait_for(lambda: plugin.follower.month == "2021-07")
    assert QgsProject.instance().crs().authid() == "EPSG:3857"
    assert len(window.canvas.layers()) == 4
    assert window.bridge.autoSetupOnFirstLayer()


def test_layers_that_cannot_be_added_are_told_in_one_message(window, plugin, server):
    plugin.initGui()
    plugin.adder.add_set(server, (("rating", "offences", "peer_groups"), "all", None, None, "tiles"))
    wait_for(lambda: len(window.bar.items()) == 2)
    text = next(one.text() for one in window.bar.items() if "Not added" in one.text())
    assert "offences" in text
    assert "peer_groups" in text


def test_a_fault_that_the_dock_tells_is_not_told_twice(window, plugin):
    plugin.initGui()
    plugin.dock.faulted.emit(Fault("needs_token", server="Town"))
    assert not window.bar.items()


def test_the_map_rests_until_the_servers_of_a_project_have_answered(window, plugin, server, tmp_path):
    plugin.initGui()
    project = QgsProject.instance()
    plugin.adder.add(Choice(server, "rating", "all", "2022-12"))
    wait_for(project.mapLayers)
    project.write(str(tmp_path / "fine.qgz"))
    project.clear()
    project.read(str(tmp_path / "fine.qgz"))
    assert not window.canvas.renderFlag()
    wait_for(window.canvas.renderFlag)
    assert all(node.isVisible() for node in project.layerTreeRoot().findLayers())


def test_layers_of_a_dead_server_are_hidden_and_it_is_told(window, plugin, server, tmp_path, monkeypatch):
    plugin.initGui()
    project = QgsProject.instance()
    plugin.adder.add(Choice(server, "rating", "all", "2022-12"))
    wait_for(project.mapLayers)
    project.write(str(tmp_path / "dead.qgz"))

    def dead(*_):
        raise Fault("token", server="Town")

    monkeypatch.setattr("audan.gui.guard.probe", dead)
    plugin.messages.close()
    project.clear()
    project.read(str(tmp_path / "dead.qgz"))
    wait_for(window.canvas.renderFlag)
    hidden = [n.name() for n in project.layerTreeRoot().findLayers() if not n.itemVisibilityChecked()]
    assert len(hidden) == 1
    assert "does not accept the token" in window.bar.items()[0].text()


def test_a_bulletin_without_a_choice_shows_where_to_choose(window, plugin):
    plugin.initGui()
    plugin._make("bulletin", None)
    assert "Choose a server" in window.bar.items()[0].text()
    plugin.open_options()
    assert window.opened == ["AudanOptions"]


@pytest.mark.parametrize("what", ["bulletin", "atlas"])
def test_bulletins_and_atlases_open_in_the_designer(window, plugin, server, what):
    plugin.initGui()
    plugin._make(what, Choice(server, "dynamics", "assault", "2022-12"))
    wait_for(lambda: window.opened or window.bar.items())
    (layout,) = window.opened
    assert QgsProject.instance().layoutManager().layouts() == [layout]


def test_no_part_lives_on_after_unloading(window, plugin, server):
    servers.save(server)
    plugin.initGui()
    plugin.choose(Choice(server, "rating", "theft", "2021-07"))
    wait_for(lambda: plugin.dock.ranked.model.districts)
    plugin.adder.add(Choice(server, "rating", "theft", "2021-07"))
    wait_for(lambda: window.bar.items())
    parts = ("dock", "follower", "tree", "adder", "messages", "guard", "options")
    alive = {name: weakref.ref(getattr(plugin, name)) for name in parts}
    plugin.unload()
    window.state()  # lets QGIS delete what is to be deleted
    wait_for(lambda: QgsApplication.taskManager().countActiveTasks() == 0)
    gc.collect()
    assert [name for name, one in alive.items() if one() is not None] == []


def test_a_project_of_an_earlier_release_is_told_so(window, plugin, server, tmp_path):
    plugin.initGui()
    project = QgsProject.instance()
    plugin.adder.add(Choice(server, "rating", "all", "2022-12"))
    wait_for(project.mapLayers)
    for layer, mark in marked(project):
        put_mark(layer, mark.but(release="20200101T000000Z-00000000"))
    project.write(str(tmp_path / "old.qgz"))
    plugin.messages.close()
    project.clear()
    project.read(str(tmp_path / "old.qgz"))
    wait_for(window.canvas.renderFlag)
    (item,) = window.bar.items()
    assert "Add the set again" in item.text()
