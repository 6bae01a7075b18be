"""What QGIS's browser asks for our tree, and its map for what was dragged from it."""

from typing import Any, Callable, Optional

from qgis.core import Qgis, QgsDataItem, QgsDataItemProvider, QgsDataProvider, QgsMimeDataUtils
from qgis.gui import QgsCustomDropHandler

from .items import KEY, Deeds, RootItem, read_dragged


class BrowserProvider(QgsDataItemProvider):
    """Gives the browser the branch "Audan"."""

    def __init__(self, deeds: Deeds) -> None:
        super().__init__()
        self._deeds = deeds
        self.root: Optional[RootItem] = None

    def name(self) -> str:
        """Return the name of the branch."""
        return "Audan"

    def capabilities(self) -> Any:
        """Say that the branch is of the network."""
        named = getattr(Qgis, "DataItemProviderCapability", None)
        return named.NetworkSources if named is not None else QgsDataProvider.DataCapability.Net

    def createDataItem(self, path: str, parent: Optional[QgsDataItem]) -> Optional[QgsDataItem]:
        """Return the root of the branch."""
        if path or parent is not None:
            return None
        self.root = RootItem(self._deeds)
        return self.root

    def refresh(self) -> None:
        """Show the servers anew."""
        if self.root is not None:
            self.root.refresh()


class DropHandler(QgsCustomDropHandler):
    """Adds what was dragged onto the map.

    Parameters
    ----------
    dropped
        Called with the server, the layer and the offence, or None.
    """

    def __init__(self, dropped: Callable[[Any], None]) -> None:
        super().__init__()
        self._dropped = dropped

    def customUriProviderKey(self) -> str:
        """Return the key of what we take."""
        return KEY

    def canHandleCustomUriCanvasDrop(self, uri: QgsMimeDataUtils.Uri, _canvas: Any) -> bool:
        """Tell whether the map may take it."""
        return bool(uri.providerKey == KEY)

    def handleCustomUriCanvasDrop(self, uri: QgsMimeDataUtils.Uri, _canvas: Any) -> bool:
        """Take what was dropped onto the map."""
        self._dropped(read_dragged(uri.uri))
        return True

    def handleCustomUriDrop(self, uri: QgsMimeDataUtils.Uri) -> None:
        """Take what was dropped onto the list of layers."""
        self._dropped(read_dragged(uri.uri))
