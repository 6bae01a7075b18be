"""Season of every series: two harmonics by offence and status, shrunk to the group and then to the district.

The harmonics of an offence in a status are fitted to its cards together; a group, and then a district, has what it
adds to its elder's season, shrunk by τ²/(τ² + se²): the spread between sisters that is more than chance. No
month has an index of its own. Levels differ from year to year, so every twelve months (counted back from the
newest) have a level that the season is fitted beside.

What a group or a district adds is one step of iteratively reweighted least squares from its elder's season, given
the cards of every twelve months: no rounds, no trouble with years without any card.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from .outbreaks import anscombe, fit_reweighted, reweight

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

YEARS = 8
"""Years that a season is fitted to."""

_WIDE = 0.3
"""What a harmonic may well be: a first step from a handful of cards is held to it."""


@dataclass(frozen=True)
class Seasons:
    """Factors on the level, 1 on average.

    Parameters
    ----------
    group, district
        Factor of each series and month wanted, series × months: of its group, and its own.
    """

    group: Floats
    district: Floats


def harmonics(month: Ints, rows: int) -> Floats:
    """Return the columns of two harmonics, months × 4 (fewer where a year has fewer than five rows).

    Parameters
    ----------
    month
        Number of each row in the calendar, its place in the year being its rest by `rows`.
    rows
        Rows in a year.

    Examples
    --------
    >>> import numpy as np
    >>> harmonics(np.arange(12), 12).shape, harmonics(np.arange(4), 4).shape, harmonics(np.arange(3), 1).shape
    ((12, 4), (4, 3), (3, 0))
    """
    angle = 2 * np.pi * (month % rows) / rows
    waves = [np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)]
    told = 4 if rows > 4 else max(rows - 1, 0)
    return np.column_stack(waves[:told]) if told else np.empty((len(month), 0))


def fit_seasons(
    count: Floats,
    past: Ints,
    wanted: Ints,
    *,
    offence: Ints,
    status: Ints,
    group: Ints,
    rows: int = 12,
    path: Floats | None = None,
) -> Seasons:
    """Fit the seasons of all series to one stretch of the past.

    Parameters
    ----------
    count
        Counts of the past, series × months, NaN not used.
    past, wanted
        Calendar numbers of these months, and of those that a factor is wanted for.
    offence, status, group
        What each series is: numbers from 0. A group lies within one status.
    rows
        Rows in a year.
    path
        How the level went in the past, up to a factor, series × months; without it a steady growth within each year
        is taken for season. None is level.

    Returns
    -------
    Seasons
    """
    waves, ahead = harmonics(past, rows), harmonics(wanted, rows)
    if not waves.shape[1] or count.shape[1] < rows:
        ones = np.ones((len(count), len(wanted)))
        return Seasons(ones, ones)
    block = (past[-1] - past) // rows
    years = (block[:, None] == np.arange(block.max() + 1)[None, :]).astype(np.float64)
    known = ~np.isnan(count)
    value = np.where(known, count, 0.0)
    seen = known.sum(axis=1)
    size = np.divide(value.sum(axis=1), seen, out=np.zeros(len(count)), where=seen > 0)
    exposed = known * size[:, None]
    if path is not None:
        exposed = exposed * path

    def together(number: Ints) -> tuple[Floats, Floats, Ints]:
        place = np.unique(number, return_inverse=True)[1]
        member = sparse.csr_array((np.ones(len(place)), (place, np.arange(len(place)))))
        return member @ value, member @ exposed, place

    elder = offence * (status.max() + 1) + status
    cards, due, elder_of = together(elder)
    _, first = np.unique(elder, return_index=True)
    beta = _of_statuses(cards, due, waves, years, offence[first])
    middle = group * (offence.max() + 1) + offence
    cards, due, middle_of = together(middle)
    _, first = np.unique(middle, return_index=True)
    start = beta[elder_of[first]]
    beta = start + _added(cards, due * np.exp(start @ waves.T), waves, years, offence[first])
    of_group = beta[middle_of]
    own = of_group + _added(value, exposed * np.exp(of_group @ waves.T), waves, years, offence)
    return Seasons(np.exp(of_group @ ahead.T), np.exp(own @ ahead.T))


def _of_statuses(cards: Floats, due: Floats, waves: Floats, years: Floats, offence: Ints) -> Floats:
    """Fit the harmonics of each offence in a status, shrunk to none by the spread of seasons over all of them."""
    width = waves.shape[1]
    columns = np.column_stack([waves, years])
    ridge = np.repeat([1.0, 1e-6], [width, years.shape[1]])  # two months, one of them empty, tell no season
    some = cards.sum(axis=1) > 0
    full = (cards @ years)[some] > 0  # a year without any card says nothing of its season
    used = (due[some] > 0) & (full @ years.T > 0)
    offset = np.log(np.where(used, due[some], 1.0))
    fit, _ = fit_reweighted(
        cards[some], columns, weights=used.astype(np.float64), offset=offset, ridge=ridge,
        start=np.where(used, np.maximum(due[some], 1e-3), 1.0),
    )  # fmt: skip
    beta = np.zeros((len(cards), width))
    variance = fit.covariance[:, :width, :width] * fit.phi[:, None, None]
    information: Floats = np.linalg.inv(variance).astype(np.float64)
    beta[some] = _shrunk(fit.coef[:, :width], information, np.arange(int(some.sum())))
    return beta


def _added(cards: Floats, usual: Floats, waves: Floats, years: Floats, family: Ints) -> Floats:
    """Return what each series adds to the season in `usual`, shrunk to nothing; series × harmonics.

    Given the cards of a year, their months are multinomial, so the year's level needs no fit. The first step says
    which months were outbreaks; the second starts from the first, with those months weighted down.
    """
    ones = np.ones_like(cards)
    score, information, _ = _step(cards, usual, ones, waves, years)
    held = information + np.eye(waves.shape[1]) / _WIDE**2
    first: Floats = np.linalg.solve(held, score[:, :, None])[:, :, 0].astype(np.float64)
    turned = usual * np.exp(first @ waves.T)
    _, _, mean = _step(cards, turned, ones, waves, years)
    phi = _dispersion(cards, mean, years)
    weight = np.where(mean > 0, reweight(anscombe(cards, np.maximum(mean, 1e-9), phi[:, None])), 1.0)
    score, information, _ = _step(cards, turned, weight, waves, years)
    firm: Floats = (information + 1e-9 * np.eye(waves.shape[1])) / phi[:, None, None]
    step = np.linalg.solve(firm, (score / phi[:, None])[:, :, None])[:, :, 0]
    return _shrunk(first + np.clip(step, -1, 1), firm, family)


def _step(
    cards: Floats, usual: Floats, weight: Floats, waves: Floats, years: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return score and information of the harmonics, and the means, given the cards of each year."""
    inside = weight * usual
    over = inside @ years
    share = (np.divide(1.0, over, out=np.zeros_like(over), where=over > 0) @ years.T) * inside
    total = (weight * cards) @ years
    mean = share * (total @ years.T)
    width = waves.shape[1]
    pairs = (waves[:, :, None] * waves[:, None, :]).reshape(len(waves), -1)
    information = (mean @ pairs).reshape(-1, width, width)
    for year in range(years.shape[1]):
        at = years[:, year] > 0
        centre = share[:, at] @ waves[at]
        information -= total[:, year, None, None] * centre[:, :, None] * centre[:, None, :]
    return (weight * cards - mean) @ waves, information, mean


