"""p by conditional permutation: the place keeps its value, its neighbours are dealt out of all other places.

One and the same deck serves every place. The sums of its first k cards are sorted once for each k, so that a place
costs a binary search; only where a place drew itself is its sum mended, with the next card. This is exact, and does not
grow with places × permutations as dealing anew to each place does.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse

from .links import Ints, neighbour_numbers, require_links

Floats = npt.NDArray[np.float64]

PERMUTATIONS = 999
FINEST = 99_999
"""Permutations for maps on which some place came close to what `PERMUTATIONS` can tell apart."""

NEAR = 0.005
"""A p up to this is worked out again with the finest permutations: FDR needs a finer p than 0.001."""

DECK = 10_000
"""Permutations held in memory at a time."""


def permutation_p(
    values: npt.ArrayLike,
    links: sparse.csr_array,
    *,
    rng: np.random.Generator,
    permutations: int = PERMUTATIONS,
    finest: int | None = FINEST,
) -> Floats:
    """Return the two-sided p of every place by conditional permutation, of all columns of values.

    Given the value of the place itself, Gi* and local Moran's I both rise or fall with the sum over its neighbours:
    their permutation p is one and the same.

    Parameters
    ----------
    values
        Shape (place, ...); NaN = not known, left out everywhere.
    links
        Shape (place, place), symmetric booleans, the diagonal empty.
    rng
        Source of the permutations.
    permutations
        How many; the smallest p is 2 / (permutations + 1).
    finest
        How many where p came out at 0.005 or less; None keeps to `permutations`.

    Returns
    -------
    array
        Shape of `values`, at most one. NaN for an unknown place, one without a known neighbour, or one whose
        neighbours are all others, and for a map without any difference.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy import sparse
    >>> line = sparse.csr_array(np.eye(30, k=1) + np.eye(30, k=-1))
    >>> values = np.where(np.arange(30) < 3, 9.0, 1.0)
    >>> p = permutation_p(values, line, rng=np.random.default_rng(1))
    >>> [round(float(one), 3) for one in p[[1, 20]]]
    [0.005, 1.0]
    """
    table = np.asarray(values, dtype=np.float64)
    shape = table.shape
    table = table.reshape(shape[0], -1)
    weights = require_links(links, shape[0])
    out = np.full(table.shape, np.nan)
    known = np.isfinite(table)
    patterns, pattern = np.unique(known, axis=1, return_inverse=True)
    pattern = pattern.ravel()
    for number in range(patterns.shape[1]):
        here = np.flatnonzero(patterns[:, number])
        columns = np.flatnonzero(pattern == number)
        if len(here) < 4:
            continue
        part = table[np.ix_(here, columns)]
        inside = sparse.csr_array(weights[here][:, here])
        p = _p_of(part, inside, permutations, rng)
        if finest is not None and finest > permutations:
            close = np.flatnonzero((p <= NEAR).any(axis=0))
            if len(close):
                finer = _p_of(part[:, close], inside, finest, rng)
                p[:, close] = np.where(p[:, close] <= NEAR, finer, p[:, close])
        out[np.ix_(here, columns)] = p
    return out.reshape(shape)


def _p_of(table: Floats, links: sparse.csr_array, permutations: int, rng: np.random.Generator) -> Floats:
    places = len(table)
    neighbours = neighbour_numbers(links)
    judged = (neighbours > 0) & (neighbours < places - 1)
    usable = np.ptp(table, axis=0) > 0
    out = np.full(table.shape, np.nan)
    if not judged.any() or not usable.any():
        return out
    seen = np.asarray(links @ table)
    larger, smaller = np.zeros(table.shape), np.zeros(table.shape)
    most = int(neighbours[judged].max())
    sizes = {int(k): np.flatnonzero(judged & (neighbours == k)) for k in np.unique(neighbours[judged])}
    left = permutations
    while left > 0:
        cards = deal(places, most + 1, min(left, DECK), rng)
        left -= len(cards)
        for k, who in sizes.items():
            self_row, drawn = np.nonzero(np.isin(cards[:, :k], who))
            self_place = cards[self_row, drawn]
            for column in np.flatnonzero(usable):
                x = table[:, column]
                # Equal sums must compare as equal, in whatever order they were added.
                slack = 1e-9 * (np.abs(x).max() * k + 1e-300)
                dealt = x[cards[:, :k]].sum(axis=1)
                up, down = seen[who, column] - slack, seen[who, column] + slack
                ordered = np.sort(dealt)
                larger[who, column] += len(ordered) - np.searchsorted(ordered, up, side="left")
                smaller[who, column] += np.searchsorted(ordered, down, side="right")
                if len(self_row):
                    wrong = dealt[self_row]
                    right = wrong - x[self_place] + x[cards[self_row, k]]
                    at = seen[self_place, column]
                    more = (right >= at - slack).astype(float) - (wrong >= at - slack)
                    less = (right <= at + slack).astype(float) - (wrong <= at + slack)
                    larger[:, column] += np.bincount(self_place, more, minlength=places)
                    smaller[:, column] += np.bincount(self_place, less, minlength=places)
    p = np.minimum(2 * (np.minimum(larger, smaller) + 1) / (permutations + 1), 1.0)
    out[np.ix_(judged, usable)] = p[np.ix_(judged, usable)]
    return out


def deal(places: int, cards: int, times: int, rng: np.random.Generator) -> Ints:
    """Deal so many different places, in random order, so many times.

    Examples
    --------
    >>> import numpy as np
    >>> dealt = deal(5, 3, 100, np.random.default_rng(1))
    >>> dealt.shape, all(len(set(row)) == 3 for row in dealt.tolist())
    ((100, 3), True)
    """
    out = np.empty((times, cards), dtype=np.intp)
    for place in range(cards):
        drawn = rng.integers(0, places - place, times)
        # The n-th of those not yet dealt: step over each dealt before, from the lowest.
        for before in np.sort(out[:, :place], axis=1).T:
            drawn += drawn >= before
        out[:, place] = drawn
    return out
