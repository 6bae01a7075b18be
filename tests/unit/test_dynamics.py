"""Dynamics: both tails of one prediction, the gate, short histories, shifts, plain change and evidence."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr
from rating_panels import book, clean_counts, panel_of

from gis_layers.indicators import OwnPast, judge_dynamics, judge_rating
from gis_layers.indicators.dynamics import Bunching, Clues
from gis_layers.indicators.dynamics.change import plain_change
from gis_layers.indicators.dynamics.cusum import glr, shifts
from gis_layers.indicators.dynamics.evidence import Record, fall_months, of_fall, proxy_stays, rebound
from gis_layers.indicators.dynamics.instability import instability
from gis_layers.indicators.dynamics.short import short_history
from gis_layers.indicators.dynamics.signals import SIGNALS

BOOK = book(2, 2)
LEAVES = BOOK.leaves
DISTRICTS = 16
GROUPS = [n // 8 for n in range(DISTRICTS)]
MONTHS = 60


def leaf_counts(seed: int = 1, *, mean: float = 60, months: int = MONTHS) -> np.ndarray:
    rng = np.random.default_rng(seed)
    means = mean * np.array([1.0, 0.5, 0.1, 1.5])
    return clean_counts(rng, means, months, np.ones(DISTRICTS), heterogeneity=0.005)


def panel(counts: np.ndarray, **more: int) -> xr.Dataset:
    return panel_of(counts, BOOK, GROUPS, **more)


def signal_of(found: xr.Dataset, offence: str, district: int, month: int = -1) -> str | None:
    code = int(found["signal"].sel(offence=offence).values[month, district])
    return None if code < 0 else SIGNALS[code]


def evidence_of(
    found: xr.Dataset, offence: str, district: int, month: int = -1
) -> dict[str, dict[str, object]]:
    code = int(found["evidence"].sel(offence=offence).values[month, district])
    items = json.loads(found["evidence"].attrs["categories"][code]) if code >= 0 else []
    return {item["code"]: item["values"] for item in items}


def newest(counts: np.ndarray, **more: object) -> xr.Dataset:
    made = panel(counts)
    return judge_dynamics(made, BOOK, months=made["month"].values[-1:], **more)


def test_a_rise_is_an_outbreak_and_a_fall_a_fall() -> None:
    counts = leaf_counts()
    counts[0, -1, 0], counts[0, -1, 1], counts[2, -1, 2] = 140, 12, 40
    found = newest(counts)
    assert signal_of(found, LEAVES[0], 0) == "outbreak"
    assert signal_of(found, LEAVES[0], 1) == "fall"
    assert signal_of(found, LEAVES[2], 2) == "outbreak", "a rise needs no gate: 40 where 6 are expected"
    assert signal_of(found, LEAVES[0], 5) == "norm"
    assert signal_of(found, LEAVES[1], 5) == "norm_rise_only", "30 expected: a halving would not be seen"


def test_a_fall_where_little_is_expected_is_never_told() -> None:
    counts = leaf_counts(mean=20)
    counts[0, -3:, 0] = 0
    found = newest(counts)
    assert signal_of(found, LEAVES[0], 0) in ("norm_rise_only", "too_few")
    assert found["p_fall"].sel(offence=LEAVES[0]).values[0, 0] < 1e-4, "p is published all the same"


def test_what_the_rating_found_out_of_the_past_is_not_worked_out_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = panel(leaf_counts())
    past = OwnPast(made, BOOK)
    judge_rating(made, BOOK, past=past)
    alone = judge_dynamics(made, BOOK)
    monkeypatch.setattr("gis_layers.indicators.norm.walk._expected", None)
    monkeypatch.setattr("gis_layers.indicators.norm.walk._foretold", None)
    xr.testing.assert_identical(judge_dynamics(made, BOOK, past=past), alone)


def test_the_newest_month_alone_is_the_newest_of_the_whole_history() -> None:
    made = panel(leaf_counts())
    whole, alone = judge_dynamics(made, BOOK), judge_dynamics(made, BOOK, months=made["month"].values[-1:])
    for name in alone.data_vars:
        if name != "evidence":
            np.testing.assert_array_equal(alone[name].values, whole[name].values[:, -1:], err_msg=str(name))


def test_p_rise_is_p_own_of_the_rating() -> None:
    made = panel(leaf_counts())
    rating, found = judge_rating(made, BOOK), judge_dynamics(made, BOOK)
    old = ~np.isnan(rating["p_own"].values)
    np.testing.assert_array_equal(found["p_rise"].values[old], rating["p_own"].values[old])


def test_an_incomplete_month_is_shown_and_not_judged() -> None:
    found = judge_dynamics(panel(leaf_counts(), incomplete=1), BOOK)
    last = found.isel(month=-1)
    assert (last["signal"].values == SIGNALS.index("incomplete")).all()
    for name in ("p_rise", "p_fall", "q_value", "change_month", "ytd"):
        assert last[name].isnull().all(), name
    assert last["expected"].notnull().any()


def test_what_was_not_collected_has_no_signal() -> None:
    counts = leaf_counts().astype(float)
    counts[0, -1, 3] = np.nan
    found = newest(counts)
    assert signal_of(found, LEAVES[0], 3) is None
    assert np.isnan(found["p_rise"].sel(offence=LEAVES[0]).values[0, 3])


def test_a_short_history_is_judged_upward_beside_its_group() -> None:
    counts = leaf_counts(months=14)
    counts[0, -1] = np.round(counts[0, -1] * 1.6)  # what all districts share is no outbreak
    counts[0, -1, 0] = 260
    found = newest(counts)
    assert signal_of(found, LEAVES[0], 0) == "outbreak"
    assert "dynamics.short" in evidence_of(found, LEAVES[0], 0)
    told = [signal_of(found, LEAVES[0], district) for district in range(1, DISTRICTS)]
    assert "outbreak" not in told
    assert "fall" not in told
    assert found["p_fall"].isnull().all()


def test_ears_needs_five_months() -> None:
    count = np.full((8, 7), 10.0)
    _, _, p = short_history(count, 6, np.zeros(8, dtype=int))
    assert np.isnan(p).all()
    _, _, p = short_history(np.full((8, 8), 10.0), 7, np.zeros(8, dtype=int))
    assert not np.isnan(p).any()


def test_a_lasting_shift_is_told_though_no_month_of_it_stands_out() -> None:
    rng = np.random.default_rng(3)
    counts = leaf_counts(3)
    counts[0, -8:, 0] = rng.poisson(85, 8)
    found = newest(counts)
    shift = evidence_of(found, LEAVES[0], 0)["dynamics.shift"]
    assert shift["way"] == "up"
    assert 4 <= int(str(shift["months"])) <= 12


def test_clean_series_seldom_alarm() -> None:
    rng = np.random.default_rng(5)
    mean = np.full((20_000, 12), 30.0)
    wide = rng.poisson(rng.gamma(mean / 0.5, 0.5))
    found = shifts(wide.astype(float), mean, {1: np.full(20_000, 1.5)})
    assert found.alarm.mean() < 0.001


def test_glr_is_twice_nothing_where_nothing_shifted() -> None:
    assert glr(np.array([17.0]), np.array([17.0]), np.array([2.0]))[0] == 0
    assert np.isnan(glr(np.array([3.0]), np.array([0.0]), np.array([1.0]))[0])


def test_plain_change_needs_a_base_of_ten() -> None:
    count = np.array([[9.0, 18, 10, 15] + [20] * 8 + [30, np.nan]]).reshape(1, 14, 1)
    found = plain_change(count, np.arange(14))
    assert np.isnan(found.change_month[0, 1, 0])
    assert found.change_month[0, 3, 0] == pytest.approx(0.5)
    assert np.isnan(found.change_year[0, 12, 0]), "the base is nine"
    assert found.ytd[0, 11, 0] == count[0, :12, 0].sum()
    assert np.isnan(found.ytd[0, 13, 0])
    assert np.isnan(found.change_ytd[0, 13, 0])
    assert found.ytd_last_year[0, 12, 0] == 9


def test_instability_is_beside_the_others_of_the_group() -> None:
    rng = np.random.default_rng(7)
    mean = np.full((20, 36), 40.0)
    count = rng.poisson(mean).astype(float)
    count[0] = rng.negative_binomial(40 / 4, 1 / 5, 36)
    count[1] = 40 + 12 * (-1.0) ** np.arange(36)
    found = instability(count, mean, np.zeros(20, dtype=int))
    assert found.relative[0] > 2.5
    assert found.p_value[0] < 1e-3
    assert found.von_neumann[1] > 3.5
    assert 1 < np.median(found.von_neumann[2:]) < 3
    assert 0.1 < np.median(found.robust_cv[2:]) < 0.2
    assert np.isnan(instability(count[:, :6], mean[:, :6], np.zeros(20, dtype=int)).relative).all()


def record(count: list[float], expected: float = 60.0) -> Record:
    cube = np.array(count, dtype=float).reshape(1, -1, 1)
    return Record(["theft"], cube, np.full(cube.shape, expected), np.full((1, 1), 1.2))


def test_a_fall_is_followed_back_three_months_at_most() -> None:
    assert fall_months(record([60.0] * 12 + [20]), 0, 0) == 1
    assert fall_months(record([60.0] * 12 + [20, 25]), 0, 0) == 2
    assert fall_months(record([60.0] * 8 + [20] * 5), 0, 0) == 3


def test_a_lesser_offence_that_takes_up_what_is_missing() -> None:
    count = np.full((2, 14, 1), 60.0)
    count[1] = 30
    count[0, -1], count[1, -1] = 20, 68
    made = Record(
        ["theft", "petty"], count, np.array([[[60.0]], [[30.0]]]) * np.ones_like(count), np.full((2, 1), 1.2)
    )
    clues = Clues(lesser={"theft": ("petty",)})
    items = {item["code"]: item["values"] for item in of_fall(made, clues, 0, 0)}
    assert items["evidence.lesser_rise"]["holds"] == "yes"
    assert items["evidence.lesser_rise"]["missing"] == 40
    count[1, -1] = 160  # far more than is missing: that is an outbreak of its own
    items = {item["code"]: item["values"] for item in of_fall(made, clues, 0, 0)}
    assert items["evidence.lesser_rise"]["holds"] == "no"


def test_cards_that_crowd_under_a_threshold_and_fields_left_empty() -> None:
    months = 14
    cards, filled = np.full((1, months, 1), 60.0), np.full((1, months, 1), 54.0)
    filled[0, -1] = 25
    near, known = np.full((months, 1), 3.0), np.full((months, 1), 40.0)
    near[-1] = 22
    bunching = Bunching("damage", 30.0, "theft", "petty", near, known)
    clues = Clues(
        cards=cards, filled={"method": filled, "place": np.full_like(cards, 54.0)}, bunching=(bunching,)
    )
    items = {item["code"]: item["values"] for item in of_fall(record([60.0] * 13 + [20]), clues, 0, 0)}
    assert items["evidence.bunching"]["holds"] == "yes"
    assert items["evidence.completeness"]["holds"] == "yes"
    assert items["evidence.completeness"]["attribute"] == "method"
    assert items["evidence.too_smooth"]["holds"] == "yes", "sixty every month is too smooth"


def test_a_true_decline_has_nothing_against_it() -> None:
    rng = np.random.default_rng(2)
    count = np.append(rng.poisson(60, 13), 24).astype(float)
    calls = np.round(0.9 * count)
    item = proxy_stays("calls", count, calls, 13)
    assert item is not None
    assert item["values"]["holds"] == "no"
    assert proxy_stays("calls", count, np.full(14, np.nan), 13) is None


def test_a_rebound_is_told_by_the_month_after_the_quarter() -> None:
    counts = leaf_counts(9)
    december = 47  # the panel begins in January
    counts[0, december, 0], counts[0, december + 1, 0] = 10, 105
    made = panel(counts)
    found = judge_dynamics(made, BOOK, months=made["month"].values[[december, december + 1]])
    assert signal_of(found, LEAVES[0], 0, 0) == "fall"
    assert evidence_of(found, LEAVES[0], 0, 1)["evidence.rebound"]["holds"] == "yes"
    assert rebound((50.0, 60.0), (61.0, 60.0), 1.0)["values"]["holds"] == "no"


def test_nothing_asked_is_nothing_judged() -> None:
    found = judge_dynamics(panel(leaf_counts()), BOOK, months=[])
    assert found.sizes["month"] == 0
    assert "signal" in found
