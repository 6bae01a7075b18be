"""Quasi-Poisson regressions of many series at once, by iteratively reweighted least squares [McCullagh & Nelder 1989].

All series share the times but not the weights: a month that a series lacks, or that an outbreak spoilt, has
weight 0 or a small one there. The normal equations of every series are two matrix products, so 20,000 series
of 132 months take about a second.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_ROUNDS = 40
_TOLERANCE = 1e-10
_LARGEST = 30.0
"""Bound on linear predictors: exp of it is far beyond any count, and a series of zeros ends there."""


@dataclass(frozen=True)
class Fit:
    """Log-linear fits of counts; n series, t times, p columns.

    Parameters
    ----------
    coef
        Coefficients, n × p.
    mean
        Fitted means, n × t.
    covariance
        Inverse of X'WX, n × p × p; times `phi` it is the covariance of `coef`.
    phi
        Pearson's dispersion, n: Σω(y−μ)²/μ over the degrees of freedom, at least 1.
    converged
        Which series came to rest, n.
    """

    coef: Floats
    mean: Floats
    covariance: Floats
    phi: Floats
    converged: Bools


def fit_counts(
    count: Floats,
    columns: Floats,
    *,
    weights: Floats | None = None,
    offset: Floats | None = None,
    ridge: Floats | float = 0.0,
    start: Floats | None = None,
) -> Fit:
    """Fit a log-linear mean to every series.

    Parameters
    ----------
    count
        Counts, n × t; NaN is left out.
    columns
        Design matrix t × p, the same for every series; or n × t × p.
    weights
        Prior weights, n × t; 0 leaves a month out. None is 1 throughout.
    offset
        Added to the linear predictor, n × t.
    ridge
        Added to the diagonal of X'WX, one number or p, so that a column that a series cannot tell (a month it
        never had, a season seen in two months of which one is empty) stays near 0 and does not break the others.
    start
        Means to start from, n × t; nearer ones save rounds.

    Returns
    -------
    Fit
        A series without any weight has coefficients 0 and did not converge.

    Examples
    --------
    >>> found = fit_counts(np.array([[1.0, 2, 4, 8]]), np.array([[1.0, 0], [1, 1], [1, 2], [1, 3]]))
    >>> np.exp(found.coef).round(6).tolist(), found.phi.tolist()
    ([[1.0, 2.0]], [1.0])
    """
    shared = columns.ndim == 2
    width = columns.shape[-1]
    known = ~np.isnan(count)
    y = np.where(known, count, 0.0)
    prior = known.astype(np.float64) if weights is None else np.where(known, weights, 0.0)
    base = np.zeros_like(y) if offset is None else np.where(known, offset, 0.0)
    pairs = _pairs(columns) if shared else None
    eta = np.clip(np.log(y + 0.1 if start is None else start), -_LARGEST, _LARGEST)
    coef = np.zeros((len(y), width))
    inverse = np.zeros((len(y), width, width))
    some: Bools = np.asarray((prior > 0).any(axis=1))
    open_ = some.copy()
    for round_ in range(_ROUNDS):
        at = np.flatnonzero(open_)
        if not len(at):
            break
        mean = np.exp(eta[at])
        working = prior[at] * mean
        target = eta[at] - base[at] + (y[at] - mean) / mean
        if pairs is not None:
            normal = (working @ pairs).reshape(-1, width, width)
            right = (working * target) @ columns
        else:
            weighted = working[:, :, None] * columns[at]
            normal = np.swapaxes(weighted, 1, 2) @ columns[at]
            right = np.einsum("ntp,nt->np", weighted, target)
        normal[:, range(width), range(width)] += ridge
        fresh = np.linalg.solve(normal, right[:, :, None])[:, :, 0]
        linear = fresh @ columns.T if shared else np.einsum("ntp,np->nt", columns[at], fresh)
        eta[at] = np.clip(linear + base[at], -_LARGEST, _LARGEST)
        moved = np.abs(fresh - coef[at]).max(axis=1)
        coef[at] = fresh
        if round_ > 0:
            open_[at] = moved > _TOLERANCE * (1 + np.abs(fresh).max(axis=1))
    mean = np.exp(eta)
    working = prior * mean
    if pairs is not None:
        normal = (working @ pairs).reshape(-1, width, width)
    else:
        normal = np.swapaxes(working[:, :, None] * columns, 1, 2) @ columns
    normal[:, range(width), range(width)] += ridge
    inverse[some] = np.linalg.inv(normal[some])
    return Fit(coef, mean, inverse, _dispersion(y, mean, prior, width), some & ~open_)


def leverage(fit: Fit, columns: Floats, weights: Floats | None = None) -> Floats:
    """Return the diagonal of the hat matrix, n × t: how much a month drew its own fit."""
    wide = np.broadcast_to(columns, (len(fit.mean), *columns.shape[-2:]))
    prior = 1.0 if weights is None else weights
    spread = np.einsum("ntp,npq,ntq->nt", wide, fit.covariance, wide)
    found: Floats = prior * fit.mean * spread
    return found


def _dispersion(y: Floats, mean: Floats, prior: Floats, width: int) -> Floats:
    squares = (prior * (y - mean) ** 2 / mean).sum(axis=1)
    freedom = (prior > 0).sum(axis=1) - width
    phi = np.divide(squares, freedom, out=np.ones_like(squares), where=freedom > 0)
    floored: Floats = np.maximum(phi, 1.0)
    return floored


def _pairs(columns: Floats) -> Floats:
    """Return the products of every two columns, t × p²."""
    return (columns[:, :, None] * columns[:, None, :]).reshape(len(columns), -1)
