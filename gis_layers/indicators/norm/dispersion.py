"""How far counts fell from what was expected of them beforehand: φ, the variance over the mean of a prediction.

It is measured on walk-forward errors alone. The dispersion of a fit is too small, because a fit has seen what it
is tested on: on London it covered 43, 71 and 89 % where 50, 80 and 95 were meant.

Each series has the winsorised mean of (Y − μ)²/μ over its last errors, shrunk to what the offence shows at its
size: φ(μ) = a + bμ, because a level that drifts adds to the variance in proportion to μ².
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .outbreaks import largest_usual

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

WINDOW = 36
"""Errors that φ is measured on."""

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
    apart = errors / overlap
    size = np.divide((mean * known).sum(axis=1), errors, out=np.ones(len(count)), where=errors > 0)
    prior = np.full(len(count), _FIRST_GUESS)
    own = prior
    for _ in range(2):
        # an error is cut at what would be an outbreak: a single one must not blind the next three years
        cut = np.minimum(value, largest_usual(mean, np.maximum(prior, 1.0)[:, None]))
        squares = np.where(known, (cut - mean) ** 2 / mean, 0.0).sum(axis=1)
        own = np.divide(squares, errors, out=prior.copy(), where=errors > 0)
        weight = errors / _spread_of_error(size, prior)
        prior = _at_size(own, size, weight, offence, number)
    variance = _spread_of_error(size, prior) * np.maximum(prior, 1.0) ** 2 / np.maximum(apart, 1.0)
    telling = errors > 0
    surplus = np.where(telling, (own - prior) ** 2 / variance - 1, 0.0)
    precision = np.where(telling, 1 / variance, 0.0)
    over = np.bincount(offence, surplus, number)
    under = np.bincount(offence, precision, number)
    tau = np.maximum(0.0, np.divide(over, under, out=np.zeros(number), where=under > 0))[offence]
    phi: Floats = np.where(telling, prior + tau / (tau + variance) * (own - prior), prior)
    return np.where(np.bincount(offence, errors, number)[offence] > 0, phi, 1.0)


def _spread_of_error(size: Floats, phi: Floats) -> Floats:
    """Return the variance of (Y − μ)²/μ over φ²: that of a negative binomial's fourth moment."""
    wide = np.maximum(phi, 1.0)
    return 2 + 6 * (wide - 1) / size + 1 / (wide * size)


def _at_size(own: Floats, size: Floats, weight: Floats, offence: Ints, number: int) -> Floats:
    """Fit φ = a + bμ to each offence, b at least 0."""

    def by_offence(values: Floats) -> Floats:
        return np.bincount(offence, values, number)

    total = by_offence(weight)
    whole = np.where(total > 0, total, 1.0)
    x, y = by_offence(weight * size) / whole, by_offence(weight * own) / whole
    slope_over = by_offence(weight * (size - x[offence]) * (own - y[offence]))
    slope_under = by_offence(weight * (size - x[offence]) ** 2)
    slope = np.divide(slope_over, slope_under, out=np.zeros(number), where=slope_under > 1e-9)
    slope = np.maximum(slope, 0.0)
    found: Floats = np.maximum(y[offence] + slope[offence] * (size - x[offence]), 0.1)
    return found
