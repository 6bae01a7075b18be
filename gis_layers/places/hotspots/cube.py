"""Gi* over the space-time cube: the neighbourhood of a place reaches back in time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ...indicators.rating.fdr import bh_adjust
from .links import require_links
from .moments import p_two_sided, third_of_equal_weights
from .patterns import emerging_patterns

Floats = npt.NDArray[np.float64]

WINDOW = 24
"""Months that a pattern looks back on."""

BACK = 1
"""Steps before its own that the neighbourhood of a cell of the cube includes, as in Esri's tool."""

CUT = 0.05

PLAIN = 1.0
"""A cell with a |z| below this cannot be significant, and its p is not worked out."""


def cube_states(
    values: npt.ArrayLike, links: sparse.csr_array, *, back: int = BACK, cut: float = CUT
) -> tuple[Floats, npt.NDArray[np.int8]]:
    """Return Gi* of every cell of a cube, and whether it is hot (1), cold (-1) or neither (0).

    Parameters
    ----------
    values
        Shape (place, ..., step): the dimensions between are cubes of their own (offences). NaN = not known.
    links
        Shape (place, place), symmetric booleans, the diagonal empty.
    back
        Earlier steps in the neighbourhood.
    cut
        False discovery rate among the places of one step (Benjamini and Hochberg).

    Returns
    -------
    z, state
        Shape of `values`. The mean and the spread are those of the whole cube. NaN and 0 where a cell is not known or
        the cube has no difference in it.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy import sparse
    >>> line = sparse.csr_array(np.eye(20, k=1) + np.eye(20, k=-1))
    >>> values = np.random.default_rng(1).normal(size=(20, 12))
    >>> values[:3, 6:] += 4
    >>> _, state = cube_states(values, line)
    >>> state[1].tolist()
    [0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1]
    """
    table = np.asarray(values, dtype=np.float64)
    shape = table.shape
    table = table.reshape(shape[0], -1, shape[-1])
    weights = require_links(links, shape[0])
    weights = sparse.csr_array(weights + sparse.eye_array(shape[0], format="csr"))
    known = np.isfinite(table)
    number = known.sum(axis=(0, 2)).astype(np.float64)[None, :, None]
    filled = np.where(known, table, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        x = np.where(known, filled - filled.sum(axis=(0, 2))[None, :, None] / number, 0.0)
        square = (x**2).sum(axis=(0, 2))[None, :, None]
        third = (x**3).sum(axis=(0, 2))[None, :, None]
        total = _reaching(weights, x, back)
        chosen = _reaching(weights, known.astype(np.float64), back)
        flat = square <= 1e-12 * np.maximum((filled**2).sum(axis=(0, 2)), 1e-300)[None, :, None]
        variance = square / number * (number * chosen - chosen**2) / (number - 1)
        usable = known & (number >= 4) & ~flat & (variance > 0)
        deviation = np.sqrt(np.where(usable, variance, np.nan))
        z = total / deviation
        factor = number / ((number - 1) * (number - 2)) * third
        skew = factor * third_of_equal_weights(chosen, number) / deviation**3
        far = np.abs(z) > PLAIN
    p = np.where(usable, 1.0, np.nan)
    p[far] = p_two_sided(z[far], skew[far])
    q = np.moveaxis(bh_adjust(np.moveaxis(p, 0, -1)), -1, 0)
    state = np.where(q <= cut, np.sign(np.nan_to_num(z)), 0).astype(np.int8)
    return z.reshape(shape), state.reshape(shape)


def trailing_patterns(
    values: npt.ArrayLike,
    links: sparse.csr_array,
    ends: npt.ArrayLike,
    *,
    window: int = WINDOW,
) -> npt.NDArray[np.int8]:
    """Return the emerging pattern of every place as it was seen at the end of each step asked for.

    Parameters
    ----------
    values
        Shape (place, ..., step).
    links
        As for `cube_states`.
    ends
        Numbers of the last steps; nothing after one is looked at.
    window
        Steps in a cube.

    Returns
    -------
    array of int8
        Shape (place, ..., len(ends)): numbers in `PATTERNS`, -1 with too few steps.
    """
    table = np.asarray(values, dtype=np.float64)
    asked = np.asarray(ends, dtype=np.intp)
    out = np.full((*table.shape[:-1], len(asked)), -1, dtype=np.int8)
    for place, end in enumerate(asked.tolist()):
        cube = table[..., max(end + 1 - window, 0) : end + 1]
        z, state = cube_states(cube, links)
        out[..., place] = emerging_patterns(z, state)
    return out


def _reaching(weights: sparse.csr_array, cube: Floats, back: int) -> Floats:
    """Return sums over neighbours and over the steps up to `back` before; earlier ones do not exist."""
    sums = np.asarray(weights @ cube.reshape(cube.shape[0], -1)).reshape(cube.shape)
    out = sums.copy()
    for step in range(1, min(back, cube.shape[-1] - 1) + 1):
        out[..., step:] += sums[..., :-step]
    return out
