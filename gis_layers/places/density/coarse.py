"""Densities that nobody's incident can be read off: for the public edition of an area whose counts are protected."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ...errors import UsageError
from .kernel import PER_KM2, Density, Grid

FEW = 5.0
"""As many incidents as a count needs to be public."""

DIGITS = 2

STEP = 10.0
"""Least step of a number of incidents."""


def coarse(density: Density, grid: Grid) -> Density:
    """Leave out what fewer than five incidents make, and round all figures.

    Parameters
    ----------
    density
        What :func:`adaptive_density` gave on the grid, with `spilt`.
    grid
        Its cells; two of them are the least bandwidth.

    Returns
    -------
    Density
        NaN wherever less than five incidents at one spot, under the narrowest kernel, would show: what is left has at
        least five incidents in reach, since no kernel rises above its own peak. At a border, where what is spilt is
        given back, one incident alone may show more, so `spilt` decides. Values have two digits, numbers of incidents
        two and steps of ten.

    Raises
    ------
    UsageError
        If the density is without `spilt`.

    Examples
    --------
    >>> import shapely
    >>> from .kernel import grid_over
    >>> grid = grid_over(shapely.box(0, 0, 20_000, 20_000), 1000)
    >>> values = np.full(grid.inside.shape, 1.2345)
    >>> values[0, 0] = 0.1
    >>> found = coarse(Density(values, 399, 3, 2345.6, spilt=values), grid)
    >>> found.incidents, found.outside, found.bandwidth, found.values[0, :2].round(6).tolist()
    (400, 0, 2300.0, [nan, 1.2])
    """
    if density.spilt is None:
        raise UsageError("what kernels spill beyond the area must be known", remedy="ask for it: spilt=True")
    most = FEW * PER_KM2 / (2 * np.pi * (2 * grid.cell) ** 2)
    incidents = _rounded_count(density.incidents)
    scaled = density.values * (incidents / max(density.incidents, 1))
    return replace(
        density,
        values=np.where(density.spilt < most, np.nan, _rounded(scaled)),
        incidents=incidents,
        outside=_rounded_count(density.outside),
        bandwidth=float(_rounded(density.bandwidth)),
        spilt=None,
    )


def _rounded_count(count: int) -> int:
    """Round to two digits and to tens: two digits alone are the very number below a hundred."""
    return round(float(_rounded(count)) / STEP) * round(STEP)


def _rounded(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Round to two digits."""
    figures = np.asarray(values, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        unit = 10.0 ** (np.floor(np.log10(np.abs(figures))) - (DIGITS - 1))
        rounded = np.round(figures / unit) * unit
    return np.where(figures == 0, 0.0, rounded)
