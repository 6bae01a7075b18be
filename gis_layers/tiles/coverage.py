"""The districts of one zoom as a coverage on the integer grid: what every tile of that zoom is cut from."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np
import numpy.typing as npt
import shapely

from ..errors import SystemFault
from .grid import BUFFER, EXTENT, tile_side, to_mercator, to_units
from .mend import filled, kept
from .snap import snapped
from .wire import Geometries, Ints

Floats = npt.NDArray[np.float64]

TOLERANCE = 4.0
"""Tolerance of simplification in units (4096 to a tile's side): half of a screen pixel at 512 pixels to a tile."""

FINEST = 14
"""How often the grid may be halved where the districts do not fit: a district of a metre fits at zoom 0."""


@dataclass(frozen=True)
class GridCoverage:
    """Districts and their parents' borders on the world's grid of one zoom.

    Parameters
    ----------
    z
        The zoom.
    extent
        Units to the side of a tile: 4096, or a multiple of it by a power of two where districts would not fit.
    districts
        Multipolygons with whole coordinates, y downward (n); none is empty, together a clean coverage.
    parents
        Codes of the parents, sorted (m).
    borders
        The lines around each parent's districts (m).
    vertices
        Vertices after simplifying, before the tiles' edges add theirs: how much detail the zoom shows.
    """

    z: int
    extent: int
    districts: Geometries = field(repr=False)
    parents: tuple[str, ...]
    borders: Geometries = field(repr=False)
    vertices: int

    @cached_property
    def bounds(self) -> tuple[Floats, Floats]:
        """West, north, east and south of each district (n × 4) and of each parent's borders (m × 4)."""
        return shapely.bounds(self.districts).reshape(-1, 4), shapely.bounds(self.borders).reshape(-1, 4)

    def near(self, box: tuple[int, int, int, int], *, borders: bool = False) -> Ints:
        """Return the numbers of the districts, or of the borders, whose bounds a box meets."""
        west, north, east, south = self.bounds[borders].T
        return np.flatnonzero((west < box[2]) & (east > box[0]) & (north < box[3]) & (south > box[1]))

    @property
    def buffer(self) -> int:
        """Units around a tile that are drawn with it."""
        return BUFFER * self.extent // EXTENT


def grid_coverage(mercator: Geometries, parents: npt.NDArray[np.object_], z: int) -> GridCoverage:
    """Simplify a clean coverage for one zoom and put it on the grid.

    Parameters
    ----------
    mercator
        Clean coverage, n polygons in EPSG:3857.
    parents
        The parent's code of each polygon, n texts; None and empty have no border.

    Raises
    ------
    SystemFault
        If no grid holds the districts as a coverage: they overlap.

    Examples
    --------
    >>> squares = np.array([shapely.box(0, 0, 1e6, 1e6), shapely.box(1e6, 0, 2e6, 1e6)])
    >>> made = grid_coverage(squares, np.array(["a", "a"], dtype=object), 3)
    >>> bool(shapely.coverage_is_valid(made.districts)), made.parents
    (True, ('a',))
    """
    simple = simplify(mercator, z)
    for step in range(FINEST):
        extent = EXTENT << step
        shapes = shapely.transform(simple, partial(to_units, z=z, extent=extent))
        made = snapped(shapes, extent=extent, buffer=BUFFER << step)
        whole = kept(made, shapely.get_coordinates(shapely.point_on_surface(shapes)))
        if whole is None:
            continue
        whole = filled(whole, (TOLERANCE * (1 << step)) ** 2)
        if _is_sound(whole):
            codes, borders = parent_borders(whole, parents)
            return GridCoverage(
                z, extent, whole, codes, borders, int(shapely.get_num_coordinates(simple).sum())
            )
    raise SystemFault(f"the districts do not fit on the tiles' grid at zoom {z}: do they overlap?")


def project(lonlat: Geometries) -> Geometries:
    """Project a clean coverage (n polygons) from degrees to metres of EPSG:3857, where it is one again.

    A long border that passes a vertex closely may pass it on the other side when its ends were projected: then the
    coverage is cleaned once more.

    Examples
    --------
    >>> project(np.array([shapely.box(0, 0, 180, 10)]))[0].bounds[2].__round__()
    20037508
    """
    mercator: Geometries = np.asarray(shapely.transform(lonlat, to_mercator), dtype=object)
    if shapely.is_valid(mercator).all() and shapely.coverage_is_valid(mercator):
        return mercator
    sound = shapely.make_valid(mercator, method="structure", keep_collapsed=False)
    return np.asarray(shapely.coverage_clean(sound), dtype=object)  # type: ignore[attr-defined,arg-type]


def simplify(mercator: Geometries, z: int) -> Geometries:
    """Simplify a clean coverage (n polygons, EPSG:3857) for one zoom.

    Borders are simplified as edges that neighbours share (Visvalingam-Whyatt, GEOS `CoverageSimplifier`), so that
    no gap and no overlap arises and nothing collapses.

    Examples
    --------
    >>> left, right = shapely.box(0, 0, 9e6, 1e7), shapely.box(9e6, 0, 1e7, 1e7)
    >>> made = simplify(np.array([left, right]), 2)
    >>> made[0].intersection(made[1]).length.__round__()
    10000000
    """
    return np.asarray(shapely.coverage_simplify(mercator, TOLERANCE * tile_side(z) / EXTENT), dtype=object)


def parent_borders(
    districts: Geometries, parents: npt.NDArray[np.object_]
) -> tuple[tuple[str, ...], Geometries]:
    """Return the parents' codes and the lines around the districts of each.

    Parameters
    ----------
    districts
        Clean coverage, n polygons.
    parents
        The parent's code of each polygon, n texts; None and empty have no border.

    Examples
    --------
    >>> squares = np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    >>> parent_borders(squares, np.array(["a", "a"], dtype=object))[1][0].length
    6.0
    """
    named = sorted({str(parent) for parent in parents if isinstance(parent, str) and parent})
    lines = [shapely.boundary(shapely.coverage_union_all(districts[parents == parent])) for parent in named]
    return tuple(named), np.array(lines, dtype=object)


def _is_sound(shapes: Geometries) -> bool:
    if not shapely.is_valid(shapes).all():
        return False
    # GEOS also refuses a hole that touches its outline in a point, which is sound: then areas decide, exactly.
    return bool(shapely.coverage_is_valid(shapes)) or bool(
        shapely.area(shapes).sum() == shapely.area(shapely.union_all(shapes))
    )
