"""Adaptive kernel density [Abramson 1982]: narrow where incidents are many, wide where they are few.

Bandwidths go with the inverse root of a pilot density. What a kernel would spill beyond the area is given back within
it, so the raster holds as many incidents as there are, to the border.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy import fft
from shapely.geometry.base import BaseGeometry

from ...errors import InputError, UsageError, Where
from ...spread.incidents import Incidents

Floats = npt.NDArray[np.float64]

REACH = 4.0
"""Standard deviations at which a kernel ends."""

NARROWEST, WIDEST = 0.25, 4.0
"""Bounds of a bandwidth beside the general one."""

STEP = 2 ** (1 / 6)
"""Ratio of a bandwidth to the next that is worked out."""

MOST_CELLS = 16_000_000
PER_KM2 = 1e6
WORKERS = min(4, os.cpu_count() or 1)

_ROUNDING = 1e-12


@dataclass(frozen=True)
class Grid:
    """Square cells over an area, north up.

    Parameters
    ----------
    west, north
        Corner of the first cell, metres.
    cell
        Side of a cell, metres.
    inside
        Cells whose middle lies in the area, (row, column).
    """

    west: float
    north: float
    cell: float
    inside: npt.NDArray[np.bool_]

    @property
    def x(self) -> Floats:
        """Middles of the columns."""
        return np.asarray(self.west + self.cell * (np.arange(self.inside.shape[1]) + 0.5))

    @property
    def y(self) -> Floats:
        """Middles of the rows, falling."""
        return np.asarray(self.north - self.cell * (np.arange(self.inside.shape[0]) + 0.5))


@dataclass(frozen=True)
class Density:
    """Incidents per km².

    Parameters
    ----------
    values
        (row, column) of the grid, NaN outside the area.
    incidents
        How many incidents lie in the area, and so in the raster.
    outside
        How many were left out because they lie in none of its cells.
    bandwidth
        The general one, metres; each incident's own lies between 1/4 and 4 of it.
    spilt
        `values` without what kernels spill beyond the area being given back, so that none rises above its own peak;
        (row, column), None unless asked for.
    """

    values: Floats
    incidents: int
    outside: int
    bandwidth: float
    spilt: Floats | None = None


def grid_over(area: BaseGeometry, cell: float) -> Grid:
    """Lay cells over an area whose coordinates are metres.

    Raises
    ------
    UsageError
        If cells are not of a size, or would be too many.
    InputError
        If the area is empty.

    Examples
    --------
    >>> import shapely
    >>> grid_over(shapely.box(0, 0, 1000, 500), 250).inside.shape
    (2, 4)
    """
    if not cell > 0:
        raise UsageError("cells must have a size above 0", Where(value=cell))
    if area is None or area.is_empty or area.area <= 0:
        raise InputError("the area has no extent", remedy="give the polygon that the raster is to cover")
    west, south, east, north = area.bounds
    # whole multiples, so that rasters of two months or two areas lie cell on cell
    west, north = np.floor(west / cell) * cell, np.ceil(north / cell) * cell
    columns, rows = int(np.ceil((east - west) / cell)), int(np.ceil((north - south) / cell))
    if rows * columns > MOST_CELLS:
        raise UsageError(
            f"{rows} × {columns} cells are too many", Where(value=f"{cell:g} m"), remedy="take larger cells"
        )
    x = west + cell * (np.arange(columns) + 0.5)
    y = north - cell * (np.arange(rows) + 0.5)
    shapely.prepare(area)
    inside = shapely.contains_xy(area, *np.meshgrid(x, y))
    return Grid(float(west), float(north), float(cell), np.asarray(inside))


def adaptive_density(
    incidents: Incidents,
    grid: Grid,
    *,
    bandwidth: float | None = None,
    least: float | None = None,
    spilt: bool = False,
) -> Density:
    """Return the adaptive kernel density of incidents on a grid.

    Parameters
    ----------
    incidents
        Points, in the metres of the grid.
    grid
        Where the density is taken; incidents in none of its cells are left out.
    bandwidth
        Standard deviation of the pilot, metres; None takes Silverman's rule on the robust spread of the points.
    least
        Narrowest bandwidth of all, metres: two cells if None. A wider one makes the raster coarser, for the public.
    spilt
        Whether `Density.spilt` is wanted, too.

    Returns
    -------
    Density
        Its sum over the cells × their area is `incidents`. Where all points lie on one spot it is one bump of the
        least bandwidth; with no incident in the area all is 0.

    Examples
    --------
    >>> import numpy as np, shapely
    >>> rng = np.random.default_rng(1)
    >>> day = np.full(300, "2024-01-01", "datetime64[D]")
    >>> points = Incidents(rng.normal(5000, 900, 300), rng.normal(5000, 900, 300), day, "EPSG:32643")
    >>> found = adaptive_density(points, grid_over(shapely.box(0, 0, 10_000, 10_000), 100))
    >>> round(float(np.nansum(found.values)) * 0.01, 6), found.incidents
    (300.0, 300)
    """
    least = 2 * grid.cell if least is None else least
    if not least > 0 or (bandwidth is not None and not bandwidth > 0):
        raise UsageError("a bandwidth must be above 0", Where(value=f"{bandwidth}, {least}"))
    column = np.floor((incidents.x - grid.west) / grid.cell).astype(np.intp)
    row = np.floor((grid.north - incidents.y) / grid.cell).astype(np.intp)
    rows, columns = grid.inside.shape
    known = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
    known[known] = grid.inside[row[known], column[known]]
    x, y = incidents.x[known], incidents.y[known]
    values, bare = np.zeros(grid.inside.shape), np.zeros(grid.inside.shape)
    general = max(_rule(x, y) if bandwidth is None else bandwidth, least)
    if len(x):
        # incidents at one spot make one kernel, of their weight
        place, at, many = np.unique(np.column_stack([x, y]), axis=0, return_index=True, return_counts=True)
        x, y, weight = place[:, 0], place[:, 1], many.astype(np.float64)
        row, column = row[known][at], column[known][at]
        pilot = _summed(x, y, weight, np.full(len(x), general), grid)[row, column]
        middle = np.exp(np.average(np.log(pilot), weights=weight))
        own = general * np.clip(np.sqrt(middle / pilot), NARROWEST, WIDEST)
        own = np.maximum(own, least)
        values = _summed(x, y, weight, own, grid)
        bare = _summed(x, y, weight, own, grid, given_back=False) if spilt else bare
    inside, free = (np.where(grid.inside, part * PER_KM2, np.nan) for part in (values, bare))
    return Density(inside, int(known.sum()), int((~known).sum()), float(general), free if spilt else None)


def _rule(x: Floats, y: Floats) -> float:
    """Return Silverman's bandwidth in two dimensions on the smaller of spread and scaled quartile range."""
    if len(x) < 2:
        return 0.0
    spread = []
    for values in (x, y):
        quartile = float(np.subtract(*np.quantile(values, [0.75, 0.25]))) / 1.349
        usual = float(values.std(ddof=1))
        spread.append(min(quartile, usual) if quartile > 0 else usual)
    return float(np.mean(spread) * len(x) ** (-1 / 6))


