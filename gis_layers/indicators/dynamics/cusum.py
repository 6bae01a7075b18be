"""Sustained shifts: a GLR CUSUM of the negative binomial on what the own past had foretold [Höhle & Paul 2008].

A month that is a little high says nothing; eight of them do. For every series and month the likelihood ratio of a
shifted mean is taken over the last 2, 3 … 12 months, and the largest is kept. What was expected of each month is
the own half's, so the level follows a shift with time: an alarm tells of a shift that is under way, not of one of years
ago. The dispersion of a sum of months is that of the own half's pooled errors, because a level that errs,
errs for months.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LONGEST = 12
"""Months that a shift is looked for in; later the level has followed it."""

SHORTEST = 2
"""One month is the outbreak's and the fall's own test."""

ALARM = 8.0
"""Log likelihood ratio from which a shift is told: about one false alarm in two thousand clean series-months."""


@dataclass(frozen=True)
class Shifts:
    """The likeliest shift that is under way, by series; NaN (0 months) where there is none to look for.

    Parameters
    ----------
    ratio
        Log likelihood ratio.
    months
        How many months it has lasted.
    count, expected
        Sums over these months.
    """

    ratio: Floats
    months: npt.NDArray[np.int64]
    count: Floats
    expected: Floats

    @property
    def alarm(self) -> npt.NDArray[np.bool_]:
        """Which series have shifted."""
        found: npt.NDArray[np.bool_] = np.nan_to_num(self.ratio) >= ALARM
        return found


def shifts(count: Floats, expected: Floats, phi: Mapping[int, Floats]) -> Shifts:
    """Look for the likeliest shift that lasts until now.

    Parameters
    ----------
    count, expected
        What came and what had been foretold, … × months, the month judged last; NaN breaks a run.
    phi
        Variance over mean of sums, by how many months they are of; between two of them it is interpolated.

    Returns
    -------
    Shifts
        Of the shape of `count` without its months.

    Examples
    --------
    >>> import numpy as np
    >>> count = np.array([[20.0] * 6 + [29.0] * 6, [20.0] * 12])
    >>> found = shifts(count, np.full((2, 12), 20.0), {1: np.ones(2), 12: np.full(2, 1.2)})
    >>> found.alarm.tolist(), found.months.tolist()[0]
    ([True, False], 6)
    """
    shape = count.shape[:-1]
    best, sums = np.full(shape, np.nan), [np.full(shape, np.nan) for _ in range(2)]
    lasted = np.zeros(shape, dtype=np.int64)
    total, due = np.zeros(shape), np.zeros(shape)
    widths = sorted(phi)
    for width in range(1, min(LONGEST, count.shape[-1]) + 1):
        total = total + count[..., -width]
        due = due + expected[..., -width]
        if width < SHORTEST:
            continue
        ratio = glr(total, due, _between(width, widths, phi))
        better = ~np.isnan(ratio) & ~(ratio <= best)
        best = np.where(better, ratio, best)
        lasted = np.where(better, width, lasted)
        sums = [np.where(better, new, old) for new, old in zip((total, due), sums, strict=True)]
    return Shifts(best, lasted, sums[0], sums[1])


def glr(count: Floats, expected: Floats, phi: Floats) -> Floats:
    """Return the log likelihood ratio of the mean that fits best, against the expected one.

    The size of the negative binomial, E/(φ−1), is held; a Poisson where φ ≤ 1. NaN where anything is missing or
    nothing was expected.

    Examples
    --------
    >>> import numpy as np
    >>> glr(np.array([20.0, 30.0, 30.0]), np.array([20.0]), np.array([1.0, 1.0, 3.0])).round(2).tolist()
    [0.0, 2.16, 0.66]
    """
    mean = np.where(expected > 0, expected, np.nan)
    own = np.where(count > 0, count * np.log(np.where(count > 0, count, 1.0) / mean), 0.0)
    plain = own - (count - mean)
    with np.errstate(divide="ignore", invalid="ignore"):
        size = mean / (phi - 1)
        wide = own - (count + size) * np.log((count + size) / (mean + size))
    found: Floats = np.where(phi > 1 + 1e-6, wide, plain)
    return np.where(np.isnan(phi), np.nan, found + 0.0 * mean)


def _between(width: int, widths: list[int], phi: Mapping[int, Floats]) -> Floats:
    """Return the dispersion of a sum of months, linear in the logarithm of their number."""
    above = next((one for one in widths if one >= width), widths[-1])
    below = next((one for one in reversed(widths) if one <= width), widths[0])
    if above == below:
        return phi[above]
    part = np.log(width / below) / np.log(above / below)
    found: Floats = (1 - part) * phi[below] + part * np.fmax(phi[above], phi[below])
    return found
