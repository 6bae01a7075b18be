"""Dragging a slice from the tree to the map or the list of layers."""

import json
from dataclasses import asdict
from typing import Callable, Optional

from qgis.core import QgsMimeDataUtils
from qgis.gui import QgsCustomDropHandler

from ...core.choice import Choice
from ...core.servers import Server

KEY = "audan"


def uri_of(choice: Choice, title: str) -> QgsMimeDataUtils.Uri:
    """Return what is dragged for a slice."""
    uri = QgsMimeDataUtils.Uri()
    uri.layerType = "custom"
    uri.providerKey = KEY
    uri.name = title
    uri.uri = json.dumps(asdict(choice), ensure_ascii=False)
    return uri


def choice_of(uri: QgsMimeDataUtils.Uri) -> Optional[Choice]:
    """Return the slice that is dragged, None if it is something else."""
    if uri.providerKey != KEY:
        return None
    try:
        told = json.loads(uri.uri)
        return Choice(**{**told, "server": Server(**told["server"])})
    except (ValueError, TypeError, KeyError):
        return None


class DropHandler(QgsCustomDropHandler):
    """Adds what is dropped on the window.

    Parameters
    ----------
    add
        Called with the slice.
    """

    def __init__(self, add: Callable[[Choice], None]) -> None:
        super().__init__()
        self._add = add

    def customUriProviderKey(self) -> str:
        """Return which of what is dragged is ours."""
        return KEY

    def handleCustomUriDrop(self, uri: QgsMimeDataUtils.Uri) -> None:
        """Add a slice."""
        choice = choice_of(uri)
        if choice is not None:
            self._add(choice)
