"""The names of districts over a map: points that draw nothing but their label."""

from collections.abc import Sequence
from statistics import median

from qgis.core import (
    QgsFeature,
    QgsNullSymbolRenderer,
    QgsPalLayerSettings,
    QgsTextBufferSettings,
    QgsTextFormat,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
)
from qgis.PyQt.QtGui import QColor

from ..core.models import LayerInfo
from .features import memory_layer

_ROOM = 0.02
"""Metres of paper that a district must be wide before its name is shown."""


def points_of(features: Sequence[QgsFeature]) -> list[QgsFeature]:
    """Return the features as points amid the widest part of their shapes; one without a shape is left out."""
    made = []
    for one in features:
        box = one.geometry().boundingBox()
        if box.isEmpty():
            continue
        amid = one.geometry().poleOfInaccessibility(max(box.width(), box.height()) / 50)
        point = QgsFeature(one)
        point.setGeometry(amid[0] if isinstance(amid, tuple) else amid)
        made.append(point)
    return made


def names_layer(title: str, points: Sequence[QgsFeature], info: LayerInfo, lang: str) -> QgsVectorLayer:
    """Return a layer of names in a language, shown where there is room."""
    layer = memory_layer(title, points, info, "Point")
    layer.setRenderer(QgsNullSymbolRenderer())
    own = f"name_{lang}"
    settings = QgsPalLayerSettings()
    settings.fieldName = f'coalesce("{own}", "name")' if info.has(own) else '"name"'
    settings.isExpression = True
    settings.placement = QgsPalLayerSettings.Placement.OverPoint
    settings.setFormat(_format())
    areas = [one["area_km2"] for one in points if info.has("area_km2") and one["area_km2"]]
    if areas:
        settings.scaleVisibility = True
        settings.minimumScale = (median(areas) * 1e6) ** 0.5 / _ROOM
        settings.maximumScale = 0
    layer.setLabeling(QgsVectorLayerSimpleLabeling(settings))
    layer.setLabelsEnabled(True)
    return layer


def _format() -> QgsTextFormat:
    halo = QgsTextBufferSettings()
    halo.setEnabled(True)
    halo.setSize(0.8)
    halo.setColor(QColor(255, 255, 255, 220))
    text = QgsTextFormat()
    text.setSize(8)
    text.setColor(QColor("#222222"))
    text.setBuffer(halo)
    return text
