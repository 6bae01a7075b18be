"""Rows of a server as features of QGIS: fields by the catalogue's types, shapes from GeoJSON."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Optional

from qgis.core import QgsFeature, QgsFields, QgsGeometry, QgsPointXY
from qgis.PyQt.QtCore import QDate

from .compat import field
from .models import LayerInfo


def fields_of(layer: LayerInfo, columns: Optional[Sequence[str]] = None) -> QgsFields:
    """Return the fields of some columns of a layer, or of all, described in the server's words."""
    made = QgsFields()
    for one in layer.columns:
        if columns is None or one.name in columns:
            kept = field(one.name, one.type)
            kept.setComment(f"{one.description} [{one.unit}]" if one.unit else one.description)
            made.append(kept)
    return made


def value_of(value: Any, kind: str) -> Any:
    """Return a value as a field of the catalogue's type holds it; None stays.

    Examples
    --------
    >>> value_of(["11", "12"], "json")
    '["11", "12"]'
    """
    if value is None:
        return None
    if kind == "date":
        return QDate.fromString(str(value)[:10], "yyyy-MM-dd")
    if kind == "json" and not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if kind == "number":
        return float(value)
    return value


def shape_of(told: Optional[Mapping[str, Any]]) -> QgsGeometry:
    """Return the shape of a GeoJSON geometry as one of many parts; an empty one for anything else."""
    if not told:
        return QgsGeometry()
    kind, places = told.get("type"), told.get("coordinates") or []
    if kind == "Polygon":
        return QgsGeometry.fromMultiPolygonXY([_rings(places)])
    if kind == "MultiPolygon":
        return QgsGeometry.fromMultiPolygonXY([_rings(part) for part in places])
    if kind == "LineString":
        return QgsGeometry.fromMultiPolylineXY([_line(places)])
    if kind == "MultiLineString":
        return QgsGeometry.fromMultiPolylineXY([_line(part) for part in places])
    return QgsGeometry()


class Maker:
    """Makes features of rows; the shape of a district is read once, however many months it has.

    Parameters
    ----------
    layer
        The layer that the rows are of.
    columns
        Columns of a feature, in the order of the layer; every one by default.
    """

    def __init__(self, layer: LayerInfo, columns: Optional[Sequence[str]] = None) -> None:
        self.fields = fields_of(layer, columns)
        kept = {one.name() for one in self.fields}
        self._kinds = [(one.name, one.type) for one in layer.columns if one.name in kept]
        self._shaped = layer.geometry in ("polygon", "line")
        self._shared = not layer.own_shapes and "district" in layer.keys
        self._shapes: dict[str, QgsGeometry] = {}

    def attributes(self, row: dict[str, Any]) -> list[Any]:
        """Return the values of a row in the order of the fields."""
        return [value_of(row.get(name), kind) for name, kind in self._kinds]

    def shape(self, told: dict[str, Any]) -> QgsGeometry:
        """Return the shape of a GeoJSON feature."""
        district = told["properties"].get("district") if self._shared else None
        if district is None:
            return shape_of(told.get("geometry"))
        if district not in self._shapes:
            self._shapes[district] = shape_of(told.get("geometry"))
        return self._shapes[district]

    def feature(self, told: dict[str, Any]) -> QgsFeature:
        """Return the feature of a GeoJSON feature."""
        made = QgsFeature(self.fields)
        made.setAttributes(self.attributes(told["properties"]))
        if self._shaped:
            made.setGeometry(self.shape(told))
        return made


def _line(places: Iterable[Sequence[float]]) -> list[QgsPointXY]:
    return [QgsPointXY(place[0], place[1]) for place in places]


def _rings(rings: Iterable[Iterable[Sequence[float]]]) -> list[list[QgsPointXY]]:
    return [_line(ring) for ring in rings]
