"""What chance alone leaves of the funnel's spread: the mean winsorised z² of Poisson counts.

For large counts and large groups it is 0.679, what winsorising at the 10th and 90th percentile leaves of a
normal's variance. For few members, and for rare offences where a square root of a count is far from normal,
0.679 would read chance as spread between districts and hide real rises. So the reference is simulated once,
from a fixed seed, for groups of a few sizes and expected counts, and interpolated.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

SIZES = (4, 8, 16, 40)
_GRID = np.linspace(np.log(0.003), np.log(300.0), 40)
_REPLICATES = 1500
_SPREAD = 0.4
"""Standard deviation of log population within a group, as on the Kazakh units and London."""


def winsorised_squares(z: Floats) -> Floats:
    """Return squares of z winsorised at its 10th and 90th percentile along the last axis; NaN takes no part.

    Examples
    --------
    >>> import numpy as np
    >>> winsorised_squares(np.array([-1.0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9.0]))
    array([0., 0., 0., 0., 0., 0., 0., 0., 0., 0., 0.])
    """
    members = (~np.isnan(z)).sum(axis=-1, keepdims=True)
    ordered = np.sort(z, axis=-1)
    low, high = (_quantile(ordered, members, share) for share in (0.1, 0.9))
    squares: Floats = np.clip(z, low, high) ** 2
    return squares


def chance_squares(expected: Floats, members: Ints) -> Floats:
    """Return the mean winsorised z² that Poisson counts give.

    Parameters
    ----------
    expected
        Expected counts, … × district; NaN where there is none.
    members
        Districts of the group that take part, shape of `expected` without the districts.

    Examples
    --------
    >>> import numpy as np
    >>> float(chance_squares(np.array([[200.0]]), np.array([40])).round(2)[0, 0])
    0.67
    """
    table = _table()
    log = np.log(np.where(expected > 0, expected, np.nan))
    out = np.full(expected.shape, np.nan)
    inverse = 1 / np.array(SIZES[::-1], dtype=np.float64)
    for number in np.unique(members[members >= SIZES[0]]):
        column = np.array([np.interp(1 / number, inverse, row) for row in table[:, ::-1]])
        here = members == number
        out[here] = np.interp(log[here], _GRID, column)
    return out


def _quantile(ordered: Floats, members: Ints, share: float) -> Floats:
    last = np.maximum(members - 1, 0)
    place = share * last
    below = np.floor(place).astype(np.intp)
    at = np.take_along_axis(ordered, below, axis=-1)
    after = np.take_along_axis(ordered, np.minimum(below + 1, last), axis=-1)
    found: Floats = at + (after - at) * (place - below)
    return found


@cache
def _table() -> Floats:
    """Return the reference, expected count × group size."""
    rng = np.random.default_rng(20261123)
    table = np.full((len(_GRID), len(SIZES)), np.nan)
    for column, members in enumerate(SIZES):
        for row, mean in enumerate(np.exp(_GRID)):
            exposure = np.exp(rng.normal(0, _SPREAD, (_REPLICATES, members)))
            exposure /= exposure.mean(axis=1, keepdims=True)
            count = rng.poisson(mean * exposure)
            expected = count.mean(axis=1, keepdims=True) * exposure
            some = count.sum(axis=1) > 0
            if some.sum() >= 50:
                z = 2 * (np.sqrt(count[some]) - np.sqrt(expected[some]))
                table[row, column] = winsorised_squares(z).mean()
        known = ~np.isnan(table[:, column])
        table[:, column] = np.interp(_GRID, _GRID[known], table[known, column])
    return table
