"""The imbalance of a mix: an overdispersed chi-squared of its parts, and how rare it is among Dirichlet multinomials.

X² = Σ (n_k − nπ_k)²/(nπ_k) / c with c = (n + α₀)/(1 + α₀): districts differ, and their months differ from each other,
by more than a multinomial's chance, and α₀ says by how much. Parts of which fewer than three are expected are taken
together. χ² is wrong in both tails for such counts, so p comes from draws, and beyond them from a gamma fitted to them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

LEAST_EXPECTED = 3.0
"""Parts with less are taken together."""

DRAWS = 999
FIRST_DRAWS = 99
"""Drawn for what may be unusual; where they say that it is not, no more are."""

_CLEAR = 0.3
_UNUSUAL = 0.05
_TAIL = 20
"""From fewer draws beyond, p is read from the gamma."""

LARGEST_ALPHA = 1e7
"""Stands for a plain multinomial."""


@dataclass(frozen=True)
class Merged:
    """Mixes whose rare parts are taken together, cells × (parts + 1): the last is what was merged; 0 where nothing is.

    Parameters
    ----------
    count, share
        Counts and the shares they are set beside.
    alone
        Which parts stand alone.
    """

    count: Floats
    share: Floats
    alone: Bools


def merge_rare(count: Floats, share: Floats) -> Merged:
    """Take together the parts of which fewer than three are expected.

    Where what is merged is itself fewer than three, the smallest part that stands alone joins it.

    Parameters
    ----------
    count, share
        Cells × parts; shares sum to 1.

    Examples
    --------
    >>> import numpy as np
    >>> merge_rare(np.array([[50.0, 40, 8, 2]]), np.array([[0.5, 0.46, 0.02, 0.02]])).count.tolist()
    [[50.0, 40.0, 0.0, 0.0, 10.0]]
    """
    expected = count.sum(axis=1, keepdims=True) * share
    alone = expected >= LEAST_EXPECTED
    rest = np.where(alone, 0.0, expected).sum(axis=1)
    short = (rest > 0) & (rest < LEAST_EXPECTED) & alone.any(axis=1)
    smallest = np.where(alone, expected, np.inf).argmin(axis=1)
    alone[np.flatnonzero(short), smallest[short]] = False
    parts = []
    for values in (count, share):
        other = np.where(alone, 0.0, values).sum(axis=1, keepdims=True)
        parts.append(np.concatenate([np.where(alone, values, 0.0), other], axis=1))
    return Merged(parts[0], parts[1], alone)


def statistic(count: Floats, share: Floats, alpha: Floats) -> Floats:
    """Return the summands of X², the shape of `count`; parts without any share take no part.

    Examples
    --------
    >>> import numpy as np
    >>> statistic(np.array([[30.0, 70.0]]), np.array([[0.5, 0.5]]), np.array([1e7])).round(2).tolist()
    [[8.0, 8.0]]
    """
    total = count.sum(axis=-1, keepdims=True)
    expected = total * share
    wide = inflation(total, alpha.reshape((-1,) + (1,) * (count.ndim - 1)))
    found: Floats = np.divide(
        (count - expected) ** 2, expected * wide, out=np.zeros(np.broadcast_shapes(count.shape, share.shape)),
        where=expected > 0,
    )  # fmt: skip
    return found


def inflation(total: Floats, alpha: Floats) -> Floats:
    """Return c = (n + α₀)/(1 + α₀), what a Dirichlet multinomial's variance is of a multinomial's."""
    found: Floats = (total + alpha) / (1 + alpha)
    return found


def fit_alpha(squares: Floats, total: Floats, freedom: Floats) -> Floats:
    """Return α₀ by moments: Σ X² = Σ (K − 1)(n + α₀)/(1 + α₀).

    Parameters
    ----------
    squares, total, freedom
        ΣX² at c = 1, Σ(K−1)n and Σ(K−1) over the mixes that it is fitted to.

    Returns
    -------
    array
        At most 10⁷, a plain multinomial; NaN where nothing was measured.

    Examples
    --------
    >>> import numpy as np
    >>> fit_alpha(np.array([40.0, 20.0]), np.array([2000.0, 2000.0]), np.array([20.0, 20.0])).tolist()
    [98.0, 10000000.0]
    """
    over, under = total - squares, squares - freedom
    found = np.divide(over, under, out=np.full(squares.shape, LARGEST_ALPHA), where=under > 1e-9)
    return np.where(freedom > 0, np.clip(found, 1.0, LARGEST_ALPHA), np.nan)


def p_of_mix(mix: Merged, alpha: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return X²/(K−1) and how likely one as large is under a Dirichlet multinomial.

    Parameters
    ----------
    mix
        The mixes.
    alpha
        α₀ of each, cells.
    rng
        Draws; all cells share one stream, so the same cells give the same p.

    Returns
    -------
    (imbalance, p)
        NaN where fewer than two parts are left, or α₀ is NaN.
    """
    parts = (mix.share > 0).sum(axis=1)
    total = mix.count.sum(axis=1)
    usable = (parts > 1) & (total > 0) & ~np.isnan(alpha)
    squares = statistic(mix.count, mix.share, np.where(usable, alpha, LARGEST_ALPHA)).sum(axis=1)
    imbalance = np.where(usable, squares / np.maximum(parts - 1, 1), np.nan)
    p = np.full(len(total), np.nan)
    at = np.flatnonzero(usable)
    if not len(at):
        return imbalance, p
    p[at] = _by_moments(squares[at], mix.share[at], total[at], parts[at])
    at = at[p[at] < _CLEAR]
    first = _draws(mix, alpha, at, FIRST_DRAWS, rng)
    p[at] = _tail(squares[at], first)
    again = p[at] < _UNUSUAL
    if again.any():
        more = np.concatenate([first[again], _draws(mix, alpha, at[again], DRAWS - FIRST_DRAWS, rng)], axis=1)
        p[at[again]] = _tail(squares[at[again]], more)
    return imbalance, p


