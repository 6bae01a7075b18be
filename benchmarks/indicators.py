"""Rating, dynamics and structure of a country of series: the newest month, and the whole history walk-forward.

Beside them R's `farringtonFlexible`, where R with `surveillance` is present: its time a cell, and how far both agree.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from gis_layers.codes import Codebook
from gis_layers.codes.load import codebook_from
from gis_layers.evaluate.r import Surveillance
from gis_layers.indicators import OwnPast, judge_dynamics, judge_rating, judge_structure
from gis_layers.indicators.norm.farrington import Options

from .figure import Bench, Figure
from .timing import forget_peak, peak_mb, timed

TITLE = "All three indicators"
NOTE = (
    "200 districts × 100 articles (113 nodes) × 120 months of negative binomial counts with a season, one process. "
    "The own past is worked out once and shared by rating and dynamics. Nothing is kept from before but, for the "
    "newest month, the verdicts on the months before it."
)
NEWEST, HISTORY, MOST_MB = 10.0, 180.0, 4096.0
YEAR = 12
ALPHA = 0.005
MONTHLY = Options(years=5, half_window=1, seasons=5, skipped=2, method="nb", per_year=YEAR, alpha=ALPHA)
"""Noufaily's options, for months."""


def run(bench: Bench) -> list[Figure]:
    """Judge an invented panel: everything, then its newest month alone."""
    districts, articles, months = (30, 10, 48) if bench.quick else (200, 100, 120)
    bench.say(f"three indicators of {districts} districts, {articles} articles, {months} months")
    panel, book = invented(districts, articles, months)
    past = OwnPast(panel, book)
    forget_peak()
    rating, first = timed(lambda: judge_rating(panel, book, past=past))
    _, second = timed(lambda: judge_dynamics(panel, book, past=past))
    _, third = timed(lambda: judge_structure(panel, book))
    peak = peak_mb()
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
        *_beside_r(bench, panel, book),
    ]


def _beside_r(bench: Bench, panel: xr.Dataset, book: Codebook) -> list[Figure]:
    """Judge the newest year by the own half alone, and some of its series by R's regression."""
    r = Surveillance.found()
    months = panel.sizes["month"]
    if r is None or months < (MONTHLY.years + 1) * YEAR + MONTHLY.half_window:
        return []
    first = months - YEAR
    past = OwnPast(panel, book)
    half, (clock, _) = timed(lambda: past.halves(np.arange(first, months))[1])
    count = panel["count"].transpose("offence", "district", "month").values.reshape(-1, months)
    rise = np.swapaxes(half.p_rise, 1, 2).reshape(-1, YEAR)
    series = np.random.default_rng(2).choice(len(count), 400, replace=False)
    bench.say(f"{len(series)} of {len(count)} series by R")
    alarms, (slow, _) = timed(lambda: r.alarms(count[series], first, MONTHLY))
    ours = rise[series] <= ALPHA
    both, alone, theirs = ((part).sum() for part in (ours & alarms, ours & ~alarms, alarms & ~ours))
    note = (
        f"the own half of {len(count):,} series, all at once, which also foretells the 48 months before for φ; R "
        f"judges {len(series)} of them. Nothing was planted, so alarms at {ALPHA:g} are chance: of {ours.size:,} cells "
        f"both {both}, we alone {alone}, R alone {theirs}; the same answer in {(ours == alarms).mean():.2%}"
    )
    each = clock / rise.size * 1000, slow / alarms.size * 1000
    return [
        Figure(
            "own half: newest year", each[0], "ms a cell", peer=f"surveillance {r.version}", peer_value=each[1],
            note=note,
        )
    ]  # fmt: skip


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


def _figure(what: str, times: list[tuple[float, float]], goal: float | None, peak: float | None) -> Figure:
    parts = zip(("rating", "dynamics", "structure"), times, strict=True)
    told = "; ".join(f"{name} {clock:.1f} s (processors {cpu:.1f} s)" for name, (clock, cpu) in parts)
    note = told if peak is None else f"{told}; at most {MOST_MB:.0f} MB"
    return Figure(
        f"three indicators: {what}", sum(clock for clock, _ in times), "s", goal=goal, peak_mb=peak, note=note
    )
