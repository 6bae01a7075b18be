"""Gi*: is the sum over a place and its neighbours larger, or smaller, than chance would deal it?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from .links import require_links
from .moments import p_two_sided, third_of_equal_weights

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class GiStar:
    """Gi* of every place, arrays of the shape of the values; NaN where nothing can be said.

    Parameters
    ----------
    z
        Standardised sum over the place and its neighbours: above 0 hot, below cold.
    p
        Two-sided p, with the skewness of the values taken into account.
    """

    z: Floats
    p: Floats


def gi_star(values: npt.ArrayLike, links: sparse.csr_array, *, itself: bool = True) -> GiStar:
    """Compute Gi* of all columns of values at once.

    Parameters
    ----------
    values
        Shape (place, ...): every further dimension (offence, month) is a map of its own. NaN = not known: it is left
        out of every sum, and its place has no answer.
    links
        Shape (place, place), symmetric booleans, the diagonal empty.
    itself
        False gives Gi, without the place itself, against the mean and spread of all others.

    Returns
    -------
    GiStar
        All NaN for a map with fewer than four known places or without any difference between them, and for a place
        whose neighbourhood is the whole map. An island is its own neighbourhood under Gi*; see `join_islands`.

    Notes
    -----
    Getis & Ord 1992, Ord & Getis 1995: Z = (Σwx − W x̄) / (s √[(n Σw² − W²)/(n − 1)]), binary weights. `esda.G_Local`
    with its default transform takes Σw for Σw² and is wrong by that.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy import sparse
    >>> line = sparse.csr_array(np.eye(8, k=1) + np.eye(8, k=-1))
    >>> gi_star([9, 8, 9, 1, 0, 1, 0, 1], line).z.round(2).tolist()
    [1.89, 2.63, 1.24, -0.15, -1.54, -1.71, -1.54, -1.21]
    """
    table = np.asarray(values, dtype=np.float64)
    shape = table.shape
    table = table.reshape(shape[0], -1)
    weights = require_links(links, shape[0])
    if itself:
        weights = sparse.csr_array(weights + sparse.eye_array(shape[0], format="csr"))
    known = np.isfinite(table)
    number = known.sum(axis=0)
    filled = np.where(known, table, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        centred = np.where(known, filled - filled.sum(axis=0) / number, 0.0)
        total = np.asarray(weights @ centred)
        # Binary weights: their sum is the number of known places in the neighbourhood, and so is the sum of squares.
        chosen = weights.sum(axis=1)[:, None] if known.all() else np.asarray(weights @ known.astype(float))
        square, third = (centred**2).sum(axis=0), (centred**3).sum(axis=0)
        if itself:
            n, mean = np.broadcast_to(number.astype(float), table.shape), 0.0
        else:
            n = number - 1.0
            mean = -centred / n
            third = (
                third - centred**3 - 3 * mean * (square - centred**2) - 3 * mean**2 * centred - n * mean**3
            )
            left = square - centred**2 - n * mean**2
            square = np.where(left > 1e-10 * square, left, 0.0)  # a rounding error is no spread
        flat = square <= 1e-12 * np.maximum((filled**2).sum(axis=0), 1e-300)
        variance = square / n * (n * chosen - chosen**2) / (n - 1)
        usable = known & (number >= 4) & ~flat & (chosen > 0) & (variance > 0)
        deviation = np.sqrt(np.where(usable, variance, np.nan))
        z = (total - chosen * mean) / deviation
        skew = n / ((n - 1) * (n - 2)) * third_of_equal_weights(chosen, n) * third / deviation**3
        p = p_two_sided(z, np.where(usable, skew, 0.0))
    return GiStar(z.reshape(shape), p.reshape(shape))
