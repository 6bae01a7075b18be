"""Rating, dynamics and structure of a country of series: the newest month, and the whole history walk-forward."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gis_layers.codes import Codebook
from gis_layers.codes.load import codebook_from
from gis_layers.indicators import OwnPast, judge_dynamics, judge_rating, judge_structure

from .figure import Bench, Figure

TITLE = "All three indicators"
NOTE = (
    "200 districts × 100 articles (113 nodes) × 120 months of negative binomial counts with a season, one process. "
    "The own past is worked out once and shared by rating and dynamics. Nothing is kept from before but, for the "
    "newest month, the verdicts on the months before it."
)
NEWEST, HISTORY, MOST_MB = 10.0, 180.0, 4096.0


def run(bench: Bench) -> list[Figure]:
    """Judge an invented panel: everything, then its newest month alone."""
    districts, articles, months = (30, 10, 48) if bench.quick else (200, 100, 120)
    bench.say(f"three indicators of {districts} districts, {articles} articles, {months} months")
    panel, book = invented(districts, articles, months)
    past = OwnPast(panel, book)
    rating, first = timed(lambda: judge_rating(panel, book, past=past))
    _, second = timed(lambda: judge_dynamics(panel, book, past=past))
    _, third = timed(lambda: judge_structure(panel, book))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    last = panel["month"].values[-1:]
    before = rating.isel(month=slice(0, -1))
    past = OwnPast(panel, book)
    newest = [
        timed(lambda: judge_rating(panel, book, months=last, earlier=before, past=past))[1],
        timed(lambda: judge_dynamics(panel, book, months=last, past=past))[1],
        timed(lambda: judge_structure(panel, book, months=last))[1],
    ]
    return [
        _figure("whole history", [first, second, third], None if bench.quick else HISTORY, peak),
        _figure("newest month", newest, None if bench.quick else NEWEST, None),
    ]


def invented(districts: int, articles: int, months: int) -> tuple[xr.Dataset, Codebook]:
    """Return a panel and its codebook: ten articles a category, variance one and a half times the mean."""
    rows: list[dict[str, str]] = []
    for category in range(max(articles // 10, 1)):
        rows.append({"code": f"c{category}"})
        rows += [
            {"code": f"c{category}a{n}", "parent": f"c{category}", "severity": "grave" if n % 2 else "minor"}
            for n in range(10)
        ]
    book = codebook_from(rows)
    rng = np.random.default_rng(1)
    means = np.exp(rng.normal(0.5, 1.2, len(book.leaves)))
    size = np.exp(rng.normal(0, 0.6, districts))
    season = np.exp(0.15 * np.cos(2 * np.pi * np.arange(months) / 12))
    mean = means[:, None, None] * season[None, :, None] * size[None, None, :]
    leaves = rng.poisson(rng.gamma(mean / 0.5, 0.5))
    codes, sums = book.matrix(book.leaves)
    when = pd.date_range("2015-01-01", periods=months, freq="MS").to_numpy().astype("datetime64[s]")
    panel = xr.Dataset(
        {
            "count": (("district", "offence", "month"), np.einsum("nl,lmd->dnm", sums.astype(float), leaves)),
            "population": (("district", "month"), np.tile((50_000 * size)[:, None], months)),
            "incomplete": ("month", np.zeros(months, dtype=bool)),
            "provisional": ("month", np.arange(months) >= months - 2),
        },
        coords={
            "district": [f"d{n:03}" for n in range(districts)],
            "offence": codes,
            "month": when,
            "peer_group": ("district", np.array([f"g{n // 14}" for n in range(districts)], dtype=object)),
            "status": ("district", np.array(["raion"] * districts, dtype=object)),
        },
        attrs={"area": "invented", "period": "month", "rate_per": 10_000},
    )
    return panel, book


def timed(work: Callable[[], Any]) -> tuple[Any, tuple[float, float]]:
    """Return what the work gives, and its seconds by the clock and of the processors."""
    clock, processor = time.perf_counter(), time.process_time()
    made = work()
    return made, (time.perf_counter() - clock, time.process_time() - processor)


def _figure(what: str, times: list[tuple[float, float]], goal: float | None, peak: float | None) -> Figure:
    parts = zip(("rating", "dynamics", "structure"), times, strict=True)
    told = "; ".join(f"{name} {clock:.1f} s (processors {cpu:.1f} s)" for name, (clock, cpu) in parts)
    note = told if peak is None else f"{told}; at most {MOST_MB:.0f} MB"
    return Figure(
        f"three indicators: {what}", sum(clock for clock, _ in times), "s", goal=goal, peak_mb=peak, note=note
    )
