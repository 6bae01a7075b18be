"""Near repeats of 5,000 points beside pointpats, and the spread paths of a country of series.

pointpats is asked only where it is present: it is no part of the project.
"""

from __future__ import annotations

import importlib.util
import warnings
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from scipy import sparse

from gis_layers.spread import Incidents, judge_spread, near_repeat

from .figure import Bench, Figure
from .timing import forget_peak, peak_mb, timed

TITLE = "Near repeats and spread"
NOTE = (
    "Invented points, evenly over a square of 20 km and the days of seven months; invented negative binomial series of "
    "a grid of districts, without any spread in them."
)
PERMUTATIONS = 99
CLOSE, SOON = 200, 7
"""Metres and days of the one band that pointpats is asked for."""


def run(bench: Bench) -> list[Figure]:
    """Measure the near-repeat table of 5,000 points, and spread paths of 210 districts × 120 months × 30 offences."""
    return [_near_repeat(bench), _spread(bench)]


def _near_repeat(bench: Bench) -> Figure:
    points = 200 if bench.quick else 5_000
    bench.say(f"near repeats of {points:,} points")
    rng = np.random.default_rng(1)
    day = np.datetime64("2018-01-01", "D") + np.sort(rng.integers(0, 212, points))
    x, y = rng.uniform(0, 20_000, (2, points))
    table, (clock, _) = timed(
        lambda: near_repeat(Incidents(x, y, day, "EPSG:26916"), rng, permutations=PERMUTATIONS)
    )
    what, note = (
        f"Knox: {points:,} points",
        f"{PERMUTATIONS} permutations, {len(table)} bands of distance and time",
    )
    if importlib.util.find_spec("pointpats") is None:
        return Figure(what, clock, "s", note=f"{note}; pointpats is not here")
    pairs, slow = _pointpats(np.column_stack([x, y]), day.astype(np.int64)[:, None])
    return Figure(
        what, clock, "s", peer="pointpats", peer_value=slow,
        note=f"{note}; pointpats takes one band a call, within {CLOSE} m and under {SOON} days: it finds {pairs}, we "
        f"{_within(x, y, day)}",
    )  # fmt: skip


def _pointpats(points: Any, days: Any) -> tuple[int, float]:
    from pointpats import Knox

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found, (clock, _) = timed(
            lambda: Knox(points, days, delta=CLOSE, tau=SOON - 1, permutations=PERMUTATIONS)
        )
    return int(found.statistic_), clock


def _within(x: Any, y: Any, day: Any) -> int:
    """Return our count of the pairs of that band: whole days, so `under 7` is theirs of `at most 6`."""
    one = near_repeat(
        Incidents(x, y, day, "EPSG:26916"),
        np.random.default_rng(1),
        metres=(CLOSE,),
        days=(SOON,),
        permutations=1,
    )
    return int(one["pairs"].sum())


def _spread(bench: Bench) -> Figure:
    districts, months, offences = (20, 48, 2) if bench.quick else (210, 120, 30)
    bench.say(f"spread of {offences} offences in {districts} districts and {months} months")
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
    wide = 15
    row, column = np.divmod(np.arange(districts), wide)
    apart = np.maximum(abs(row[:, None] - row), abs(column[:, None] - column))
    forget_peak()
    found, (clock, processor) = timed(
        lambda: judge_spread(panel, sparse.csr_array(apart == 1), [f"r{one}" for one in row])
    )
    note = (
        f"{found.edges_tested:,} edges tested, {found.paths['path'].nunique()} paths found where there are none; "
        f"processors {processor:.1f} s"
    )
    return Figure(
        f"spread paths: {districts} districts × {months} months × {offences} offences", clock, "s", peak_mb=peak_mb(),
        note=note,
    )  # fmt: skip
