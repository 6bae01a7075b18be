"""Protect blocks, a region's districts in one period each: fresh ones, and those that were published before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from .complementary import complement
from .relations import MARGINS, Tree, balanced, equations
from .swaps import swap, swaps_of

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Whys = npt.NDArray[np.int8]

WHY = ("published", "small", "complementary", "zero", "earlier")
"""Why a count is withheld: it is small; it or, a zero, would tell a small one; an earlier release withheld it."""

SMALL = 4
"""The largest count that names a person."""

SMALL_SENSITIVE = 9
"""The same for offences flagged `sensitive`."""

COST = {"root": 30.0, "category": 4.0, "severity": 3.0, "safety": 4.0}
"""What it costs to withhold a node, beside a leaf: a total is asked for more often."""

COST_OF_ZERO = 0.7
COST_OF_REGION = 0.5
"""Totals of regions stand in no row of the public edition."""


@dataclass(frozen=True)
class Known:
    """What an earlier release published of a block: counts behind it, why withheld, what was shown instead."""

    values: Floats
    why: Whys
    shown: Floats


@dataclass(frozen=True)
class Block:
    """A protected block, unit × node: counts behind it, why withheld, and what stood in their place, if it stays."""

    values: Floats
    why: Whys
    shown: Floats | None = None
    frozen: bool = False


def small(values: Floats, tree: Tree) -> Bools:
    """Return the counts that name a person: 1 to 4, and 1 to 9 of sensitive offences.

    Examples
    --------
    >>> from .relations import Tree
    >>> tree = Tree(("theft", "rape"), (), ("leaf", "leaf"), np.array([False, True]))
    >>> small(np.array([[0.0, 0], [4, 9], [5, 10]]), tree).tolist()
    [[False, False], [True, True], [False, False]]
    """
    limit = np.where(tree.sensitive, SMALL_SENSITIVE, SMALL)
    found: Bools = (values > 0) & (values <= limit)
    return found


def widths(values: Floats, tree: Tree) -> Floats:
    """Return the room that each cell needs if it is withheld: no set that lies within the small counts has it."""
    limit = np.where(tree.sensitive, SMALL_SENSITIVE, SMALL).astype(np.float64)
    return np.broadcast_to(limit, values.shape)


def costs(values: Floats, tree: Tree) -> Floats:
    """Return what withholding each cell would cost: more for totals, and for the larger count."""
    node = np.array([COST.get(kind, 1.0) for kind in tree.kinds])
    cost = (1 + np.log1p(np.nan_to_num(values))) * node
    cost = np.where(values == 0, COST_OF_ZERO * node, cost)
    cost[..., -1, :] *= COST_OF_REGION
    return cost


def protect_fresh(
    values: Floats,
    tree: Tree,
    *,
    complementary: bool = True,
    margins: tuple[str, ...] = MARGINS,
    rng: np.random.Generator,
) -> list[Block]:
    """Withhold what must be withheld of a region's blocks that no release has published.

    Parameters
    ----------
    values
        Counts, block × unit × node, the region as the last unit.
    tree
        The nodes and their sums.
    complementary, margins
        As in :func:`gis_layers.disclosure.protect`.
    rng
        Source of the order in which cells are seen to.
    """
    primary = small(values, tree)
    hidden, low, high = primary.copy(), values.copy(), values.copy()
    cost, width = costs(values, tree), widths(values, tree)
    if complementary and len(values):
        whole = balanced(values, tree, margins)
        hidden[whole], low[whole], high[whole] = swap(
            values[whole], primary[whole], cost[whole], width[whole], swaps_of(tree, margins), rng=rng
        )
        for block in np.flatnonzero((hidden & ~(high - low >= width)).any(axis=(1, 2))):
            sums = equations(np.isfinite(values[block]), tree, values=values[block], margins=margins)
            found = complement(
                values[block].ravel(), hidden[block].ravel(), sums, cost[block].ravel(), width[block].ravel(),
                low=low[block].ravel(), high=high[block].ravel(), rng=rng,
            )  # fmt: skip
            cells = found.cells.reshape(values[block].shape)
            hidden[block] = cells if found.safe else np.isfinite(values[block])
    why = _whys(values, hidden, primary, np.zeros_like(primary))
    return [Block(*block) for block in zip(values, why, strict=True)]


def protect_again(
    values: Floats,
    known: Known,
    tree: Tree,
    *,
    complementary: bool = True,
    margins: tuple[str, ...] = MARGINS,
    rng: np.random.Generator,
) -> Block:
    """Withhold what must be withheld of a block, unit × node, that an earlier release has published.

    A block whose counts are those of the earlier release stays as it was published. One that was revised keeps
    every cell withheld that was withheld, and is protected together with the earlier table, by the worst case: a
    reader who knows which cells were revised. If that cannot be done, the earlier figures stay (`frozen`).
    """
    if np.array_equal(values, known.values, equal_nan=True):
        return Block(values, known.why, known.shown)
    primary = small(values, tree)
    both = _beside_earlier(values, known, tree, margins, rng) if complementary else primary
    if both is None:
        return Block(known.values, known.why, known.shown, frozen=True)
    return Block(values, _whys(values, both, primary, known.why > 0))


def _whys(values: Floats, hidden: Bools, primary: Bools, before: Bools) -> Whys:
    why = np.where(hidden, np.where(values == 0, 3, 2), 0)
    why = np.where(hidden & before & ~primary, 4, why)
    return np.where(primary, 1, why).astype(np.int8)


def _beside_earlier(
    values: Floats, known: Known, tree: Tree, margins: tuple[str, ...], rng: np.random.Generator
) -> Bools | None:
    """Return the withheld cells of a revised block, None where old and new table together would tell one.

    The cells of the earlier table and the revised ones of the new are one set of unknowns; a cell that was not
    revised is the same unknown in both. What was published before cannot be called back.
    """
    old, new = known.values.ravel(), values.ravel()
    same = (old == new) | (np.isnan(old) & np.isnan(new))
    hidden_before = known.why.ravel() > 0
    place = np.arange(len(new))
    place[~same] = len(old) + np.arange((~same).sum())
    joint = np.concatenate([old, new[~same]])
    before = equations(np.isfinite(known.values), tree, values=known.values, margins=margins)
    after = equations(np.isfinite(values), tree, values=values, margins=margins)
    moved = sp.csr_matrix(
        (after.data, place[after.indices], after.indptr), shape=(after.shape[0], len(joint))
    )
    padded = sp.csr_matrix((before.data, before.indices, before.indptr), shape=(before.shape[0], len(joint)))
    must = np.concatenate([hidden_before, (hidden_before | small(values, tree).ravel())[~same]])
    must &= np.isfinite(joint)
    fresh = costs(values, tree).ravel()[~same]
    cost = np.concatenate([np.full(len(old), np.inf), fresh])
    width = widths(values, tree).ravel()
    found = complement(
        joint, must, sp.vstack([padded, moved]).tocsr(), cost, np.concatenate([width, width[~same]]), rng=rng
    )
    if not found.safe:
        return None
    result: Bools = found.cells[place].reshape(values.shape)
    return result
