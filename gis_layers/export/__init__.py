"""A layer as a file: GeoJSON, GeoPackage, FlatGeobuf, PMTiles, GeoParquet, CSV or XLSX, chosen by the ending."""

from .export import FORMATS, export

__all__ = ["FORMATS", "export"]