def _draws(
    mix: Merged, alpha: Floats, at: npt.NDArray[np.intp], draws: int, rng: np.random.Generator
) -> Floats:
    """Return X² of drawn mixes, cells × draws."""
    out = np.empty((len(at), draws))
    total = mix.count.sum(axis=1)
    block = max(1, 400_000 // (draws * mix.share.shape[1]))
    for start in range(0, len(at), block):
        cells = at[start : start + block]
        share = mix.share[cells]
        weight = rng.standard_gamma(
            np.broadcast_to((alpha[cells, None] * share)[:, None, :], (len(cells), draws, share.shape[1]))
        )
        whole = weight.sum(axis=2, keepdims=True)
        chance = np.where(whole > 0, weight / np.where(whole > 0, whole, 1.0), share[:, None, :])
        drawn = rng.multinomial(total[cells].astype(np.int64)[:, None], chance).astype(np.float64)
        out[start : start + block] = statistic(drawn, share[:, None, :], alpha[cells]).sum(axis=2)
    return out


def _by_moments(squares: Floats, share: Floats, total: Floats, parts: npt.NDArray[np.intp]) -> Floats:
    """Return p by a gamma with the mean of X² and the variance of a multinomial's: enough to see what is usual."""
    inverse = np.where(share > 0, 1 / np.where(share > 0, share, 1.0), 0.0).sum(axis=1)
    mean = parts - 1.0
    variance = np.maximum(2 * mean + (inverse - parts**2 - 2 * parts + 2) / np.maximum(total, 1.0), 1e-9)
    found: Floats = stats.gamma.sf(squares, mean**2 / variance, scale=variance / mean)
    return found


def _tail(squares: Floats, drawn: Floats) -> Floats:
    """Return the share of draws as large, and beyond them the tail of a gamma with their mean and variance."""
    draws = drawn.shape[1]
    beyond = (drawn >= squares[:, None] * (1 - 1e-12)).sum(axis=1)
    mean, variance = drawn.mean(axis=1), np.maximum(drawn.var(axis=1), 1e-12)
    smooth = stats.gamma.sf(squares, mean**2 / variance, scale=variance / np.maximum(mean, 1e-12))
    plain = (beyond + 1) / (draws + 1)
    found: Floats = np.where(beyond >= _TAIL, plain, np.minimum(smooth, (_TAIL + 1) / (draws + 1)))
    return np.clip(found, 1e-12, 1.0)
