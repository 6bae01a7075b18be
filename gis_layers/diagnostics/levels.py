"""Level shifts in monthly series: the test at a day that is known, and the search for days that are not.

Logs of counts, season and trend taken out together. Unknown days are proposed by PELT [Killick 2012] and kept
only where the test at that day finds a step that a trend does not explain: PELT alone cuts every slow rise.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

WINDOW = 36
"""Months looked at on each side of a day."""

LEAST = 9
"""A side with fewer months says nothing about a level."""

SHORTEST = 6
"""Months between two breaks."""

PENALTY = 3.0
"""PELT's price of a break in units of the noise variance times log(months): 2 is BIC; counts have longer tails."""


@dataclass(frozen=True)
class Shift:
    """A step in the level of a series.

    Parameters
    ----------
    at
        Place of the first month of the new level.
    ratio
        New level over the old one, season and trend apart.
    z, p
        The step over its standard error, and its two-sided p.
    """

    at: int
    ratio: float
    z: float
    p: float


def level_shift(
    count: Floats, month: npt.NDArray[np.int64], at: int, *, use: Bools | None = None
) -> Shift | None:
    """Test whether the level of a series changes with a month.

    Log counts of up to three years on each side are regressed on a step, a trend and two harmonics of the year;
    the standard error allows for the autocorrelation of the residuals.

    Parameters
    ----------
    count
        Shape (months,), NaN where nothing was collected.
    month
        Calendar month of each, any origin.
    at
        Place of the first month of the new level.
    use
        Months that take part; excluded spans and transitions do not.

    Returns
    -------
    Shift or None
        None where a side has too few months, or both are empty.

    Examples
    --------
    >>> rng = np.random.default_rng(7)
    >>> count = rng.poisson(np.where(np.arange(72) < 36, 100.0, 150.0)).astype(float)
    >>> found = level_shift(count, np.arange(72), 36)
    >>> round(found.ratio, 1), found.p < 1e-6
    (1.4, True)
    """
    known = ~np.isnan(count) & (np.ones(len(count), dtype=bool) if use is None else use)
    place = np.arange(len(count), dtype=np.int64)
    near = known & (place >= at - WINDOW) & (place < at + WINDOW)
    after = place >= at
    if (near & after).sum() < LEAST or (near & ~after).sum() < LEAST or not count[near].any():
        return None
    y = np.log(count[near] + 0.5)
    design, inverse = _design((place[near] - at).tobytes(), (month[near] % 12).astype(np.int64).tobytes())
    beta = inverse @ design.T @ y
    rest = y - design @ beta
    free = max(len(y) - design.shape[1], 1)
    # A count's own chance is the least noise there is: five months alike are no proof of none.
    chance = float(np.mean(1 / (np.exp(y) + 0.5)))
    spent = float(rest @ rest)
    variance = max(spent / free, chance)
    rho = float(np.clip((rest[1:] @ rest[:-1]) / max(spent, 1e-12), 0.0, 0.9))
    error = float(np.sqrt(variance * inverse[1, 1] * (1 + rho) / (1 - rho)))
    z = float(beta[1] / error)
    return Shift(int(at), float(np.exp(beta[1])), z, float(2 * special.stdtr(free, -abs(z))))


@lru_cache(maxsize=4096)
def _design(offsets: bytes, months: bytes) -> tuple[Floats, Floats]:
    """Return the columns of the regression and (X'X)⁻¹; districts and offences share their months, so many ask."""
    offset, month = (np.frombuffer(one, dtype=np.int64) for one in (offsets, months))
    turn = 2 * np.pi * month / 12
    columns = [np.ones(len(offset)), (offset >= 0).astype(float), offset / 12]
    if len(offset) >= 24:
        columns += [f(k * turn) for k in (1, 2) for f in (np.sin, np.cos)]
    design = np.stack(columns, axis=1)
    return design, np.linalg.pinv(design.T @ design)


