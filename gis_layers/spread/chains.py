"""Chains of spread: the best paths of each offence beside fields in which nothing goes on to neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from .scan import LAGS, SHORTEST, Path, best_path, best_scores

Floats = npt.NDArray[np.float64]

FIELDS = 199
"""Fields without spread that a path is measured by."""

CLEAR = 1.0
"""Score from which a rise is clear, p ≤ .0032. Were months beside any rise left out, a lone outbreak would be missing
from the fields just when chance made a path of it."""

POOLED = 24
"""Months of all districts together that stand beside a district's own quiet ones."""

HOPELESS = 0.5
"""p at which no further path of an offence is sought."""

_AT_ONCE = 50
_NARROWEST = 1e-12


@dataclass(frozen=True)
class Chain:
    """A chain: the number of its offence, its path, and its p.

    Parameters
    ----------
    p_value
        Chance that a field without spread has a path as good.
    q_value
        False discovery rate among the paths of all offences that were scanned.
    strongest
        The stop that rose most clearly.
    q_without
        `q_value` of what is left of its stops if that one had not risen, 1 if that is no path.
    """

    offence: int
    path: Path
    p_value: float
    q_value: float
    strongest: int = 0
    q_without: float = 1.0


def find_chains(
    score: Floats,
    adjacent: sparse.csr_array,
    rng: np.random.Generator,
    *,
    alpha: float = 0.05,
    fields: int = FIELDS,
) -> list[Chain]:
    """Return the chains of all offences whose false discovery rate is at most `alpha`.

    Parameters
    ----------
    score
        What :func:`gis_layers.spread.scan.scores_of` gave, (district, offence, month).
    adjacent
        Neighbours, (district, district).
    rng
        Source of the fields without spread; see :func:`null_scores`.
    alpha
        False discovery rate over the paths of all offences together.
    fields
        How many such fields.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy import sparse
    >>> rng = np.random.default_rng(4)
    >>> row = sparse.csr_array(np.eye(30, k=1) + np.eye(30, k=-1))
    >>> score = np.where(rng.random((30, 2, 80)) < 0.03, rng.exponential(0.4, (30, 2, 80)), 0.0)
    >>> for step in range(5):
    ...     score[10 + step, 1, 40 + step] = 4.5
    >>> [(chain.offence, chain.path.districts[-5:], chain.q_value < 0.05) for chain in find_chains(score, row, rng)]
    [(1, (10, 11, 12, 13, 14), True)]
    """
    found: list[_Candidate] = []
    scanned = 0
    for offence in range(score.shape[1]):
        field = np.array(score[:, offence])
        if np.count_nonzero(field.any(axis=1)) < SHORTEST:
            continue
        scanned += 1
        path = best_path(field, adjacent)
        if path is None:
            continue
        null = null_scores(field, adjacent, rng, fields)
        while path is not None and (p := tail_of(path.score, null)) < HOPELESS:
            stops = list(path.districts), list(path.months)
            strongest = int(field[stops].argmax())
            left = np.zeros_like(field)
            left[stops] = field[stops]
            left[stops[0][strongest], stops[1][strongest]] = 0.0
            rest = best_path(left, adjacent)
            without = 1.0 if rest is None else tail_of(rest.score, null)
            found.append(_Candidate(offence, path, p, strongest, without))
            field[stops] = 0.0
            path = best_path(field, adjacent)
    found.sort(key=lambda one: (one.p, one.offence))
    # how many such paths all offences would show without spread, over how many there are
    false = -np.log1p(-np.array([one.p for one in found])) * scanned
    q = np.minimum.accumulate((false / np.arange(1, len(found) + 1))[::-1])[::-1]
    return [
        Chain(
            one.offence,
            one.path,
            one.p,
            float(rate),
            one.strongest,
            min(float(rate) * one.without / one.p, 1.0),
        )
        for one, rate in zip(found, q, strict=True)
        if rate <= alpha
    ]


@dataclass(frozen=True)
class _Candidate:
    """A path of an offence, its p, and the number of its strongest stop with the p that it would have without."""

    offence: int
    path: Path
    p: float
    strongest: int
    without: float


def null_scores(field: Floats, adjacent: sparse.csr_array, rng: np.random.Generator, fields: int) -> Floats:
    """Return the best score of each of many fields without spread, (field,).

    Each district's months are drawn from its quiet ones: those in which no neighbour rose clearly one or two
    months before or after.
    If nothing spreads, that says nothing of the district's own rise, so the draws are of the whole; where
    something spreads, its steps are not among them, and many chains do not hide each other.
    """
    districts, months = field.shape
    active: npt.NDArray[np.bool_] = np.asarray(field.any(axis=1))
    quiet = ~risen_nearby(field, adjacent)
    pool = field[active][quiet[active]]
    if not len(pool):
        pool = field[active].ravel()
    order = np.argsort(~quiet, axis=1, kind="stable")  # the quiet months first
    many = quiet.sum(axis=1)
    own = np.where(active, many / (many + POOLED), 1.0)
    own = np.where(active | (many > 0), own, 0.0)
    parts = []
    for start in range(0, fields, _AT_ONCE):
        size = (min(_AT_ONCE, fields - start), districts, months)
        pick = (rng.random(size) * many[:, None]).astype(np.intp)
        drawn = np.take_along_axis(
            np.broadcast_to(field, size),
            np.take_along_axis(np.broadcast_to(order, size), pick, axis=2),
            axis=2,
        )
        others = pool[rng.integers(0, len(pool), size)]
        mixed = np.where(rng.random(size) < own[:, None], drawn, others)
        parts.append(best_scores(np.where(active[:, None], mixed, 0.0), adjacent))
    return np.concatenate(parts)


def risen_nearby(field: Floats, adjacent: sparse.csr_array) -> npt.NDArray[np.bool_]:
    """Return where a neighbour rose clearly one or two months before or after, (district, month)."""
    risen: Floats = np.pad((field >= CLEAR).astype(np.float64), ((0, 0), (max(LAGS), max(LAGS))))
    around = adjacent @ risen
    months, reach = field.shape[1], max(LAGS)
    near = sum(around[:, reach + way * lag : reach + way * lag + months] for lag in LAGS for way in (-1, 1))
    return np.asarray(near > 0)


def tail_of(score: float, null: Floats) -> float:
    """Return the p of a score: its rank among the null's, and where that is too coarse a Gumbel tail.

    Examples
    --------
    >>> import numpy as np
    >>> null = np.random.default_rng(1).gumbel(5.0, 1.0, 199)
    >>> round(tail_of(5.0, null), 2), tail_of(16.0, null) < 1e-4
    (0.62, True)
    """
    above = int((null >= score).sum())
    if above >= 10:
        return (above + 1) / (len(null) + 1)
    if 2 * np.count_nonzero(null) < len(null):  # hardly a field has a path: there is no tail to speak of
        return (above + 1) / (len(null) + 1)
    scale = max(float(null.std(ddof=1)) * np.sqrt(6) / np.pi, _NARROWEST)
    middle = float(null.mean()) - np.euler_gamma * scale
    tail = float(-np.expm1(-np.exp(-(score - middle) / scale)))
    return max(tail, float(np.finfo(np.float64).tiny))
