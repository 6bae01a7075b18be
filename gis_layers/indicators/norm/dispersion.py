"""How far counts fell from what was expected of them beforehand: φ, the variance over the mean of a prediction.

It is measured on walk-forward errors alone. The dispersion of a fit is too small, because a fit has seen what it
is tested on: on London it covered 43, 71 and 89 % where 50, 80 and 95 were meant.

Each series has the winsorised mean of (Y − μ)²/μ over its last errors, those of outbreaks and falls weighted down as
the level weights them, shrunk to what the offence shows at its
size: φ(μ) = a + bμ, because a level that drifts adds to the variance in proportion to μ².
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import stats

from .outbreaks import THRESHOLD, anscombe, counts_within, reweight

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

WINDOW = 48
"""Errors that φ is measured on: with 36 its own noise costs false alarms."""

CUT = 2.0
"""Anscombe residual at which an error, of either sign, is cut off: outbreaks and falls must not blind the next three
years to others. What the cut leaves of a normal's variance is put right."""

CUT_OF_RARE = 2.58
"""The same where hardly anything is expected: there a second card is no outbreak yet."""

FAR_OF_RARE = 0.5
"""An error beyond the threshold of outbreaks hardly counts at all: it is no measure of the rest. Where hardly anything
is expected the threshold is higher by this, or the long tail of a rare series would be taken for outbreaks."""

TOGETHER = 2.0
"""A month counts less where the middle error of its offence is more than so many times that of the middle month."""

_RARE = 3.0
_LEAST_TOLD = 1.0
_DISTRICTS = 8
_MONTHS = 12
_ROUNDS = 5
_FIRST_GUESS = 2.0
_LEAST_MEAN = 1e-6


def predictive_phi(count: Floats, expected: Floats, offence: Ints, *, overlap: int = 1) -> Floats:
    """Return φ of every series from its past errors.

    Parameters
    ----------
    count, expected
        What came and what had been expected of it, series × months; NaN is not used.
    offence
        Number of each series' offence, from 0.
    overlap
        How many neighbouring errors share months, and so count as one.

    Returns
    -------
    array, one a series
        Not cut at 1: below it the series is too even. 1 for an offence without any error yet.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> even = rng.poisson(20, (300, 36)).astype(float)
    >>> wild = rng.negative_binomial(20 / 1.0, 1 / 2, (300, 36)).astype(float)
    >>> both = predictive_phi(np.vstack([even, wild]), np.full((600, 36), 20.0), np.repeat([0, 1], 300))
    >>> round(float(both[:300].mean()), 1), round(float(both[300:].mean()), 1)
    (1.0, 2.0)
    """
    known = ~(np.isnan(count) | np.isnan(expected))
    mean = np.where(known, np.maximum(expected, _LEAST_MEAN), 1.0)
    value = np.where(known, count, 1.0)
    number = int(offence.max()) + 1 if len(offence) else 0
    errors = known.sum(axis=1)
    telling = errors > 0
    size = np.divide((mean * known).sum(axis=1), errors, out=np.ones(len(count)), where=telling)
    phi = np.full(len(count), _FIRST_GUESS)
    cut, left = cut_at(mean)
    root = np.sqrt(mean)
    counted = np.where(known, left, 0.0).sum(axis=1)
    # of a normal's variance, what is left where errors beyond the threshold of outbreaks hardly count
    far = THRESHOLD + FAR_OF_RARE * np.exp(-mean / _RARE)
    gone = 2 * stats.norm.sf(far)
    kept = (left - gone * cut**2) / (1 - gone)
    weight = known.astype(np.float64)
    for turn in range(_ROUNDS):
        wide = np.maximum(phi, 1.0)
        if turn == 1:
            months = known * _weight_of_months(value, mean, wide, known, offence)
        if turn:
            residual = anscombe(value, mean, wide[:, None])
            weight = months * reweight(np.abs(residual), threshold=far)
            counted = (weight * kept).sum(axis=1)
        low, high = counts_within(root, wide[:, None], cut)
        squares = np.where(known, weight * (np.clip(value, low, high) - mean) ** 2 / mean, 0.0).sum(axis=1)
        own = np.divide(squares, counted, out=phi.copy(), where=telling)
        spread = _spread_of_error(size, wide)
        prior = _at_size(own, size, errors / spread, offence, number)
        variance = spread * np.maximum(prior, 1.0) ** 2 / np.maximum(errors / overlap, 1.0)
        over = np.bincount(offence, np.where(telling, (own - prior) ** 2 / variance - 1, 0.0), number)
        under = np.bincount(offence, np.where(telling, 1 / variance, 0.0), number)
        tau = np.maximum(0.0, np.divide(over, under, out=np.zeros(number), where=under > 0))[offence]
        phi = np.where(telling, prior + tau / (tau + variance) * (own - prior), prior)
    return np.where(np.bincount(offence, errors, number)[offence] > 0, phi, 1.0)


