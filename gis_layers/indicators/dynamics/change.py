"""Plain change: on the month before, on the same month of last year, and of the year so far; no model in it.

A change is a share: 0.25 is a quarter more. Where the base is under ten it is null, because a percentage of a
handful says nothing: from 2 to 4 is no doubling worth a headline.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

LEAST_BASE = 10.0


@dataclass(frozen=True)
class Change:
    """Columns of the layer of the same names, offence × month × district."""

    change_month: Floats
    change_year: Floats
    ytd: Floats
    ytd_last_year: Floats
    change_ytd: Floats


def plain_change(count: Floats, calendar: Ints, *, per_year: int = 12) -> Change:
    """Return the plain changes of every month.

    Parameters
    ----------
    count
        Counts, offence × month × district; NaN (not collected, or not complete) leaves every sum that needs it null.
    calendar
        Number of each month in the calendar, in rows of the panel, a year beginning at multiples of `per_year`.
    per_year
        Rows in a year.

    Examples
    --------
    >>> import numpy as np
    >>> count = np.array([10.0] * 12 + [15.0, 6.0]).reshape(1, 14, 1)
    >>> found = plain_change(count, np.arange(14))
    >>> [float(part[0, 13, 0].round(3)) for part in (found.change_month, found.change_year, found.change_ytd)]
    [-0.6, -0.4, 0.05]
    """
    ytd = np.full(count.shape, np.nan)
    for row, number in enumerate(calendar):
        since = int(number % per_year)
        if row >= since:
            ytd[:, row] = count[:, row - since : row + 1].sum(axis=1)
    before = _lagged(ytd, per_year)
    return Change(
        share_of(count, _lagged(count, 1)),
        share_of(count, _lagged(count, per_year)),
        ytd,
        before,
        share_of(ytd, before),
    )


def share_of(now: Floats, base: Floats) -> Floats:
    """Return the change as a share of the base, NaN where the base is under ten.

    Examples
    --------
    >>> import numpy as np
    >>> share_of(np.array([5.0, 5.0]), np.array([20.0, 4.0]))
    array([-0.75,   nan])
    """
    enough = base >= LEAST_BASE
    found: Floats = np.divide(now - base, base, out=np.full(now.shape, np.nan), where=enough)
    return found


def _lagged(values: Floats, rows: int) -> Floats:
    out = np.full(values.shape, np.nan)
    if rows < values.shape[1]:
        out[:, rows:] = values[:, : values.shape[1] - rows]
    return out
