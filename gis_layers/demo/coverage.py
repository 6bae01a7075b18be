"""The invented republic as a build reads it: a clean coverage, without writing and reading its file."""

from __future__ import annotations

import geopandas as gpd

from ..districts import clean_coverage
from .geography import METRIC_CRS, country


def clean_country() -> gpd.GeoDataFrame:
    """Return the delivered layer of :func:`gis_layers.demo.geography.country`, its polygons a clean coverage.

    Examples
    --------
    >>> frame = clean_country()
    >>> len(frame), bool(frame.geometry.is_valid.all()), frame.crs.to_epsg()
    (210, True, 4326)
    """
    drawn = country().frame
    clean = clean_coverage(
        drawn.geometry.to_numpy(),
        drawn["district"].tolist(),
        crs=drawn.crs,
        metric_crs=METRIC_CRS,
        tolerance=50,
    )
    return drawn.set_geometry(list(clean.geometry), crs=4326)
