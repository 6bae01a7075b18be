"""Both halves in the rating: what is tested, which half is said to have fired, what stands in a list of its own."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from rating_panels import book, clean_counts, panel_of

from gis_layers.indicators.norm import judge_own
from gis_layers.indicators.rating import judge_rating, rating_frame
from gis_layers.messages import render_all

BOOK = book(2, 3)
LEAF = BOOK.leaves[0]
MONTHS = 50
NEWEST = pd.Timestamp("2019-02-01")
PEOPLE = np.full((22, MONTHS), 50_000.0)


def clean(seed: int = 7) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return clean_counts(rng, np.full(6, 40.0), MONTHS, np.ones(22), heterogeneity=0.002)


def judged(counts: np.ndarray, population: np.ndarray = PEOPLE) -> pd.DataFrame:
    panel = panel_of(counts, BOOK, [0] * 12 + [1] * 10, population=population, provisional=0)
    frame = rating_frame(judge_rating(panel, BOOK, months=["2019-02-01"]))
    frame = frame.astype({"district": str, "offence": str})
    return frame[frame["month"] == NEWEST].set_index(["offence", "district"])


def parts(reason: str) -> dict[str, dict[str, object]]:
    return {part["code"]: part["values"] for part in json.loads(reason)}


def test_p_own_is_the_own_halfs() -> None:
    counts = clean()
    own = judge_own(panel_of(counts, BOOK, [0] * 12 + [1] * 10, population=PEOPLE), BOOK, months=[MONTHS - 1])
    expected = own["p_own"].isel(month=0).to_series()
    found = judged(counts)["p_own"]
    assert found.sort_index().to_numpy() == pytest.approx(
        expected.swaplevel().loc[found.sort_index().index].to_numpy()
    )


def test_a_rise_beside_both_says_both() -> None:
    counts = clean()
    counts[0, -1, 3] += 70
    cell = judged(counts).loc[(LEAF, "d003")]
    assert cell["fired"] == "both"
    assert cell["q_value"] < 1e-4
    told = parts(cell["reason"])
    assert told["rating.signal"] == {"fired": "both"}
    assert told["rating.own_high"]["count"] == cell["count"]
    assert told["rating.own_high"]["upper"] < cell["count"]


def test_a_rise_of_a_district_that_is_usually_low_is_its_own() -> None:
    counts = clean()
    counts[0, :, 3] = np.random.default_rng(1).poisson(12, MONTHS)
    counts[0, -1, 3] = 42
    cell = judged(counts).loc[(LEAF, "d003")]
    assert cell["fired"] == "own"
    assert cell["level"] == 1  # the magnitude is the peers' half
    assert cell["p_own"] < 1e-5 < cell["p_peers"]
    told = parts(cell["reason"])
    assert {"rating.usual", "rating.own_high", "rating.signal"} <= set(told)
    for lang in ("en", "ru", "kk"):
        assert "42" in render_all(lang, json.loads(cell["reason"]), names=str)


def test_a_district_that_is_always_high_is_red_by_its_peers_and_standing() -> None:
    counts = clean()
    counts[0, :, 3] = np.random.default_rng(1).poisson(110, MONTHS)
    cell = judged(counts).loc[(LEAF, "d003")]
    assert cell["fired"] == "peers"
    assert cell["standing"]
    assert cell["points"] == 4
    assert "rating.own_high" not in parts(cell["reason"])


def test_high_by_both_halves_does_not_stand() -> None:
    counts = clean()
    counts[0, -4:, 3] += 70
    cell = judged(counts).loc[(LEAF, "d003")]
    assert cell["fired"] == "both"
    assert not cell["standing"]


def test_a_district_without_population_is_judged_beside_its_own_past_alone() -> None:
    counts = clean()
    counts[0, -1, 3] += 70
    people = PEOPLE.copy()
    people[3] = np.nan
    frame = judged(counts, people)
    cell = frame.loc[(LEAF, "d003")]
    assert cell["fired"] == "own"
    assert pd.isna(cell["p_peers"])
    assert cell["level"] == 0  # no rating without peers
    assert "rating.own_alone" in parts(cell["reason"])
    quiet = frame.loc[(BOOK.leaves[4], "d003")]
    assert quiet["fired"] == "none"
    assert quiet["q_value"] <= 1
    # one half there is: its p is not doubled
    assert cell["q_value"] <= judged(counts).loc[(LEAF, "d003")]["p_own"] * 22 * 6 * (1 + 1e-9)


def test_clean_cells_are_rarely_signals_with_two_halves() -> None:
    fired = [judged(clean(seed))["fired"].astype(str) for seed in range(4)]
    assert pd.concat(fired).ne("none").mean() < 0.01
