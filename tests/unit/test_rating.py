"""The peer half: gate, pooling, signals, standing, points and reasons on small invented panels."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from rating_panels import book, clean_counts, panel_of

from gis_layers.errors import InputError
from gis_layers.indicators.rating import judge_rating, rating_frame
from gis_layers.indicators.rating.funnel import peer_half
from gis_layers.indicators.rating.points import standing, year_points
from gis_layers.settings.area import RatingSection

BOOK = book()
LEAVES = BOOK.leaves
GROUPS = [0] * 10 + [1] * 12


def flat(mean: float = 30.0, months: int = 14, districts: int = 22) -> np.ndarray:
    """Counts that are exactly as expected everywhere."""
    return np.full((len(LEAVES), months, districts), mean)


def judged(counts: np.ndarray, **options: object) -> pd.DataFrame:
    frame = rating_frame(judge_rating(panel_of(counts, BOOK, GROUPS, **options), BOOK))  # type: ignore[arg-type]
    return frame.set_index(["offence", "month", "district"])


def codes(reason: str) -> list[str]:
    return [part["code"] for part in json.loads(reason)]


def test_rows_are_sorted_and_complete() -> None:
    frame = rating_frame(judge_rating(panel_of(flat(), BOOK, GROUPS), BOOK))
    keys = frame[["offence", "month", "district"]].astype({"offence": str, "district": str})
    assert keys.equals(keys.sort_values(["offence", "month", "district"], ignore_index=True))
    assert len(frame) == 22 * 14 * len(BOOK.codes)
    assert frame["p_own"].isna().all()
    assert not frame["suppressed"].any()


def test_planted_outbreak_is_a_signal_on_its_leaf_and_stands_out_above_it() -> None:
    rng = np.random.default_rng(7)
    counts = clean_counts(rng, np.full(len(LEAVES), 30.0), 14, np.full(22, 1.0), heterogeneity=0.003)
    counts[5, 10, 3] += 45
    frame = judged(counts)
    month = pd.Timestamp("2015-11-01")
    cell = frame.loc[(LEAVES[5], month, "d003")]
    assert cell["fired"] == "peers"
    assert cell["magnitude"] > 5
    assert cell["level"] == 5
    assert cell["points"] == 4
    assert cell["count"] > cell["upper"]
    assert codes(cell["reason"])[:2] == ["rating.high", "rating.signal"]
    node = frame.loc[("all", month, "d003")]
    assert node["magnitude"] > 3
    part = next(p for p in json.loads(node["reason"]) if p["code"] == "rating.part")
    assert part["values"]["offence"] == LEAVES[5]
    quiet = frame.xs(month, level="month").drop(index="d003", level="district")
    assert (quiet["fired"] == "none").all()


def test_eight_where_half_was_expected_is_a_signal_below_the_gate() -> None:
    counts = flat()
    rng = np.random.default_rng(3)
    counts[2] = rng.poisson(0.5, counts[2].shape)
    counts[2, 12, 4] = 8
    cell = judged(counts).loc[(LEAVES[2], pd.Timestamp("2016-01-01"), "d004")]
    assert cell["expected"] < 2
    assert cell["magnitude"] > 3
    assert cell["fired"] == "peers"
    assert pd.isna(cell["pooled_period"])


def test_four_cards_are_never_a_signal() -> None:
    counts = flat()
    counts[2] = 0
    counts[2, 12, 4] = 4
    frame = judged(counts)
    rows = frame.xs(LEAVES[2], level="offence")
    assert (rows["fired"] != "peers").all()


def test_rare_leaf_climbs_the_ladder() -> None:
    counts = flat(8.0)
    counts[0] = 0.5 * 2
    frame = judged(counts)
    last = pd.Timestamp("2016-02-01")
    by_quarter = frame.loc[(LEAVES[1], last, "d001")]
    assert (by_quarter["pooled_period"], by_quarter["pooled_offence"]) == ("rolling3", LEAVES[1])
    by_category = frame.loc[(LEAVES[0], last, "d001")]
    assert (by_category["pooled_period"], by_category["pooled_offence"]) == ("month", "c0")
    assert by_category["level"] >= 1
    assert codes(by_category["reason"])[-2:] == ["rating.pooled_category", "own.short_history"]
    early = frame.loc[(LEAVES[1], pd.Timestamp("2015-01-01"), "d001")]
    assert early["pooled_offence"] == "c0"


def test_nothing_passes_is_too_few() -> None:
    frame = judged(flat(0.02) * 0 + (np.arange(22) % 11 == 0))
    cell = frame.loc[(LEAVES[0], pd.Timestamp("2015-03-01"), "d001")]
    assert cell["level"] == 0
    assert cell["points"] == 0
    assert pd.isna(cell["q_value"])
    assert codes(cell["reason"]) == ["rating.too_few", "own.short_history"]


def test_not_collected_and_incomplete_are_null_and_say_so() -> None:
    counts = flat()
    counts[:, 4, 6] = np.nan
    frame = judged(counts, incomplete=1)
    missing = frame.loc[("all", pd.Timestamp("2015-05-01"), "d006")]
    assert pd.isna(missing["level"])
    assert pd.isna(missing["count"])
    assert codes(missing["reason"]) == ["rating.not_collected"]
    open_ = frame.loc[("all", pd.Timestamp("2016-02-01"), "d006")]
    assert open_["count"] == 30 * len(LEAVES)
    assert pd.isna(open_["level"])
    assert pd.isna(open_["magnitude"])
    assert codes(open_["reason"]) == ["rating.incomplete"]


def test_under_four_members_there_is_no_peer_half() -> None:
    panel = panel_of(flat(), BOOK, [0] * 19 + [1] * 3)
    frame = rating_frame(judge_rating(panel, BOOK)).set_index(["offence", "month", "district"])
    cell = frame.loc[("all", pd.Timestamp("2015-06-01"), "d020")]
    assert cell["level"] == 0
    assert pd.isna(cell["p_peers"])
    assert codes(cell["reason"]) == ["rating.no_peers", "own.short_history"]


def test_a_small_group_takes_the_spread_of_its_status() -> None:
    rng = np.random.default_rng(11)
    wide = rng.gamma(2, 0.5, 30)
    count = rng.poisson(200 * np.concatenate([wide, np.ones(5)]))[None, None, :].astype(float)
    group = np.array([0] * 30 + [1] * 5)
    found = peer_half(count, np.ones((1, 35)), group, np.zeros(35, dtype=int))
    assert found.heterogeneity[0, 0, -1] > 0.05
    alone = peer_half(count, np.ones((1, 35)), group, group)
    assert alone.heterogeneity[0, 0, -1] < 0.02


def test_verdicts_do_not_change_when_months_are_added() -> None:
    rng = np.random.default_rng(5)
    counts = clean_counts(rng, rng.uniform(0.5, 40, len(LEAVES)), 30, np.full(22, 1.0), heterogeneity=0.01)
    whole, cut = judged(counts), judged(counts[:, :22])
    columns = [
        "expected",
        "p_peers",
        "q_value",
        "magnitude",
        "level",
        "points_12m",
        "standing",
        "pooled_period",
    ]
    earlier = whole.loc[cut.index, columns]
    pd.testing.assert_frame_equal(earlier.astype(object), cut[columns].astype(object))


def test_standing_looks_at_six_judged_months() -> None:
    fired = np.array([1, 0, 1, 0, 0, 1, 0, 0, 0], dtype=bool)[None, :, None]
    all_judged = np.ones_like(fired)
    assert standing(fired, all_judged, months=3)[0, :, 0].tolist() == [False] * 5 + [True] + [False] * 3
    gap = all_judged.copy()
    gap[0, 3:5] = False
    assert standing(fired, gap, months=3)[0, :, 0].tolist() == [False] * 5 + [True, True, True, False]


def test_standing_keeps_its_points() -> None:
    rng = np.random.default_rng(13)
    counts = clean_counts(rng, np.full(len(LEAVES), 40.0), 16, np.full(22, 1.0), heterogeneity=0.003)
    counts[1, :, 2] *= 3
    frame = judged(counts).xs((LEAVES[1], "d002"), level=("offence", "district"))
    assert frame["standing"].iloc[-1]
    assert (frame["points"].iloc[-6:] > 0).all()
    assert "rating.standing" in codes(frame["reason"].iloc[-1])


def test_year_points_wait_for_nine_settled_months() -> None:
    points = np.ones((1, 16, 1))
    judged_cells = np.ones((1, 16, 1), dtype=bool)
    judged_cells[0, 3] = False
    rating, months = year_points(points, judged_cells, lag=2)
    assert np.isnan(rating[0, :11, 0]).all()
    assert rating[0, 11, 0] == 12
    assert months[0, :, 0].tolist() == [0, 0, 1, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11, 11, 11]


def test_harm_is_the_weighted_excess() -> None:
    counts = flat()
    counts[0, 3, 0] += 10
    panel = panel_of(counts, BOOK, GROUPS)
    harm = {"weights": {"grave": 5.0, "minor": 1.0}, "source": {"en": "invented"}}
    made = judge_rating(panel, BOOK, RatingSection.model_validate({"harm": harm}))
    leaf = made.sel(offence=LEAVES[0], district="d000").isel(month=3)
    assert float(leaf["harm"]) == pytest.approx(5 * (40 - float(leaf["expected"])))
    node = made.sel(offence="c0", district="d000").isel(month=3)
    assert float(node["harm"]) == pytest.approx(float(leaf["harm"]))
    assert np.isnan(judge_rating(panel, BOOK)["harm"].values).all()


def test_without_population_there_is_no_rating() -> None:
    with pytest.raises(InputError, match="population"):
        judge_rating(panel_of(flat(), BOOK, GROUPS).drop_vars("population"), BOOK)


def test_settings_move_the_gate() -> None:
    panel = panel_of(flat(10.0), BOOK, GROUPS)
    low = judge_rating(panel, BOOK, RatingSection.model_validate({"gate": 5}))
    assert (low["pooled_period"].values == -1).all()
    high = judge_rating(panel, BOOK, RatingSection.model_validate({"gate": 1e6}))
    assert (high["level"].values == 0).all()


def test_quarters_pool_to_a_year() -> None:
    panel = panel_of(flat(5.0), BOOK, GROUPS)
    panel.attrs["period"] = "quarter"
    frame = rating_frame(judge_rating(panel, BOOK))
    assert set(frame["period"]) == {"quarter"}
    assert set(frame["pooled_period"].dropna()) <= {"quarter", "rolling12"}
    assert frame["rate"].iloc[0] == pytest.approx(5 * len(LEAVES) * 4 / 50_000 * 10_000)
