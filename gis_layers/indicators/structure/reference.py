"""What a mix is set beside: the group's shares in the same months, and the district's own in the year before.

The own year knows no season, and a drift that the whole group shares is nobody's imbalance. So the own shares are
moved as the group's have moved since that year.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

HALF = 100.0
"""A member of this many cards counts half of one of very many: no city is a whole group."""

LEAST_MEMBERS = 4
"""Others in the group; with fewer the status takes its place, and with fewer there no group is set beside."""

HELD = 10.0
"""Cards of the group's shares that the own year is held to, so that an offence it never had is not impossible."""

LEAST_YEAR = 60.0
"""Cards that the own year needs."""

_FAINT = 1e-4


@dataclass(frozen=True)
class References:
    """Shares that a window of months is set beside, district × part; rows of NaN where there are none.

    Parameters
    ----------
    group
        Of the other districts of the group in the same months.
    own
        Of the own year before, moved as the group has moved.
    own_year
        Of the own year before, as counted.
    """

    group: Floats
    own: Floats
    own_year: Floats


def references(now: Floats, year: Floats, group: Ints, status: Ints) -> References:
    """Return the shares that mixes are set beside.

    Parameters
    ----------
    now, year
        Counts of the window, and of the twelve months before it, district × part; NaN rows are not known.
    group, status
        Of each district; -1 is none.

    Examples
    --------
    >>> import numpy as np
    >>> now, year = np.tile([30.0, 10.0], (6, 1)), np.tile([400.0, 80.0], (6, 1))
    >>> found = references(now, year, np.zeros(6, dtype=int), np.zeros(6, dtype=int))
    >>> found.group[0].round(2).tolist(), found.own_year[0].round(2).tolist(), found.own[0].round(2).tolist()
    ([0.75, 0.25], [0.83, 0.17], [0.75, 0.25])
    """
    beside = _of_others(now, group, status)
    then = _of_others(year, group, status)
    total = year.sum(axis=1, keepdims=True)
    enough = total >= LEAST_YEAR
    own_year = np.divide(year, total, out=np.full(year.shape, np.nan), where=enough)
    held = (year + HELD * np.nan_to_num(then)) / (total + HELD * np.isfinite(then).all(axis=1, keepdims=True))
    moved = (beside + _FAINT) / (then + _FAINT)
    turned = held * np.where(np.isnan(moved).any(axis=1, keepdims=True), 1.0, moved)
    whole = turned.sum(axis=1, keepdims=True)
    own = np.divide(turned, whole, out=np.full(year.shape, np.nan), where=enough & (whole > 0))
    return References(beside, own, own_year)


def _of_others(count: Floats, group: Ints, status: Ints) -> Floats:
    """Return the shares of the other members of each district's group, else of its status."""
    found = _mean_of_others(count, group)
    lacks = np.isnan(found).any(axis=1)
    if lacks.any():
        found[lacks] = _mean_of_others(count, status)[lacks]
    return found


def _mean_of_others(count: Floats, label: Ints) -> Floats:
    total = count.sum(axis=1)
    known = (total > 0) & (label >= 0)
    weight = np.where(known, 1 / (np.where(known, total, 1.0) + HALF), 0.0)
    weighted = np.where(known[:, None], count, 0.0) * weight[:, None]
    number = np.unique(label, return_inverse=True)[1]
    sums = np.zeros((int(number.max(initial=0)) + 1, count.shape[1]))
    np.add.at(sums, number, weighted)
    others = sums[number] - weighted
    members = np.bincount(number, known)[number] - known
    whole = others.sum(axis=1, keepdims=True)
    enough = (members >= LEAST_MEMBERS)[:, None] & (whole > 0) & (label >= 0)[:, None]
    found: Floats = np.divide(others, whole, out=np.full(count.shape, np.nan), where=enough)
    return np.clip(found, 0.0, 1.0)
