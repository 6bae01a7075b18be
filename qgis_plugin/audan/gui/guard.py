"""Projects that come with layers of a server: the server is asked before the map draws them."""

from typing import Any

from qgis.core import QgsProject

from ..core.fault import Fault
from ..core.models import Catalogue
from ..core.probe import probe
from ..core.servers import Server
from ..core.tasks import Tasks
from ..core.words import say
from ..layers.marks import mark_of
from .messages import Messages


class Guard:
    """Hides tile layers of servers that do not answer well when a project is read.

    The map would ask a server that refuses a token once per tile, and QGIS may wait for the password of each: so the
    map rests until every server of the project has answered.

    Parameters
    ----------
    canvas
        The map that rests meanwhile.
    tasks, messages
        Where the asking runs, and who tells its faults.
    """

    def __init__(self, canvas: Any, tasks: Tasks, messages: Messages) -> None:
        self._canvas, self._tasks, self._messages = canvas, tasks, messages
        self._waiting: set[Server] = set()
        QgsProject.instance().readProject.connect(self._look)

    def close(self) -> None:
        """Look no more."""
        QgsProject.instance().readProject.disconnect(self._look)
        self._wake()

    def _look(self, *_: Any) -> None:
        asked = set(self._layers())
        if not asked:
            return
        self._waiting |= asked
        self._canvas.setRenderFlag(False)
        for server in asked:
            self._ask(server)

    def _ask(self, server: Server) -> None:
        self._tasks.start(
            say("task.asking", server=server.name),
            lambda task: probe(server, task),
            lambda catalogue: self._answered(server, catalogue),
            lambda fault: self._refused(server, fault),
        )

    def _answered(self, server: Server, catalogue: Catalogue) -> None:
        """Say so if the figures are of another release than the names of the layers tell."""
        releases = {mark_of(layer).release for layer in self._layers().get(server, ())}
        if releases - {catalogue.release}:
            self._messages.fault(Fault("outdated", server=server.name, day=catalogue.released))
        self._heard(server)

    def _heard(self, server: Server) -> None:
        self._waiting.discard(server)
        if not self._waiting:
            self._wake()

    def _refused(self, server: Server, fault: Fault) -> None:
        tree = QgsProject.instance().layerTreeRoot()
        for layer in self._layers().get(server, ()):
            node = tree.findLayer(layer.id())
            if node is not None:
                node.setItemVisibilityChecked(False)
        self._messages.fault(fault)
        self._heard(server)

    def _wake(self) -> None:
        self._waiting.clear()
        if not self._canvas.renderFlag():
            self._canvas.setRenderFlag(True)

    @staticmethod
    def _layers() -> dict[Server, list[Any]]:
        found: dict[Server, list[Any]] = {}
        for layer in QgsProject.instance().mapLayers().values():
            mark = mark_of(layer)
            if mark is not None and mark.form == "tiles":
                found.setdefault(mark.home, []).append(layer)
        return found
