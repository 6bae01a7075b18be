"""How unstable a series is beside its group: three coefficients on what is left when level and season are out.

The layer's column `instability` is the dispersion φ of the series over that of its group: 1 is as its group, 2
twice the variance. The robust coefficient of variation and von Neumann's ratio stand beside it in the story of
a signal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

WINDOW = 36
LEAST = 12
"""Errors that a coefficient needs."""

_LEAST_MEAN = 1e-6
_MAD = 1.4826


@dataclass(frozen=True)
class Instability:
    """Coefficients of every series, one number each; NaN under twelve errors.

    Parameters
    ----------
    phi
        Mean of (Y − μ)²/μ over the errors, μ foretold.
    relative
        `phi` over that of the district's group.
    p_value
        Chance of a `phi` this far above the group's, by an F on as many errors.
    robust_cv
        MAD of Y/μ over its median, scaled to a normal's deviation.
    von_neumann
        Mean squared step from month to month over the variance: 2 without memory, near 0 for a drift, towards 4
        where high and low take turns.
    """

    phi: Floats
    relative: Floats
    p_value: Floats
    robust_cv: Floats
    von_neumann: Floats


def instability(count: Floats, expected: Floats, family: Ints) -> Instability:
    """Measure the series.

    Parameters
    ----------
    count, expected
        What came and what had been foretold of it, series × months; NaN is not used.
    family
        Which series are set beside each other: same offence, same group.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> calm = rng.poisson(50, (9, 36)).astype(float)
    >>> wild = rng.negative_binomial(50 / 5, 1 / 6, (1, 36)).astype(float)
    >>> found = instability(np.vstack([calm, wild]), np.full((10, 36), 50.0), np.zeros(10, dtype=int))
    >>> bool(found.relative[9] > 3), bool(found.p_value[9] < 1e-3), bool(found.p_value[:9].min() > 1e-3)
    (True, True, True)
    """
    known = ~(np.isnan(count) | np.isnan(expected))
    if known.shape[1] < LEAST:
        nothing = np.full(len(count), np.nan)
        return Instability(nothing, nothing, nothing, nothing, nothing)
    mean = np.where(known, np.maximum(expected, _LEAST_MEAN), 1.0)
    error = np.where(known, (count - mean) / np.sqrt(mean), 0.0)
    errors = known.sum(axis=1)
    enough = errors >= LEAST
    squares = (error**2).sum(axis=1)
    phi = np.divide(squares, errors, out=np.full(len(count), np.nan), where=enough)
    number = np.unique(family, return_inverse=True)[1]
    of_family = np.bincount(number, np.where(enough, squares, 0.0))[number] - np.where(enough, squares, 0.0)
    others = np.bincount(number, np.where(enough, errors, 0))[number] - np.where(enough, errors, 0)
    usual = np.divide(of_family, others, out=np.full(len(count), np.nan), where=others > 0)
    relative = np.divide(phi, usual, out=np.full(len(count), np.nan), where=usual > 0)
    p_value: Floats = np.asarray(stats.f.sf(relative, errors, np.maximum(others, 1)))
    ratio = np.where(known, np.where(known, count, 0.0) / mean, np.nan)
    middle = _median(ratio)
    spread = _median(np.abs(ratio - middle[:, None]))
    robust = np.divide(_MAD * spread, middle, out=np.full(len(count), np.nan), where=enough & (middle > 0))
    return Instability(phi, relative, p_value, robust, np.where(enough, _von_neumann(error, known), np.nan))


def _median(values: Floats) -> Floats:
    """Return the median of each row without its NaN; NaN of none."""
    ordered = np.sort(values, axis=1)
    known = (~np.isnan(values)).sum(axis=1)
    rows = np.arange(len(values))
    last = values.shape[1] - 1
    low, high = (ordered[rows, np.clip(at, 0, last)] for at in ((known - 1) // 2, known // 2))
    found: Floats = np.where(known > 0, (low + high) / 2, np.nan)
    return found


def _von_neumann(error: Floats, known: npt.NDArray[np.bool_]) -> Floats:
    both = known[:, 1:] & known[:, :-1]
    steps = np.where(both, np.diff(error, axis=1) ** 2, 0.0).sum(axis=1) / np.maximum(both.sum(axis=1), 1)
    months = np.maximum(known.sum(axis=1), 1)
    middle = error.sum(axis=1) / months
    variance = np.where(known, (error - middle[:, None]) ** 2, 0.0).sum(axis=1) / months
    found: Floats = np.divide(steps, variance, out=np.full(len(error), np.nan), where=variance > 0)
    return found
