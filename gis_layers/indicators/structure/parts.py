"""Which part of a mix is out of line: its lift beside the other parts, with an interval, and a p of its own.

Shares sum to one, so that one share which grows makes all others shrink. The centred log ratio (clr) sets each part
beside the geometric mean of all, and tells who moved. Logarithms need no zeros: counts are first drawn towards the
group's shares by √n cards (Bayesian-multiplicative replacement), never taken raw. The *test* of a part is the tail of
its own count under a beta-binomial, because the logarithm of a handful of cards is far from normal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from .mix import LARGEST_ALPHA, Merged, inflation

Floats = npt.NDArray[np.float64]

_WIDE = 1.96
_CLEAR = 0.2


@dataclass(frozen=True)
class Lifts:
    """What each part is beside the shares it was set against, cells × (parts + 1); NaN where it takes no part.

    Parameters
    ----------
    lift
        exp(clr − clr of the shares): 1 is as usual, 2 twice as much beside all other parts.
    lower, upper
        Its 95 % interval.
    p_value
        Two-sided, of the part's own count.
    """

    lift: Floats
    lower: Floats
    upper: Floats
    p_value: Floats


def lifts(mix: Merged, alpha: Floats) -> Lifts:
    """Set every part of a mix beside what is usual.

    Examples
    --------
    >>> import numpy as np
    >>> from gis_layers.indicators.structure.mix import merge_rare
    >>> usual = np.array([[0.4, 0.3, 0.2, 0.1]])
    >>> found = lifts(merge_rare(np.array([[60.0, 30, 20, 40]]), usual), np.array([200.0]))
    >>> found.lift[0, :4].round(2).tolist(), bool(found.p_value[0, 3] < 0.001)
    ([0.95, 0.66, 0.66, 2.42], True)
    """
    total = mix.count.sum(axis=1, keepdims=True)
    there = mix.share > 0
    parts = there.sum(axis=1, keepdims=True)
    drawn = np.sqrt(np.maximum(total, 1.0))
    replaced = (mix.count + drawn * mix.share) / np.maximum(total + drawn, 1e-9)
    log = np.log(np.where(there, replaced, 1.0)) - np.log(np.where(there, mix.share, 1.0))
    centred = log - np.where(there, log, 0.0).sum(axis=1, keepdims=True) / np.maximum(parts, 1)
    wide = inflation(total, alpha[:, None])
    inverse = np.where(there, 1 / np.where(there, replaced, 1.0), 0.0)
    spread = (
        inverse * (1 - 2 / np.maximum(parts, 1))
        + inverse.sum(axis=1, keepdims=True) / np.maximum(parts, 1) ** 2
    )
    error = np.sqrt(np.maximum(wide / np.maximum(total, 1.0) * spread, 0.0)) * total / (total + drawn)
    usable = there & (parts > 1) & (total > 0) & ~np.isnan(alpha)[:, None]
    ends = (np.where(usable, np.exp(centred + side * _WIDE * error), np.nan) for side in (0, -1, 1))
    lift, lower, upper = ends
    own = np.broadcast_to(np.where(np.isnan(alpha), LARGEST_ALPHA, alpha)[:, None], mix.share.shape)
    p = np.full(mix.share.shape, np.nan)
    p[usable] = beta_binomial_p(
        mix.count[usable], np.broadcast_to(total, mix.share.shape)[usable], mix.share[usable], own[usable]
    )
    return Lifts(lift, lower, upper, p)


def beta_binomial_p(count: Floats, total: Floats, share: Floats, alpha: Floats) -> Floats:
    """Return the two-sided mid-p of a count under a beta-binomial, twice the smaller tail.

    Parameters
    ----------
    count, total, share, alpha
        What came of how many, what share is usual, and α₀.

    Notes
    -----
    Where a normal's p is above .2 it is left at that: such a part is out of no line, and most are such.

    Examples
    --------
    >>> import numpy as np
    >>> one = np.ones(3)
    >>> beta_binomial_p(np.array([10.0, 20, 0]), 50 * one, 0.2 * one, 1e7 * one).round(3).tolist()
    [1.0, 0.001, 0.0]
    """
    spread = np.sqrt(np.maximum(total * share * (1 - share) * inflation(total, alpha), 1e-12))
    p = 2 * special.ndtr(-np.abs(count - total * share) / spread)
    far = p < _CLEAR
    lower, upper = beta_binomial_tails(count[far], total[far], share[far], alpha[far])
    p[far] = np.minimum(1.0, 2 * np.minimum(lower, upper))
    return p


def beta_binomial_tails(count: Floats, total: Floats, share: Floats, alpha: Floats) -> tuple[Floats, Floats]:
    """Return the lower and upper mid-p tails of counts under a beta-binomial; see :func:`beta_binomial_p`.

    The tail that the count lies in is summed outwards, all cells at once, until nothing is added.
    """
    a, b = np.maximum(alpha * share, 1e-9), np.maximum(alpha * (1 - share), 1e-9)
    plain = alpha >= LARGEST_ALPHA
    lower = np.empty(len(count))
    here = np.where(plain, 0.0, _log_mass(count, total, a, b))
    mass = np.where(plain, 0.0, np.exp(here))
    # a binomial has an incomplete beta for its tail
    y = count[plain]
    equal = np.exp(
        special.gammaln(total[plain] + 1) - special.gammaln(y + 1) - special.gammaln(total[plain] - y + 1)
        + special.xlogy(y, share[plain]) + special.xlog1py(total[plain] - y, -share[plain])
    )  # fmt: skip
    rest_of = total[plain] - y
    upto = special.betainc(np.maximum(rest_of, 0.5), y + 1, 1 - share[plain])
    lower[plain] = np.where(rest_of > 0, upto, 1.0) - 0.5 * equal
    rest = np.flatnonzero(~plain)
    low = count[rest] <= total[rest] * share[rest]  # away from the mean each mass is less than the one before
    up, down = rest[low], rest[~low]
    lower[up] = _summed(count[up], total[up], a[up], b[up]) - 0.5 * mass[up]
    lower[down] = 1 - (_summed(total[down] - count[down], total[down], b[down], a[down]) - 0.5 * mass[down])
    lower = np.clip(lower, 1e-15, 1.0)
    return lower, np.clip(1 - lower, 1e-15, 1.0)


def _log_mass(count: Floats, total: Floats, a: Floats, b: Floats) -> Floats:
    found: Floats = (
        special.gammaln(total + 1) - special.gammaln(count + 1) - special.gammaln(total - count + 1)
        + special.betaln(count + a, total - count + b) - special.betaln(a, b)
    )  # fmt: skip
    return found


def _summed(count: Floats, total: Floats, a: Floats, b: Floats) -> Floats:
    """Return P(Y ≤ count), by the ratio of neighbouring masses from the count downwards."""
    out = np.zeros(len(count))
    if not len(count):
        return out
    term = np.exp(_log_mass(count, total, a, b))
    y = count.copy()
    open_ = np.arange(len(count))
    while len(open_):
        out[open_] += term[open_]
        k, n = y[open_], total[open_]
        ratio = k * (n - k + b[open_]) / ((n - k + 1) * (k - 1 + a[open_]))
        term[open_] *= np.where(k > 0, ratio, 0.0)
        y[open_] -= 1
        open_ = open_[(y[open_] >= 0) & (term[open_] > 1e-12 * out[open_])]
    return out
