"""A linear program over the sums of a block, solved by HiGHS [Huangfu & Hall 2018]."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy import optimize

Floats = npt.NDArray[np.float64]

DUST = 1e-6
"""Two figures nearer than this are the same."""


PATIENCE = 3.0
"""Seconds for one integer program."""

GAP = 0.3
"""An integer program may answer this much dearer than the cheapest: the proof takes longest, and matters least."""


def solve(price: Floats, sums: sp.csr_matrix, target: Floats, bounds: Any) -> Floats | None:
    """Return x of least `price @ x` with `sums @ x = target` within bounds; None where there is none.

    Examples
    --------
    >>> solve(np.array([1.0, -1.0]), sp.csr_matrix([[1.0, 1.0]]), np.array([5.0]), (0, None)).tolist()
    [0.0, 5.0]
    """
    run: Any = optimize.linprog
    found = run(price, A_eq=sums, b_eq=target, bounds=bounds, method="highs")
    return None if found.x is None else np.asarray(found.x, dtype=np.float64)


def solve_whole(price: Floats, sums: sp.csr_matrix, target: Floats, bounds: Floats) -> Floats | None:
    """Return whole x of nearly least `price @ x` with `sums @ x = target`; bounds are rows of least and most."""
    found = optimize.milp(
        price,
        constraints=optimize.LinearConstraint(sums, target, target),
        bounds=optimize.Bounds(bounds[:, 0], bounds[:, 1]),
        integrality=np.ones(len(price), dtype=np.int64),
        options={"time_limit": PATIENCE, "mip_rel_gap": GAP},
    )
    return None if found.x is None else np.asarray(found.x.round(), dtype=np.float64)


def whole(table: Floats) -> bool:
    """Say whether a table is one of counts: a reader knows counts to be whole, so only those are witnesses."""
    return bool((np.abs(table - np.round(table)) < DUST).all())