def _dispersion(cards: Floats, mean: Floats, years: Floats) -> Floats:
    chance = np.divide((cards - mean) ** 2, mean, out=np.zeros_like(mean), where=mean > 0).sum(axis=1)
    freedom = (mean > 0).sum(axis=1) - (cards @ years > 0).sum(axis=1)
    phi: Floats = np.divide(chance, freedom, out=np.ones_like(chance), where=freedom > 0)
    return np.maximum(phi, 1.0)


def _shrunk(found: Floats, information: Floats, family: Ints) -> Floats:
    """Shrink estimates to 0 by τ²/(τ² + se²), with one τ² for each family."""
    squared_error = 1 / np.maximum(np.diagonal(information, axis1=1, axis2=2), 1e-9)
    telling = squared_error < 1.0
    surplus = np.where(telling, found**2 / squared_error - 1, 0.0).sum(axis=1)
    precision = np.where(telling, 1 / squared_error, 0.0).sum(axis=1)
    over, under = np.bincount(family, surplus), np.bincount(family, precision)
    # not zeros_like: the sums of nothing (no card anywhere yet) are whole numbers to numpy
    ratio = np.divide(over, under, out=np.zeros(len(over)), where=under > 0)
    spread = np.maximum(ratio, 1e-6)[family]
    held = information + np.eye(found.shape[1]) / spread[:, None, None]
    moved = np.einsum("npq,nq->np", information, found)
    shrunk: Floats = np.linalg.solve(held, moved[:, :, None])[:, :, 0]
    return shrunk
