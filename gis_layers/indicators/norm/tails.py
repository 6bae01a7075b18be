"""Tails and quantiles of a count whose variance is φ times its mean: negative binomial, Poisson where φ ≤ 1."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import stats

Floats = npt.NDArray[np.float64]

LEAST_EXCESS = 1e-6
"""φ − 1 below which a negative binomial cannot be told from a Poisson."""


def upper_count(mean: Floats, phi: Floats, *, alpha: float) -> Floats:
    """Return the smallest count that is passed with probability at most `alpha`.

    Examples
    --------
    >>> upper_count(np.array([10.0, 10.0]), np.array([1.0, 3.0]), alpha=0.05).tolist()
    [15.0, 20.0]
    """
    size = mean / np.maximum(phi - 1, LEAST_EXCESS)
    wide = stats.nbinom.isf(alpha, size, 1 / np.maximum(phi, 1 + LEAST_EXCESS))
    found: Floats = np.where(phi - 1 > LEAST_EXCESS, wide, stats.poisson.isf(alpha, mean))
    return found
