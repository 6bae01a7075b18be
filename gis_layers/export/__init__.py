"""A layer as a file, by its ending: GeoJSON, GeoPackage, FlatGeobuf, PMTiles, GeoParquet, CSV, XLSX or GeoTIFF."""

from .export import FORMATS, export

__all__ = ["FORMATS", "export"]