def _summed(
    x: Floats, y: Floats, weight: Floats, bandwidth: Floats, grid: Grid, *, given_back: bool = True
) -> Floats:
    """Sum Gaussian kernels, each cut off and, if asked, scaled to its whole weight within the area; incidents per m².

    Incidents are moved to the middle of their cell, which is within a quarter of the least usual bandwidth, and each
    is shared between the two of a row of bandwidths that its own lies between: so a few filters of the whole grid do
    for any number of incidents. They are added up as frequencies, where a filter is a product.
    """
    column = np.floor((x - grid.west) / grid.cell).astype(np.intp)
    row = np.floor((grid.north - y) / grid.cell).astype(np.intp)
    step = np.log(bandwidth / bandwidth.min()) / np.log(STEP)
    under = np.floor(step + 1e-9).astype(np.intp)
    low = bandwidth.min() * STEP ** under.astype(np.float64)
    # shared so that the peak, which goes with the inverse square, is that of its own bandwidth
    upper = np.clip((1 - (low / bandwidth) ** 2) / (1 - STEP**-2), 0.0, 1.0)
    deviations = bandwidth.min() / grid.cell * STEP ** np.arange(int(under.max()) + 2.0)
    # room beyond the border, so that nothing comes in again on the other side
    room = [fft.next_fast_len(side + _reach(deviations[-1]), real=True) for side in grid.inside.shape]
    inside = fft.rfft2(grid.inside, room, workers=WORKERS)
    total = np.zeros_like(inside)
    for number, deviation in enumerate(deviations):
        share = np.where(under == number, 1 - upper, np.where(under + 1 == number, upper, 0.0)) * weight
        if not share.any():
            continue
        kernel = np.outer(
            _frequencies(deviation, room[0]), _frequencies(deviation, room[1])[: room[1] // 2 + 1]
        )
        if given_back:
            share = share / fft.irfft2(inside * kernel, room, workers=WORKERS)[row, column]
        held = np.zeros(grid.inside.shape)
        np.add.at(held, (row, column), share)
        total += fft.rfft2(held, room, workers=WORKERS) * kernel
    rows, columns = grid.inside.shape
    sums = fft.irfft2(total, room, workers=WORKERS)[:rows, :columns] * grid.inside
    # what is left of rounding where no kernel reaches
    return np.where(sums > sums.max() * _ROUNDING, sums, 0.0) / grid.cell**2


def _reach(deviation: float) -> int:
    """Return in cells where a kernel ends."""
    return int(REACH * deviation + 0.5)


def _frequencies(deviation: float, length: int) -> Floats:
    """Return what a kernel of weight 1 about cell 0 does to each frequency of a row of cells."""
    reach = _reach(deviation)
    at = np.arange(-reach, reach + 1)
    weight = np.exp(-0.5 * (at / deviation) ** 2)
    return np.asarray(fft.fft(np.bincount(at % length, weight / weight.sum(), minlength=length)).real)
