"""Densities that nobody's incident can be read off: for the public edition of an area whose counts are protected."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .kernel import PER_KM2, Density, Grid

FEW = 5.0
"""As many incidents as a count needs to be public."""

DIGITS = 2


def coarse(density: Density, grid: Grid) -> Density:
    """Leave out what fewer than five incidents make, and round how many there are in all.

    Parameters
    ----------
    density
        What :func:`adaptive_density` gave on the grid.
    grid
        Its cells; two of them are the least bandwidth.

    Returns
    -------
    Density
        0 wherever five incidents at one spot would show more, under the narrowest kernel: a lone bump in the
        country is a person's. What is left sums up to a number of incidents with two digits, as do the other figures:
        the difference between two months tells none either.

    Examples
    --------
    >>> import shapely
    >>> from .kernel import grid_over
    >>> grid = grid_over(shapely.box(0, 0, 20_000, 20_000), 1000)
    >>> values = np.full(grid.inside.shape, 1.0)
    >>> values[0, 0] = 0.1
    >>> found = coarse(Density(values, 399, 3, 2345.6), grid)
    >>> found.incidents, found.bandwidth, float(found.values[0, 0]), round(float(found.values.sum()), 6)
    (400, 2300.0, 0.0, 400.0)
    """
    most = FEW * PER_KM2 / (2 * np.pi * (2 * grid.cell) ** 2)
    values = np.where(density.values < most, 0.0, density.values)
    incidents = int(_rounded(density.incidents))
    held = float(np.nansum(values)) * grid.cell**2 / PER_KM2
    return replace(
        density,
        values=values * (incidents / held) if held > 0 else values,
        incidents=incidents,
        outside=int(_rounded(density.outside)),
        bandwidth=_rounded(density.bandwidth),
    )


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
