"""Protect one block: a region's districts in one period, fresh or beside what was published before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from .complementary import complement
from .relations import MARGINS, Tree, equations

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
class Cells:
    """The counts of a block, unit × node, the region as the last unit."""

    values: Floats
    tree: Tree


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
    found: Bools = (values > 0) & (values <= limit[None, :])
    return found


def widths(tree: Tree, units: int) -> Floats:
    """Return the room that each cell needs if it is withheld: no set that lies within the small counts has it."""
    return np.broadcast_to(np.where(tree.sensitive, SMALL_SENSITIVE, SMALL), (units, len(tree.codes))).astype(
        np.float64
    )


def costs(values: Floats, tree: Tree) -> Floats:
    """Return what withholding each cell would cost: more for totals, and for the larger count."""
    node = np.array([COST.get(kind, 1.0) for kind in tree.kinds])
    cost = (1 + np.log1p(np.nan_to_num(values))) * node[None, :]
    cost = np.where(values == 0, COST_OF_ZERO * node[None, :], cost)
    cost[-1] *= COST_OF_REGION
    return cost


def protect_block(
    cells: Cells,
    known: Known | None,
    *,
    complementary: bool = True,
    margins: tuple[str, ...] = MARGINS,
    rng: np.random.Generator,
) -> Block:
    """Withhold what must be withheld of a block.

    A block whose counts are those of the earlier release stays as it was published. One that was revised keeps
    every cell withheld that was withheld, and is protected together with the earlier table, by the worst case: a
    reader who knows which cells were revised. If that cannot be done, the earlier figures stay (`frozen`).
    """
    values, tree = cells.values, cells.tree
    if known is not None and np.array_equal(values, known.values, equal_nan=True):
        return Block(values, known.why, known.shown)
    primary = small(values, tree)
    if known is None:
        why = np.where(primary, 1, 0).astype(np.int8)
        if complementary and primary.any():
            sums = equations(np.isfinite(values), tree, values=values, margins=margins)
            found = complement(
                values.ravel(), primary.ravel(), sums, costs(values, tree).ravel(),
                widths(tree, len(values)).ravel(), rng=rng,
            )  # fmt: skip
            hidden = found.cells.reshape(values.shape) if found.safe else np.isfinite(values)
            why = _whys(values, hidden, primary, np.zeros_like(primary))
    else:
        both = _beside_earlier(values, known, tree, margins, rng) if complementary else primary
        if both is None:
            return Block(known.values, known.why, known.shown, frozen=True)
        why = _whys(values, both, primary, known.why > 0)
    return Block(values, why)


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
    width = widths(tree, len(values)).ravel()
    found = complement(
        joint, must, sp.vstack([padded, moved]).tocsr(), cost, np.concatenate([width, width[~same]]), rng=rng
    )
    if not found.safe:
        return None
    result: Bools = found.cells[place].reshape(values.shape)
    return result