def cut_at(mean: Floats) -> tuple[Floats, Floats]:
    """Return the Anscombe residual at which an error is cut off, and the share of a normal's variance that is left.

    Examples
    --------
    >>> [part.round(2).tolist() for part in cut_at(np.array([0.1, 100.0]))]
    [[2.56, 2.0], [0.98, 0.92]]
    """
    cut = CUT + (CUT_OF_RARE - CUT) * np.exp(-mean / _RARE)
    beyond = 2 * stats.norm.sf(cut)
    left: Floats = 1 - beyond - 2 * cut * stats.norm.pdf(cut) + cut**2 * beyond
    return cut, left


def _spread_of_error(size: Floats, phi: Floats) -> Floats:
    """Return the variance of (Y − μ)²/μ over φ²: that of a negative binomial's fourth moment."""
    wide = np.maximum(phi, 1.0)
    return 2 + 6 * (wide - 1) / size + 1 / (wide * size)


def _weight_of_months(
    value: Floats, mean: Floats, phi: Floats, known: npt.NDArray[np.bool_], offence: Ints
) -> Floats:
    """Weigh down months in which an offence fell out of line everywhere: they tell of the month, not of a district.

    Without this a lockdown, which all districts share, blinds each of them for three years.
    """
    weight = np.ones(value.shape)
    square = np.where(known & (mean >= _LEAST_TOLD), (value - mean) ** 2 / (mean * phi[:, None]), np.nan)
    for one in np.flatnonzero(np.bincount(offence) >= _DISTRICTS):
        rows = np.flatnonzero(offence == one)
        errors = square[rows]
        enough = (~np.isnan(errors)).sum(axis=0) >= _DISTRICTS
        if enough.sum() < _MONTHS:
            continue
        middle = np.median(errors[:, enough], axis=0) if not np.isnan(errors[:, enough]).any() else (
            np.nanmedian(errors[:, enough], axis=0)
        )  # fmt: skip
        usual = max(float(np.median(middle)), 1e-9)
        of_month = np.ones(value.shape[1])
        of_month[enough] = np.minimum(1.0, TOGETHER * usual / np.maximum(middle, 1e-9))
        weight[rows] = of_month
    return weight


def _at_size(own: Floats, size: Floats, weight: Floats, offence: Ints, number: int) -> Floats:
    """Fit φ = a + bμ to each offence, b at least 0."""

    def by_offence(values: Floats) -> Floats:
        summed: Floats = np.bincount(offence, values, number).astype(np.float64)
        return summed

    total = by_offence(weight)
    whole = np.where(total > 0, total, 1.0)
    x, y = by_offence(weight * size) / whole, by_offence(weight * own) / whole
    slope_over = by_offence(weight * (size - x[offence]) * (own - y[offence]))
    slope_under = by_offence(weight * (size - x[offence]) ** 2)
    slope = np.divide(slope_over, slope_under, out=np.zeros(number), where=slope_under > 1e-9)
    slope = np.maximum(slope, 0.0)
    found: Floats = np.maximum(y[offence] + slope[offence] * (size - x[offence]), 0.1)
    return found
