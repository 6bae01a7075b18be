"""The scan: against every cylinder tried one by one, where there is nothing to scan, and on clean counts."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import shapely
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from gis_layers.errors import UsageError
from gis_layers.messages import LANGUAGES, render
from gis_layers.places.clusters import (
    ScanRules,
    circular_zones,
    flexible_zones,
    judge_clusters,
    log_likelihood_ratio,
    margin_expected,
    pearson_dispersion,
    scan,
)
from gis_layers.places.clusters.evidence import Scanned, evidence_of
from gis_layers.places.clusters.inference import Null
from gis_layers.places.clusters.replicates import poisson_replicates
from gis_layers.places.clusters.scan import Cluster
from gis_layers.places.clusters.search import Replicates, Windows, search


def line(places: int) -> np.ndarray:
    return np.abs(np.arange(float(places))[:, None] - np.arange(float(places)))


def by_hand(count, expected, zones, windows, direction) -> float:
    best = 0.0
    for size, generation in enumerate(zones.generations, start=1):
        for zone in range(len(generation)):
            who = zones.members(size, zone)
            for end in range(1, windows.steps + 1):
                for start in range(max(end - windows.longest, 0), end):
                    if windows.alive and end < windows.steps:
                        continue
                    c, e = count[who, start:end].sum(), expected[who, start:end].sum()
                    if (c > e and c >= 2) if direction == "high" else c < e:
                        best = max(best, float(log_likelihood_ratio(c, e, count.sum())))
    return best


@settings(deadline=None, max_examples=25)
@given(
    st.integers(0, 10_000),
    st.sampled_from(["high", "low"]),
    st.booleans(),
    st.booleans(),
    st.sampled_from([0.3, 3.0, 60.0]),
)
def test_every_cylinder_is_tried(seed: int, direction: str, alive: bool, flexible: bool, mean: float) -> None:
    rng = np.random.default_rng(seed)
    expected = rng.gamma(2, mean / 2, (9, 7))
    spots = rng.random((9, 2))
    far = np.hypot(*(spots[:, None] - spots).transpose(2, 0, 1))
    load = expected.sum(axis=1)
    links = sparse.csr_array(line(9) == 1)
    zones = flexible_zones(far, links, load, most=4) if flexible else circular_zones(far, load)
    windows = Windows(7, 3, alive)
    total = int(expected.sum())
    if total == 0:
        return
    expected *= total / expected.sum()
    drawn = poisson_replicates(expected, total, 6, rng)
    told = [by_hand(one, expected, zones, windows, direction) for one in drawn]
    found = Replicates(expected, total, zones, windows, direction).largest(drawn)
    np.testing.assert_allclose(found, told, atol=1e-9)
    real = search(drawn[0], expected, zones, windows, direction)
    assert real.ratio.max(initial=0) == pytest.approx(told[0])


def test_large_totals_do_not_wrap() -> None:
    rng = np.random.default_rng(1)
    expected = np.full((9, 6), 12_000.0)
    zones, windows = circular_zones(line(9), expected.sum(axis=1)), Windows(6, 3)
    drawn = poisson_replicates(expected, int(expected.sum()), 3, rng)
    found = Replicates(expected, int(expected.sum()), zones, windows, "high").largest(drawn)
    np.testing.assert_allclose(found, [by_hand(one, expected, zones, windows, "high") for one in drawn])


def test_zones_hold_at_most_their_share() -> None:
    load = np.array([1.0, 1, 1, 7, 1, 1])
    zones = circular_zones(line(6), load, share=0.5)
    held = {
        frozenset(zones.members(size, zone))
        for size, generation in enumerate(zones.generations, start=1)
        for zone in range(len(generation))
    }
    assert max(load[list(zone)].sum() for zone in held) <= 6
    assert frozenset([3]) not in held
    assert len(held) == len(zones)


def test_flexible_zones_are_connected_and_complete() -> None:
    x, y = np.divmod(np.arange(9), 3)
    near = abs(x[:, None] - x) + abs(y[:, None] - y)
    zones = flexible_zones(near.astype(float), sparse.csr_array(near == 1), np.ones(9), share=1, most=3)
    of_two = {frozenset(zones.members(2, zone)) for zone in range(len(zones.generations[1]))}
    assert len(of_two) == 12
    assert all(near[tuple(pair)] == 1 for pair in map(sorted, of_two))
    with pytest.raises(UsageError, match="1 to 12"):
        flexible_zones(near.astype(float), sparse.csr_array(near == 1), np.ones(9), most=13)


def test_finds_a_bent_cluster_that_circles_miss() -> None:
    rng = np.random.default_rng(3)
    x, y = np.divmod(np.arange(49), 7)
    near = np.maximum(abs(x[:, None] - x), abs(y[:, None] - y))
    far = np.hypot(x[:, None] - x, y[:, None] - y)
    bent = np.array([16, 24, 32, 18])  # a V around the middle
    count = rng.poisson(10, (49, 12))
    count[bent, 8:] += 8
    mean = np.full(count.shape, 10.0)
    links = sparse.csr_array(near == 1)
    zones = flexible_zones(far, links, mean.sum(axis=1), most=9)
    found = scan(count, zones, rng=rng, expected=mean, model="poisson", replicates=19).clusters[0]
    round_ = scan(count, circular_zones(far, mean.sum(axis=1)), rng=rng, expected=mean, model="poisson",
                  replicates=0).clusters[0]  # fmt: skip
    assert len(set(bent.tolist()) & set(found.districts)) == 4
    assert found.ratio > round_.ratio
    assert found.start in (7, 8)
    assert found.end == 12


def test_low_and_lasting_and_permuted() -> None:
    rng = np.random.default_rng(5)
    count = rng.poisson(20, (25, 24))
    count[4:8, 20:] = rng.poisson(6, (4, 4))
    zones = circular_zones(line(25), np.ones(25))
    low = scan(count, zones, rng=rng, model="permutation", direction="low", prospective=True, replicates=99)
    best = low.clusters[0]
    assert set(best.districts) == {4, 5, 6, 7}
    assert (best.end, best.p_monte_carlo) == (24, 0.01)
    assert best.count < best.expected
    assert best.recurrence(1 / 12) > 8


def test_the_same_seed_gives_the_same_answer() -> None:
    count = np.random.default_rng(1).poisson(4, (15, 10))
    zones = circular_zones(line(15), np.ones(15))
    one, other = (
        scan(count, zones, rng=np.random.default_rng(9), model="permutation", replicates=150)
        for _ in range(2)
    )
    assert one.clusters == other.clusters
    assert (one.null.largest == other.null.largest).all()


def test_stops_early_where_there_is_nothing() -> None:
    count = np.full((15, 10), 5)
    count[3, 3] = 6
    zones = circular_zones(line(15), np.ones(15))
    found = scan(count, zones, rng=np.random.default_rng(1), model="permutation", stop_after=20)
    assert len(found.null.largest) < 200
    assert found.clusters[0].p_value > 0.5


@pytest.mark.parametrize("count", [np.zeros((5, 4)), np.ones((1, 4)), np.ones((5, 1))])
def test_nothing_to_scan(count: np.ndarray) -> None:
    zones = circular_zones(line(len(count)), np.ones(len(count)), share=1)
    assert scan(count, zones, rng=np.random.default_rng(1), model="permutation").clusters == ()


@pytest.mark.parametrize("bad", [np.nan, -1.0, 0.5])
def test_counts_that_are_none(bad: float) -> None:
    count = np.ones((5, 4))
    count[2, 2] = bad
    with pytest.raises(UsageError, match="whole counts"):
        scan(count, circular_zones(line(5), np.ones(5)), rng=np.random.default_rng(1), model="permutation")


def test_real_counts_need_a_variance() -> None:
    with pytest.raises(UsageError, match="variance"):
        scan(np.ones((5, 4)), circular_zones(line(5), np.ones(5)), rng=np.random.default_rng(1))


def clean_runs(runs: int, replicates: int) -> int:
    """Return in how many runs on negative binomial counts at φ = 2, margins and φ fitted, a cluster is found."""
    found = 0
    for run in range(runs):
        rng = np.random.default_rng([7, run])
        spots = rng.random((40, 2))
        far = np.hypot(*(spots[:, None] - spots).transpose(2, 0, 1))
        mean = np.tile(rng.lognormal(2, 0.7, 40)[:, None], (1, 36))
        count = rng.poisson(rng.gamma(mean, 1.0))
        fitted = margin_expected(count)
        variance = fitted * pearson_dispersion(count, fitted, fitted=40 + 36 - 1)
        zones = circular_zones(far, fitted.sum(axis=1), share=0.25)
        best = scan(count, zones, rng=rng, expected=fitted, variance=variance, replicates=replicates, stop_after=20,
                    longest=12).clusters[0]  # fmt: skip
        found += best.p_value <= 0.05
    return found


def test_few_clusters_on_clean_counts() -> None:
    assert clean_runs(8, 96) <= 2


@pytest.mark.slow
def test_at_most_nine_of_a_hundred_clean_runs_find_a_cluster() -> None:
    found = clean_runs(100, 999)
    assert found <= 9, f"{found} of 100 clean runs at φ = 2 find a cluster"


def panel_of(count: np.ndarray) -> xr.Dataset:
    places, offences, months = count.shape
    return xr.Dataset(
        {"count": (("district", "offence", "month"), count.astype(float))},
        coords={
            "district": [f"d{n:02}" for n in range(places)],
            "offence": [f"o{n}" for n in range(offences)],
            "month": pd.date_range("2020-01-01", periods=months, freq="MS").astype("datetime64[s]"),
        },
    )


def test_judge() -> None:
    count = np.random.default_rng(1).poisson(10.0, (30, 2, 36)).astype(float)
    count[10:13, 0, 20:24] += 14
    count[20, 0, 5] = np.nan
    count[:, 1, :] = 0
    x = np.arange(30.0) / 10
    boxes = shapely.box(x, 0, x + 0.1, 0.1)
    found = judge_clusters(panel_of(count), boxes, rules=ScanRules(replicates=96))
    best = found.iloc[0]
    assert json.loads(best["districts"]) == ["d10", "d11", "d12"]
    assert (str(best["first_month"].date()), str(best["last_month"].date())) == ("2021-09-01", "2021-12-01")
    assert np.isnan(best["recurrence_interval"])
    assert best.geometry.area == pytest.approx(0.03)
    assert found.crs.to_epsg() == 4326
    assert not found["districts"].str.contains("d20").any()
    assert found["cluster"].is_unique
    assert set(found["offence"]) == {"o0"}


def test_a_lasting_cluster_keeps_its_name_when_a_month_is_added() -> None:
    count = np.random.default_rng(1).poisson(10.0, (30, 1, 37)).astype(float)
    count[10:13, 0, 33:] += 30
    count[20:22, 0, 5:8] += 40
    x = np.arange(30.0) / 10
    boxes = shapely.box(x, 0, x + 0.1, 0.1)
    before, after = (
        judge_clusters(panel_of(count[..., :months]), boxes, rules=ScanRules(replicates=49))
        for months in (36, 37)
    )
    for found, last in ((before, "2022-12"), (after, "2023-01")):
        assert found["cluster"].is_unique
        names = found.set_index("cluster")
        assert str(names.loc["o0-d10-2022-10", "last_month"])[:7] == last
        assert names.loc["o0-d10-2022-10", "recurrence_interval"] > 0
        assert np.isnan(names.loc["o0-d20-2020-06-2020-08", "recurrence_interval"])


def test_what_was_expected_is_told() -> None:
    panel = panel_of(np.random.default_rng(1).poisson(10.0, (30, 2, 24)))
    panel["count"][10:13, :, -4:] += 30
    norm = panel.assign(expected=panel["count"] * 0 + 10.0, variance=panel["count"] * 0 + 12.0)
    norm["expected"][5, 1, 7] = np.nan  # one cell of the second offence
    x = np.arange(30.0) / 10
    boxes = shapely.box(x, 0, x + 0.1, 0.1)
    for scanned, by in ((norm, {"o0": "norm", "o1": "margins"}), (panel, {"o0": "margins", "o1": "margins"})):
        found = judge_clusters(scanned, boxes, rules=ScanRules(replicates=19))
        assert set(found["offence"]) == {"o0", "o1"}
        for row in found.itertuples():
            told = {part["code"]: part["values"] for part in json.loads(row.evidence)}
            assert told["cluster.expected"] == {"by": by[row.offence]}
    words = {render(lang, "cluster.expected", {"by": by}) for lang in LANGUAGES for by in ("norm", "margins")}
    assert len(words) == 6


def told_of(p_value: float, recurrence: float) -> list[dict]:
    cases = np.full((6, 8), 10.0)
    cases[0, 3], cases[0, 4] = 90, 80
    field = Scanned(cases, np.full((6, 8), cases.mean()), Null(np.random.default_rng(1).gumbel(3, 0.5, 199)))
    one = Cluster((0,), 3, 5, "high", 170, 27.0, 60.0, p_value, 0.005, p_value)
    return evidence_of(
        one, field, districts=list("abcdef"), months=[f"2022-0{n}" for n in range(1, 9)], cut=0.05,
        recurrence=recurrence,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("lang", "chance", "years", "tail"),
    [
        ("en", "under 0.0001", "over 1,000 years", "Gumbel"),
        ("ru", "меньше 0,0001", "реже чем раз в 1000 лет", "Гумбеля"),
        ("kk", "0,0001-ден аз", "1000 жылда бір реттен де сирек", "Гумбель"),
    ],
)
def test_no_sentence_is_surer_than_anybody_is(lang: str, chance: str, years: str, tail: str) -> None:
    def words(p_value: float, recurrence: float) -> dict[str, str]:
        parts = told_of(p_value, recurrence)
        return {part["code"]: render(lang, part["code"], part["values"]) for part in parts}

    sure = words(3.3e-23, 2.56e21)
    assert chance in sure["cluster.chance"]
    assert tail in sure["cluster.chance"]
    assert years in sure["cluster.lasts"]
    assert chance in sure["cluster.without_month"]
    for sentence in sure.values():
        assert "000000" not in sentence.replace(" ", "").replace(",", "").replace(chr(160), "")
    usual = words(0.02, 4.2)
    assert chance not in usual["cluster.chance"]
    assert tail not in usual["cluster.chance"]
    assert years not in usual["cluster.lasts"]
    assert "4" in usual["cluster.lasts"]
    assert tail in words(0.004, 21.0)["cluster.chance"], "199 replicates rank no p under 0.005"
    values = {part["code"]: part["values"] for part in told_of(3.3e-23, 2.56e21)}
    assert values["cluster.chance"]["p"] == 3.3e-23
    assert values["cluster.lasts"]["years"] == 2.56e21


@pytest.mark.parametrize("shape", [(1, 1, 24), (5, 1, 1), (5, 1, 24)])
def test_judge_with_nothing_to_compare(shape: tuple[int, int, int]) -> None:
    count = np.zeros(shape) if shape[0] > 1 and shape[2] > 1 else np.full(shape, 200.0)
    boxes = shapely.box(np.arange(shape[0]), 0, np.arange(shape[0]) + 1, 1)
    found = judge_clusters(panel_of(count), boxes)
    assert found.empty
    assert found.columns.tolist()[:2] == ["cluster", "offence"]
