"""How much a month of the past counts: months that were an outbreak count less [Farrington 1996, Noufaily 2013].

An Anscombe residual makes the error of a count nearly normal. A month whose residual s exceeds the threshold
gets a weight in proportion to s⁻², so that a past outbreak does not raise what is expected now.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

THRESHOLD = 2.58
"""Residual beyond which a month is taken for an outbreak: one of two hundred without any [Noufaily 2013]."""


def anscombe(count: Floats, mean: Floats, phi: Floats | float, leverage: Floats | float = 0.0) -> Floats:
    """Return Anscombe residuals 3/2·(y^⅔ μ^−⅙ − μ^½) / √(φ(1−h)).

    Parameters
    ----------
    count, mean
        Counts and their fitted means, above 0.
    phi
        Variance over mean.
    leverage
        Diagonal of the hat matrix; 0 where the mean was predicted from other months.

    Examples
    --------
    >>> anscombe(np.array([10.0, 20.0, 0.0]), np.array([10.0]), 1.0).round(2).tolist()
    [0.0, 2.79, -4.74]
    """
    raw = 1.5 * (np.cbrt(count) ** 2 / mean ** (1 / 6) - np.sqrt(mean))
    found: Floats = raw / np.sqrt(np.maximum(phi * (1 - leverage), 1e-12))
    return found


def reweight(residual: Floats, *, threshold: float = THRESHOLD) -> Floats:
    """Return weights: s⁻² where the residual s exceeds the threshold, 1 elsewhere (NaN is not in it: 0).

    Examples
    --------
    >>> reweight(np.array([0.0, 2.0, 5.0, -5.0, np.nan])).tolist()
    [1.0, 1.0, 0.04, 1.0, 0.0]
    """
    past = residual > threshold
    weight = np.where(past, 1 / np.where(past, residual, 1.0) ** 2, 1.0)
    return np.where(np.isnan(residual), 0.0, weight)


def largest_usual(mean: Floats, phi: Floats | float, *, threshold: float = THRESHOLD) -> Floats:
    """Return the count whose Anscombe residual is the threshold: beyond it an error is cut off.

    Examples
    --------
    >>> anscombe(largest_usual(np.array([7.0]), 1.5), np.array([7.0]), 1.5).round(6).tolist()
    [2.58]
    """
    root = mean ** (1 / 6) * (np.sqrt(mean) + threshold * np.sqrt(phi) / 1.5)
    found: Floats = root**1.5
    return found
