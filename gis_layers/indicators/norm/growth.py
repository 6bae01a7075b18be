"""Growth of every series: by how much its level rises or falls in a year, as far as that can be relied on.

The level of now is learnt from months that lie most of a year back on average, so a series that grows steadily is
always expected too low, and one that shrinks too high: on London every category together by 6 %. Growth is taken
from the cards of whole twelve months, which no season can disturb: first of an offence in a status, then of what a
series adds to it. Either is shrunk by what it misses the years by, so that a level which wanders, and does not
grow, has little or none.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .irls import fit_counts
from .outbreaks import THRESHOLD, anscombe

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

HALF_LIFE = 2.0
"""Years after which a year counts half."""

MOST = 0.7
"""Growth, as a logarithm a year, is never taken for more: a doubling, or a halving."""

_RIDGE = (1e-9, 1.0)
_ROUNDS = 3


def growth_of(count: Floats, *, rows: int, offence: Ints, status: Ints) -> Floats:
    """Return the growth of every series, as a logarithm a year.

    Parameters
    ----------
    count
        Counts of the past, series × rows, the newest last; NaN is not used.
    rows
        Rows in a year.
    offence, status
        What each series is: numbers from 0.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> month = np.arange(-59, 1)
    >>> mean = 50 * np.exp(np.array([[0.0], [0.2]]) * month / 12)
    >>> one = np.zeros(2, dtype=np.intp)
    >>> growth_of(rng.poisson(mean).astype(float), rows=12, offence=np.arange(2), status=one).round(1).tolist()[1]
    0.2
    """
    years = count.shape[1] // rows
    if years < 2:
        return np.zeros(len(count))
    whole = count[:, count.shape[1] - years * rows :].reshape(len(count), years, rows)
    known = ~np.isnan(whole)
    cards = _without_outbreaks(np.where(known, whole, 0.0), known).sum(axis=2)
    months = known.sum(axis=2).astype(np.float64)
    seen = months.sum(axis=1)
    size = np.divide(cards.sum(axis=1), seen, out=np.zeros_like(seen), where=seen > 0)
    number = np.unique(offence * (int(status.max(initial=0)) + 1) + status, return_inverse=True)[1]
    together, due = (np.zeros((int(number.max(initial=0)) + 1, years)) for _ in range(2))
    np.add.at(together, number, cards)
    np.add.at(due, number, months * size[:, None])
    when = np.arange(1 - years, 1, dtype=np.float64)
    elder, error = _slope(together, due, when)
    of_elder = _shrunk(elder, error, np.arange(len(elder)))[number]
    due_alone = months * size[:, None] * np.exp(of_elder[:, None] * when)
    own, error = _slope(cards, due_alone, when)
    found: Floats = np.clip(of_elder + _shrunk(own, error, offence), -MOST, MOST)
    return found


def _without_outbreaks(value: Floats, known: npt.NDArray[np.bool_]) -> Floats:
    """Put the usual count of its year and its place in the year for each outbreak: one month is no growth."""
    months = known.sum(axis=2)
    free = np.maximum(months.sum(axis=1) - months.shape[1] - value.shape[2], 1)
    usual, outbreak = value, np.zeros(value.shape, dtype=bool)
    for _ in range(_ROUNDS):  # the first round still has the outbreaks in what is usual
        level = np.divide(usual.sum(axis=2), months, out=np.zeros(months.shape), where=months > 0)
        due = (level[:, :, None] * known).sum(axis=1)
        place = np.divide(usual.sum(axis=1), due, out=np.zeros_like(due), where=due > 0)
        mean = np.where(known, np.maximum(level[:, :, None] * place[:, None, :], 1e-9), 1.0)
        missed = np.where(known & ~outbreak, (value - mean) ** 2 / mean, 0.0)
        phi = np.maximum(missed.sum(axis=(1, 2)) / free, 1.0)
        outbreak = known & (anscombe(value, mean, phi[:, None, None]) > THRESHOLD)
        usual = np.where(outbreak, mean, value)
    return usual


def _slope(cards: Floats, due: Floats, when: Floats) -> tuple[Floats, Floats]:
    """Return slope of log(cards/due) by year and its variance, which grows with what the line misses."""
    used = (due > 0) & (cards.sum(axis=1) > 0)[:, None]
    weight = used * 0.5 ** (-when / HALF_LIFE)
    some = used.sum(axis=1) >= 2
    slope, variance = np.zeros(len(cards)), np.full(len(cards), np.inf)
    if not some.any():
        return slope, variance
    y, prior, base = cards[some], weight[some], np.where(used[some], due[some], 1.0)
    prior *= (used[some].sum(axis=1) / prior.sum(axis=1))[:, None]
    columns = np.column_stack([np.ones(len(when)), when])
    fit = fit_counts(
        y, columns, weights=prior, offset=np.log(base), ridge=np.array(_RIDGE), start=np.maximum(base, 1e-3)
    )
    slope[some] = fit.coef[:, 1]
    freedom = used[some].sum(axis=1) - 2
    missed = (prior * (y - fit.mean) ** 2 / fit.mean).sum(axis=1)
    phi = np.where(freedom > 0, np.maximum(missed / np.maximum(freedom, 1), 1.0), np.maximum(missed, 4.0))
    variance[some] = fit.covariance[:, 1, 1] * phi
    return slope, variance


def _shrunk(slope: Floats, variance: Floats, family: Ints) -> Floats:
    """Shrink slopes to 0 by τ²/(τ² + se²), τ² by family."""
    telling = np.isfinite(variance) & (variance < 1.0)
    safe = np.where(telling, variance, 1.0)
    number = int(family.max(initial=0)) + 1
    over = np.bincount(family, np.where(telling, slope**2 / safe - 1, 0.0), number)
    under = np.bincount(family, np.where(telling, 1 / safe, 0.0), number)
    tau = np.maximum(np.divide(over, under, out=np.zeros(number), where=under > 0), 0.0)[family]
    found: Floats = np.where(telling, slope * tau / (tau + safe), 0.0)
    return found
