"""The branch of the browser as QGIS knows it, and what its items may do in the window."""

from dataclasses import dataclass
from typing import Any, Callable, Optional

from qgis.core import QgsApplication, QgsDataItem, QgsDataItemProvider, QgsDataProvider
from qgis.PyQt import sip

from ...core.choice import Choice
from ...core.servers import Server
from ...core.tasks import Tasks
from .items import RootItem, ServerItem
from .shelf import Shelf


@dataclass(frozen=True)
class Deeds:
    """What an item may ask of the window."""

    add: Callable[[Choice, str], None]
    choose: Callable[[Choice], None]
    options: Callable[[], None]
    help: Callable[[str], None]


class Tree:
    """Everything of the branch; `close` takes it away.

    Parameters
    ----------
    deeds
        What items may ask of the window.
    """

    def __init__(self, deeds: Deeds) -> None:
        self.deeds = deeds
        self.tasks = Tasks()
        self.shelf = Shelf(self.tasks, self._heard)
        # Every browser of the window has items of its own, and QGIS deletes them when it likes.
        self._roots: list[RootItem] = []
        self._servers: list[ServerItem] = []
        self._provider = AudanItems(self)
        QgsApplication.dataItemProviderRegistry().addProvider(self._provider)

    def close(self) -> None:
        """Take the branch out of every browser."""
        self.tasks.close()
        QgsApplication.dataItemProviderRegistry().removeProvider(self._provider)
        self._roots, self._servers = [], []

    def refresh(self) -> None:
        """Show the servers anew, after one was added, changed or removed."""
        for root in _alive(self._roots):
            root.refresh()

    def root(self) -> RootItem:
        """Make the branch of one browser."""
        made = RootItem(self)
        self._roots = [*_alive(self._roots), made]
        return made

    def shown(self, item: ServerItem) -> None:
        """Remember an item of a server, to tell it what the server answers."""
        self._servers = [*_alive(self._servers), item]

    def _heard(self, server: Server) -> None:
        for item in _alive(self._servers):
            if item.server == server:
                item.show_answer()


class AudanItems(QgsDataItemProvider):
    """Makes the branch for each browser."""

    def __init__(self, tree: Tree) -> None:
        super().__init__()
        self._tree = tree

    def name(self) -> str:
        """Return the name of the branch."""
        return "Audan"

    def capabilities(self) -> Any:
        """Return that it is something on a network."""
        return QgsDataProvider.DataCapability.Net

    def createDataItem(self, path: str, parent: Optional[QgsDataItem]) -> Optional[QgsDataItem]:
        """Return the root of the branch; QGIS asks with no path for it."""
        if path or parent is not None:
            return None
        root = self._tree.root()
        sip.transferto(root, None)
        return root


def _alive(items: list[Any]) -> list[Any]:
    return [item for item in items if not sip.isdeleted(item)]
