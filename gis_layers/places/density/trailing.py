"""Density rasters of an area for the offences asked for, over the trailing 3 and 12 months."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from shapely.geometry.base import BaseGeometry

from ...errors import InputError
from ...spread.incidents import Incidents
from ..sizes import round_side
from .coarse import coarse
from .kernel import adaptive_density, grid_over
from .raster import write_cog

PERIODS = {"rolling3": 3, "rolling12": 12}
LEAST = 30
"""Incidents that a raster needs."""

CELLS = {"analyst": 100.0, "public": 1000.0}
"""Least side of a cell by edition, metres, unless told otherwise. Points are never public, and two cells are the least
bandwidth."""

MOST_CELLS = 500_000
"""Cells over the extent of an area from which they are made larger, unless told otherwise."""


@dataclass(frozen=True)
class Raster:
    """A raster that was made, or why not.

    Parameters
    ----------
    offence, period, month
        Keys; `month` is the last of the period.
    incidents
        How many there were in the area.
    answer
        ``made``, ``too_few``, or ``too_short``: there is no incident as long ago.
    file, bandwidth, cell
        None if it was not made.
    """

    offence: str
    period: str
    month: str
    incidents: int
    answer: str
    file: Path | None
    bandwidth: float | None
    cell: float | None


def density_rasters(
    incidents: Incidents,
    offence: npt.ArrayLike,
    area: BaseGeometry,
    folder: Path,
    *,
    offences: dict[str, Sequence[str]],
    month: str,
    edition: str = "analyst",
    cell: float | None = None,
    least: int = LEAST,
    protected: bool = False,
) -> list[Raster]:
    """Write the density of each offence over the 3 and the 12 months up to one.

    Parameters
    ----------
    incidents
        All incidents, in metres.
    offence
        Code of each, (n,).
    area
        What is shown, in the same metres.
    folder
        Where to, as `density.<offence>.<period>.tif`.
    offences
        The nodes to draw, each with the codes of its leaves.
    month
        The last month, YYYY-MM; where counts are protected the periods are the last whole quarter and the last
        calendar year before its end, since from trailing sums of every month each month can be reckoned.
    edition, cell
        `CELLS` says how coarse an edition is; or the side of a cell, metres.
    least
        Incidents under which nothing is drawn.
    protected
        Whether small counts must not be read off a raster (:func:`gis_layers.places.density.coarse`).

    Raises
    ------
    InputError
        If codes and incidents are not as many.
    """
    codes = np.asarray(offence).astype(str)
    if len(codes) != len(incidents):
        raise InputError(f"{len(codes)} codes stand beside {len(incidents)} incidents")
    if cell is None:
        west, south, east, north = area.bounds
        cell = round_side((east - west) * (north - south), least=CELLS[edition], most=MOST_CELLS)
    grid = grid_over(area, cell)
    ends = period_ends(np.datetime64(month, "M"), protected=protected)
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    begin = incidents.month.min(initial=np.iinfo(np.intp).max)
    for node, leaves in offences.items():
        of = np.isin(codes, list(leaves))
        for period, width in PERIODS.items():
            last, month = int(ends[period].astype(np.int64)), str(ends[period])
            if begin > last - width + 1:
                made.append(Raster(node, period, month, 0, "too_short", None, None, None))
                continue
            chosen = of & (incidents.month > last - width) & (incidents.month <= last)
            points = Incidents(incidents.x[chosen], incidents.y[chosen], incidents.day[chosen], incidents.crs)
            if len(points) < least:
                made.append(Raster(node, period, month, len(points), "too_few", None, None, None))
                continue
            density = adaptive_density(points, grid, spilt=protected)
            if protected:
                density = coarse(density, grid)
            if density.incidents < least or np.isnan(density.values).all():
                made.append(Raster(node, period, month, density.incidents, "too_few", None, None, None))
                continue
            file = folder / f"density.{node}.{period}.tif"
            tags = {"offence": node, "period": period, "month": f"{month}-01", "edition": edition}
            write_cog(density, grid, file, crs=incidents.crs, tags=tags)
            made.append(Raster(node, period, month, density.incidents, "made", file, density.bandwidth, cell))
    return made


def period_ends(last: np.datetime64, *, protected: bool = False) -> dict[str, np.datetime64]:
    """Return the last month of each period.

    Examples
    --------
    >>> {period: str(end) for period, end in period_ends(np.datetime64("2023-04"), protected=True).items()}
    {'rolling3': '2023-03', 'rolling12': '2022-12'}
    """
    months = int(last.astype("datetime64[M]").astype(np.int64)) + 1
    return {
        period: np.datetime64((months // width * width if protected else months) - 1, "M")
        for period, width in PERIODS.items()
    }
