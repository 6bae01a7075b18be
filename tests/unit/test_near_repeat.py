"""Near repeat: hand-counted pairs, bands that hold their lower end, the same place apart, and odd sets of points."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gis_layers.errors import InputError, UsageError
from gis_layers.spread import Incidents, link_incidents, near_repeat, tracks
from gis_layers.spread.track_chance import track_chance

UTM = "EPSG:32643"


def points(rows: list[tuple[float, float, str]]) -> Incidents:
    x, y, day = zip(*rows, strict=True)
    return Incidents(np.array(x, float), np.array(y, float), np.array(day, "datetime64[s]"), UTM)


def pairs_of(table: pd.DataFrame) -> dict[tuple[float, int], int]:
    return {
        (float(row.metres_to), int(row.days_to)): int(row.pairs) for row in table.itertuples() if row.pairs
    }


def test_six_points_counted_by_hand() -> None:
    # a–b: one spot, 7 days; c is exactly 200 m from a and b; d 300 m from a and b, 100 m from c; e and f are far off
    six = points(
        [
            (0, 0, "2024-01-01"),
            (0, 0, "2024-01-08"),
            (200, 0, "2024-01-03"),
            (300, 0, "2024-01-15"),
            (5000, 0, "2024-01-01"),
            (5000, 399.999, "2024-01-01"),
        ]
    )
    table = near_repeat(six, np.random.default_rng(1), metres=(200, 400), days=(7, 14), permutations=19)
    assert pairs_of(table) == {
        (0.0, 14): 1,  # a–b: 7 days are of [7, 14)
        (200.0, 14): 1,  # c–d: 12 days
        (400.0, 7): 3,  # a–c 2 days and b–c 5 days, at exactly 200 m: of [200, 400); e–f
        (400.0, 14): 1,  # b–d 7 days; a–d are 14 days apart: beyond the last band
    }
    assert set(table["answer"]) == {"too_few"}
    assert table["p_value"].isna().all()


def test_hours_count_towards_days() -> None:
    two = points([(0, 0, "2024-01-01T23:00"), (50, 0, "2024-01-08T22:59")])
    table = near_repeat(two, np.random.default_rng(1), metres=(100,), days=(7,), permutations=3)
    assert pairs_of(table) == {(100.0, 7): 1}


def test_every_pair_stands_in_one_band_at_most_and_brute_force_agrees() -> None:
    rng = np.random.default_rng(5)
    many = Incidents(
        rng.integers(0, 30, 300) * 50.0, rng.integers(0, 30, 300) * 50.0,
        np.datetime64("2024-01-01", "D") + rng.integers(0, 90, 300), UTM,
    )  # fmt: skip
    table = near_repeat(many, rng, metres=(100, 250), days=(3, 10), permutations=1)
    i, j = np.triu_indices(300, 1)
    apart = np.hypot(many.x[i] - many.x[j], many.y[i] - many.y[j])
    gap = np.abs(many.days[i] - many.days[j])
    for row in table.itertuples():
        near = (
            apart == 0
            if row.metres_to == 0
            else (apart > 0) & (apart >= row.metres_from) & (apart < row.metres_to)
        )
        assert row.pairs == int((near & (gap >= row.days_from) & (gap < row.days_to)).sum())


def scattered(rng: np.random.Generator, n: int = 1200) -> Incidents:
    day = np.datetime64("2024-01-01", "D") + np.sort(rng.integers(0, 180, n))
    return Incidents(rng.uniform(0, 6000, n), rng.uniform(0, 6000, n), day, UTM)


def test_planted_repeats_are_found_and_chance_is_not() -> None:
    rng = np.random.default_rng(2)
    free = scattered(rng)
    table = near_repeat(free, rng, metres=(200, 400), days=(7, 14), permutations=199)
    tested = table[table["answer"] == "tested"]
    assert len(tested) == 4  # none lies on another: the band of the same place is too small
    assert (tested["p_value"] > 0.01).all()
    parent = rng.choice(len(free), 150, replace=False)
    both = Incidents(
        np.r_[free.x, free.x[parent] + rng.normal(0, 60, 150)],
        np.r_[free.y, free.y[parent] + rng.normal(0, 60, 150)],
        np.r_[free.day, free.day[parent] + rng.integers(1, 7, 150)], UTM,
    )  # fmt: skip
    found = near_repeat(both, rng, metres=(200, 400), days=(7, 14), permutations=199)
    first = found[(found["metres_to"] == 200) & (found["days_to"] == 7)].iloc[0]
    assert first["p_value"] == pytest.approx(1 / 200)
    assert first["ratio"] > 1.2
    assert first["pairs"] > first["upper"]


def test_a_season_alone_is_no_near_repeat() -> None:
    # all incidents of a month at one side of the town: exchanging days within months keeps that
    rng = np.random.default_rng(3)
    month = rng.integers(0, 6, 1500)
    day = (np.datetime64("2024-01", "M") + month).astype("datetime64[D]") + rng.integers(0, 28, 1500)
    moving = Incidents(month * 1500 + rng.uniform(0, 1500, 1500), rng.uniform(0, 3000, 1500), day, UTM)
    table = near_repeat(moving, rng, metres=(200, 400), days=(7, 14), permutations=99)
    assert (table["p_value"].dropna() > 0.01).all()


def test_all_points_on_one_spot_fill_one_band_alone() -> None:
    rng = np.random.default_rng(4)
    spot = Incidents(np.zeros(200), np.zeros(200), scattered(rng, 200).day, UTM)
    table = near_repeat(spot, rng, metres=(200,), days=(7, 14), permutations=49)
    assert table.loc[table["metres_to"] == 0, "answer"].eq("tested").all()
    assert table.loc[table["metres_to"] == 200, "answer"].eq("too_few").all()


@pytest.mark.parametrize("n", [0, 1])
def test_hardly_a_point_is_too_few(n: int) -> None:
    none = Incidents(np.zeros(n), np.zeros(n), np.full(n, "2024-01-01", "datetime64[D]"), UTM)
    assert set(near_repeat(none, np.random.default_rng(1), permutations=3)["answer"]) == {"too_few"}
    assert link_incidents(none, metres=200, days=7).tolist() == [-1] * n
    assert tracks(none, np.full(n, -1), offence="burglary").empty


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:2263"])
def test_degrees_and_feet_are_refused(crs: str) -> None:
    with pytest.raises(UsageError, match="project the points"):
        Incidents(np.zeros(1), np.zeros(1), np.full(1, "2024-01-01", "datetime64[D]"), crs)


def test_missing_places_and_falling_bands_are_refused() -> None:
    day = np.full(1, "2024-01-01", "datetime64[D]")
    with pytest.raises(InputError, match="no place"):
        Incidents(np.array([np.nan]), np.zeros(1), day, UTM)
    with pytest.raises(UsageError, match="rise"):
        near_repeat(
            Incidents(np.zeros(1), np.zeros(1), day, UTM), np.random.default_rng(1), metres=(400, 200)
        )


def test_chains_are_linked_in_space_and_in_time_and_tracked_by_date() -> None:
    seven = points(
        [
            (500_300, 4.8e6, "2024-01-09"),
            (500_000, 4.8e6, "2024-01-01"),
            (500_150, 4.8e6, "2024-01-30"),
            (500_160, 4.8e6, "2024-01-05"),
            (500_450, 4.8e6, "2024-02-13"),
            (500_300, 4.8e6, "2024-06-09"),
            (509_000, 4.8e6, "2024-01-05"),
        ]
    )
    chain = link_incidents(seven, metres=200, days=7)
    assert chain.tolist() == [0, 0, -1, 0, -1, -1, -1]
    track = tracks(seven, chain, offence="burglary", district=list("abcdefg"))
    assert track[["step", "district_from", "district_to"]].values.tolist() == [[1, "b", "d"], [2, "d", "a"]]
    assert track.crs.to_epsg() == 4326
    start, end = track.geometry.iloc[0].coords
    assert start[0] < end[0]


def test_chance_makes_chains_too_and_they_are_called_so() -> None:
    rng = np.random.default_rng(5)
    x, y = rng.random((2, 500)) * 1_800
    day = np.datetime64("2024-01-01") + rng.integers(0, 300, 500)
    chain, told = track_chance(Incidents(x, y, day, UTM), rng, metres=200, days=7, fields=19)
    assert len(told) > 3, "where much is recorded there are chains"
    assert (told["share"] > 0.05).all(), "and none of them stands out"
    assert chain.max() == len(told) - 1
    assert told["incidents"].tolist() == np.bincount(chain[chain >= 0]).tolist()


def test_a_spot_hit_again_and_again_is_no_track() -> None:
    same = points([(0, 0, f"2024-01-0{day}") for day in range(1, 7)])
    chain, told = track_chance(same, np.random.default_rng(1), metres=200, days=7)
    assert told.empty
    assert (chain == -1).all()
