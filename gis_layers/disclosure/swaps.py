"""Tables that agree with everything published, found without a program: counts that change places.

A *swap* moves cases of one district from one offence to another, with every total in which only one of the two
stands; what leaves a column comes back in another district, or in the total of the region if that is withheld too.
If all cells it touches are withheld, the table after it is one that a reader cannot rule out. Most withheld cells have
enough room by swaps alone, so programs (:mod:`gis_layers.disclosure.complementary`) are asked for the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from .relations import MARGINS, Tree

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

PLENTY = 1e6
"""Room that is as good as any: cases may also come from outside, if every total above them is withheld."""

SWEEPS = 12
"""Times that each cell without room is given its best swap."""

WIDEST = 40
"""Pairs of leaves that are looked at in every district; of more, those that cost least in the own one."""


@dataclass(frozen=True)
class Swaps:
    """The swaps of a tree: for each pair of leaves the nodes that change.

    Parameters
    ----------
    leaves
        Row of each leaf; the last leaf of every array here is *outside*, which has no row.
    above
        Leaf × node: the leaf itself and the totals it counts in.
    touched
        Leaf × leaf × node: what changes if a case moves from one to the other.
    regions
        False if sums over districts are not minded.
    """

    leaves: npt.NDArray[np.intp]
    above: Bools
    touched: Floats
    regions: bool

    @cached_property
    def borders(self) -> list[tuple[int, Any, Any]]:
        """Totals, and the pairs of leaves of which one stands inside and one outside, both ways."""
        found = []
        for node in np.flatnonzero(self.above.sum(axis=0) > 0).tolist():
            inside = self.above[:, node]
            one, two = np.flatnonzero(inside), np.flatnonzero(~inside)
            if node not in self.leaves:
                found.append((node, np.ix_(one, two), np.ix_(two, one)))
        return found


def swaps_of(tree: Tree, margins: tuple[str, ...] = MARGINS) -> Swaps:
    """Return the swaps of a tree.

    Examples
    --------
    >>> from .relations import Sum
    >>> tree = Tree(("all", "theft", "fraud"), (Sum(0, (1, 2), "offences"),), ("root", "leaf", "leaf"),
    ...             np.zeros(3, bool))
    >>> swaps_of(tree).touched[0, 1].tolist(), swaps_of(tree).touched[0, 2].tolist()
    ([0.0, 1.0, 1.0], [1.0, 1.0, 0.0])
    """
    sums = [one for one in tree.sums if one.margin in margins]
    totals = {one.total for one in sums}
    nodes = len(tree.codes)
    under = np.eye(nodes, dtype=bool)
    for _ in range(nodes):
        before = under.copy()
        for one in sums:
            under[one.total] |= under[list(one.parts)].any(axis=0)
        if np.array_equal(before, under):
            break
    leaves = np.array([node for node in range(nodes) if node not in totals], dtype=np.intp)
    above = np.concatenate([under[:, leaves].T, np.zeros((1, nodes), dtype=bool)])
    touched = (above[:, None, :] ^ above[None, :, :]).astype(np.float64)
    return Swaps(leaves, above, touched, "regions" in margins)


class Board:
    """Blocks of one shape on which swaps are tried, a step in all of them at once.

    Parameters
    ----------
    values, hidden
        Counts and which are withheld, block × unit × node, the region as the last unit; the sums must hold.
    cost
        What withholding each cell would cost.
    width
        Room that each cell needs if it is withheld.
    swaps
        The swaps of their tree.
    rng
        Source of the order in which cells are seen to; it is the same in all blocks, whichever they are.
    """

    def __init__(
        self,
        values: Floats,
        hidden: Bools,
        cost: Floats,
        width: Floats,
        swaps: Swaps,
        rng: np.random.Generator,
    ) -> None:
        self.hidden, self.width, self.swaps = hidden.copy(), width, swaps
        self.order = rng.permutation(np.argwhere(np.ones(values.shape[1:], dtype=bool)))
        self.values = np.nan_to_num(values)
        leaf = self.values[:, :, swaps.leaves].transpose(0, 2, 1)
        self.leaf = np.concatenate([leaf, np.full((len(values), 1, values.shape[1]), PLENTY)], axis=1)
        # what is published costs, what is missing cannot be withheld
        self.cost = np.where(hidden, 0.0, np.where(np.isfinite(values), cost, PLENTY))

    def room(self, block: int) -> tuple[Floats, Floats]:
        """Return how far each cell of a block can rise and fall by swaps of withheld cells, unit × node."""
        swaps, leaf = self.swaps, self.leaf[block, :, :-1]
        size, nodes = swaps.above.shape
        price = swaps.touched.reshape(-1, nodes) @ self.cost[block].T
        free = (price == 0).reshape(size, size, -1)
        free[np.arange(size), np.arange(size)] = False
        here = free[:, :, :-1]
        whole = here & free[:, :, -1:] if swaps.regions else here
        # the column takes part by the region's total: any number of swaps at once
        by_region = np.where(whole, leaf[None], 0.0)
        # or by another district, which swaps the other way
        back = np.where(here, leaf[:, None, :], 0.0)
        rise = np.where(here, np.minimum(leaf[None], back.sum(axis=2, keepdims=True) - back), 0.0)
        up, down = (np.zeros((nodes, self.values.shape[1])) for _ in range(2))
        up[swaps.leaves, :-1] = np.maximum(by_region.sum(axis=1), rise.max(axis=1))[:-1]
        down[swaps.leaves, :-1] = np.maximum(by_region.max(axis=0), rise.max(axis=0))[:-1]
        up[swaps.leaves, -1] = by_region.sum(axis=(1, 2))[:-1]
        down[swaps.leaves, -1] = by_region.max(axis=0).sum(axis=1)[:-1]
        for node, out, back_in in swaps.borders:
            if self.hidden[block, :, node].any():
                gain, loss = (
                    by_region[out].max(axis=0).sum(axis=0),
                    by_region[back_in].max(axis=0).sum(axis=0),
                )
                up[node, :-1] = np.maximum(gain, rise[out].max(axis=(0, 1)))
                down[node, :-1] = np.maximum(loss, rise[back_in].max(axis=(0, 1)))
                up[node, -1], down[node, -1] = gain.sum(), loss.sum()
        return np.minimum(up.T, PLENTY), np.minimum(down.T, self.values[block])

    def improve(self, have: Floats) -> Bools:
        """Withhold what the best swap of each cell without room touches; return in which blocks there was any."""
        short = self.hidden & (have < self.width)
        changed = np.zeros(len(have), dtype=bool)
        somewhere: Bools = np.asarray(short.any(axis=0))
        for unit, node in self.order[somewhere[self.order[:, 0], self.order[:, 1]]].tolist():
            blocks = np.flatnonzero(short[:, unit, node])
            changed[self._best_swap(blocks, unit, node, have[blocks, unit, node])] = True
        return changed

    def _best_swap(
        self, blocks: npt.NDArray[np.intp], unit: int, node: int, have: Floats
    ) -> npt.NDArray[np.intp]:
        """Withhold what the best swap of one cell touches in each of the blocks; return the blocks where one helps."""
        inside = self.swaps.above[:, node]
        if not inside.any():
            return blocks[:0]
        pairs = np.argwhere(inside[:, None] & ~inside[None, :])
        touched = self.swaps.touched[pairs[:, 0], pairs[:, 1]]
        mine = self.cost[blocks, unit] @ touched.T
        near = _cheapest(mine, WIDEST)
        last = self.values.shape[1] - 1
        if unit == last:
            price, gain = self._by_district(blocks, unit, pairs[near], touched[near], _take(mine, near))
        else:
            both, have_by_region = self._by_region(blocks, unit, pairs, touched, mine)
            price, gain = self._by_district(blocks, unit, pairs[near], touched[near], _take(mine, near))
            have = np.maximum(
                have, np.maximum(have_by_region, np.where(price == 0, gain, 0.0).max(axis=(1, 2)))
            )
            gain = gain - have[:, None, None]
        need = self.width[blocks, unit, node] - have
        score = _score(price, gain, need).reshape(len(blocks), -1)
        best = score.argmin(axis=1)
        at, to = np.divmod(best, last)
        rows = np.arange(len(blocks))
        chosen, lowest = near[rows, at], score[rows, best]
        if unit != last:
            score = _score(both[0], both[1] + (have_by_region - have)[:, None], need)
            best = score.argmin(axis=1)
            better = score[rows, best] < lowest
            chosen = np.where(better, best, chosen)
            to = np.where(better, last if self.swaps.regions else unit, to)
            lowest = np.minimum(lowest, score[rows, best])
        do = np.flatnonzero((need > 0) & (lowest < PLENTY / 100))
        nodes = touched[chosen[do]] > 0
        for where in (np.full(len(do), unit), to[do]):
            self.hidden[blocks[do], where] |= nodes
            self.cost[blocks[do], where] = np.where(nodes, 0.0, self.cost[blocks[do], where])
        return blocks[do]

    def _by_region(
        self,
        blocks: npt.NDArray[np.intp],
        unit: int,
        pairs: npt.NDArray[np.intp],
        touched: Floats,
        mine: Floats,
    ) -> tuple[tuple[Floats, Floats], Floats]:
        """Return price and gain of swaps by the region's total (block × pair), and the room that they give already.

        Their room adds up: each leaf counts once, however many swaps it is in.
        """
        price = mine + self.cost[blocks, -1] @ touched.T if self.swaps.regions else mine
        # block × leaf: part of a swap that is free already
        stands = (pairs[:, :, None] == np.arange(len(self.swaps.above))).any(axis=1)
        got = (price == 0).astype(np.float64) @ stands.astype(np.float64) > 0
        leaf = self.leaf[blocks, :, unit]
        more = np.where(got, 0.0, leaf)
        return (price, more[:, pairs[:, 0]] + more[:, pairs[:, 1]]), np.where(got, leaf, 0.0).sum(axis=1)

    def _by_district(
        self,
        blocks: npt.NDArray[np.intp],
        unit: int,
        pairs: npt.NDArray[np.intp],
        touched: Floats,
        mine: Floats,
    ) -> tuple[Floats, Floats]:
        """Return price and room of swaps with each other district, block × pair × district."""
        price = np.matmul(touched, self.cost[blocks, :-1].transpose(0, 2, 1)) + mine[:, :, None]
        rows = np.arange(len(blocks))[:, None]
        one, two = (self.leaf[blocks][rows, pairs[..., side]] for side in (0, 1))
        there = one[:, :, :-1], two[:, :, :-1]
        if unit == self.values.shape[1] - 1:
            return price, there[0] + there[1]
        price[:, :, unit] = np.inf
        here = one[:, :, [unit]], two[:, :, [unit]]
        return price, np.minimum(here[1], there[0]) + np.minimum(here[0], there[1])


def _cheapest(price: Floats, most: int) -> npt.NDArray[np.intp]:
    """Return the places of the lowest prices of each row."""
    if price.shape[1] <= most:
        return np.broadcast_to(np.arange(price.shape[1]), price.shape)
    return np.argpartition(price, most, axis=1)[:, :most]


def _take(values: Floats, places: npt.NDArray[np.intp]) -> Floats:
    return np.take_along_axis(values, places, axis=1)


def _score(price: Floats, gain: Floats, need: Floats) -> Floats:
    """Return what each unit of room costs; nothing that is there already is counted."""
    need = need.reshape(-1, *[1] * (gain.ndim - 1))
    gain = np.minimum(gain, need)
    with np.errstate(divide="ignore", invalid="ignore"):
        score: Floats = np.where((gain > 0) & (price > 0), price / gain, np.inf)
    return score


def swap(
    values: Floats, hidden: Bools, cost: Floats, width: Floats, swaps: Swaps, *, rng: np.random.Generator
) -> tuple[Bools, Floats, Floats]:
    """Withhold more cells until swaps give the withheld ones room, as far as swaps can."""
    board = Board(values, hidden, cost, width, swaps, rng)
    up, down = np.zeros(values.shape), np.zeros(values.shape)
    up[:, -1] = PLENTY  # what the districts ask for comes first
    for sweep in range(SWEEPS):
        changed = board.improve(up + down)
        if sweep and not changed.any():
            break
        for block in np.flatnonzero(changed if sweep else hidden.any(axis=(1, 2))).tolist():
            up[block], down[block] = board.room(block)
    at = board.hidden
    return at, np.where(at, values - down, np.nan), np.where(at, values + up, np.nan)
