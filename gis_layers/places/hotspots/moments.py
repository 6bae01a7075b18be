"""Tail of a weighted sum of values dealt out at random, by its first three moments."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import gammainc, gammaincc, ndtr

Floats = npt.NDArray[np.float64]

STRAIGHT = 1e-3
"""A skewness below this makes no difference to a normal tail."""


def third_of_equal_weights(chosen: npt.ArrayLike, of: npt.ArrayLike) -> Floats:
    """Return Σ(w − w̄)³ where `chosen` of so many weights are one and the others nothing.

    Examples
    --------
    >>> float(third_of_equal_weights(1, 4))
    0.375
    """
    k, n = np.asarray(chosen, dtype=np.float64), np.asarray(of, dtype=np.float64)
    third: Floats = k * (n - k) * (n - 2 * k) / n**2
    return third


def p_two_sided(z: npt.ArrayLike, skew: npt.ArrayLike) -> Floats:
    """Return the two-sided p of a standardised statistic with this skewness.

    Parameters
    ----------
    z, skew
        Shapes that broadcast. The statistic follows Pearson's type III: a shifted gamma with the same three moments.

    Returns
    -------
    array
        Twice the smaller tail, at most one; NaN where z is NaN. The tail on the side that a skewed sum hardly reaches
        is at least the normal one, which is cautious.

    Notes
    -----
    Sums of a few skewed values are skewed: a normal tail calls a single large neighbour a hotspot far too often
    [Siemiatycki 1978, Costanzo, Hubert & Golledge 1983].

    Examples
    --------
    >>> p_two_sided([1.959964, 1.959964, -1.959964], [0.0, 1.0, 1.0]).round(3).tolist()
    [0.05, 0.089, 0.05]
    """
    score, lean = np.broadcast_arrays(np.asarray(z, dtype=np.float64), np.asarray(skew, dtype=np.float64))
    bent = np.abs(lean) > STRAIGHT
    below = np.asarray(ndtr(score), dtype=np.float64).copy()
    above = np.asarray(ndtr(-score), dtype=np.float64).copy()
    if bent.any():
        shape = 4 / lean[bent] ** 2
        turned = np.where(lean[bent] > 0, score[bent], -score[bent])
        at = np.maximum(shape + turned * np.sqrt(shape), 0.0)
        upper, lower = gammaincc(shape, at), gammainc(shape, at)
        # the tail that is cut off ends too soon, at 2/skew deviations, where sums still lie: never below the normal one
        above[bent] = np.where(lean[bent] > 0, upper, np.maximum(lower, above[bent]))
        below[bent] = np.where(lean[bent] > 0, np.maximum(lower, below[bent]), upper)
    p: Floats = np.minimum(2 * np.minimum(above, below), 1.0)
    return p
