"""A layer as a file: GeoJSON, GeoPackage, FlatGeobuf, PMTiles, GeoParquet, CSV, XLSX or GeoTIFF, chosen by the ending."""

from .export import FORMATS, export

__all__ = ["FORMATS", "export"]
