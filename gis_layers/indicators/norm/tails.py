"""Tails and quantiles of a count whose variance is φ times its mean: negative binomial, Poisson where φ ≤ 1.

A negative binomial of mean μ and size 1/a has the variance μ + aμ², so a = (φ−1)/μ. Either half of normal, the
peers' and the own past, takes its p-values and intervals from here.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special, stats

Floats = npt.NDArray[np.float64]

LEAST_HETEROGENEITY = 1e-8
"""Below it a negative binomial cannot be told from a Poisson, and its size has no digits left."""

NORMAL_95 = 1.959964
"""Deviations from the middle of a normal distribution to either end of its 95 % interval."""

_SMALLEST_P = 1e-300


def heterogeneity_of(mean: Floats, phi: Floats) -> Floats:
    """Return a = (φ−1)/μ of the negative binomial with variance φμ; 0, a Poisson, where φ ≤ 1.

    Examples
    --------
    >>> heterogeneity_of(np.array([10.0, 10.0]), np.array([3.0, 0.8])).tolist()
    [0.2, 0.0]
    """
    out: Floats = np.divide(
        np.maximum(phi - 1, 0.0), mean, out=np.where(np.isnan(mean), np.nan, 0.0), where=mean > 0
    )
    return out


def mid_p(count: Floats, expected: Floats, heterogeneity: Floats) -> tuple[Floats, Floats]:
    """Return the mid-p values of a rise and of a fall under a negative binomial (Poisson where a is 0).

    Each tail is computed as a tail, so both keep their digits down to 1e-300. If any argument is NaN, so is the
    result.

    Examples
    --------
    >>> rise, fall = mid_p(np.array([8.0]), np.array([0.5]), np.array([0.0]))
    >>> f"{rise[0]:.2e}", round(float(rise[0] + fall[0]), 12)
    ('3.28e-08', 1.0)
    >>> rise, fall = mid_p(np.array([0.0]), np.array([200.0]), np.array([0.0]))
    >>> f"{fall[0]:.2e}"
    '6.92e-88'
    """
    shape = np.broadcast_shapes(count.shape, expected.shape, heterogeneity.shape)
    y, mean, a = (np.broadcast_to(part, shape) for part in (count, expected, heterogeneity))
    rise, fall = np.full(shape, np.nan), np.full(shape, np.nan)
    known = ~(np.isnan(y) | np.isnan(mean) | np.isnan(a))
    plain = known & (a <= LEAST_HETEROGENEITY)
    y0, mean0 = y[plain], mean[plain]
    mass = np.exp(special.xlogy(y0, mean0) - mean0 - special.gammaln(y0 + 1))
    rise[plain] = special.gammainc(y0 + 1, mean0) + 0.5 * mass
    fall[plain] = np.where(y0 > 0, special.gammaincc(np.maximum(y0, 1.0), mean0), 0.0) + 0.5 * mass
    wide = known & (a > LEAST_HETEROGENEITY)
    y1, mean1, size = y[wide], mean[wide], 1 / a[wide]
    share, rest = mean1 / (mean1 + size), size / (mean1 + size)
    mass = np.exp(
        special.gammaln(y1 + size) - special.gammaln(size) - special.gammaln(y1 + 1)
        - size * np.log1p(mean1 / size) + special.xlogy(y1, share)
    )  # fmt: skip
    rise[wide] = special.betainc(y1 + 1, size, share) + 0.5 * mass
    fall[wide] = np.where(y1 > 0, special.betainc(size, np.maximum(y1, 1.0), rest), 0.0) + 0.5 * mass
    return np.clip(rise, _SMALLEST_P, 1.0), np.clip(fall, _SMALLEST_P, 1.0)


def interval(expected: Floats, heterogeneity: Floats, *, share: float = 0.95) -> tuple[Floats, Floats]:
    """Return the predictive interval of a count, both ends included.

    Examples
    --------
    >>> low, high = interval(np.array([10.0]), np.array([0.0]))
    >>> low.tolist(), high.tolist()
    ([4.0], [17.0])
    """
    low, high = (_quantile(tail, expected, heterogeneity) for tail in ((1 - share) / 2, (1 + share) / 2))
    return low, high


def upper_count(mean: Floats, phi: Floats, *, alpha: float) -> Floats:
    """Return the smallest count that is passed with probability at most `alpha`.

    Examples
    --------
    >>> upper_count(np.array([10.0, 10.0]), np.array([1.0, 3.0]), alpha=0.05).tolist()
    [15.0, 20.0]
    """
    return _quantile(1 - alpha, mean, heterogeneity_of(mean, phi))


def _quantile(share: float, mean: Floats, heterogeneity: Floats) -> Floats:
    """Return the smallest count that is not passed with probability `share`."""
    end = np.where(np.isnan(mean), np.nan, 0.0)
    plain = (heterogeneity <= LEAST_HETEROGENEITY) & (mean > 0)
    end[plain] = stats.poisson.ppf(share, mean[plain])
    wide = (heterogeneity > LEAST_HETEROGENEITY) & (mean > 0)
    size = 1 / heterogeneity[wide]
    end[wide] = stats.nbinom.ppf(share, size, size / (size + mean[wide]))
    return end