def pelt(values: Floats, penalty: float, *, shortest: int = SHORTEST) -> list[int]:
    """Return the places at which the mean of a series changes [Killick, Fearnhead & Eckley 2012].

    The segments minimise the sum of squares about their means plus `penalty` for each break; pruning keeps the
    result exact.

    Examples
    --------
    >>> pelt(np.array([0.0] * 10 + [5.0] * 10), 3.0)
    [10]
    """
    n = len(values)
    total = np.concatenate([[0.0], np.cumsum(values)])
    square = np.concatenate([[0.0], np.cumsum(values**2)])
    best = np.full(n + 1, np.inf)
    best[0] = -penalty
    last = np.zeros(n + 1, dtype=np.intp)
    open_ = np.array([0], dtype=np.intp)
    for end in range(shortest, n + 1):
        starts = open_[end - open_ >= shortest]
        size = end - starts
        cost = square[end] - square[starts] - (total[end] - total[starts]) ** 2 / size
        value = best[starts] + cost + penalty
        chosen = int(np.argmin(value))
        best[end], last[end] = value[chosen], starts[chosen]
        keep = np.ones(len(open_), dtype=bool)
        keep[end - open_ >= shortest] = value - penalty <= best[end]
        open_ = np.append(open_[keep], end - shortest + 1)
    breaks: list[int] = []
    end = n
    while end > 0 and last[end] > 0:
        breaks.append(int(last[end]))
        end = int(last[end])
    return breaks[::-1]


def shifts(
    count: Floats,
    month: npt.NDArray[np.int64],
    *,
    use: Bools | None = None,
    p: float = 1e-4,
    least: float = 0.15,
) -> list[Shift]:
    """Find the breaks of a series whose days are not known.

    Parameters
    ----------
    count, month, use
        As in :func:`level_shift`.
    p
        A break needs a step at least this improbable.
    least
        And a change of log level of at least this much: 0.15 is 16 %.

    Returns
    -------
    list
        In order of time; none for a series of which most months are empty.
    """
    known = ~np.isnan(count) & (np.ones(len(count), dtype=bool) if use is None else use)
    place = np.flatnonzero(known)
    if len(place) < 3 * LEAST or np.nanmean(count[known]) < 5:
        return []
    flat = _without_season(np.log(count[place] + 0.5), month[place])
    step = np.diff(flat)
    noise = max((1.4826 * float(np.median(np.abs(step - np.median(step)))) / np.sqrt(2)) ** 2, 1e-6)
    found: list[Shift] = []
    cuts = pelt(flat, PENALTY * noise * np.log(len(flat)))
    for before, cut, after in zip([0, *cuts], cuts, [*cuts[1:], len(place)], strict=False):
        # A level is that of the months around it; where the next break is near, of those up to it.
        mine = np.zeros(len(count), dtype=bool)
        mine[place[before:after]] = True
        near = [
            one
            for at in range(max(cut - 2, 1), min(cut + 3, len(place)))
            for part in (known, mine)
            if (one := level_shift(count, month, int(place[at]), use=part)) is not None
        ]
        if not near:
            continue
        best = max(near, key=lambda one: abs(one.z))
        if (
            best.p <= p
            and abs(np.log(best.ratio)) >= least
            and all(abs(best.at - o.at) >= SHORTEST for o in found)
        ):
            found.append(best)
    return found


def _without_season(logs: Floats, month: npt.NDArray[np.int64]) -> Floats:
    """Take out the usual height of each calendar month above the year around it."""
    width = min(13, len(logs) // 2 * 2 - 1)
    half = width // 2
    padded = np.pad(logs, half, mode="edge")
    around = np.median(np.lib.stride_tricks.sliding_window_view(padded, width), axis=1)
    above = logs - around
    out = logs.copy()
    for one in range(12):
        here = month % 12 == one
        if here.sum() >= 2:
            out[here] -= np.median(above[here])
    return out
