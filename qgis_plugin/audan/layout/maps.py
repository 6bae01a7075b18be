"""The map of a bulletin: layers in memory, made of the facts, and the item that shows them."""

from collections.abc import Iterable
from typing import Any, Callable, Optional

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
    QgsTextBufferSettings,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
)
from qgis.PyQt.QtGui import QColor

from ..core.compat import field
from ..core.models import Class
from ..core.words import of, say
from .facts import Facts
from .paper import text_format

_EDGE = {"outline_color": "#8a8a8a", "outline_width": "0.12"}
NO_DATA = "#ffffff"
_CROWD = 500
"""From so many shapes on their edges would hide their colours."""
_Placement = getattr(Qgis, "LabelPlacement", None) or QgsPalLayerSettings.Placement


def district_layer(facts: Facts, named: bool = False) -> QgsVectorLayer:
    """Return the districts coloured by their class.

    Parameters
    ----------
    facts
        What there is to show.
    named
        Whether their names stand on them.
    """
    layer = memory_layer("Polygon", say("layout.districts"), ("code", "name"), ("class",))
    own = facts.info.own_shapes
    fill(
        layer,
        (
            (one.shape, (code, one.name, -1 if own else class_number(facts, facts.class_of_district(code))))
            for code, one in facts.districts.items()
        ),
    )
    layer.setRenderer(by_class(facts, lambda colour: QgsFillSymbol.createSimple({"color": colour, **_EDGE})))
    if named:
        label(layer, "name")
    return layer


def found_layer(facts: Facts) -> Optional[QgsVectorLayer]:
    """Return the rows that have shapes of their own, coloured by their class; None if none has."""
    rows = [row for row in facts.rows if row.shape is not None and not row.shape.isNull()]
    if not rows:
        return None
    lines = facts.info.geometry == "line"
    layer = memory_layer("LineString" if lines else "Polygon", of(facts.info.title), (), ("class",))
    fill(layer, ((row.shape, (class_number(facts, facts.class_of(row)),)) for row in rows))
    if lines:
        layer.setRenderer(
            by_class(
                facts, lambda c: QgsLineSymbol.createSimple({"color": c, "width": "0.7", "capstyle": "round"})
            )
        )
    else:
        edge = _EDGE if len(rows) < _CROWD else {"outline_style": "no"}
        layer.setRenderer(by_class(facts, lambda c: QgsFillSymbol.createSimple({"color": c, **edge})))
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
    for one in facts.districts.values():
        if one.shape.isEmpty():
            continue
        shape = QgsGeometry(one.shape)
        shape.transform(change)
        bounds.combineExtentWith(shape.boundingBox())
    bounds.scale(1.03)
    return bounds


def keep(project: QgsProject, layers: list[QgsVectorLayer], group: str) -> None:
    """Add layers to a project in a group of their own that its own maps do not show."""
    made = project.layerTreeRoot().addGroup(group)
    for layer in layers:
        project.addMapLayer(layer, False)
        made.addLayer(layer)
    made.setItemVisibilityChecked(False)
    made.setExpanded(False)


def class_number(facts: Facts, klass: Optional[Class]) -> int:
    """Return the place of a class in the legend, −1 for none."""
    return facts.info.classes.index(klass) if klass is not None else -1


def by_class(facts: Facts, symbol: Callable[[str], QgsSymbol]) -> QgsCategorizedSymbolRenderer:
    """Return how rows are drawn by their class, with a symbol made of its colour."""

    def category(at: int, colour: str, label: str) -> QgsRendererCategory:
        return QgsRendererCategory(at, symbol(colour), label)

    some = [category(at, one.colour, of(one.label)) for at, one in enumerate(facts.info.classes)]
    return QgsCategorizedSymbolRenderer("class", [*some, category(-1, NO_DATA, say("layout.no_data"))])


def label(layer: QgsVectorLayer, name: str) -> None:
    """Let a field stand on the features: ``rank`` on discs, ``name`` on districts, round it the colour of paper."""
    settings = QgsPalLayerSettings()
    settings.fieldName = name
    on_disc = name == "rank"
    settings.placement = _Placement.OverPoint if on_disc else _Placement.Horizontal
    settings.displayAll = on_disc
    settings.centroidInside = True
    settings.autoWrapLength = 16
    form = text_format(7.5 if on_disc else 7, bold=on_disc)
    if not on_disc:
        around = QgsTextBufferSettings()
        around.setEnabled(True)
        around.setSize(0.7)
        around.setColor(QColor("#ffffff"))
        form.setBuffer(around)
    settings.setFormat(form)
    layer.setLabeling(QgsVectorLayerSimpleLabeling(settings))
    layer.setLabelsEnabled(True)
