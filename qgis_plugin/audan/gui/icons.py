"""The plugin's icons: drawings that show on dark and on light windows."""

from pathlib import Path

from qgis.PyQt.QtGui import QIcon

FOLDER = Path(__file__).resolve().parent.parent / "icons"
_BY_LAYER = {
    "hotspot_cells": "hotspots",
    "districts": "district",
    "spread_paths": "spread",
    "near_repeat": "density",
    "safety": "rating",
}


def icon(name: str) -> QIcon:
    """Return an icon by the name of its file."""
    return QIcon(str(FOLDER / f"{name}.svg"))


def layer_icon(layer: str) -> QIcon:
    """Return the icon of a layer by its id; that of a district if it has none of its own."""
    name = _BY_LAYER.get(layer, layer)
    return icon(name if (FOLDER / f"{name}.svg").exists() else "district")
