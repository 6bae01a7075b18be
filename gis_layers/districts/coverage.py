"""Polygons to a clean coverage: no overlaps, no slivers, shared borders of identical vertices.

Real layers are not clean (the two Kazakh ones have 39 and 75 districts with invalid edges), and everything
that follows, from neighbours to gap-free tiles, needs them to be. What cleaning changed is said.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from ..errors import InputError, Where
from .model import MOVED_COLUMNS, REPAIRED_COLUMNS

EQUAL_AREA = "EPSG:6933"
WORLD = "EPSG:4326"

Polygons = npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Coverage:
    """A clean coverage and what cleaning changed.

    Parameters
    ----------
    geometry
        Polygons and multipolygons in EPSG:4326, in the order given.
    area_km2
        Their areas in square kilometres (EPSG:6933, equal area).
    moved, repaired
        As in `Districts`.
    """

    geometry: Polygons
    area_km2: npt.NDArray[np.float64]
    moved: pd.DataFrame
    repaired: pd.DataFrame


def clean_coverage(
    geometry: Polygons, codes: list[str], *, crs: CRS | str, metric_crs: CRS | str, tolerance: float
) -> Coverage:
    """Make polygons a clean coverage in EPSG:4326.

    Invalid polygons are repaired; a district drawn over a larger one without a hole, as a city over its raion,
    is cut out of it; other overlaps go to the neighbour with the longer common border; gaps narrower than
    `tolerance` are closed; borders are matched vertex by vertex (`shapely.coverage_clean`, GEOS). A layer that
    already is a coverage without such gaps keeps its vertices untouched.

    Parameters
    ----------
    geometry
        Polygons and multipolygons, shape (district,), in `crs`.
    codes
        Their codes, for the reports.
    crs, metric_crs
        CRS of the polygons; a projected one in metres, in which distances are taken.
    tolerance
        Metres. Gaps narrower than this are closed; a border moved farther than this is reported.

    Raises
    ------
    InputError
        If nothing of a polygon is left after repair or cleaning.
    """
    flat = shapely.force_2d(geometry)
    sound = shapely.make_valid(flat, method="structure", keep_collapsed=False)
    repaired = _repaired(flat, sound, codes, crs, metric_crs)
    # Projecting may fold a needle of a polygon over; that is no fault of the layer and not reported.
    projected = _project(sound, crs, metric_crs)
    valid = shapely.make_valid(projected, method="structure", keep_collapsed=False)
    _refuse_vanished(valid, codes, "nothing is left of its polygon after repair")

    if _is_clean(valid, tolerance) and repaired.empty:
        world = _project(flat, crs, WORLD)
        if shapely.coverage_is_valid(world):
            moved = pd.DataFrame({column: pd.Series(dtype=object) for column in MOVED_COLUMNS})
            return Coverage(world, _area_km2(world), moved, repaired)

    clean = shapely.coverage_clean(_cut_out(valid), gap_width=tolerance)  # type: ignore[attr-defined]
    _refuse_vanished(clean, codes, "its polygon is covered by others")
    moved = _moved(valid, clean, codes, tolerance)
    world = _project(clean, metric_crs, WORLD)
    if not (shapely.coverage_is_valid(world) and shapely.is_valid(world).all()):
        # Turning metres into degrees rounds; slivers that this folds over are cleaned once more, in degrees.
        mended = shapely.make_valid(world, method="structure", keep_collapsed=False)
        world = shapely.coverage_clean(mended)  # type: ignore[attr-defined]
    return Coverage(world, _area_km2(world), moved, repaired)


def _project(geometry: Polygons, source: CRS | str, target: CRS | str) -> Polygons:
    # Equal coordinates project to equal coordinates, so shared vertices stay shared.
    return np.asarray(gpd.GeoSeries(geometry, crs=source).to_crs(target).array, dtype=object)


def _area_km2(world: Polygons) -> npt.NDArray[np.float64]:
    area: npt.NDArray[np.float64] = shapely.area(_project(world, WORLD, EQUAL_AREA)) / 1e6
    return area


def _repaired(
    before: Polygons, after: Polygons, codes: list[str], crs: CRS | str, metric_crs: CRS | str
) -> pd.DataFrame:
    rows = []
    for place in np.flatnonzero(~shapely.is_valid(before)):
        old, new = shapely.area(_project(np.array([before[place], after[place]]), crs, metric_crs)) / 1e6
        rows.append((codes[place], shapely.is_valid_reason(before[place]), float(new - old)))
    return pd.DataFrame(rows, columns=list(REPAIRED_COLUMNS))


def _refuse_vanished(geometry: Polygons, codes: list[str], why: str) -> None:
    for place in np.flatnonzero(shapely.is_empty(geometry)):
        raise InputError(
            f"a district has no ground: {why}",
            Where(column="district", value=codes[place]),
            remedy="correct the layer of districts",
        )


def _is_clean(metric: Polygons, tolerance: float) -> bool:
    if not shapely.coverage_is_valid(metric):
        return False
    whole = shapely.get_parts(shapely.coverage_union_all(metric))
    gaps = [shapely.Polygon(ring) for part in whole for ring in part.interiors]
    return not any(2 * shapely.maximum_inscribed_circle(gap).length < tolerance for gap in gaps)


def _cut_out(metric: Polygons) -> Polygons:
    """Cut districts that mostly lie on a larger one out of it: left to GEOS the small one would vanish."""
    area = shapely.area(metric)
    small, large = shapely.STRtree(metric).query(metric, predicate="intersects")
    smaller = area[small] < area[large]
    small, large = small[smaller], large[smaller]
    mostly = shapely.area(shapely.intersection(metric[small], metric[large])) > area[small] / 2
    cut = metric.copy()
    for one, other in zip(small[mostly], large[mostly], strict=True):
        cut[other] = shapely.difference(cut[other], metric[one])
    return cut


def _moved(before: Polygons, after: Polygons, codes: list[str], tolerance: float) -> pd.DataFrame:
    """Return the districts of which a piece wider than the tolerance was added or taken away."""
    rows = []
    for code, old, new in zip(codes, before, after, strict=True):
        metres = _widest(shapely.symmetric_difference(old, new), tolerance)
        if metres > tolerance:
            rows.append((code, metres, float(shapely.area(new) - shapely.area(old)) / 1e6))
    frame = pd.DataFrame(rows, columns=list(MOVED_COLUMNS))
    return frame.sort_values("metres", ascending=False, ignore_index=True)


def _widest(ground: shapely.Geometry, at_least: float) -> float:
    """Return the width of the widest piece of ground: how far the border across it was moved."""
    pieces = shapely.get_parts(ground)
    # A piece of this area is nowhere wider than the circle of that area: most slivers need no closer look.
    wide = pieces[np.sqrt(4 * shapely.area(pieces) / np.pi) > at_least]
    return max((float(2 * shapely.maximum_inscribed_circle(piece).length) for piece in wide), default=0.0)
