"""A row says why its own half is silent: a break, a short history, or years; and breaks leave φ of the peers alone."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from rating_panels import book, clean_counts, panel_of

from gis_layers.indicators.dynamics import judge_dynamics
from gis_layers.indicators.norm import OwnPast
from gis_layers.indicators.rating import judge_rating, rating_frame
from gis_layers.indicators.rating.dispersion import dispersion
from gis_layers.indicators.structure import judge_structure

BOOK = book()
MONTHS = 60


@pytest.fixture(scope="module")
def panel() -> xr.Dataset:
    rng = np.random.default_rng(3)
    counts = clean_counts(rng, np.full(len(BOOK.leaves), 30.0), MONTHS, np.ones(22), heterogeneity=0.003)
    panel = panel_of(counts, BOOK, [0] * 10 + [1] * 12)
    number = np.zeros((panel.sizes["offence"], MONTHS), dtype=np.int16)
    row = list(panel["offence"].values).index("c1l1")
    number[row, 30:] = 1
    number[row, 28:30] = -1
    return panel.assign(stretch=(("offence", "month"), number))


def codes_of(frame: pd.DataFrame, offence: str, at: int) -> set[str]:
    month = sorted(frame["month"].unique())[at]
    reasons = frame.loc[(frame["offence"] == offence) & (frame["month"] == month), "reason"]
    return {part["code"] for text in reasons for part in json.loads(text) if part["code"].startswith("own.")}


def test_every_silence_of_the_own_half_has_its_reason(panel: xr.Dataset) -> None:
    frame = rating_frame(judge_rating(panel, BOOK))
    assert codes_of(frame, "c1l1", 10) == {"own.short_history"}
    assert codes_of(frame, "c1l1", 26) == set()
    assert codes_of(frame, "c1l1", 28) == {"own.break"}
    assert codes_of(frame, "c1l1", 40) == {"own.since_break"}
    assert codes_of(frame, "c1l0", 40) == set()
    assert codes_of(frame, "c1l1", 58) == set()
    silent = frame["p_own"].isna()
    told = frame["reason"].astype(str).str.contains('"own\\.')
    assert (silent == told).all()
    month = sorted(frame["month"].unique())[40]
    said = frame[(frame["offence"] == "c1l1") & (frame["month"] == month)]["reason"].iloc[0]
    begun = str(panel["month"].values[30])[:7]
    assert {"code": "own.since_break", "values": {"month": begun}} in json.loads(said)


def test_nothing_is_said_of_a_month_of_a_break_from_the_few_before_it(panel: xr.Dataset) -> None:
    found = judge_dynamics(panel, BOOK, past=OwnPast(panel, BOOK))
    row = list(panel["offence"].values).index("c1l1")
    assert np.isnan(found["expected"].values[row, 28:30]).all()
    assert np.isfinite(found["expected"].values[row, 27]).all()
    # the next level begins without a base, and has a short one after seven of its own months
    assert np.isnan(found["expected"].values[row, 30:37]).all()
    assert np.isfinite(found["expected"].values[row, 40]).all()


def test_the_level_after_a_long_excluded_span_is_no_fall_everywhere(panel: xr.Dataset) -> None:
    row = list(panel["offence"].values).index("c1l2")
    number = panel["stretch"].values.copy()
    number[row, 36:46] = -1
    count = panel["count"].copy()
    place = {"offence": row, "month": slice(46, None)}
    count[place] = np.round(count[place] * 0.6)
    after = panel.assign(count=count, stretch=(("offence", "month"), number))
    frame = rating_frame(judge_rating(after, BOOK))
    for at in (46, 47, 48):
        assert codes_of(frame, "c1l2", at) == {"own.settling"}
    assert codes_of(frame, "c1l2", 49) == set()
    changes = judge_dynamics(after, BOOK, past=OwnPast(after, BOOK))
    assert np.isnan(changes["p_fall"].values[row, 36:49]).all()
    unmarked = judge_dynamics(panel.assign(count=count).drop_vars("stretch"), BOOK)
    lower = [
        (found["p_fall"].values[row, at] <= 0.05).mean() for found, at in ((unmarked, 47), (changes, 50))
    ]
    assert lower[0] > 0.8  # all are 40 % below what was usual
    assert lower[1] < 0.4


def test_a_declared_jump_is_no_dispersion() -> None:
    rng = np.random.default_rng(5)
    mean = np.repeat([0.4, 3.0], 24)
    count = rng.poisson(mean[None, :, None], (1, 48, 150)).astype(float)
    number = np.repeat([0, 1], 24)[None, :, None]
    jumped, within = dispersion(count), dispersion(count, stretch=number)
    assert jumped[0, 30] > 1.5
    assert (within < 1.1).all()
    # what was known of φ lasts over the break: twelve months of the new level are not waited for
    pairs = 2.0 * rng.poisson(mean[None, :, None] / 2, count.shape)
    assert dispersion(pairs, stretch=number)[0, 25] == pytest.approx(2.0, rel=0.15)
    left_out = np.where(np.arange(48) >= 40, -1, 0)[None, :, None]
    np.testing.assert_array_equal(
        dispersion(count, stretch=left_out)[0, :40], dispersion(np.where(left_out < 0, np.nan, count))[0, :40]
    )


@pytest.mark.parametrize(("period", "step", "periods"), [("year", 12, 8), ("quarter", 3, 20)])
def test_indicators_on_coarse_periods(period: str, step: int, periods: int) -> None:
    rng = np.random.default_rng(2)
    counts = clean_counts(rng, np.full(len(BOOK.leaves), 300.0), periods, np.ones(22), heterogeneity=0.003)
    panel = panel_of(counts, BOOK, [0] * 10 + [1] * 12)
    months = np.datetime64("2010-01", "M") + step * np.arange(periods)
    panel = panel.assign_coords(month=months.astype("datetime64[s]"))
    panel.attrs["period"] = period
    rating = rating_frame(judge_rating(panel, BOOK))
    reasons = rating["reason"].astype(str)
    silent = rating["p_own"].isna()
    assert silent.any()
    if period == "year":
        assert (reasons[silent].str.contains("yearly")).all()
        assert not reasons[~silent].str.contains("yearly").any()
    else:
        assert (reasons[silent].str.contains("own.short_history")).all()
    dynamics = judge_dynamics(panel, BOOK)
    assert np.isnan(dynamics["p_rise"].values[:, 0]).all()
    assert dynamics["p_rise"].values[:, -1].shape == (len(BOOK.codes), 22)
    mixes = judge_structure(panel, BOOK)["p_value"].sel(offence="all").values
    assert ((mixes[-1] >= 0) & (mixes[-1] <= 1)).all()
