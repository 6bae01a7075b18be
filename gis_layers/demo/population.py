"""Residents by district and year: 19 million, most in cities and in the fertile south-east and north."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from .geography import country

FIRST_YEAR, LAST_YEAR = 2016, 2026
TOTAL_2020 = 18.9e6
_SEED = 20160102


@lru_cache(maxsize=1)
def residents() -> npt.NDArray[np.int64]:
    """Return the residents on 1 January, (210, 11): districts × the years 2016 to 2026, in today's boundaries."""
    land = country()
    rng = np.random.default_rng(_SEED)
    status = land.frame["status"].to_numpy()
    city = np.flatnonzero(status == "city")
    part = np.flatnonzero(status == "city_district")
    raion = np.flatnonzero(status == "raion")

    people = np.zeros(len(status))
    # Cities fall off as ranks do everywhere; the districts of the large three are of one order.
    people[rng.permutation(city)] = (
        540e3 / np.arange(1, len(city) + 1) ** 0.62 * rng.uniform(0.9, 1.1, len(city))
    )
    people[part] = rng.uniform(280e3, 520e3, len(part))
    small_ground = (np.median(land.area_km2[raion]) / land.area_km2[raion]) ** 0.55
    people[raion] = 25e3 * small_ground * np.exp(rng.normal(0, 0.42, len(raion)))
    # Suburbs: the raion about a large city, and what borders on that.
    near = land.adjacent[part].any(axis=0) & (status == "raion")
    second = land.adjacent[near].any(axis=0) & (status == "raion") & ~near
    people[near] = rng.uniform(230e3, 320e3, int(near.sum()))
    people[second] = rng.uniform(90e3, 190e3, int(second.sum()))

    growth = np.where(
        status == "raion", rng.normal(-0.004, 0.008, len(status)), rng.normal(0.014, 0.007, len(status))
    )
    growth[near] = rng.uniform(0.015, 0.03, int(near.sum()))
    years = np.arange(FIRST_YEAR, LAST_YEAR + 1)
    wobble = rng.normal(0, 0.002, (len(status), len(years))).cumsum(axis=1)
    table = people[:, None] * np.exp(growth[:, None] * (years - 2020) + wobble)
    table *= TOTAL_2020 / table[:, 2020 - FIRST_YEAR].sum()
    return np.asarray(np.round(table), dtype=np.int64)


def monthly_residents(months: int) -> npt.NDArray[np.float64]:
    """Return residents at the middle of each month from 2016-01, (210, months), between the years' figures."""
    at = (np.arange(months) + 0.5) / 12
    left = np.minimum(at.astype(int), residents().shape[1] - 2)
    share = at - left
    table = residents().astype(float)
    return np.asarray(table[:, left] * (1 - share) + table[:, left + 1] * share)
