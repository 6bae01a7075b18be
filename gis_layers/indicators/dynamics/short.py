"""Short histories: EARS C2 [Hutwagner et al. 2003], for series that have too few months for a norm of their own.

The baseline is the seven months before the last two. Seven months know no season, so the baseline is moved by what the
same offence did in the other districts of the group: what all share, season or shock, is not this
district's outbreak. The answer is upward only; a fall needs a longer memory.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..norm.tails import heterogeneity_of, mid_p

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

BASELINE = 7
LEFT_OUT = 2
LEAST = 5
"""Months of the baseline that must be there."""

_MOVED = 3.0
"""How far the group may move the baseline, up or down: a handful of cards must not move it further."""


def short_history(count: Floats, at: int, family: Ints, *, begin: Ints | None = None) -> tuple[Floats, ...]:
    """Judge the month of every series beside the few months before it.

    Parameters
    ----------
    count
        Counts, series × months; NaN is not used.
    at
        Place of the month judged.
    family
        Which series are of one offence and group.
    begin
        First month that may be used, by series; None is the first of all.

    Returns
    -------
    (expected, phi, p_rise)
        NaN where fewer than five months of the baseline are there.

    Examples
    --------
    >>> import numpy as np
    >>> count = np.full((9, 10), 20.0) + np.arange(10) % 2
    >>> count[0, 9] = 60
    >>> expected, phi, p = short_history(count, 9, np.zeros(9, dtype=int))
    >>> bool(p[0] < 1e-4), bool((p[1:] > 0.05).all())
    (True, True)
    """
    first, last = max(at - LEFT_OUT - BASELINE, 0), max(at - LEFT_OUT, 0)
    past = count[:, first:last]
    if begin is not None:
        past = np.where(np.arange(first, last)[None, :] >= begin[:, None], past, np.nan)
    nothing = np.full(len(count), np.nan)
    if past.shape[1] < LEAST:
        return nothing, nothing, nothing
    known = ~np.isnan(past)
    months = known.sum(axis=1).astype(np.float64)
    enough = months >= LEAST
    total = np.where(known, past, 0.0).sum(axis=1)
    level = np.divide(total, months, out=nothing.copy(), where=enough)
    number = np.unique(family, return_inverse=True)[1]
    now: Floats = count[:, at]
    both = enough & ~np.isnan(now)

    def others(values: Floats) -> Floats:
        mine = np.where(both, values, 0.0)
        found: Floats = np.bincount(number, mine).astype(np.float64)[number] - mine
        return found

    # two cards' worth of "nothing moved", so that a rare offence does not jump with its group
    moved = np.clip((others(now) + 2.0) / (others(level) + 2.0), 1 / _MOVED, _MOVED)
    expected = level * moved
    squares = np.where(known, (past - level[:, None]) ** 2, 0.0).sum(axis=1)
    freedom = np.maximum(months - 1.0, 0.0)
    over = np.bincount(number, np.where(enough, squares, 0.0))[number]
    under = np.bincount(number, np.where(enough, freedom * level, 0.0))[number]
    of_all = np.divide(over, under, out=np.ones_like(over), where=under > 0)
    own = np.divide(squares, freedom * level, out=of_all.copy(), where=enough & (level > 0) & (freedom > 0))
    # a mean of seven errs by a seventh of a month's variance
    phi = np.maximum(np.maximum(own, of_all), 1.0) * (1 + 1 / np.maximum(months, 1))
    expected = np.where(both, expected, np.nan)
    rise, _ = mid_p(now, expected, heterogeneity_of(expected, phi))
    return expected, phi, np.where(expected > 0, rise, np.nan)
