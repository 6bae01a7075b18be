"""The map of a bulletin: layers in memory, made of the facts, and the item that shows them."""

from collections.abc import Iterable
from typing import Any, Optional

from qgis.core import (
    Qgis,
    QgsCategorizedSymbolRenderer,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFeature,
    QgsFillSymbol,
    QgsGeometry,
    QgsLayoutItemMap,
    QgsLineSymbol,
    QgsPalLayerSettings,
    QgsProject,
    QgsRectangle,
    QgsRendererCategory,
    QgsSymbol,
    QgsTextBackgroundSettings,
    QgsTextBufferSettings,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QSizeF
from qgis.PyQt.QtGui import QColor

from ..core.compat import field
from ..core.words import of, say
from .facts import Facts
from .paper import INK, text_format

_EDGE = {"outline_color": "#8a8a8a", "outline_width": "0.12"}
NO_DATA = "#ffffff"
_CROWD = 500
"""From so many shapes on their edges would hide their colours."""
_LINES = Qgis.GeometryType.Line if hasattr(Qgis, "GeometryType") else QgsWkbTypes.GeometryType.LineGeometry
_Placement = getattr(Qgis, "LabelPlacement", None) or QgsPalLayerSettings.Placement


def district_layer(facts: Facts, label: str = "rank", marked: int = 0) -> QgsVectorLayer:
    """Return the districts coloured by their class.

    Parameters
    ----------
    facts
        What there is to show.
    label
        What stands on a district: ``rank``, its place in the list, or ``name``.
    marked
        How many of the list have their place on the map.
    """
    layer = memory_layer("Polygon", say("layout.districts"), ("code", "name", "rank"), ("class",))
    ranks = {code: str(at) for at, code in enumerate(facts.ranked[:marked], 1)}
    own = facts.info.own_shapes
    fill(
        layer,
        (
            (one.shape, (code, one.name, ranks.get(code, ""), -1 if own else _class_number(facts, code)))
            for code, one in facts.districts.items()
        ),
    )
    layer.setRenderer(_by_class(facts, lambda colour: QgsFillSymbol.createSimple({"color": colour, **_EDGE})))
    _label(layer, label)
    return layer


def found_layer(facts: Facts) -> Optional[QgsVectorLayer]:
    """Return the rows that have shapes of their own, coloured by their class; None if none has."""
    rows = [row for row in facts.rows if row.shape is not None and not row.shape.isNull()]
    if not rows:
        return None
    lines = facts.info.geometry == "line"
    layer = memory_layer("LineString" if lines else "Polygon", of(facts.info.title), ("rank",), ("class",))
    places = {text: str(at) for at, text in enumerate(facts.findings, 1)}
    fill(
        layer,
        (
            (row.shape, (places.get(row.figures.get("text"), ""), _number(facts, facts.class_of(row))))
            for row in rows
        ),
    )
    _label(layer, "rank")
    if lines:
        layer.setRenderer(
            _by_class(
                facts, lambda c: QgsLineSymbol.createSimple({"color": c, "width": "0.7", "capstyle": "round"})
            )
        )
    else:
        edge = _EDGE if len(rows) < _CROWD else {"outline_style": "no"}
        layer.setRenderer(_by_class(facts, lambda c: QgsFillSymbol.createSimple({"color": c, **edge})))
    return layer


def memory_layer(kind: str, name: str, texts: Iterable[str], numbers: Iterable[str] = ()) -> QgsVectorLayer:
    """Return an empty layer in memory, in degrees."""
    layer = QgsVectorLayer(f"Multi{kind}?crs=EPSG:4326", name, "memory")
    fields = [*(field(one, "text") for one in texts), *(field(one, "integer") for one in numbers)]
    layer.dataProvider().addAttributes(fields)
    layer.updateFields()
    return layer


def fill(layer: QgsVectorLayer, rows: Iterable[tuple[QgsGeometry, tuple[Any, ...]]]) -> None:
    """Put shapes with their attributes, in the order of the fields, into a layer."""
    features = []
    for shape, attributes in rows:
        feature = QgsFeature(layer.fields())
        whole = QgsGeometry(shape)
        whole.convertToMultiType()
        feature.setGeometry(whole)
        feature.setAttributes(list(attributes))
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    layer.updateExtents()


def map_item(layout: Any, layers: list[QgsVectorLayer], facts: Facts) -> QgsLayoutItemMap:
    """Return a map of layers that stays so whatever the project shows."""
    item = QgsLayoutItemMap(layout)
    item.setCrs(map_crs(facts))
    item.setLayers(layers)
    item.setKeepLayerSet(True)
    item.setBackgroundEnabled(False)
    return item


def map_crs(facts: Facts) -> QgsCoordinateReferenceSystem:
    """Return the projection that the area measures in, else that of web maps."""
    told = str(facts.catalogue.area.get("metric_crs") or "")
    crs = QgsCoordinateReferenceSystem(f"PROJ:{told}" if told.startswith("+") else told)
    return crs if crs.isValid() else QgsCoordinateReferenceSystem("EPSG:3857")


def extent_of(facts: Facts) -> QgsRectangle:
    """Return what the districts cover, with a little around, in the map's projection."""
    change = QgsCoordinateTransform(
        QgsCoordinateReferenceSystem("EPSG:4326"), map_crs(facts), QgsProject.instance().transformContext()
    )
    bounds = QgsRectangle()
    bounds.setMinimal()
    for one in facts.districts.values():
        shape = QgsGeometry(one.shape)
        shape.transform(change)
        bounds.combineExtentWith(shape.boundingBox())
    bounds.scale(1.02)
    return bounds


def keep(project: QgsProject, layers: list[QgsVectorLayer], group: str) -> None:
    """Add layers to a project in a group of their own that its own maps do not show."""
    made = project.layerTreeRoot().addGroup(group)
    for layer in layers:
        project.addMapLayer(layer, False)
        made.addLayer(layer)
    made.setItemVisibilityChecked(False)
    made.setExpanded(False)


def _class_number(facts: Facts, code: str) -> int:
    return _number(facts, facts.class_of_district(code))


def _number(facts: Facts, klass: Any) -> int:
    return facts.info.classes.index(klass) if klass is not None else -1


def _by_class(facts: Facts, symbol: Any) -> QgsCategorizedSymbolRenderer:
    def category(at: int, colour: str, label: str) -> QgsRendererCategory:
        made: QgsSymbol = symbol(colour)
        return QgsRendererCategory(at, made, label)

    some = [category(at, one.colour, of(one.label)) for at, one in enumerate(facts.info.classes)]
    return QgsCategorizedSymbolRenderer("class", [*some, category(-1, NO_DATA, say("layout.no_data"))])


def _label(layer: QgsVectorLayer, name: str) -> None:
    settings = QgsPalLayerSettings()
    settings.fieldName = name
    settings.placement = (
        _Placement.OverPoint if name == "rank" and layer.geometryType() != _LINES else _Placement.Horizontal
    )
    settings.centroidInside = True
    settings.autoWrapLength = 16
    form = text_format(7.5 if name == "rank" else 7, bold=name == "rank")
    if name == "rank":
        form.setBackground(_disc())
    else:
        around = QgsTextBufferSettings()
        around.setEnabled(True)
        around.setSize(0.7)
        around.setColor(QColor("#ffffff"))
        form.setBuffer(around)
    settings.setFormat(form)
    layer.setLabeling(QgsVectorLayerSimpleLabeling(settings))
    layer.setLabelsEnabled(True)


def _disc() -> QgsTextBackgroundSettings:
    """Return a white disc with a thin edge, which a number reads well on whatever the colour below."""
    disc = QgsTextBackgroundSettings()
    disc.setEnabled(True)
    disc.setType(QgsTextBackgroundSettings.ShapeType.ShapeCircle)
    disc.setSizeType(QgsTextBackgroundSettings.SizeType.SizeBuffer)
    disc.setSize(QSizeF(0.4, 0.4))
    disc.setFillColor(QColor("#ffffff"))
    disc.setStrokeColor(QColor(INK))
    disc.setStrokeWidth(0.2)
    return disc
