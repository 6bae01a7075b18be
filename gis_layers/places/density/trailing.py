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
from .kernel import adaptive_density, grid_over
from .raster import write_cog

PERIODS = {"rolling3": 3, "rolling12": 12}
LEAST = 30
"""Incidents that a raster needs."""

CELLS = {"analyst": 100.0, "public": 1000.0}
"""Side of a cell by edition, metres. Points are never public, and two cells are the least bandwidth."""


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
        ``made`` or ``too_few``.
    file, bandwidth
        None if it was not made.
    """

    offence: str
    period: str
    month: str
    incidents: int
    answer: str
    file: Path | None
    bandwidth: float | None


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
        The last month, YYYY-MM.
    edition, cell
        `CELLS` says how coarse an edition is; or the side of a cell, metres.
    least
        Incidents under which nothing is drawn.

    Raises
    ------
    InputError
        If codes and incidents are not as many.
    """
    codes = np.asarray(offence).astype(str)
    if len(codes) != len(incidents):
        raise InputError(f"{len(codes)} codes stand beside {len(incidents)} incidents")
    grid = grid_over(area, CELLS[edition] if cell is None else cell)
    last = int(np.datetime64(month, "M").astype(np.int64))
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for node, leaves in offences.items():
        of = np.isin(codes, list(leaves))
        for period, width in PERIODS.items():
            chosen = of & (incidents.month > last - width) & (incidents.month <= last)
            points = Incidents(incidents.x[chosen], incidents.y[chosen], incidents.day[chosen], incidents.crs)
            if len(points) < least:
                made.append(Raster(node, period, month, len(points), "too_few", None, None))
                continue
            density = adaptive_density(points, grid)
            if density.incidents < least:
                made.append(Raster(node, period, month, density.incidents, "too_few", None, None))
                continue
            file = folder / f"density.{node}.{period}.tif"
            tags = {"offence": node, "period": period, "month": f"{month}-01", "edition": edition}
            write_cog(density, grid, file, crs=incidents.crs, tags=tags)
            made.append(Raster(node, period, month, density.incidents, "made", file, density.bandwidth))
    return made
