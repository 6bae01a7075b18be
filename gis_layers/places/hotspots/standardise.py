"""Rates made comparable before any local statistic: how far from the mean, in deviations that a rate may have there."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def standardised_rates(count: npt.ArrayLike, exposure: npt.ArrayLike) -> Floats:
    """Return empirical-Bayes standardised rates of all columns at once.

    Parameters
    ----------
    count
        Shape (place, ...); every further dimension is a map of its own. NaN = not known.
    exposure
        Residents, or expected counts; broadcast to `count` from the left. Without any, the rate is unknown.

    Returns
    -------
    array
        (rate − mean) / deviation, where the deviation holds the spread between places and that of a count of this
        size. All zero where nothing was recorded on a map; NaN where a place is not known.

    Notes
    -----
    Assunção & Reis 1999. A raw rate of a small place is extreme by chance alone: it would make hotspots of hamlets.

    Examples
    --------
    >>> standardised_rates([0, 12, 300], [1_000, 10_000, 100_000]).round(2).tolist()
    [-1.6, -2.19, 0.35]
    """
    observed = np.asarray(count, dtype=np.float64)
    people = np.asarray(exposure, dtype=np.float64)
    people = people.reshape(people.shape + (1,) * (observed.ndim - people.ndim))
    people = np.broadcast_to(people, observed.shape)
    known = np.isfinite(observed) & np.isfinite(people) & (people > 0)
    n = np.where(known, people, 0.0)
    x = np.where(known, observed, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        total = n.sum(axis=0)
        b = x.sum(axis=0) / total
        rate = np.where(known, x / n, 0.0)
        spread = (n * (rate - b) ** 2 * known).sum(axis=0) / total - b / (total / known.sum(axis=0))
        variance = spread + b / n
        # Where all rates are closer than chance would have them, chance alone is left.
        variance = np.where(variance > 0, variance, b / n)
        z = (rate - b) / np.sqrt(variance)
    z = np.where(b > 0, z, 0.0)
    return np.where(known, z, np.nan)
