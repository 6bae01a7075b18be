"""Districts as a table of the least that they must hold."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import shapely


def plain_districts(
    codes: Sequence[str], shapes: Sequence[shapely.Geometry], crs: str = "EPSG:4326"
) -> gpd.GeoDataFrame:
    """Return districts that are called by their codes, without parents and status."""
    columns = {
        "district": list(codes), "name": list(codes),
        "parent": None, "status": None, "valid_from": None, "area_km2": 1.0,
    }  # fmt: skip
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs)
