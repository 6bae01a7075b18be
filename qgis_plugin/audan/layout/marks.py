"""Numbers on the map of a bulletin: discs ringed in the colour of the class, beside each other and never on top."""

import math
from collections.abc import Iterable, Sequence

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFeatureRenderer,
    QgsGeometry,
    QgsLayoutItemMap,
    QgsLineSymbol,
    QgsMarkerSymbol,
    QgsPointXY,
    QgsProject,
    QgsSingleSymbolRenderer,
    QgsVectorLayer,
)

from ..core.words import say
from .facts import Facts
from .maps import by_class, class_number, fill, label, memory_layer
from .paper import INK

_DISC, _APART = 4.6, 5.4
_AWAY = (0.0, 5.6, 7.5, 9.5, 12.0, 15.0, 19.0)
_TURNS = 16
Spot = tuple[float, float]


def mark_layers(facts: Facts, shown: QgsLayoutItemMap, count: int) -> list[QgsVectorLayer]:
    """Return the layers of numbers and of the lines from them to what they number; none if nothing is numbered.

    Parameters
    ----------
    facts
        What there is to number: the first of the list, or the findings.
    shown
        The map, at its size and extent.
    count
        How many of the list or of the findings the page tells of.
    """
    marked = list(_marked(facts, count))
    if not marked:
        return []
    world, context = QgsCoordinateReferenceSystem("EPSG:4326"), QgsProject.instance().transformContext()
    change = QgsCoordinateTransform(world, shown.crs(), context)
    back = QgsCoordinateTransform(shown.crs(), world, context)
    extent, unit = shown.extent(), shown.extent().width() / shown.rect().width()
    anchors = []
    for _, _, shape in marked:
        point = change.transform(_middle(shape))
        anchors.append(((point.x() - extent.xMinimum()) / unit, (point.y() - extent.yMinimum()) / unit))
    places = spread(anchors, (extent.width() / unit, extent.height() / unit))

    def degrees(spot: Spot) -> QgsPointXY:
        x, y = extent.xMinimum() + spot[0] * unit, extent.yMinimum() + spot[1] * unit
        return back.transform(QgsPointXY(x, y))

    marks = memory_layer("Point", say("layout.marks"), ("rank",), ("class",))
    fill(
        marks,
        ((QgsGeometry.fromPointXY(degrees(at)), one[:2]) for at, one in zip(places, marked)),
    )
    marks.setRenderer(_discs(facts))
    label(marks, "rank")
    leaders = memory_layer("LineString", say("layout.leaders"), ())
    fill(
        leaders,
        (
            (QgsGeometry.fromPolylineXY([degrees(at), degrees(anchor)]), ())
            for at, anchor in zip(places, anchors)
            if at != anchor
        ),
    )
    leaders.setRenderer(QgsSingleSymbolRenderer(QgsLineSymbol.createSimple({"color": INK, "width": "0.25"})))
    return [marks, leaders]


def spread(anchors: Sequence[Spot], size: Spot) -> list[Spot]:
    """Return a place for each disc: its anchor, or the nearest free one, in millimetres within a map's size.

    Examples
    --------
    >>> spread([(10.0, 10.0), (50.0, 10.0)], (100.0, 50.0))
    [(10.0, 10.0), (50.0, 10.0)]
    """
    placed: list[Spot] = []
    for anchor in anchors:
        free = [at for at in _around(anchor) if _is_free(at, placed, size)]
        placed.append(free[0] if free else anchor)
    return placed


def _around(anchor: Spot) -> Iterable[Spot]:
    for far in _AWAY:
        for turn in range(_TURNS if far else 1):
            angle = math.pi / 4 + 2 * math.pi * turn / _TURNS
            yield (anchor[0] + far * math.cos(angle), anchor[1] + far * math.sin(angle)) if far else anchor


def _is_free(at: Spot, placed: Sequence[Spot], size: Spot) -> bool:
    inside = all(_DISC / 2 <= here <= end - _DISC / 2 for here, end in zip(at, size))
    return inside and all(math.dist(at, other) >= _APART for other in placed)


def _marked(facts: Facts, count: int) -> Iterable[tuple[str, int, QgsGeometry]]:
    """Yield the number, the class and the shape of what is marked."""
    if not facts.info.own_shapes:
        for at, code in enumerate(facts.ranked[:count], 1):
            if facts.districts[code].shape.isEmpty():
                continue
            yield str(at), class_number(facts, facts.class_of_district(code)), facts.districts[code].shape
        return
    places = {text: at for at, text in enumerate(facts.findings[:count], 1)}
    for row in facts.rows:
        at = places.get(row.figures.get("text"))
        if at is not None and row.shape is not None and not row.shape.isEmpty():
            yield str(at), class_number(facts, facts.class_of(row)), row.shape


def _middle(shape: QgsGeometry) -> QgsPointXY:
    """Return a point in the middle of a shape that lies on it."""
    along = shape.interpolate(shape.length() / 2) if shape.area() == 0 else shape.pointOnSurface()
    return QgsPointXY(along.asPoint())


def _discs(facts: Facts) -> QgsFeatureRenderer:
    def disc(colour: str) -> QgsMarkerSymbol:
        look = {"name": "circle", "color": "#ffffff", "outline_color": colour}
        return QgsMarkerSymbol.createSimple({**look, "size": str(_DISC), "outline_width": "0.9"})

    return by_class(facts, disc)
