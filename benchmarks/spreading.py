"""Near repeats of 5,000 points beside pointpats, and spread of a country of series."""

from __future__ import annotations

import importlib.util
import time

import numpy as np
import pandas as pd
import xarray as xr
from scipy import sparse

from gis_layers.spread import Incidents, judge_spread, near_repeat


def knox(points: int = 5000, permutations: int = 99) -> dict[str, float]:
    """Return seconds of the near-repeat table, and of one band of pointpats' Knox where it is installed."""
    rng = np.random.default_rng(1)
    day = np.datetime64("2018-01-01", "D") + np.sort(rng.integers(0, 212, points))
    x, y = rng.uniform(0, 20_000, (2, points))
    start = time.perf_counter()
    near_repeat(Incidents(x, y, day, "EPSG:26916"), rng, permutations=permutations)
    found = {"audan, 24 bands": time.perf_counter() - start}
    if importlib.util.find_spec("pointpats"):
        from pointpats import Knox

        start = time.perf_counter()
        Knox(delta=200, tau=7, permutations=permutations).fit(
            np.column_stack([x, y]), day.astype(int)[:, None]
        )
        found["pointpats, 1 band"] = time.perf_counter() - start
    return found


def spread(districts: int = 210, months: int = 120, offences: int = 30) -> float:
    """Return seconds that the spread of so many negative binomial series takes."""
    rng = np.random.default_rng(1)
    mean = rng.lognormal(1.5, 1.2, (districts, offences, 1)) * np.ones(months)
    panel = xr.Dataset(
        {"count": (("district", "offence", "month"), rng.poisson(rng.gamma(mean / 0.5, 0.5)).astype(float))},
        coords={
            "district": [f"d{n:03d}" for n in range(districts)],
            "offence": [f"o{n:02d}" for n in range(offences)],
            "month": pd.date_range("2014-01-01", periods=months, freq="MS").astype("datetime64[s]"),
        },
    )
    place = np.arange(districts)
    apart = np.maximum(abs(place[:, None] // 15 - place // 15), abs(place[:, None] % 15 - place % 15))
    start = time.perf_counter()
    judge_spread(panel, sparse.csr_array(apart == 1), [f"r{n // 15}" for n in range(districts)])
    return time.perf_counter() - start


if __name__ == "__main__":
    print(knox(), f"spread of 210 × 120 × 30: {spread():.1f} s")
