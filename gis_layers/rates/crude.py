"""The rate as counted, with the exact interval of a Poisson count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincinv

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Rates:
    """Rates and their intervals, arrays of one shape; NaN where there is no count or no exposure."""

    rate: Floats
    lower: Floats
    upper: Floats


def crude(
    count: npt.ArrayLike,
    exposure: npt.ArrayLike,
    per: float,
    *,
    years: float = 1.0,
    level: float = 0.95,
    interval: bool = True,
) -> Rates:
    """Return offences per so many residents and year, with an exact interval.

    Parameters
    ----------
    count
        Counts of the period, any shape; NaN is not collected. Sums of weights need not be whole.
    exposure
        Residents, broadcast to the shape of `count`.
    per
        Rates are per this many residents.
    years
        Length of the period in years (1/12 for a month): rates are annual, so periods can be compared.
    level
        Probability of the interval [Garwood 1936]: gamma quantiles of the count and of the count plus one.
    interval
        False leaves it NaN: quantiles cost a hundred times what the rates do.

    Returns
    -------
    Rates
        NaN where count or exposure is missing or the exposure is not positive.

    Examples
    --------
    >>> found = crude([0, 10], [20_000, 20_000], 10_000, years=1 / 12)
    >>> found.rate.round(2).tolist(), found.lower.round(2).tolist(), found.upper.round(2).tolist()
    ([0.0, 60.0], [0.0, 28.77], [22.13, 110.34])
    """
    observed, residents = np.broadcast_arrays(
        np.asarray(count, dtype=float), np.asarray(exposure, dtype=float)
    )
    known = np.isfinite(observed) & (observed >= 0) & np.isfinite(residents) & (residents > 0)
    number = np.where(known, observed, 1.0)
    scale = np.where(known, per / (np.where(known, residents, 1.0) * years), np.nan)
    if not interval:
        return Rates(number * scale, np.full(scale.shape, np.nan), np.full(scale.shape, np.nan))
    tail = (1 - level) / 2
    # Counts repeat, and their quantiles are dear: each different count is computed once.
    number, place = np.unique(number, return_inverse=True)
    # A count of zero has no lower tail; gammaincinv(0, p) is undefined there.
    lower = np.where(number > 0, gammaincinv(np.where(number > 0, number, 1.0), tail), 0.0)
    upper = np.asarray(gammaincinv(number + 1, 1 - tail), dtype=float)
    place = place.reshape(scale.shape)
    return Rates(number[place] * scale, lower[place] * scale, upper[place] * scale)
