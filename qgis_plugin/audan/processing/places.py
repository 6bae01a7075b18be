"""Which district a point lies in: prepared shapes behind a grid, so that few points need an exact test."""

import math
from collections.abc import Sequence
from typing import Optional

from qgis.core import QgsFeature, QgsGeometry, QgsPoint, QgsRectangle, QgsSpatialIndex

_SIDE = 256
"""Cells along each side of the grid."""


class Places:
    """Finds the district of a point; on a border the first of the districts that touch it, and no other.

    A cell of the grid is looked at when the first point falls into it: one that lies inside one district, or outside
    all, answers every later point without a test.

    Parameters
    ----------
    shapes
        Shapes of the districts, in the order in which they win a border.
    """

    def __init__(self, shapes: Sequence[QgsGeometry]) -> None:
        self._shapes = list(shapes)
        self._engines = []
        self._index = QgsSpatialIndex()
        self._box = QgsRectangle()
        for place, shape in enumerate(self._shapes):
            engine = QgsGeometry.createGeometryEngine(shape.constGet()) if not shape.isEmpty() else None
            self._engines.append(engine)
            if engine is None:
                continue
            engine.prepareGeometry()
            one = QgsFeature(place)
            one.setGeometry(shape)
            self._index.addFeature(one)
            self._box.combineExtentWith(shape.boundingBox())
        self._wide = max(self._box.width() / _SIDE, 1e-12)
        self._high = max(self._box.height() / _SIDE, 1e-12)
        self._cells: dict[tuple[int, int], tuple[Optional[int], list[int]]] = {}

    def find(self, x: float, y: float) -> Optional[int]:
        """Return the place of the district in the order given, None outside all of them."""
        if not self._box.contains(QgsRectangle(x, y, x, y)):
            return None
        cell = (
            math.floor((x - self._box.xMinimum()) / self._wide),
            math.floor((y - self._box.yMinimum()) / self._high),
        )
        known = self._cells.get(cell)
        if known is None:
            known = self._cells[cell] = self._look(cell)
        owner, near = known
        if owner is not None:
            return owner
        if not near:
            return None
        point = QgsPoint(x, y)
        return next((place for place in near if self._engines[place].intersects(point)), None)

    def district(self, one: QgsFeature) -> tuple[Optional[int], Optional[str]]:
        """Return the place of a point's district, or why it has none: `outside`, `no_shape` or `many_shapes`."""
        shape = one.geometry()
        if shape.isEmpty():
            return None, "no_shape"
        if shape.isMultipart() and shape.constGet().numGeometries() > 1:
            return None, "many_shapes"
        point = shape.constGet().geometryN(0) if shape.isMultipart() else shape.constGet()
        found = self.find(point.x(), point.y())
        return found, "outside" if found is None else None

    def _look(self, cell: tuple[int, int]) -> tuple[Optional[int], list[int]]:
        """Return who owns a whole cell, and else who has a part of it."""
        west = self._box.xMinimum() + cell[0] * self._wide
        south = self._box.yMinimum() + cell[1] * self._high
        # A little larger than the cell: what lies on its edge is decided by an exact test.
        box = QgsRectangle(west, south, west + self._wide, south + self._high).buffered(self._wide * 1e-3)
        square = QgsGeometry.fromRect(box)
        found = sorted(self._index.intersects(box))
        near = [place for place in found if self._engines[place].intersects(square.constGet())]
        whole = bool(near) and self._engines[near[0]].contains(square.constGet())
        return (near[0] if whole else None), near
