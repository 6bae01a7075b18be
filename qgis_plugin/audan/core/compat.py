"""Where QGIS 3.22 with Qt 5 and QGIS 4 with Qt 6 differ: one name for both."""

from qgis.core import (
    Qgis,
    QgsField,
    QgsMapLayer,
    QgsTemporalNavigationObject,
    QgsUnitTypes,
    QgsVectorLayerTemporalProperties,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QT_VERSION_STR

QT6 = QT_VERSION_STR.startswith("6")

if Qgis.QGIS_VERSION_INT >= 33800:
    from qgis.PyQt.QtCore import QMetaType

    _TYPES = {
        "text": QMetaType.Type.QString,
        "json": QMetaType.Type.QString,
        "integer": QMetaType.Type.LongLong,
        "number": QMetaType.Type.Double,
        "boolean": QMetaType.Type.Bool,
        "date": QMetaType.Type.QDate,
    }
else:
    from qgis.PyQt.QtCore import QVariant

    _TYPES = {
        "text": QVariant.String,
        "json": QVariant.String,
        "integer": QVariant.LongLong,
        "number": QVariant.Double,
        "boolean": QVariant.Bool,
        "date": QVariant.Date,
    }


def field(name: str, kind: str) -> QgsField:
    """Return a field of a layer by the catalogue's name of its type.

    Parameters
    ----------
    name
        Name of the column.
    kind
        ``text``, ``integer``, ``number``, ``boolean``, ``date`` or ``json`` (kept as text).
    """
    return QgsField(name, _TYPES[kind])


# `QgsVectorLayerTemporalProperties.TemporalMode` is missing in 3.22, and `QgsMapLayer.LayerType` is another later.
TemporalMode = getattr(Qgis, "VectorTemporalMode", None) or QgsVectorLayerTemporalProperties.TemporalMode
LayerType = getattr(Qgis, "LayerType", None) or QgsMapLayer.LayerType

_UNITS = getattr(Qgis, "TemporalUnit", None)
MONTHS = _UNITS.Months if _UNITS else QgsUnitTypes.TemporalUnit.TemporalMonths
_SHAPES = getattr(Qgis, "GeometryType", None)
POLYGON = _SHAPES.Polygon if _SHAPES else QgsWkbTypes.GeometryType.PolygonGeometry
Navigation = getattr(Qgis, "TemporalNavigationMode", None) or QgsTemporalNavigationObject.NavigationMode
