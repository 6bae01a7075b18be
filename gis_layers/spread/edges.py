"""Endemic edges: districts whose rises a neighbour follows again and again, and how much of an offence follows at all.

Edges rest on all months, chains on single ones. Residuals are whitened, or a slow swing that both share would make an
edge in both directions; and taken by rank, or one outbreak in each would do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse, stats

from ..indicators.norm.tails import NORMAL_95
from ..indicators.rating.fdr import bh_adjust
from .usual import Usual

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

LAGS = (1, 2, 3)
"""Months by which one district may follow another."""

FAR_LAGS = tuple(range(7, 25))
"""Lags at which nothing is sought: they show how high chance goes."""

LEAST_EXPECTED = 5.0
"""Mean expected count from which a series is judged."""

LEAST_MONTHS = 36
"""Months from which a series is judged."""


@dataclass(frozen=True)
class Edge:
    """An edge between two districts (numbers, as the offence).

    Parameters
    ----------
    lag
        Months by which `target` follows.
    strength, lower, upper
        Cards above the expected in `target` for each such card in `source` `lag` months before, on average; 95 %
        interval. Of cards as they are recorded: what is chance in the source is not passed on, so where it is a large
        part, this is less than what is.
    p_value, q_value
        One-sided, the lag inside the test; q over all edges of all offences together.
    """

    offence: int
    source: int
    target: int
    lag: int
    strength: float
    lower: float
    upper: float
    p_value: float
    q_value: float


def find_edges(
    count: Floats, usual: Usual, adjacent: sparse.csr_array, *, alpha: float = 0.01
) -> tuple[list[Edge], int]:
    """Return the edges that pass at `alpha`, and how many were tested.

    Parameters
    ----------
    count
        Cards, (district, offence, month); NaN is not collected.
    usual
        What was usual of them.
    adjacent
        Neighbours, (district, district).
    alpha
        False discovery rate over all edges of all offences together [Benjamini–Hochberg].

    Returns
    -------
    edges, tested
        An edge must also be stronger than its reverse. None is tested where under `LEAST_MONTHS` months were
        collected or under `LEAST_EXPECTED` cards a month are expected.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy import sparse
    >>> from gis_layers.spread.usual import usual_counts
    >>> rng = np.random.default_rng(1)
    >>> mean = np.full((20, 1, 120), 60.0)
    >>> mean[0] *= np.exp(rng.normal(0, 0.5, 120))
    >>> mean[1, 0, 1:] *= (mean[0, 0, :-1] / 60) ** 0.6
    >>> count = rng.poisson(mean).astype(float)
    >>> ring = sparse.csr_array(np.eye(20, k=1) + np.eye(20, k=-1))
    >>> edges, tested = find_edges(count, usual_counts(count, []), ring)
    >>> [(edge.source, edge.target, edge.lag) for edge in edges], tested
    ([(0, 1, 1)], 38)
    """
    excess = count - usual.expected
    rank = normal_scores(whitened(excess / np.sqrt(np.maximum(usual.variance, 1e-9))))
    enough = np.isfinite(rank).sum(axis=2) >= LEAST_MONTHS
    due = np.where(np.isfinite(usual.expected), usual.expected, 0.0).sum(axis=2)
    enough &= due >= LEAST_EXPECTED * np.maximum(np.isfinite(usual.expected).sum(axis=2), 1)
    source, target = (part.astype(np.intp) for part in adjacent.nonzero())
    where: list[Ints] = []
    tests: list[Floats] = []
    for offence in range(count.shape[1]):
        both = enough[source, offence] & enough[target, offence]
        of, to = source[both], target[both]
        if len(of):
            height = np.array([_correlated(rank[:, offence], of, to, lag) for lag in LAGS])
            height /= _usual_height(rank[:, offence], of, to)
            where.append(np.column_stack([np.full(len(of), offence), of, to]))
            tests.append(height)
    if not where:
        return [], 0
    cells, heights = np.concatenate(where), np.concatenate(tests, axis=1)
    best = heights.max(axis=0)
    p = -np.expm1(len(LAGS) * np.log1p(-np.minimum(stats.norm.sf(best), 1 - 1e-16)))
    q = bh_adjust(p)
    key = {tuple(cell): place for place, cell in enumerate(cells.tolist())}
    edges = []
    for place in np.flatnonzero(q <= alpha).tolist():
        offence, of, to = (int(part) for part in cells[place])
        back = key.get((offence, to, of))
        if back is not None and best[back] >= best[place]:
            continue
        lag = LAGS[int(heights[:, place].argmax())]
        size = follows(excess[of, offence], excess[to, offence], usual.variance[to, offence], lag)
        edges.append(Edge(offence, of, to, lag, *size, float(p[place]), float(q[place])))
    return edges, len(p)


def epidemic_component(
    count: Floats, usual: Usual, adjacent: sparse.csr_array, *, lag: int = 1
) -> list[tuple[float, float, float]]:
    """Return by offence how much of what neighbours had too many comes a month later: size and 95 % interval.

    Returns
    -------
    list
        For each offence cards above the expected for each card that all neighbours together had above theirs;
        NaN where no series is long or large enough to tell.
    """
    excess = np.where(np.isfinite(count), count - usual.expected, 0.0)
    found = []
    for offence in range(count.shape[1]):
        around = adjacent @ excess[:, offence]
        large = np.nan_to_num(usual.expected[:, offence]).mean(axis=1) >= 1.0
        if not large.any() or count.shape[2] < LEAST_MONTHS:
            found.append((np.nan, np.nan, np.nan))
            continue
        variance = usual.variance[large, offence]
        own = np.where(np.isfinite(count[large, offence]), excess[large, offence], np.nan)
        found.append(_slope(around[large][:, :-lag].ravel(), own[:, lag:].ravel(), variance[:, lag:].ravel()))
    return found


def whitened(residual: Floats) -> Floats:
    """Return residuals less what their own last month foretells, along the last axis."""
    now, before = residual[..., 1:], residual[..., :-1]
    both = np.isfinite(now) & np.isfinite(before)
    product = np.where(both, now * before, 0.0).sum(axis=-1)
    square = np.where(both, before**2, 0.0).sum(axis=-1)
    share = np.divide(product, square, out=np.zeros(product.shape), where=square > 0)
    out = residual.copy()
    out[..., 1:] = np.where(both, now - np.clip(share, -0.9, 0.9)[..., None] * before, now)
    return out


def normal_scores(values: Floats) -> Floats:
    """Return normal quantiles of the ranks along the last axis, NaN where there is no value.

    Examples
    --------
    >>> import numpy as np
    >>> normal_scores(np.array([[3.0, 900.0, np.nan, -2.0]])).round(2)
    array([[ 0.  ,  0.67,   nan, -0.67]])
    """
    rank = stats.rankdata(values, axis=-1, nan_policy="omit")
    many = np.isfinite(values).sum(axis=-1, keepdims=True)
    return np.asarray(stats.norm.ppf(np.where(np.isfinite(values), rank, np.nan) / (many + 1)))


def follows(source: Floats, target: Floats, variance: Floats, lag: int) -> tuple[float, float, float]:
    """Return the slope of one district's excess on another's `lag` months before, and its 95 % interval.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> source = rng.normal(0, 10, 120)
    >>> target = np.r_[0.0, 0.5 * source[:-1]] + rng.normal(0, 5, 120)
    >>> [round(part, 1) for part in follows(source, target, np.full(120, 25.0), 1)]
    [0.5, 0.3, 0.6]
    """
    return _slope(source[:-lag], target[lag:], variance[lag:])


def _slope(x: Floats, y: Floats, variance: Floats) -> tuple[float, float, float]:
    """Return the weighted slope through the origin, with MacKinnon and White's interval (HC3).

    A month in which much is passed on also varies more, which a single variance of the rest would not see.
    """
    known = np.isfinite(x) & np.isfinite(y) & (variance > 0)
    weight, x, y = 1 / variance[known], x[known], y[known]
    square = float((weight * x**2).sum())
    if len(x) < 3 or square <= 0:
        return np.nan, np.nan, np.nan
    slope = float((weight * x * y).sum()) / square
    leverage = np.minimum(weight * x**2 / square, 0.99)
    left = weight * x * (y - slope * x) / (1 - leverage)
    far = NORMAL_95 * float(np.sqrt((left**2).sum())) / square
    return slope, slope - far, slope + far


def _usual_height(rank: Floats, source: Ints, target: Ints) -> float:
    """Return how high correlations run at lags at which nothing is sought, in standard deviations; at least 1.

    What whitening left of slow swings makes all correlations vary more than those of noise do.
    """
    lags = [lag for lag in FAR_LAGS if rank.shape[1] - lag >= LEAST_MONTHS // 2]
    if not lags:
        return 1.0
    heights = np.array([_correlated(rank, source, target, lag) for lag in lags])
    return max(float(np.sqrt((heights**2).mean())), 1.0)


def _correlated(rank: Floats, source: Ints, target: Ints, lag: int) -> Floats:
    """Return Fisher's z of the correlations at a lag, in standard deviations."""
    x, y = rank[source, :-lag], rank[target, lag:]
    both = np.isfinite(x) & np.isfinite(y)
    x, y = np.where(both, x, 0.0), np.where(both, y, 0.0)
    scale = np.sqrt((x**2).sum(axis=1) * (y**2).sum(axis=1))
    r = np.divide((x * y).sum(axis=1), scale, out=np.zeros(len(x)), where=scale > 0)
    height: Floats = np.arctanh(np.clip(r, -0.999999, 0.999999)) * np.sqrt(
        np.maximum(both.sum(axis=1) - 3, 0)
    )
    return height
