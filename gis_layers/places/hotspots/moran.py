"""Local Moran's I: is a place like its neighbours, and at which end; or unlike them?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from .links import require_links
from .moments import p_two_sided, third_of_equal_weights

Floats = npt.NDArray[np.float64]

QUADRANTS = ("", "high-high", "low-high", "low-low", "high-low")
"""Names of the quadrants by number: the place first, then its neighbours; the first is "not known"."""


@dataclass(frozen=True, eq=False)
class LocalMoran:
    """Local Moran's I of every place, arrays of the shape of the values; NaN where nothing can be said.

    Parameters
    ----------
    i
        The statistic: above 0 like its neighbours, below 0 unlike them.
    expected, variance, z
        Mean and variance given the value of the place itself, and how many deviations `i` is from the mean.
    p
        Two-sided p, with the skewness of the other places' values taken into account.
    quadrant
        Place in `QUADRANTS`, 0 where `i` is NaN.
    """

    i: Floats
    expected: Floats
    variance: Floats
    z: Floats
    p: Floats
    quadrant: npt.NDArray[np.int8]


def local_moran(values: npt.ArrayLike, links: sparse.csr_array) -> LocalMoran:
    """Compute local Moran's I of all columns of values at once.

    Parameters
    ----------
    values
        Shape (place, ...): every further dimension is a map of its own. NaN = not known, left out everywhere.
    links
        Shape (place, place), symmetric booleans, the diagonal empty; each neighbour has the same weight.

    Returns
    -------
    LocalMoran
        All NaN for a map with fewer than four known places or without any difference between them, for a place
        without a known neighbour, and for one whose neighbours are all other places.

    Notes
    -----
    Anselin 1995; moments given the place's own value after Sokal, Oden & Thomson 1998 (`spdep::localmoran` with
    `conditional = TRUE`).

    Examples
    --------
    >>> import numpy as np
    >>> from scipy import sparse
    >>> line = sparse.csr_array(np.eye(8, k=1) + np.eye(8, k=-1))
    >>> found = local_moran([9, 8, 9, 1, 0, 1, 0, 1], line)
    >>> found.i.round(2).tolist()
    [1.52, 1.52, 0.3, -0.15, 0.61, 0.61, 0.61, 0.61]
    >>> [QUADRANTS[number] for number in found.quadrant[:4]]
    ['high-high', 'high-high', 'high-high', 'low-high']
    """
    table = np.asarray(values, dtype=np.float64)
    shape = table.shape
    table = table.reshape(shape[0], -1)
    weights = require_links(links, shape[0])
    known = np.isfinite(table)
    number = known.sum(axis=0).astype(np.float64)
    filled = np.where(known, table, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        x = np.where(known, filled - filled.sum(axis=0) / number, 0.0)
        k = weights.sum(axis=1)[:, None] if known.all() else np.asarray(weights @ known.astype(float))
        lag = np.asarray(weights @ x) / k
        square, third = (x**2).sum(axis=0), (x**3).sum(axis=0)
        flat = square <= 1e-12 * np.maximum((filled**2).sum(axis=0), 1e-300)
        usable = known & (number >= 4) & ~flat & (k > 0) & (k < number - 1)
        m2 = square / number
        others = number - 1
        mean = -x / others
        spread = square - x**2 - others * mean**2
        # The lag is the mean of k values dealt out of the others.
        deviation = np.sqrt(spread / (others - 1) * (1 / k - 1 / others))
        # Where all others are equal there is nothing to deal; a rounding error is no spread.
        usable &= (deviation > 0) & (spread > 1e-10 * square)
        skewed = third - x**3 - 3 * mean * (square - x**2) - 3 * mean**2 * x - others * mean**3
        weight = third_of_equal_weights(k, others) / k**3
        skew = others / ((others - 1) * (others - 2)) * weight * skewed / deviation**3
        score = np.where(usable, (lag - mean) / deviation, np.nan)
        p = p_two_sided(score, np.where(usable, skew, 0.0))
        i = np.where(usable, x * lag / m2, np.nan)
        expected = np.where(usable, x * mean / m2, np.nan)
        variance = np.where(usable, (x * deviation / m2) ** 2, np.nan)
        # At the mean itself I is 0 whatever the neighbours are: its sign is that of a rounding error.
        z = np.where(np.abs(x) <= 1e-10 * np.sqrt(m2), np.nan, np.sign(x)) * score
    high, around = x > 0, lag > 0
    quadrant = np.select([high & around, ~high & around, ~high & ~around], [1, 2, 3], 4)
    quadrant = np.where(usable, quadrant, 0).astype(np.int8)
    return LocalMoran(
        i=i.reshape(shape),
        expected=expected.reshape(shape),
        variance=variance.reshape(shape),
        z=z.reshape(shape),
        p=p.reshape(shape),
        quadrant=quadrant.reshape(shape),
    )
