"""How much better a rate of its own explains the cases in a cylinder; and from which count on it does."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import xlogy

Floats = npt.NDArray[np.float64]

_MOST_STEPS = 60
_NOTHING = 1e-12


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
    return _largest_expected(np.arange(most + 1, dtype=np.float64), cut, total)


def least_expected(cut: float, total: int, most: int) -> Floats:
    """Return for each count 0, 1, …, `most` the least expectation at which its fall reaches `cut`; inf where none does.

    Examples
    --------
    >>> least_expected(5.0, 1_000, 10).round(2)[[0, 5, 10]].tolist()
    [4.99, 15.65, 23.42]
    """
    others = total - np.arange(most + 1, dtype=np.float64)
    # a fall inside is a rise of all the other cases
    elsewhere = _largest_expected(others, cut, total)
    return np.where(elsewhere > total * _NOTHING, total - elsewhere, np.inf)


def _largest_expected(cases: Floats, cut: float, total: int) -> Floats:
    """Solve for the expectation below the cases at which the ratio is `cut`, 0 where there are no cases.

    The ratio is convex in the expectation and at least c ln(c/E) − (c − E) ≥ (c − E)²/2c. This gives a start on the
    side where it exceeds the cut, from where Newton's method goes to the root without ever passing it. The result is
    rounded outwards: who leaves cylinders out by it works the ratio of the others out.
    """
    c = np.maximum(cases, 1.0)
    rest = total - c
    start = np.maximum(c * np.exp(-1 - cut / c), c - np.sqrt(2 * c * cut))
    e: Floats = np.maximum(start, np.finfo(np.float64).tiny)
    for _ in range(_MOST_STEPS):
        above = xlogy(c, c / e) + xlogy(rest, rest / (total - e)) - cut
        step = above / (c / e - rest / (total - e))
        e = np.clip(e + step, e, c)
        if not (step > e * 1e-14).any():
            break
    return np.where(cases > 0, e * (1 + 1e-12), 0.0)
