"""Simplify a coverage once per zoom, so that neighbours keep one common border and no district is lost."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from .grid import tile_side, to_mercator

EXTENT = 4096
TOLERANCE = 8.0
"""Tolerance in tile units (4096 to a side): half of a screen pixel at 256 pixels to a tile."""

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


def parent_borders(mercator: Geometries, parents: npt.NDArray[np.object_]) -> dict[str, shapely.Geometry]:
    """Return for each parent the lines around its districts (EPSG:3857).

    Parameters
    ----------
    mercator
        Clean coverage, n polygons.
    parents
        The parent's code of each polygon, n texts; None and empty have no border.

    Examples
    --------
    >>> squares = np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    >>> parent_borders(squares, np.array(["a", "a"], dtype=object))["a"].length
    6.0
    """
    named = {str(parent) for parent in parents if isinstance(parent, str) and parent}
    return {
        parent: shapely.boundary(shapely.coverage_union_all(mercator[parents == parent]))
        for parent in sorted(named)
    }
