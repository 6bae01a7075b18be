"""How much better a rate of its own explains the cases in a cylinder; and from which count on it does."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import xlogy

Floats = npt.NDArray[np.float64]


def log_likelihood_ratio(cases: npt.ArrayLike, expected: npt.ArrayLike, total: float) -> Floats:
    """Return Kulldorff's log likelihood ratio, whichever the direction.

    Parameters
    ----------
    cases, expected
        Cases in the cylinder, and those expected of it; all expected cases sum to `total`.
    total
        All cases.

    Returns
    -------
    array
        0 where cases and expectation are equal.

    Notes
    -----
    Kulldorff 1997: c ln(c/E) + (C − c) ln((C − c)/(C − E)).

    Examples
    --------
    >>> round(float(log_likelihood_ratio(236, 176.22, 1175)), 2)
    10.98
    """
    c, e = np.asarray(cases, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.asarray(xlogy(c, c / e) + xlogy(total - c, (total - c) / (total - e)), dtype=np.float64)
    return np.where(np.isfinite(ratio), np.maximum(ratio, 0.0), 0.0)


def largest_expected(cut: float, total: int, most: int) -> Floats:
    """Return for each count 0, 1, …, `most` the largest expectation at which its rise still reaches `cut`.

    Examples
    --------
    >>> largest_expected(5.0, 1_000, 10).round(2)[[0, 5, 10]].tolist()
    [0.0, 0.79, 3.03]
    """
    cases = np.arange(most + 1, dtype=np.float64)
    low: Floats = np.zeros(most + 1)
    high: Floats = cases.copy()
    for _ in range(60):
        middle: Floats = (low + high) / 2
        reached = log_likelihood_ratio(cases, middle, total) >= cut
        low, high = np.where(reached, middle, low), np.where(reached, high, middle)
    return np.where(cases > 0, low, 0.0)


def least_expected(cut: float, total: int, most: int) -> Floats:
    """Return for each count 0, 1, …, `most` the least expectation at which its fall reaches `cut`; inf where none does.

    Examples
    --------
    >>> least_expected(5.0, 1_000, 10).round(2)[[0, 5, 10]].tolist()
    [4.99, 15.65, 23.42]
    """
    cases = np.arange(most + 1, dtype=np.float64)
    low, high = cases.copy(), np.full(most + 1, total * (1 - 1e-12))
    never = log_likelihood_ratio(cases, high, total) < cut
    for _ in range(60):
        middle: Floats = (low + high) / 2
        reached = log_likelihood_ratio(cases, middle, total) >= cut
        low, high = np.where(reached, low, middle), np.where(reached, middle, high)
    return np.where(never, np.inf, high)
