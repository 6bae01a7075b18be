"""The plugin: puts its parts into the window, connects them, and takes all of it out again."""

from typing import Any, Callable, Optional

from qgis.core import QgsApplication, QgsProject
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QAction, QToolBar

from .core.choice import Choice
from .core.client import Client
from .core.fault import Fault
from .core.network import close_desk, open_desk
from .core.tasks import Tasks
from .core.words import say
from .gui.icons import icon

MENU = "Audan"


class AudanPlugin:
    """Audan in a window of QGIS.

    Parameters
    ----------
    iface
        The window's interface; None under ``qgis_process``, which calls `initProcessing` alone.
    """

    def __init__(self, iface: Optional[Any]) -> None:
        self.iface = iface
        self.provider: Any = None
        self._actions: dict[str, QAction] = {}

    def initProcessing(self) -> None:
        """Offer the algorithms."""
        from .processing.provider import AudanProvider

        self.provider = AudanProvider()
        QgsApplication.processingRegistry().addProvider(self.provider)

    def initGui(self) -> None:
        """Put every part into the window."""
        open_desk()
        self.initProcessing()
        self._add_tools()
        self._add_actions()
        self._add_options()
        self._add_tree()
        self._add_dock()
        self._follow_time()

    def unload(self) -> None:
        """Take everything out again."""
        if self.iface is not None and self._actions:
            self._take_out()
        if self.provider is not None:
            QgsApplication.processingRegistry().removeProvider(self.provider)
            self.provider = None
        close_desk()

    # Putting in.

    def _add_tools(self) -> None:
        from .gui.adding import Adder
        from .gui.guard import Guard
        from .gui.messages import Messages
        from .layers.temporal import Follower

        canvas = self.iface.mapCanvas()
        self.tasks = Tasks()
        self.messages = Messages(self.iface)
        self.follower = Follower(canvas, canvas.temporalController(), self.iface.mainWindow())
        self.adder = Adder(self.tasks, self.messages, self.iface, self._go_to)
        self.guard = Guard(canvas, self.tasks, self.messages)

    def _add_actions(self) -> None:
        from .gui.help import show_help

        window = self.iface.mainWindow()
        self.toolbar: QToolBar = self.iface.addToolBar(MENU)
        self.toolbar.setObjectName("AudanToolbar")
        deeds: dict[str, tuple[str, Callable[[], Any], bool]] = {
            "situation": ("audan", self._toggle_dock, True),
            "bulletin": ("bulletin", lambda: self._make("bulletin", self.dock.choice), True),
            "atlas": ("atlas", lambda: self._make("atlas", self.dock.choice), True),
            "servers": ("server", self.open_options, False),
            "help": ("help", lambda: show_help("start", window), False),
        }
        for name, (picture, deed, on_bar) in deeds.items():
            action = QAction(icon(picture), say(f"action.{name}"), window)
            action.setObjectName(f"Audan{name.capitalize()}")
            action.setToolTip(say(f"action.{name}.tip"))
            action.triggered.connect(lambda _=False, deed=deed: deed())
            self.iface.addPluginToMenu(MENU, action)
            if on_bar:
                self.toolbar.addAction(action)
            self._actions[name] = action
        self._actions["situation"].setCheckable(True)

    def _add_options(self) -> None:
        from .gui.options import OptionsFactory

        self.options = OptionsFactory(self.refresh)
        self.iface.registerOptionsWidgetFactory(self.options)

    def _add_tree(self) -> None:
        from .gui.browser.drag import DropHandler
        from .gui.browser.tree import Deeds, Tree
        from .gui.help import show_help

        window = self.iface.mainWindow()
        help_ = lambda page: show_help(page, window)  # noqa: E731
        self.tree = Tree(Deeds(self.adder.add, self.choose, self.open_options, help_))
        self.drops = DropHandler(self.adder.add)
        self.iface.registerCustomDropHandler(self.drops)

    def _add_dock(self) -> None:
        from .gui.dock import SituationDock

        self.dock = SituationDock(self.iface, self.iface.mainWindow())
        self.dock.setObjectName("AudanSituation")
        self.iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.dock)
        self.dock.hide()
        self.dock.visibilityChanged.connect(self._actions["situation"].setChecked)
        self.dock.layers_wanted.connect(self.adder.add_set)
        self.dock.bulletin_wanted.connect(lambda choice: self._make("bulletin", choice))
        self.dock.atlas_wanted.connect(lambda choice: self._make("atlas", choice))
        self.dock.options_wanted.connect(self.open_options)
        self.dock.faulted.connect(self.messages.log)

    def _follow_time(self) -> None:
        self.follower.faulted.connect(self.messages.fault)
        self.follower.moved.connect(self.dock.show_month)
        self.dock.month_chosen.connect(self.follower.go)

    # What a person does.

    def refresh(self) -> None:
        """Show the servers anew, after the options have changed."""
        self.tree.refresh()
        self.dock.refresh()

    def open_options(self) -> None:
        """Open the options at the plugin's page."""
        self.iface.showOptionsDialog(self.iface.mainWindow(), "AudanOptions")

    def choose(self, choice: Choice) -> None:
        """Look at a slice in the dock, where another can be chosen."""
        self._show_dock()
        self.dock.choose(choice)

    def _go_to(self, month: str) -> None:
        """Take map and dock to a month."""
        self.follower.go(month)
        self.dock.show_month(month)

    def _toggle_dock(self) -> None:
        if self.dock.isVisible():
            self.dock.hide()
        else:
            self._show_dock()

    def _show_dock(self) -> None:
        self.dock.show()
        self.dock.raise_()

    def _make(self, what: str, choice: Optional[Choice]) -> None:
        """Make a bulletin or an atlas of a slice, and open it in the designer."""
        from .layout.facts import fetch_facts

        if choice is None:
            self._show_dock()
            self.messages.hint(say("message.choose_first"))
            return
        self.tasks.start(
            say(f"task.{what}", server=choice.server.name),
            lambda task: fetch_facts(Client(choice.server, task), choice),
            lambda facts: self._lay_out(what, facts),
            self.messages.fault,
        )

    def _lay_out(self, what: str, facts: Any) -> None:
        from .layout import atlas, bulletin

        try:
            layout = (atlas if what == "atlas" else bulletin).make(QgsProject.instance(), facts)
        except Fault as fault:
            self.messages.fault(fault)
            return
        self.iface.openLayoutDesigner(layout)

    # Taking out.

    def _take_out(self) -> None:
        from .gui.help import close_help

        self.tasks.close()
        self.guard.close()
        self.follower.close()
        self.follower.deleteLater()
        self.dock.close_down()
        self.iface.removeDockWidget(self.dock)
        self.dock.deleteLater()
        self.tree.close()
        self.iface.unregisterCustomDropHandler(self.drops)
        self.iface.unregisterOptionsWidgetFactory(self.options)
        for action in self._actions.values():
            self.iface.removePluginMenu(MENU, action)
            action.deleteLater()
        self._actions = {}
        self.iface.mainWindow().removeToolBar(self.toolbar)
        self.toolbar.deleteLater()
        close_help()
        self.messages.close()
        for part in ("guard", "follower", "dock", "tree", "drops", "options", "toolbar", "adder", "messages"):
            delattr(self, part)
