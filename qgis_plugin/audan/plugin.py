"""The assembly: which part speaks to which. Reading this file is reading the plugin.

options, browser, dock ──> what is wanted ──> a task asks the server ──> layers in the project
dock <── the month ──> the map's temporal controller ──> layers of that month
dock ──> a bulletin, an atlas ──> QGIS's layout designer
"""

from typing import Any, Optional

from qgis.core import QgsApplication, QgsProject

from .core import network
from .core.choice import Choice
from .core.client import Client
from .core.fault import Fault
from .core.servers import Server, find
from .core.tasks import Tasks
from .core.words import say


class AudanPlugin:
    """The plugin.

    Parameters
    ----------
    iface
        QGIS's window; None under ``qgis_process``.
    """

    def __init__(self, iface: Any) -> None:
        self.iface = iface
        self.provider: Any = None
        self.tasks = Tasks()
        self.dock: Any = None
        self.actions: list[Any] = []

    def initProcessing(self) -> None:
        """Register the algorithms; all that ``qgis_process`` needs."""
        from .processing.provider import AudanProvider

        self.provider = AudanProvider()
        QgsApplication.processingRegistry().addProvider(self.provider)

    def initGui(self) -> None:
        """Put the plugin into the window."""
        from .gui.browser import BrowserProvider, Deeds, DropHandler
        from .gui.dock import SituationDock
        from .gui.help import Help
        from .gui.messages import Messages
        from .gui.options import OptionsFactory
        from .layers.temporal import Follower

        network.open_desk()
        self.initProcessing()
        self.tasks = Tasks()
        self.messages = Messages(self.iface)
        self.help = Help(self.iface.mainWindow())

        self.options = OptionsFactory(self._servers_changed)
        self.iface.registerOptionsWidgetFactory(self.options)
        self.browser = BrowserProvider(Deeds(self.add_choice, self.look, self.show_options, self.tasks))
        QgsApplication.dataItemProviderRegistry().addProvider(self.browser)
        self.drops = DropHandler(self._dropped)
        self.iface.registerCustomDropHandler(self.drops)

        canvas = self.iface.mapCanvas()
        self.follower = Follower(canvas, canvas.temporalController(), self.iface.mainWindow())
        self.dock = SituationDock(self.iface)
        self.dock.month_chosen.connect(self.follower.go)
        self.follower.moved.connect(self.dock.show_month)
        self.dock.layers_wanted.connect(self._layers_wanted)
        self.dock.bulletin_wanted.connect(self.bulletin)
        self.dock.atlas_wanted.connect(self.atlas)
        self.dock.options_wanted.connect(self.show_options)
        self.dock.faulted.connect(self.messages.fault)
        self.iface.addDockWidget(_right(), self.dock)
        self._add_actions()
        QgsProject.instance().readProject.connect(self._project_read)

    def _add_actions(self) -> None:
        from qgis.PyQt.QtWidgets import QAction

        from .gui.icons import icon

        window = self.iface.mainWindow()
        self.toolbar = self.iface.addToolBar("Audan")
        self.toolbar.setObjectName("AudanToolbar")
        situation = self.dock.toggleViewAction()
        situation.setIcon(icon("audan"))
        situation.setText(say("window.situation"))
        made = [situation]
        for name, done in (
            ("bulletin", lambda: self.bulletin(self.dock.choice)),
            ("atlas", lambda: self.atlas(self.dock.choice)),
            ("server", self.show_options),
            ("help", lambda: self.help.show_page("start")),
        ):
            one = QAction(icon(name), say(f"window.{name}_menu"), window)
            one.triggered.connect(lambda _checked=False, done=done: done())
            made.append(one)
        for one in made:
            self.iface.addPluginToMenu("Audan", one)
        for one in made[:3]:
            self.toolbar.addAction(one)
        self.actions = made

    def unload(self) -> None:
        """Take everything out of the window again."""
        if self.provider is not None:
            QgsApplication.processingRegistry().removeProvider(self.provider)
            self.provider = None
        if self.dock is None:
            return
        QgsProject.instance().readProject.disconnect(self._project_read)
        self.tasks.close()
        self.follower.close()
        self.dock.close_down()
        for one in self.actions:
            self.iface.removePluginMenu("Audan", one)
            self.toolbar.removeAction(one)
        for one in self.actions[1:]:
            one.deleteLater()
        self.iface.removeDockWidget(self.dock)
        self.iface.unregisterOptionsWidgetFactory(self.options)
        self.iface.unregisterCustomDropHandler(self.drops)
        QgsApplication.dataItemProviderRegistry().removeProvider(self.browser)
        for one in (self.toolbar, self.help, self.dock, self.follower):
            one.deleteLater()
        self.actions, self.dock, self.browser, self.follower = [], None, None, None
        network.close_desk()

    # What the parts ask for ---------------------------------------------------------------------------------

    def show_options(self) -> None:
        """Open the options page with the servers."""
        self.iface.showOptionsDialog(self.iface.mainWindow(), "Audan")

    def look(self, choice: Choice) -> None:
        """Show a choice in the dock."""
        self.dock.setUserVisible(True)
        self.dock.choose(choice)

    def add_choice(self, choice: Choice, form: str = "tiles") -> None:
        """Add one layer's set."""
        self.add(choice.server, (choice.layer,), choice.offence, choice.month, choice.attribute, form)

    def _layers_wanted(self, server: Server, wanted: Any) -> None:
        self.add(server, *wanted)

    def add(
        self,
        server: Server,
        layers: tuple[str, ...],
        offence: Optional[str],
        month: Optional[str],
        attribute: Optional[str] = None,
        form: str = "tiles",
    ) -> None:
        """Ask a server for a set of layers in a task, and add it to the project."""
        from .layers.layer_set import add
        from .layers.prepare import Wanted, prepare

        wanted = Wanted(tuple(layers), offence, month, attribute, form)

        def done(prepared: Any) -> None:
            added = add(prepared, QgsProject.instance(), self.iface.mapCanvas())
            self.messages.told(say("window.added", n=len(added), server=server.name))
            if month is not None:
                self.follower.go(month)

        self.tasks.start(
            say("window.adding", server=server.name),
            lambda ear: prepare(Client(server, ear), wanted, ear),
            done,
            self.messages.fault,
        )

    def bulletin(self, choice: Optional[Choice]) -> None:
        """Make a bulletin of what the dock shows, and open it in the layout designer."""
        from .layout.bulletin import make

        self._lay_out(choice, make)

    def atlas(self, choice: Optional[Choice]) -> None:
        """Make an atlas of what the dock shows, a page for each district."""
        from .layout.atlas import make

        self._lay_out(choice, make)

    def _lay_out(self, choice: Optional[Choice], make: Any) -> None:
        from .layout.facts import fetch_facts

        if choice is None or choice.month is None:
            self.messages.hint(say("window.choose_first"))
            self.dock.setUserVisible(True)
            return

        def done(facts: Any) -> None:
            self.iface.openLayoutDesigner(make(QgsProject.instance(), facts))

        self.tasks.start(
            say("window.laying_out", server=choice.server.name),
            lambda ear: fetch_facts(Client(choice.server, ear), choice),
            done,
            self.messages.fault,
        )

    def _dropped(self, dragged: Any) -> None:
        if dragged is None:
            self.messages.hint(say("window.no_server"))
            return
        server, layer, offence = dragged
        from .layers.prepare import newest

        self.tasks.start(
            say("window.adding", server=server.name),
            lambda ear: newest(Client(server, ear), layer, offence),
            lambda month: self.add(server, (layer,), offence, month),
            self.messages.fault,
        )

    def _servers_changed(self) -> None:
        self.browser.refresh()
        self.dock.refresh()

    def _project_read(self, *_: Any) -> None:
        """Ask the servers of a project's layers: tiles alone never say that a token was revoked."""
        from .core.probe import probe
        from .layers.marks import mark_of

        marks = [mark_of(layer) for layer in QgsProject.instance().mapLayers().values()]
        for server in {Server(one.server, one.url, one.authcfg) for one in marks if one is not None}:
            known = find(server.name) or server
            self.tasks.start(
                say("window.testing", server=server.name),
                lambda ear, known=known: probe(known, ear),
                lambda _catalogue: None,
                self._project_fault,
            )

    def _project_fault(self, fault: Fault) -> None:
        self.messages.fault(fault)


def _right() -> Any:
    from qgis.PyQt.QtCore import Qt

    return Qt.DockWidgetArea.RightDockWidgetArea
