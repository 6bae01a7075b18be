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


def whole(table: Floats) -> bool:
    """Say whether a table is one of counts: a reader knows counts to be whole, so only those are witnesses."""
    return bool((np.abs(table - np.round(table)) < DUST).all())
