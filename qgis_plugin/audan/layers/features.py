"""Rows as features: parsed in a task, kept in a layer of memory with every column and a time."""

from collections.abc import Sequence
from typing import Any, Optional

from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFields,
    QgsReadWriteContext,
    QgsRuleBasedRenderer,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtXml import QDomDocument

from ..core import compat
from ..core.fault import Fault
from ..core.features import Maker, fields_of
from ..core.models import LayerInfo
from ..core.months import SPANS

_SHAPES = {"polygon": "MultiPolygon", "line": "MultiLineString", "point": "Point"}


def read_features(rows: Sequence[dict[str, Any]], info: LayerInfo) -> list[QgsFeature]:
    """Return GeoJSON features as features of a layer, with every column."""
    maker = Maker(info)
    return [maker.feature(one) for one in rows]


def memory_layer(
    title: str, features: Sequence[QgsFeature], info: LayerInfo, shape: Optional[str] = None
) -> QgsVectorLayer:
    """Return a layer of memory that holds features, without a style."""
    layer = QgsVectorLayer(shape or _SHAPES[info.geometry], title, "memory")
    layer.setCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    layer.dataProvider().addAttributes(fields_of(info).toList())
    layer.updateFields()
    fill(layer, features)
    return layer


def fill(layer: QgsVectorLayer, features: Sequence[QgsFeature]) -> None:
    """Put features in the place of those that a layer holds."""
    provider, fields = layer.dataProvider(), layer.fields()
    provider.truncate()
    provider.addFeatures([_fitted(one, fields) for one in features])
    layer.updateExtents()


def _fitted(feature: QgsFeature, fields: QgsFields) -> QgsFeature:
    """Return a feature with the fields of a layer, which may be those of an earlier release."""
    if feature.fields() == fields:
        return feature
    made = QgsFeature(fields)
    made.setGeometry(feature.geometry())
    for at, one in enumerate(fields):
        there = feature.fields().lookupField(one.name())
        made.setAttribute(at, feature.attribute(there) if there >= 0 else None)
    return made


def put_style(layer: QgsVectorLayer, qml: str) -> None:
    """Give a layer the server's style.

    Raises
    ------
    Fault
        ``style`` if QGIS cannot read it.
    """
    page = QDomDocument()
    fine = _fine(page.setContent(qml))
    if not fine or not _fine(layer.readStyle(page.documentElement(), "", QgsReadWriteContext())):
        raise Fault("style", layer=layer.name())


def _fine(answer: Any) -> bool:
    # some versions of the bindings answer with the error beside the verdict
    return bool(answer[0] if isinstance(answer, tuple) else answer)


def put_time(layer: QgsVectorLayer, info: LayerInfo) -> None:
    """Say in which months a row holds, so that QGIS shows it in those alone."""
    if info.interval:
        first, last = '"first_month"', '"last_month"'
    elif info.has("month"):
        rolling = (info.period or "").startswith("rolling")
        more = 0 if rolling else SPANS.get(info.period or "month", 1) - 1
        first, last = '"month"', f'make_date(year("month"), month("month") + {more}, 1)'
    else:
        return
    time = layer.temporalProperties()
    time.setMode(compat.TemporalMode.FeatureDateTimeStartAndEndFromExpressions)
    # a bare date is less than the same day's midnight in older versions, which compare them as texts
    time.setStartExpression(f"to_datetime({first})")
    time.setEndExpression(f"to_datetime({last})")
    # the last month's first day still belongs to it
    time.setLimitMode(Qgis.VectorTemporalLimitMode.IncludeBeginIncludeEnd)
    time.setIsActive(True)


def only_outlines(layer: QgsVectorLayer, info: LayerInfo) -> None:
    """Draw clusters as rings, so that what lies below stays seen: red above the expected, blue below."""
    renderer = layer.renderer()
    low, high = QColor(info.classes[0].colour), QColor(info.classes[-1].colour)
    for rule, one in zip(_classed(renderer), info.classes):
        ring = rule.symbol().symbolLayer(0)
        ring.setFillColor(QColor(0, 0, 0, 0))
        ring.setStrokeColor(low if one.max is not None and one.max <= 1 else high)
        ring.setStrokeWidth(0.9 if one.min is None or one.max is None else 0.5)


def drop_no_data(layer: QgsVectorLayer) -> None:
    """Take the rule of missing figures out of a legend whose rows always have one."""
    renderer = layer.renderer()
    if isinstance(renderer, QgsRuleBasedRenderer):
        for rule in renderer.rootRule().children():
            if rule.filterExpression().endswith("IS NULL"):
                renderer.rootRule().removeChild(rule)


def _classed(renderer: QgsRuleBasedRenderer) -> list[QgsRuleBasedRenderer.Rule]:
    rules = renderer.rootRule().children()
    return [rule for rule in rules if not rule.filterExpression().endswith("IS NULL")]
