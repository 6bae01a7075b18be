"""The backdrop: what is counted where nothing is planted.

Counts are negative binomial with variance φμ, φ = 1.5; μ is the product of residents, offence, status, district,
season, trend, common shocks (AR(.5), sd 3 %) and regional shocks (AR(.6), sd 10 %) of STATISTICS, section 12.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .geography import country
from .offences import GONE_SINCE_2020, INDEX, NEW_SINCE_2020, OFFENCES, volumes
from .population import monthly_residents
from .streams import stream

DISPERSION = 1.5
FIRST_MONTH = np.datetime64("2016-01", "M")
MONTHS = 120
NEW_CODE_AT = 48
YEARLY_CARDS = 200_000

_TRENDS = {"131-2": 0.075, "122-1": -0.01, "121-1": -0.02, "144-1": 0.0, "133-1": 0.08, "151-1": 0.02}


@dataclass(frozen=True)
class Backdrop:
    """`expected` and `counts`, both (210 districts, leaves, 120 months); `expected` knows the shocks."""

    expected: npt.NDArray[np.float64]
    counts: npt.NDArray[np.int64]


def draw_backdrop(seed: int, scale: float = 1.0) -> Backdrop:
    """Draw the counts of ten ordinary years: about 200,000 × `scale` a year."""
    expected = _expected(seed, scale)
    rng = stream(seed, "backdrop", "counts")
    # Gamma-Poisson with shape μ/(φ − 1): the negative binomial whose variance is φμ.
    rate = rng.gamma(expected / (DISPERSION - 1), DISPERSION - 1)
    return Backdrop(expected=expected, counts=rng.poisson(rate))


def _expected(seed: int, scale: float) -> npt.NDArray[np.float64]:
    land = country()
    status = land.frame["status"].to_numpy()
    rng = stream(seed, "backdrop", "levels")
    leaves = len(OFFENCES)
    city = np.array([offence.city for offence in OFFENCES])
    raion = np.array([offence.raion for offence in OFFENCES])
    habit = np.where(
        (status == "raion")[:, None], raion, np.where((status == "city")[:, None], 0.94, 1.06) * city
    )
    level = np.exp(rng.normal(0, 0.08, (len(status), 1)) + rng.normal(0, 0.07, (len(status), leaves)))
    level[visited()] *= 1.35  # the centres of the three large cities: more people by day than residents
    people = monthly_residents(MONTHS)
    weight = people[:, None, :] * (habit * level)[:, :, None]
    middle = weight[:, :, 48:72].mean(axis=2).sum(axis=0)

    month = np.arange(MONTHS)
    swing = np.array([offence.season for offence in OFFENCES])
    season = np.exp(
        swing[:, :1] * np.cos(2 * np.pi * (month % 12 - swing[:, 1:]) / 12)
        + 0.25 * swing[:, :1] * np.cos(4 * np.pi * (month % 12 - swing[:, 1:] - 1) / 12)
    )
    slope = np.array([_TRENDS.get(offence.code, 0.0) for offence in OFFENCES])
    trend = np.exp(slope[:, None] * (month - 59.5) / 12)
    common = np.exp(autoregression(stream(seed, "backdrop", "common"), 1, MONTHS, rho=0.5, sd=0.03))
    regional = np.exp(autoregression(stream(seed, "backdrop", "regional"), 14, MONTHS, rho=0.6, sd=0.10))

    monthly = volumes() * YEARLY_CARDS / 12 * scale / middle
    expected = weight * monthly[:, None] * season * trend * common[None] * regional[land.region][:, None, :]
    expected[:, INDEX[NEW_SINCE_2020], :NEW_CODE_AT] = 0.0
    expected[:, INDEX[GONE_SINCE_2020], NEW_CODE_AT:] = 0.0
    return np.asarray(expected)


def autoregression(
    rng: np.random.Generator, n: int, length: int, *, rho: float, sd: float
) -> npt.NDArray[np.float64]:
    """Return n stationary AR(1) series, (n, length), of marginal standard deviation `sd`."""
    noise = rng.normal(0, sd * np.sqrt(1 - rho**2), (n, length))
    series = np.empty((n, length))
    series[:, 0] = rng.normal(0, sd, n)
    for t in range(1, length):
        series[:, t] = rho * series[:, t - 1] + noise[:, t]
    return series


def visited() -> npt.NDArray[np.int64]:
    """Return the rows of the three city centres, each the first district of its city."""
    land = country()
    status = land.frame["status"].to_numpy()
    parts = np.flatnonzero(status == "city_district")
    inner = land.adjacent[np.ix_(parts, parts)].sum(axis=1)
    of_region = land.region[parts]
    return np.array([parts[of_region == r][inner[of_region == r].argmax()] for r in np.unique(of_region)])
