"""The chain scan: the best path of three to six neighbouring districts that rise one after another.

A cell scores min(−log10 p, 6) − 1.5, so only rises at p ≤ .032 count for a path; a step leads to a neighbour one or two
months later, and no district stands twice in a path. The score of a path is that of its cells but the highest: one
great outbreak with chance around it is no path, and what is left must be evidence by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

LAGS = (1, 2)
"""Months that a step takes."""

SHORTEST, LONGEST = 3, 6
"""Districts in a path."""

CUT, HIGHEST = 1.5, 6.0
"""−log10 p from which a cell scores, and where its score ends."""

BEAM = 8
"""Beginnings kept of all paths that lead to one cell."""


@dataclass(frozen=True)
class Path:
    """A path: its score, and where and when its steps are (numbers of districts and months)."""

    score: float
    districts: tuple[int, ...]
    months: tuple[int, ...]


def scores_of(p_rise: Floats, count: Floats, expected: Floats, *, least: float = 5.0) -> Floats:
    """Return how much each cell adds to a path, 0 where it can be no step.

    A step is an onset: where the same district had risen the month before, the rise is older.

    Parameters
    ----------
    p_rise, count, expected
        (…, month); NaN is not collected.
    least
        Cards that a rise needs, and that must be expected.

    Examples
    --------
    >>> import numpy as np
    >>> scores_of(np.array([[0.5, 1e-4, 1e-3, 0.2, 1e-9]]), *[np.full((1, 5), 9.0)] * 2).round(6).tolist()
    [[0.0, 2.5, 0.0, 0.0, 4.5]]
    """
    height = -np.log10(np.where(np.isnan(p_rise), 1.0, np.maximum(p_rise, 1e-300)))
    score = np.minimum(height, HIGHEST) - CUT
    risen = (score > 0) & (np.nan_to_num(count) >= least) & (np.nan_to_num(expected) >= least)
    before = np.zeros_like(risen)
    before[..., 1:] |= risen[..., :-1]
    return np.asarray(np.where(risen & ~before, score, 0.0))


def best_scores(score: Floats, adjacent: sparse.csr_array, *, lags: Sequence[int] = LAGS) -> Floats:
    """Return the score of the best path in each of many fields, 0 where there is none.

    Parameters
    ----------
    score
        (field, district, month).
    adjacent
        Neighbours, (district, district).
    lags
        Months that a step may take.
    """
    best = np.zeros(len(score))
    for nodes, total, field in _walk(score, adjacent, lags):
        if nodes.shape[1] >= SHORTEST:
            np.maximum.at(best, field, total)
    return best


def best_path(score: Floats, adjacent: sparse.csr_array, *, lags: Sequence[int] = LAGS) -> Path | None:
    """Return the best path of one field, (district, month); None if there is none.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy import sparse
    >>> row = sparse.csr_array(np.eye(4, k=1) + np.eye(4, k=-1))
    >>> score = np.zeros((4, 9))
    >>> score[0, 2], score[1, 3], score[2, 5], score[3, 8] = 2.0, 1.0, 3.0, 4.0
    >>> best_path(score, row)
    Path(score=3.0, districts=(0, 1, 2), months=(2, 3, 5))
    """
    found: Path | None = None
    months = score.shape[1]
    for nodes, total, _ in _walk(score[None], adjacent, lags):
        if nodes.shape[1] < SHORTEST or not len(total):
            continue
        at = int(total.argmax())
        if found is None or total[at] > found.score:
            places = nodes[at]
            found = Path(
                float(total[at]),
                tuple((places // months).tolist()),
                tuple((places % months).tolist()),
            )
    return found


def _walk(
    score: Floats, adjacent: sparse.csr_array, lags: Sequence[int]
) -> Iterator[tuple[Ints, Floats, Ints]]:
    """Yield paths of growing length: their cells (path, length), scores and fields."""
    _, districts, months = score.shape
    flat = score.ravel()
    cells = np.flatnonzero(flat > 0)
    place = np.full(flat.shape, -1, dtype=np.int32)
    place[cells] = np.arange(len(cells), dtype=np.int32)
    field, inside = np.divmod(cells, districts * months)
    district, month = np.divmod(inside, months)
    begin, after = _links(place, district, month, cells, adjacent, lags, months)
    value = flat[cells]
    nodes = np.arange(len(cells))[:, None]
    total, peak = value.copy(), value.copy()
    yield inside[nodes], total - peak, field
    for _ in range(1, LONGEST):
        ends = nodes[:, -1]
        many = begin[ends + 1] - begin[ends]
        row = np.repeat(np.arange(len(nodes)), many)
        step = np.arange(len(row)) - np.repeat(np.cumsum(many) - many, many)
        onward = after[begin[ends][row] + step]
        fresh = (district[nodes[row]] != district[onward][:, None]).all(axis=1)
        row, onward = row[fresh], onward[fresh]
        nodes = np.column_stack([nodes[row], onward])
        total, peak = total[row] + value[onward], np.maximum(peak[row], value[onward])
        order = np.lexsort((-total, peak - total, onward))
        ends = onward[order]
        first = np.r_[True, ends[1:] != ends[:-1]] if len(ends) else np.zeros(0, bool)
        start = np.flatnonzero(first)
        rank = np.arange(len(ends)) - np.repeat(start, np.diff(np.r_[start, len(ends)]))
        keep = order[rank < BEAM]
        nodes, total, peak = nodes[keep], total[keep], peak[keep]
        yield inside[nodes], total - peak, field[nodes[:, -1]]
        if not len(nodes):
            return


def _links(
    place: npt.NDArray[np.int32], district: Ints, month: Ints, cells: Ints, adjacent: sparse.csr_array,
    lags: Sequence[int], months: int,
) -> tuple[Ints, Ints]:  # fmt: skip
    """Return the steps there are, as a compressed list: where each cell's begin, and where they lead."""
    pointer, index = adjacent.indptr, adjacent.indices
    many = (pointer[district + 1] - pointer[district]).astype(np.intp)
    source = np.repeat(np.arange(len(cells)), many)
    step = np.arange(len(source)) - np.repeat(np.cumsum(many) - many, many)
    there = index[pointer[district[source]] + step].astype(np.intp)
    sources, targets = [], []
    for lag in lags:
        inside = month[source] + lag < months
        of, to = source[inside], there[inside]
        target = place[cells[of] + (to - district[of]) * months + lag]
        sources.append(of[target >= 0])
        targets.append(target[target >= 0].astype(np.intp))
    all_of, all_to = np.concatenate(sources), np.concatenate(targets)
    order = np.argsort(all_of, kind="stable")
    begin = np.zeros(len(cells) + 1, dtype=np.intp)
    np.cumsum(np.bincount(all_of, minlength=len(cells)), out=begin[1:])
    return begin, all_to[order]
