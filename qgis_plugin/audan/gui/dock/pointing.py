"""Showing a district on the map: the canvas goes there and the district flashes."""

from collections.abc import Mapping
from typing import Any, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsProject,
)
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtGui import QColor

from ...core.features import shape_of

_ROOM = 2.2
"""How much wider than the district the map is, so that its neighbours are seen."""


def point_out(canvas: Optional[QgsMapCanvas], shape: Optional[Mapping[str, Any]]) -> bool:
    """Let the map go to a shape in degrees and flash it; False if there is no map or no such place on it."""
    geometry = shape_of(shape)
    if canvas is None or geometry.isEmpty():
        return False
    degrees = QgsCoordinateReferenceSystem("EPSG:4326")
    target = canvas.mapSettings().destinationCrs()
    box = geometry.boundingBox()
    if target.isValid():
        try:
            box = QgsCoordinateTransform(degrees, target, QgsProject.instance()).transformBoundingBox(box)
        except QgsCsException:
            return False
    box.scale(_ROOM)
    canvas.setExtent(box)
    canvas.refresh()
    canvas.flashGeometries([geometry], degrees, QColor(255, 196, 0, 210), QColor(255, 196, 0, 0), 3, 450)
    return True
