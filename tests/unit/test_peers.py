"""Peer groups are rectangles whose rule is the whole truth about them."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis_layers.districts import peer_groups, stability
from gis_layers.districts.peers import assign, columns_of, round_between
from gis_layers.districts.stability import rand_indices
from gis_layers.errors import UsageError


def country(rng: np.random.Generator, raions: int = 60, cities: int = 20) -> pd.DataFrame:
    size = raions + cities
    population = np.exp(rng.normal(10.3, 0.9, size)).round()
    return pd.DataFrame(
        {
            "district": [f"d{place:03}" for place in range(size)],
            "status": ["raion"] * raions + ["city"] * cities,
            "population": population,
            "density": population / np.exp(rng.normal(8, 1, size)),
        }
    )


def brute_force(frame: pd.DataFrame, groups: int, least: int) -> set[frozenset[str]]:
    """The same cuts by trying every one and computing both sums of squares from scratch."""
    logs = np.log(frame[["population", "density"]].to_numpy())
    scaled = logs / logs.std(axis=0)
    parts = [np.flatnonzero(frame["status"] == one) for one in sorted(frame["status"].unique())]

    def squares(part: np.ndarray) -> float:
        return float(((scaled[part] - scaled[part].mean(axis=0)) ** 2).sum())

    while len(parts) < groups:
        found = []
        for place, part in enumerate(parts):
            for measure in (0, 1):
                order = part[np.argsort(logs[part, measure], kind="stable")]
                for at in range(least, len(order) - least + 1):
                    gain = squares(part) - squares(order[:at]) - squares(order[at:])
                    found.append((gain, place, order[:at], order[at:]))
        if not found:
            break
        _, place, below, above = max(found, key=lambda cut: cut[0])
        parts[place : place + 1] = [below, above]
    return {frozenset(frame["district"].iloc[part]) for part in parts}


def test_cuts_are_those_that_reduce_the_variance_most() -> None:
    frame = country(np.random.default_rng(3))
    found = peer_groups(frame, groups=7, min_size=6)
    assert {frozenset(one) for one in found.table["members"]} == brute_force(frame, 7, 6)


def test_status_is_a_hard_stratum_and_sizes_are_kept() -> None:
    frame = country(np.random.default_rng(4))
    found = peer_groups(frame, groups=8, min_size=8)
    assert len(found.table) <= 8
    assert found.table["size"].min() >= 8
    mixed = frame.groupby(found.of.to_numpy())["status"].nunique()
    assert (mixed == 1).all()


def test_the_rules_alone_give_back_the_members() -> None:
    frame = country(np.random.default_rng(5))
    found = peer_groups(frame, groups=8, min_size=5)
    shuffled = frame.sample(frac=1, random_state=1)
    member = assign(list(found.rules.values()), *columns_of(shuffled))
    names = np.array(list(found.rules))
    assert (member >= 0).all()
    assert dict(zip(shuffled["district"], names[member], strict=True)) == found.of.to_dict()


def test_each_district_fits_one_rule_only_and_the_sentence_carries_that_rule() -> None:
    frame = country(np.random.default_rng(6))
    found = peer_groups(frame, groups=8, min_size=5)
    held = np.array([rule.contains(*columns_of(frame)) for rule in found.rules.values()])
    assert (held.sum(axis=0) == 1).all()
    for row in found.table.itertuples():
        (said,) = row.sentence
        assert said["code"] == "peer_group.rule"
        values = said["values"]
        inside = frame["status"] == values["status"]
        for measure in ("population", "density"):
            rule, low, below = (values[f"{measure}_{key}"] for key in ("rule", "from", "below"))
            assert (
                rule
                == {(0, 0): "any", (1, 0): "from", (0, 1): "below", (1, 1): "between"}[
                    low is not None, below is not None
                ]
            )
            inside &= (frame[measure] >= (low or 0)) & (frame[measure] < (below or np.inf))
        assert frame.loc[inside, "district"].tolist() == row.members


def test_districts_without_population_or_area_have_no_group() -> None:
    frame = country(np.random.default_rng(7))
    frame.loc[[0, 1, 2], "population"] = [np.nan, 0.0, -1.0]
    frame.loc[3, "density"] = np.nan
    found = peer_groups(frame)
    assert found.of.isna().sum() == 4
    assert found.table["size"].sum() == len(frame) - 4


def test_without_any_population_there_are_no_groups() -> None:
    frame = country(np.random.default_rng(8)).assign(population=np.nan, density=np.nan)
    found = peer_groups(frame)
    assert found.table.empty
    assert found.of.isna().all()


def test_equal_districts_cannot_be_cut() -> None:
    frame = country(np.random.default_rng(9)).assign(population=1000.0, density=2.0)
    assert peer_groups(frame).table["size"].tolist() == [20, 60]


def test_districts_without_status_are_one_stratum() -> None:
    frame = country(np.random.default_rng(10), cities=0).assign(status=None)
    found = peer_groups(frame, groups=2, min_size=8)
    assert found.table["peer_group"].tolist() == ["group-1", "group-2"]


def test_groups_do_not_depend_on_the_order_of_rows() -> None:
    frame = country(np.random.default_rng(11))
    other = peer_groups(frame.iloc[::-1])
    assert peer_groups(frame).of.to_dict() == other.of.to_dict()


def test_missing_columns_are_named() -> None:
    with pytest.raises(UsageError, match="density"):
        peer_groups(pd.DataFrame({"district": [], "status": [], "population": []}))


@given(st.floats(1e-6, 1e9), st.floats(1e-9, 10))
def test_thresholds_lie_between_the_districts_they_part(low: float, gap: float) -> None:
    high = low * (1 + gap)
    if high > low:
        assert low < round_between(low, high) <= high


def test_thresholds_are_round() -> None:
    assert round_between(23_412, 24_806) == 24_000
    assert round_between(0.0971, 0.0974) in (0.0972, 0.0973)
    assert round_between(5, 5.2) == 5.1
    assert round_between(1.0, 2.0) in (1.5, 2.0)


def test_rand_indices_agree_with_counting_pairs() -> None:
    rng = np.random.default_rng(2)
    one, other = rng.integers(0, 4, 40), rng.integers(0, 3, 40)
    agree = [(one[a] == one[b]) == (other[a] == other[b]) for a, b in itertools.combinations(range(40), 2)]
    assert rand_indices(one, other)[0] == pytest.approx(np.mean(agree))
    assert abs(rand_indices(one, other)[1]) < 0.15


def test_stability_is_high_where_groups_are_plain_and_repeats_with_its_seed() -> None:
    base = pd.DataFrame(
        {
            "district": [f"d{place}" for place in range(40)],
            "status": "raion",
            "population": [1_000.0 + place for place in range(20)]
            + [90_000.0 + place for place in range(20)],
            "density": 1.0,
        }
    )
    plain = stability(base, groups=2, min_size=8, draws=20, rng=np.random.default_rng(1))
    assert plain.rand == 1.0
    frame = country(np.random.default_rng(12))
    first = stability(frame, groups=8, draws=20, rng=np.random.default_rng(1))
    assert first == stability(frame, groups=8, draws=20, rng=np.random.default_rng(1))
    assert 0.2 < first.adjusted_rand < 1
