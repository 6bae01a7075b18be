"""What swaps promise is there: no claimed room is wider than what whole counts, not below zero, really leave open."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from gis_layers.disclosure.attack.solve import _exact
from gis_layers.disclosure.block import costs, small, widths
from gis_layers.disclosure.relations import MARGINS, Sum, Tree, balanced, equations, with_total
from gis_layers.disclosure.swaps import PLENTY, Board, swap, swaps_of

MOST = 20_000.0
"""What the programs take for no bound at all."""

CHOICES = (MARGINS, MARGINS, MARGINS, ("offences", "severities", "safety"), ("offences", "regions"))


def random_tree(rng: np.random.Generator) -> Tree:
    """Return a small codebook: categories of leaves, perhaps severities, a safety sum, a line that is no part."""
    codes, kinds, sums, leaves, categories = ["all"], ["root"], [], [], []
    for number in range(rng.integers(1, 4)):
        size = int(rng.integers(0, 4))
        categories.append(len(codes))
        codes.append(f"c{number}")
        kinds.append("category" if size else "leaf")
        mine = list(range(len(codes), len(codes) + size))
        codes += [f"c{number}-{leaf}" for leaf in range(size)]
        kinds += ["leaf"] * size
        leaves += mine or [categories[-1]]
        if mine:
            sums.append(Sum(categories[-1], tuple(mine), "offences"))
    sums.insert(0, Sum(0, tuple(categories), "offences"))
    if rng.random() < 0.5:
        side = rng.random(len(leaves)) < 0.5
        for name, chosen in (("minor", side), ("grave", ~side)):
            # a severity without leaves is one that was delivered as a total: no part of any sum
            if parts := tuple(np.array(leaves)[chosen].tolist()):
                sums.append(Sum(len(codes), parts, "severities"))
            codes.append(f"severity-{name}")
            kinds.append("severity")
    if rng.random() < 0.5:
        parts = tuple(np.array(leaves)[rng.random(len(leaves)) < 0.6].tolist())
        if parts:
            sums.append(Sum(len(codes), parts, "safety"))
            codes.append("safety")
            kinds.append("safety")
    return Tree(tuple(codes), tuple(sums), tuple(kinds), rng.random(len(codes)) < 0.2)


def random_block(tree: Tree, rng: np.random.Generator) -> np.ndarray:
    """Return counts, unit × node, the region last; parts of it were not collected, and some totals delivered alone."""
    units = int(rng.integers(1, 5))
    values = rng.poisson(rng.choice([0.5, 3.0, 8.0], (units, len(tree.codes)))).astype(float)
    totals = {one.total for one in tree.sums}
    missing = rng.random(values.shape) < rng.choice([0.0, 0.0, 0.15])
    # an offence that nobody delivers, a district that delivers nothing
    missing[:, rng.random(len(tree.codes)) < rng.choice([0.0, 0.15])] = True
    missing[rng.random(units) < rng.choice([0.0, 0.2])] = True
    values[missing & ~np.isin(np.arange(len(tree.codes)), list(totals))] = np.nan
    for one in [*tree.sums[1:], tree.sums[0]]:
        parts = values[:, list(one.parts)]
        summed = np.nan_to_num(parts).sum(axis=1)
        # without its parts a total is a figure of its own
        values[:, one.total] = np.where(np.isfinite(parts).any(axis=1), summed, values[:, one.total])
    values[missing & np.isin(np.arange(len(tree.codes)), list(totals))] = np.nan
    return with_total(values)


def cases(seed: int, number: int) -> Iterator[tuple[Tree, tuple[str, ...], np.ndarray, np.random.Generator]]:
    """Yield trees, the margins that are minded, and blocks whose sums hold."""
    rng = np.random.default_rng(seed)
    while number:
        tree = random_tree(rng)
        values, margins = random_block(tree, rng), CHOICES[rng.integers(len(CHOICES))]
        if np.isfinite(values).sum() > 3 and balanced(values[None], tree, margins)[0]:
            number -= 1
            yield tree, margins, values, rng


def hold(
    tree: Tree,
    margins: tuple[str, ...],
    values: np.ndarray,
    hidden: np.ndarray,
    up: np.ndarray,
    down: np.ndarray,
) -> int:
    """Compare claims with exact programs; return how many cells were claimed to have any room."""
    sums = equations(np.isfinite(values), tree, margins=margins)
    at = np.flatnonzero(hidden.ravel())
    part, told = sums[:, at], values.ravel()[at]
    right = part @ told
    claimed = 0
    for place, cell in enumerate(at.tolist()):
        unit, node = divmod(cell, len(tree.codes))
        if "regions" not in margins and unit == len(values) - 1:
            continue  # tied to nothing then, and asked for by nobody
        rise, fall = up[unit, node], down[unit, node]
        assert rise >= 0
        assert 0 <= fall <= values[unit, node]
        if not rise and not fall:
            continue
        claimed += 1
        low, high = _exact(part, right, place, MOST)
        where = (tree.codes[node], unit, values.tolist(), hidden.tolist())
        assert told[place] - fall >= low, where
        assert rise <= high - told[place] if rise < PLENTY else high > MOST / 4, where
    return claimed


@pytest.mark.parametrize("seed", range(2))
def test_room_by_swaps_is_never_more_than_there_is(seed: int) -> None:
    claimed = 0
    for tree, margins, values, rng in cases(seed, 24):
        hidden = np.isfinite(values) & (rng.random(values.shape) < rng.choice([0.4, 0.7, 0.9]))
        cost, width = costs(values, tree), widths(values, tree)
        board = Board(values[None], hidden[None], cost[None], width[None], swaps_of(tree, margins), rng)
        claimed += hold(tree, margins, values, hidden, *board.room(0))
    assert claimed > 40


@pytest.mark.parametrize("seed", range(2))
def test_what_is_withheld_for_room_has_it(seed: int) -> None:
    claimed = done = 0
    for tree, margins, values, rng in cases(100 + seed, 16):
        primary = small(values, tree)
        cost, width = costs(values, tree), widths(values, tree)
        hidden, low, high = (
            one[0]
            for one in swap(
                values[None], primary[None], cost[None], width[None], swaps_of(tree, margins), rng=rng
            )
        )
        assert (hidden | ~primary).all()
        assert np.isfinite(values[hidden]).all()
        np.testing.assert_array_equal(np.isfinite(low), hidden)
        up, down = np.where(hidden, high - values, 0.0), np.where(hidden, values - low, 0.0)
        claimed += hold(tree, margins, values, hidden, up, down)
        done += int((high - low >= width).sum())
    assert min(claimed, done) > 40
