"""The planted truth is what STATISTICS, section 12 says: numbers, sizes, distances, switches."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from gis_layers.demo import DemoCounts, Plants, demo_counts, read_truth
from gis_layers.demo.backdrop import DISPERSION
from gis_layers.demo.geography import country
from gis_layers.demo.offences import CODES, INDEX
from gis_layers.demo.plants.falls import EVIDENCE
from gis_layers.demo.plants.reactions import JUMPS


@pytest.fixture(scope="module")
def demo() -> DemoCounts:
    return demo_counts(seed=1)


@pytest.fixture(scope="module")
def truth(demo: DemoCounts) -> pd.DataFrame:
    return demo.truth.frame()


def events(truth: pd.DataFrame, kind: str, *, decoy: bool = False) -> pd.Series:
    rows = truth[(truth["kind"] == kind) & (truth["decoy"].notna() == decoy)]
    return rows.groupby("decoy" if decoy else "class")["event"].nunique()


def test_events_per_class(truth: pd.DataFrame) -> None:
    assert events(truth, "outbreak").to_dict() == {"strong": 60, "medium": 60, "weak": 60, "rare": 30}
    assert events(truth, "fall").to_dict() == {"strong": 30, "medium": 30, "weak": 30, "too_few": 15}
    assert events(truth, "mix").to_dict() == {"strong": 20, "medium": 20, "weak": 20}
    assert events(truth, "completeness").to_dict() == {"strong": 15, "medium": 15, "weak": 15}
    assert events(truth, "path").to_dict() == {"strong": 10, "medium": 10, "weak": 10}
    assert events(truth, "reaction").to_dict() == {"strong": 4, "medium": 4, "weak": 2}
    assert events(truth, "cluster").sum() == 2
    assert events(truth, "hotspot").sum() == 18
    assert events(truth, "near_repeat").sum() == 6
    assert events(truth, "profile").sum() == 3


def test_decoys(truth: pd.DataFrame) -> None:
    assert events(truth, "outbreak", decoy=True).to_dict() == {
        "group_month": 12,
        "lone_outbreak": 40,
        "neighbours_together": 10,
        "region_month": 20,
    }
    assert events(truth, "fall", decoy=True).to_dict() == {"genuine": 10, "late_registration": 3}
    assert events(truth, "mix", decoy=True).to_dict() == {"group_drift": 1}


def test_outbreaks_have_their_size_and_power(truth: pd.DataFrame) -> None:
    planted = truth[(truth["kind"] == "outbreak") & truth["decoy"].isna()].set_index("class")
    large = planted.loc[["strong", "medium", "weak"]]
    assert large["expected"].between(40, 200).all()
    assert planted.loc["rare", "expected"].between(3, 5).all()
    for size, d in (("strong", 7.0), ("medium", 5.0), ("weak", 3.5)):
        assert planted.loc[size, "d"].between(d - 0.07, d + 0.07).all()
    assert np.allclose(large["d"], large["change"] / np.sqrt(DISPERSION * large["expected"]), atol=1e-4)
    power = planted.groupby(level=0)["power"].mean()
    assert power["strong"] >= 0.97
    assert 0.75 < power["medium"] < 0.99
    assert 0.3 < power["weak"] < 0.6
    assert 0.6 < power["rare"] < 0.9


def test_falls_are_deep_enough_and_show_every_evidence(truth: pd.DataFrame) -> None:
    falls = truth[(truth["kind"] == "fall") & truth["decoy"].isna()]
    of_class = falls.groupby("class")
    assert (of_class["event"].size() == 3 * of_class["event"].nunique()).all(), "three months each"
    assert of_class["expected"].min()["strong"] >= 100
    assert of_class["expected"].max()["too_few"] <= 20
    assert of_class["power"].mean()["strong"] >= 0.95
    assert of_class["power"].mean()["weak"] < 0.25
    for size in ("strong", "medium", "weak"):
        seen = falls[falls["class"] == size].drop_duplicates("event")["evidence"].value_counts()
        assert seen.to_dict() == dict.fromkeys(EVIDENCE, 5)
    kept = 1 + falls.groupby("class")["change"].sum() / falls.groupby("class")["expected"].sum()
    assert kept["strong"] == pytest.approx(0.40, abs=0.05)
    assert kept["weak"] == pytest.approx(0.65, abs=0.07)


def test_a_doctored_fall_leaves_its_trace(demo: DemoCounts) -> None:
    clean = demo_counts(seed=1, plants=Plants.none())
    for event in demo.events:
        if event.kind != "fall" or event.decoy is not None:
            continue
        d, k, last = event.cells[0].district, event.cells[0].offence, event.cells[-1].month
        months = [cell.month for cell in event.cells]
        gone = int((clean.counts - demo.counts)[d, k, months].sum())
        if event.evidence == "lesser_rise":
            lesser = event.detail["lesser"]
            assert int((demo.counts - clean.counts)[d, lesser, months].sum()) == gone
        elif event.evidence == "threshold_bunching":
            assert int(demo.sown.bunched[d, event.detail["lesser"], months].sum()) == gone
        elif event.evidence == "dip_rebound":
            assert (last + 1) % 12 == 0, "the dip is at the end of a year"
            assert demo.sown.late[d, k, last + 1] > 0
        elif event.evidence == "under_dispersion":
            smooth = demo.counts[d, k, months[0] - 9 : months[0]]
            assert smooth.var(ddof=1) / smooth.mean() < 0.5


def test_events_of_one_series_lie_more_than_a_year_apart(demo: DemoCounts) -> None:
    spans: dict[tuple[int, int], list[tuple[int, int, str]]] = {}
    for event in demo.events:
        if event.kind in ("completeness", "near_repeat", "profile") or event.decoy == "group_drift":
            continue
        if event.detail.get("place_kind") == "point":
            continue
        months: dict[tuple[int, int], list[int]] = {}
        for cell in event.cells:
            months.setdefault((cell.district, cell.offence), []).append(cell.month)
        for series, found in months.items():
            # The echoes of jumps are events of one series on their own.
            parts = [(m, m) for m in found] if event.kind == "reaction" else [(min(found), max(found))]
            spans.setdefault(series, []).extend((first, last, event.id) for first, last in parts)
    assert len(spans) > 500
    for series in spans.values():
        series.sort()
        for (_, last, one), (first, _, other) in pairwise(series):
            assert first - last > 12, (one, other)


def test_paths_step_to_neighbours_in_one_or_two_months(demo: DemoCounts) -> None:
    adjacent = country().adjacent
    sizes = {"strong": (5, 4.8, 6.2), "medium": (4, 3.8, 5.2), "weak": (4, 2.8, 3.2)}
    for event in demo.events:
        if event.kind != "path":
            continue
        length, low, high = sizes[event.size]
        assert len(event.cells) == length
        assert len({cell.district for cell in event.cells}) == length
        for one, other in pairwise(event.cells):
            assert adjacent[one.district, other.district]
            assert other.month - one.month in (1, 2)
            assert one.offence == other.offence
        assert all(cell.expected >= 40 and low <= (cell.d or 0) <= high for cell in event.cells)


def test_the_same_ten_districts_react_to_five_jumps(demo: DemoCounts) -> None:
    reactions = [event for event in demo.events if event.kind == "reaction"]
    assert len({event.cells[0].district for event in reactions}) == 10
    for event in reactions:
        assert {cell.month for cell in event.cells} == {jump + 1 for jump in JUMPS[:-1]}
    assert sum(jump < 84 for jump in JUMPS) == 4
    assert JUMPS[-1] == 119


def test_mixes_leave_the_total_as_it_was() -> None:
    only = Plants(**{**vars(Plants.none()), "mixes": True})
    clean, mixed = demo_counts(2, 1.0, Plants.none()), demo_counts(2, 1.0, only)
    assert np.array_equal(clean.counts.sum(axis=1), mixed.counts.sum(axis=1))
    assert (clean.counts != mixed.counts).any()


def test_nothing_planted_is_empty(demo: DemoCounts, truth: pd.DataFrame) -> None:
    grown = truth[
        (truth["kind"].isin(["outbreak", "path"])) & ~truth["decoy"].isin(["region_month", "group_month"])
    ]
    assert (grown["change"] > 0).all()
    place = dict(zip(demo.districts, range(210), strict=True))
    month = {str(m): n for n, m in enumerate(demo.months)}
    at = [grown[c].map(index) for c, index in (("district", place), ("offence", INDEX), ("month", month))]
    assert (demo.counts[tuple(at)] >= grown["change"]).all()
    assert demo.touched[tuple(at)].all()


def test_the_truth_names_every_cell_that_was_changed(demo: DemoCounts) -> None:
    told = demo.truth.touched()
    axes = (demo.districts, CODES, demo.months.astype("datetime64[s]"))
    at = [pd.Index(axis).get_indexer(told.get_level_values(n)) for n, axis in enumerate(axes)]
    named = np.zeros(demo.touched.shape, dtype=bool)
    inside = np.all([place >= 0 for place in at], axis=0)  # what is moved past the last month is lost
    named[tuple(place[inside] for place in at)] = True
    assert not (demo.touched & ~named).any()
    assert named.mean() < 1.1 * demo.touched.mean() + 0.005


@pytest.mark.parametrize(
    "switch",
    ["outbreaks", "falls", "mixes", "paths", "reactions", "hotspots", "clusters", "decoys"],
)
def test_a_switch_removes_its_plants_and_moves_no_other(switch: str) -> None:
    everything = demo_counts(3)
    without = demo_counts(3, plants=Plants(**{switch: False}))
    gone = {event.id for event in everything.events} - {event.id for event in without.events}
    assert gone
    kept = {event.id: event for event in everything.events if event.id not in gone}
    assert {event.id: event for event in without.events} == kept
    clean = demo_counts(3, plants=Plants.none())
    planted = np.zeros(clean.counts.shape, dtype=bool)
    for event in everything.events:
        if event.id in gone:
            for cell in event.cells:
                planted[cell.district, cell.offence, cell.month] = True
    alone = planted & ~without.touched
    assert alone.any()
    assert np.array_equal(without.counts[alone], clean.counts[alone])


def test_all_off_is_the_clean_backdrop() -> None:
    clean = demo_counts(seed=5, plants=Plants.none())
    assert clean.events == ()
    assert not clean.touched.any()
    counts, expected = clean.counts[clean.expected > 5], clean.expected[clean.expected > 5]
    assert counts.sum() / expected.sum() == pytest.approx(1.0, abs=0.01)
    assert ((counts - expected) ** 2 / expected).mean() == pytest.approx(DISPERSION, abs=0.05)


def test_volume_is_realistic() -> None:
    clean = demo_counts(seed=1, plants=Plants.none())
    yearly = clean.counts.reshape(210, len(CODES), 10, 12).sum(axis=(0, 1, 3))
    assert ((yearly > 180_000) & (yearly < 220_000)).all()
    share = clean.counts.sum(axis=(0, 2)) / clean.counts.sum()
    assert share[INDEX["121-1"]] > 0.2
    assert share[INDEX["101-1"]] < 0.005
    assert 0.6 < clean.counts[:, INDEX["124-1"]].mean() < 1.2, "robbery: some 0.9 per district and month"
    assert clean.counts[:, INDEX["133-1"], :48].sum() == 0
    assert clean.counts[:, INDEX["144-1"], 48:].sum() == 0


def test_the_truth_survives_its_file(demo: DemoCounts, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("truth") / "truth.json"
    demo.truth.write(file)
    assert read_truth(file) == demo.truth


def test_a_scale_that_is_not_positive_is_refused() -> None:
    with pytest.raises(ValueError, match="scale must be positive, got 0"):
        demo_counts(scale=0)
