"""What rounded counts tell: bounds of every count by linear programs over all sums."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..program import DUST, solve
from ..relations import Tree, equations
from .solve import SMALL, SMALL_SENSITIVE

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def attack_rounded(shown: Floats, reach: Floats, tree: Tree) -> tuple[Floats, Floats, Bools]:
    """Return the least and greatest count that each cell of a block can have, and which are recovered.

    Parameters
    ----------
    shown
        Published counts, unit × node; the region as the last unit, NaN where it is not published.
    reach
        How far the true count may lie from the published one at most; infinite where that is not known.
    tree
        The nodes and their sums, which hold in the true counts.

    Returns
    -------
    tuple
        Least, greatest (unit × node), and which are recovered: less than 4 apart, or all small.

    Examples
    --------
    Two counts of 0 and a total of 10, each rounded by itself to a multiple of 5, are 2 and more:

    >>> from ..relations import Sum
    >>> tree = Tree(("all", "a", "b"), (Sum(0, (1, 2), "offences"),), ("root", "leaf", "leaf"), np.zeros(3, bool))
    >>> shown = np.array([[10.0, 0, 0], [np.nan] * 3])
    >>> low, high, recovered = attack_rounded(shown, np.full((2, 3), 4.0), tree)
    >>> low[0].tolist(), high[0].tolist(), recovered[0].tolist()
    ([6.0, 2.0, 2.0], [8.0, 4.0, 4.0], [True, True, True])
    """
    sums = equations(np.ones(shown.shape, dtype=bool), tree)
    told = np.isfinite(shown)
    flat, width = np.where(told, shown, 0.0).ravel(), np.where(told, reach, np.inf).ravel()
    bounds = np.c_[np.maximum(flat - width, 0.0), flat + width]
    ends = []
    for sign in (1.0, -1.0):
        found = np.empty(shown.size)
        for cell in range(shown.size):
            aim = np.zeros(shown.size)
            aim[cell] = sign
            answer = solve(aim, sums, np.zeros(sums.shape[0]), bounds)
            # unbounded, or no table at all: nothing is learnt
            found[cell] = (0.0 if sign > 0 else np.inf) if answer is None else answer[cell]
        ends.append(found.reshape(shown.shape))
    low, high = np.ceil(ends[0] - DUST), np.floor(ends[1] + DUST)
    limit = np.where(tree.sensitive, SMALL_SENSITIVE, SMALL)
    recovered = told & ((high - low < SMALL) | ((low >= 1) & (high <= limit)))
    return low, high, recovered
