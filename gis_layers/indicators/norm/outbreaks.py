"""How much a month of the past counts: months that were an outbreak count less [Farrington 1996, Noufaily 2013].

An Anscombe residual makes the error of a count nearly normal. A month whose residual s exceeds the threshold
gets a weight in proportion to s⁻², so that a past outbreak does not raise what is expected now.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .irls import Fit, fit_counts, leverage

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
    root = np.sqrt(mean)
    raw = 1.5 * (np.cbrt(count) ** 2 / np.cbrt(root) - root)
    found: Floats = raw / np.sqrt(np.maximum(phi * (1 - leverage), 1e-12))
    return found


def reweight(residual: Floats, *, threshold: Floats | float = THRESHOLD) -> Floats:
    """Return weights: s⁻² where the residual s exceeds the threshold, 1 elsewhere (NaN is not in it: 0).

    Examples
    --------
    >>> reweight(np.array([0.0, 2.0, 5.0, -5.0, np.nan])).tolist()
    [1.0, 1.0, 0.04, 1.0, 0.0]
    """
    past = residual > threshold
    weight = np.where(past, 1 / np.where(past, residual, 1.0) ** 2, 1.0)
    return np.where(np.isnan(residual), 0.0, weight)


def fit_reweighted(
    count: Floats,
    columns: Floats,
    *,
    weights: Floats | None = None,
    offset: Floats | None = None,
    ridge: Floats | float = 0.0,
    start: Floats | None = None,
    threshold: float = THRESHOLD,
) -> tuple[Fit, Floats]:
    """Fit, weigh past outbreaks down, and fit again.

    Both the monthly norm and Farrington's detector go through here.

    Parameters
    ----------
    count, columns, weights, offset, ridge, start
        As :func:`fit_counts` takes them; `weights` are those before any outbreak is known.
    threshold
        Anscombe residual beyond which a time is weighted down.

    Returns
    -------
    (Fit, array)
        The second fit and its weights, whose sum by series is that of `weights`.

    Examples
    --------
    >>> import numpy as np
    >>> count = np.array([[9.0, 11, 10, 9, 40, 10, 11, 10] + [9.0, 11] * 8])
    >>> fit, weight = fit_reweighted(count, np.ones((24, 1)))
    >>> bool(np.exp(fit.coef[0, 0]) < count.mean()), int(weight[0].argmin())
    (True, 4)
    """
    known = ~np.isnan(count)
    prior = known.astype(np.float64) if weights is None else np.where(known, weights, 0.0)
    first = fit_counts(count, columns, weights=prior, offset=offset, ridge=ridge, start=start)
    drawn = np.minimum(leverage(first, columns, prior), 0.999)
    weight = prior * reweight(anscombe(count, first.mean, first.phi[:, None], drawn), threshold=threshold)
    total = weight.sum(axis=1, keepdims=True)
    weight *= np.divide(prior.sum(axis=1, keepdims=True), total, out=np.ones_like(total), where=total > 0)
    again = fit_counts(count, columns, weights=weight, offset=offset, ridge=ridge, start=first.mean)
    return again, weight


def usual_counts(
    mean: Floats, phi: Floats | float, *, threshold: Floats | float = THRESHOLD
) -> tuple[Floats, Floats]:
    """Return the counts whose Anscombe residuals are minus and plus the threshold.

    Examples
    --------
    >>> low, high = usual_counts(np.array([7.0]), 1.5)
    >>> [round(float(anscombe(end, np.array([7.0]), 1.5)[0]), 6) for end in (low, high)]
    [-2.58, 2.58]
    """
    return counts_within(np.sqrt(mean), phi, threshold)


def counts_within(root: Floats, phi: Floats | float, threshold: Floats | float) -> tuple[Floats, Floats]:
    """Return what :func:`usual_counts` does, from the root of the mean: it is the same for every φ tried."""
    reach = threshold * np.sqrt(phi) / 1.5
    # (mean^1/6 (root ± reach))^3/2; roots are taken some ten times as fast as other powers
    low, high = (edge * np.sqrt(edge * root) for edge in (np.maximum(root - reach, 0.0), root + reach))
    return low, high
