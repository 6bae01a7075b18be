"""Peer half of normal: an overdispersed funnel within the group [Spiegelhalter 2005], with tails of a count.

A district's count is set beside what the rate of its own group gives for its population. The spread between
districts that is more than chance, τ², is measured robustly and becomes the size 1/(4τ²) of a negative
binomial, so that both tails are those of a count and not of a square root.

A district counts half in the rate that it is set beside: wholly in, it hides part of its own rise; wholly
out, the rate is less certain than the tails suppose. τ² is that of the last twelve months up to the one
judged. `docs/decisions/0010-peer-half.md` gives the simulations behind both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..norm.tails import mid_p
from .reference import chance_squares, winsorised_squares

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

FULL_GROUP = 8
"""From this many members on a group's spread is measured in the group itself."""

ENOUGH_EXPECTED = 5.0
"""Where fewer than this are expected per district and month, one group cannot tell spread from chance."""

RARE = 1.0
"""Below this many expected per district and month, winsorising cuts off every card there is: then 4τ² is found by
plain moments over the status, the cell judged left out."""

SMALLEST_GROUP = 4
"""Under this many members there is no peer half."""

OWN_SHARE = 0.5
"""How much of its own count and exposure a district leaves out of its group's rate."""


@dataclass(frozen=True)
class Funnel:
    """What the peer group makes of every cell; arrays are offence × month × district.

    Parameters
    ----------
    expected
        Expected count E: the group's rate (the district counts half) times the district's exposure; NaN
        where there is no peer half, 0 where the rest of the group has no card and it has none either.
    heterogeneity
        4τ², or (φ−1)/E where that is more: the inverse of the negative binomial's size; 0 is Poisson.
    p_rise
        Mid-p of a count as large or larger.
    p_fall
        Mid-p of a count as small or smaller.
    """

    expected: Floats
    heterogeneity: Floats
    p_rise: Floats
    p_fall: Floats


def peer_half(
    count: Floats,
    exposure: Floats,
    group: Ints,
    status: Ints,
    *,
    lags: tuple[int, ...] = (0,),
    phi: Floats | None = None,
) -> Funnel:
    """Judge every count beside the districts of its group in the same month.

    Parameters
    ----------
    count
        Counts, offence × month × district; NaN is not collected and takes no part.
    exposure
        Population (or another exposure), month × district; NaN or 0 takes no part.
    group, status
        Number of each district's peer group and status; a group of -1 is none.
    lags
        How many months back the spread τ² is measured, the month itself being 0. Months before the
        first are left out; none lies after the month judged.
    phi
        Variance over mean of each offence and month (:func:`dispersion`): a cell's variance is at least φE.
        None is 1, chance alone.

    Returns
    -------
    Funnel
        NaN where a cell has no count, no exposure or fewer than four districts in its group.

    Examples
    --------
    >>> import numpy as np
    >>> count = np.array([[[10.0, 10, 10, 10, 10, 10, 10, 40]]])
    >>> zeros = np.zeros(8, dtype=int)
    >>> found = peer_half(count, np.ones((1, 8)), zeros, zeros)
    >>> float(found.expected[0, 0, 0]), bool(found.p_rise[0, 0, 7] < 0.001)
    (14.0, True)
    """
    expected = np.full(count.shape, np.nan)
    spread: dict[int, tuple[Floats, ...]] = {}
    rare: dict[int, tuple[Floats, Floats]] = {}
    members: dict[int, npt.NDArray[np.intp]] = {}
    usable = np.where(exposure > 0, exposure, np.nan)
    for number in np.unique(group[group >= 0]):
        of = np.flatnonzero(group == number)
        # Contiguous, so that a sum over districts is added in one order, however many months there are.
        counts = np.ascontiguousarray(count[:, :, of])
        exposed = np.where(np.isnan(counts), np.nan, usable[None, :, of])
        counts = np.where(np.isnan(exposed), np.nan, counts)
        here = (~np.isnan(counts)).sum(axis=2)
        counted, over = np.nansum(counts, axis=2)[:, :, None], np.nansum(exposed, axis=2)[:, :, None]
        enough = (here >= SMALLEST_GROUP)[:, :, None]
        with np.errstate(invalid="ignore", divide="ignore"):
            whole = np.where(enough, counted / over, np.nan) * exposed
            rate = (counted - OWN_SHARE * counts) / (over - OWN_SHARE * exposed)
        expected[:, :, of] = np.where(enough, rate * exposed, np.nan)
        rare[number] = _excess(counts, whole, exposed / over)
        spread[number] = _spread(counts, whole, *rare[number])
        members[number] = here
    heterogeneity = np.full(count.shape, np.nan)
    own = {number: tuple(_trailing(part, lags) for part in parts) for number, parts in spread.items()}
    for number, (surplus, weight, _, _, total, cells) in own.items():
        of = np.flatnonzero(group == number)
        alike = [other for other in own if status[group == other][0] == status[of[0]]]
        wide = [np.sum([own[one][part] for one in alike], axis=0) for part in range(4)]
        telling = (members[number] >= FULL_GROUP) & (total >= ENOUGH_EXPECTED * cells)
        robust = 4 * np.where(telling, _ratio(surplus, weight), _ratio(wide[0], wide[1]))
        excess, square = rare[number]
        plain = _ratio(wide[2][:, :, None] - excess, wide[3][:, :, None] - square)
        found = np.where((total < RARE * cells)[:, :, None], plain, robust[:, :, None])
        heterogeneity[:, :, of] = np.where(np.isnan(expected[:, :, of]), np.nan, found)
    if phi is not None:
        least = np.divide(phi[:, :, None] - 1, expected, out=np.zeros_like(expected), where=expected > 0)
        heterogeneity = np.maximum(heterogeneity, least)
    p_rise, p_fall = mid_p(np.where(np.isnan(expected), np.nan, count), expected, heterogeneity)
    return Funnel(expected, heterogeneity, p_rise, p_fall)


