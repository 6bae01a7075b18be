"""Project districts to the tiles' plane and simplify them as a coverage, so that neighbours keep one border."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from .grid import EXTENT, tile_side, to_mercator

TOLERANCE = 4.0
"""Tolerance in tile units (4096 to a side): half of a screen pixel at 512 pixels to a tile."""

Geometries = npt.NDArray[np.object_]


def project(lonlat: Geometries) -> Geometries:
    """Project polygons (n) from degrees to metres of EPSG:3857.

    Examples
    --------
    >>> project(np.array([shapely.box(0, 0, 180, 10)]))[0].bounds[2].__round__()
    20037508
    """
    return np.asarray(shapely.transform(lonlat, to_mercator), dtype=object)


def simplify(mercator: Geometries, z: int) -> Geometries:
    """Simplify a clean coverage (n polygons, EPSG:3857) for one zoom.

    Borders are simplified as edges that neighbours share (Visvalingam-Whyatt, GEOS
    `CoverageSimplifier`), so that no gap and no overlap arises and nothing collapses.
    A coverage that is not clean is returned with the same promise only where it is clean.

    Examples
    --------
    >>> left, right = shapely.box(0, 0, 9e6, 1e7), shapely.box(9e6, 0, 1e7, 1e7)
    >>> made = simplify(np.array([left, right]), 2)
    >>> made[0].intersection(made[1]).length.__round__()
    10000000
    """
    if not len(mercator):
        return mercator
    return np.asarray(shapely.coverage_simplify(mercator, TOLERANCE * tile_side(z) / EXTENT), dtype=object)
