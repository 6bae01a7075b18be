"""Names of Processing that QGIS 3.22 and QGIS 4 keep in different places."""

from typing import Any

import qgis.core


def _first(*paths: str) -> Any:
    for path in paths:
        found: Any = qgis.core
        for part in path.split("."):
            found = getattr(found, part, None)
        if found is not None:
            return found
    raise AttributeError(f"QGIS has none of {paths}")


WINDOW_THREAD = _first(
    "Qgis.ProcessingAlgorithmFlag.NoThreading", "QgsProcessingAlgorithm.Flag.FlagNoThreading"
)
ADVANCED = _first(
    "Qgis.ProcessingParameterFlag.Advanced", "QgsProcessingParameterDefinition.Flag.FlagAdvanced"
)
TABLES = _first("Qgis.ProcessingSourceType.Vector", "QgsProcessing.SourceType.TypeVector")
POINTS = _first("Qgis.ProcessingSourceType.VectorPoint", "QgsProcessing.SourceType.TypeVectorPoint")
POLYGONS = _first("Qgis.ProcessingSourceType.VectorPolygon", "QgsProcessing.SourceType.TypeVectorPolygon")
WHOLE = _first("Qgis.ProcessingNumberParameterType.Integer", "QgsProcessingParameterNumber.Type.Integer")
NUMERIC = _first(
    "Qgis.ProcessingFieldParameterDataType.Numeric", "QgsProcessingParameterField.DataType.Numeric"
)
ANY_FIELD = _first("Qgis.ProcessingFieldParameterDataType.Any", "QgsProcessingParameterField.DataType.Any")
FAST = _first("QgsFeatureSink.Flag.FastInsert")
NO_SHAPE = _first("Qgis.WkbType.NoGeometry", "QgsWkbTypes.Type.NoGeometry")
SHAPES = {
    "polygon": _first("Qgis.WkbType.MultiPolygon", "QgsWkbTypes.Type.MultiPolygon"),
    "line": _first("Qgis.WkbType.MultiLineString", "QgsWkbTypes.Type.MultiLineString"),
    "none": NO_SHAPE,
}
"""Kinds of shape by the catalogue's name."""