def rolling_sum(values: Floats, width: int, *, axis: int) -> Floats:
    """Return sums over `width` months ending at each; NaN where one of them is missing.

    Examples
    --------
    >>> import numpy as np
    >>> rolling_sum(np.array([1.0, 2, 3, np.nan]), 2, axis=0)
    array([nan,  3.,  5., nan])
    """
    moved = np.moveaxis(values, axis, 0)
    out = np.full(moved.shape, np.nan)
    if len(moved) >= width:
        out[width - 1 :] = moved[width - 1 :]
        for back in range(1, width):
            out[width - 1 :] += moved[width - 1 - back : len(moved) - back]
    return np.moveaxis(out, 0, axis)


def _excess(count: Floats, expected: Floats, share: Floats) -> tuple[Floats, Floats]:
    """Return what a cell's squared residual has beyond chance, and E²: their ratio is 4τ² by plain moments."""
    excess = (count - expected) ** 2 - (1 - share) * expected
    return np.nan_to_num(excess), np.nan_to_num(expected) ** 2


def _spread(count: Floats, expected: Floats, excess: Floats, square: Floats) -> tuple[Floats, ...]:
    """Return, by offence and month, numerator and denominator of τ², those of plain moments, ΣE, districts."""
    known = np.where(expected > 0, expected, np.nan)
    z = 2 * (np.sqrt(count) - np.sqrt(known))
    members = (~np.isnan(z)).sum(axis=2)
    judged = members >= SMALLEST_GROUP
    by_chance = np.where(judged, np.nansum(chance_squares(known, members), axis=2), 1.0)
    phi = np.nansum(winsorised_squares(z), axis=2) / by_chance
    weight = 4 * known
    total, squares = np.nansum(weight, axis=2), np.nansum(weight**2, axis=2)
    scale = total - np.divide(squares, total, out=np.zeros_like(total), where=total > 0)
    return (
        np.where(judged, (members - 1) * (phi - 1), 0.0),
        np.where(judged, scale, 0.0),
        excess.sum(axis=2),
        square.sum(axis=2),
        np.nansum(expected, axis=2),
        (~np.isnan(expected)).sum(axis=2).astype(np.float64),
    )


def _trailing(values: Floats, lags: tuple[int, ...]) -> Floats:
    total = np.zeros_like(values)
    for lag in lags:
        if lag < values.shape[1]:
            total[:, lag:] += values[:, : values.shape[1] - lag]
    return total


def _ratio(surplus: Floats, weight: Floats) -> Floats:
    return np.maximum(0.0, np.divide(surplus, weight, out=np.zeros_like(surplus), where=weight > 0))
