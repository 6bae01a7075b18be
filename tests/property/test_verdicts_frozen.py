"""Frozen verdicts: judging in parts is judging at once, and a month's hash changes with its input and no sooner."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rating_panels import book, clean_counts, panel_of

from gis_layers.codes import Codebook
from gis_layers.indicators.rating import judge_frozen, judge_rating
from gis_layers.indicators.rating.fingerprint import fingerprint
from gis_layers.indicators.rating.join import join_months
from gis_layers.settings.area import RatingSection

BOOK = book(2, 2)
DISTRICTS = 10
MONTHS = 40
HARM = {"weights": {"grave": 5.0, "minor": 1.0}, "source": {"en": "invented"}}
SETTINGS = RatingSection.model_validate({"harm": HARM})


class Memory:
    """Verdicts kept in memory; counts what was asked for and what was there."""

    def __init__(self) -> None:
        self.tables: dict[str, pa.Table] = {}
        self.hits = 0

    def load(self, name: str) -> pa.Table | None:
        table = self.tables.get(name)
        self.hits += table is not None
        return table

    def save(self, name: str, table: pa.Table) -> None:
        self.tables[name] = table


def panel(seed: int = 1, months: int = MONTHS, *, incomplete: int = 1) -> xr.Dataset:
    """A panel with rare and common offences, a missing cell, and groups that change with the year."""
    rng = np.random.default_rng(seed)
    size = np.linspace(0.5, 2.0, DISTRICTS)
    counts = clean_counts(rng, np.array([0.4, 9.0, 30.0, 60.0]), months, size, heterogeneity=0.02).astype(
        float
    )
    counts[1, 7, 3] = np.nan
    counts[2, months // 2, 4] *= 3
    made = panel_of(counts, BOOK, [0] * 5 + [1] * 5, incomplete=incomplete)
    then = np.array(
        [["a"] * 5 + ["b"] * 5 if month < 24 else ["a"] * 4 + ["b"] * 6 for month in range(months)]
    )
    made = made.assign_attrs(unsettled=2)
    return made.assign_coords(peer_group_then=(("month", "district"), then.astype(object)))


PANEL = panel()
WHOLE = judge_rating(PANEL, BOOK, SETTINGS)


@given(st.lists(st.integers(0, MONTHS - 1), unique=True, min_size=1, max_size=6), st.booleans())
@settings(max_examples=15, deadline=None)
def test_any_months_alone_are_as_among_all(rows: list[int], told: bool) -> None:
    before = WHOLE.isel(month=slice(0, min(rows))) if told else None
    part = judge_rating(PANEL, BOOK, SETTINGS, months=PANEL["month"].values[rows], earlier=before)
    assert part.identical(join_months([WHOLE.isel(month=sorted(rows))]))


@given(st.permutations(range(MONTHS)), st.integers(1, 9))
@settings(max_examples=3, deadline=None)
def test_any_split_in_any_order_gives_the_whole(order: list[int], pieces: int) -> None:
    parts = [
        judge_rating(PANEL, BOOK, SETTINGS, months=PANEL["month"].values[sorted(some)])
        for some in np.array_split(np.array(order), pieces)
    ]
    assert join_months(parts).identical(WHOLE)


CELLS = st.one_of(st.integers(0, 60).map(float), st.just(np.nan))


@given(arrays(np.float64, (4, 30, 9), elements=CELLS, fill=st.sampled_from([0.0, 2.0, 30.0])))
@settings(max_examples=4, deadline=None)
def test_month_by_month_is_at_once_whatever_the_counts(leaves: np.ndarray) -> None:
    wild = panel_of(leaves, BOOK, [0] * 9)
    whole = judge_rating(wild, BOOK)
    found = judge_rating(wild, BOOK, months=[])
    for month in wild["month"].values:
        found = join_months([found, judge_rating(wild, BOOK, months=[month], earlier=found)])
    assert found.identical(whole)


def test_verdicts_do_not_know_the_future() -> None:
    cut = PANEL.isel(month=slice(0, 25))
    early = judge_rating(cut, BOOK, SETTINGS)
    assert early.identical(join_months([WHOLE.isel(month=slice(0, 25))]))


def hashes(of: xr.Dataset, codebook: Codebook = BOOK, section: RatingSection = SETTINGS) -> list[str]:
    return [mark.hash for mark in fingerprint(of, codebook, section).months.values()]


def changed(one: list[str], other: list[str]) -> list[int]:
    return [place for place, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]


@given(st.integers(0, MONTHS - 1), st.integers(0, 3), st.integers(0, DISTRICTS - 1))
@settings(max_examples=3, deadline=None)
def test_a_count_bears_on_its_month_and_all_after_it(month: int, leaf: int, district: int) -> None:
    kept = Memory()
    before, _ = judge_frozen(PANEL, BOOK, SETTINGS, kept)
    other = PANEL.copy(deep=True)
    other["count"][district, BOOK.row_of[BOOK.leaves[leaf]], month] = 77_777.0
    assert changed(hashes(PANEL), hashes(other)) == list(range(month, MONTHS))
    kept.hits = 0
    after, _ = judge_frozen(other, BOOK, SETTINGS, kept)
    assert kept.hits == month
    assert after.identical(judge_rating(other, BOOK, SETTINGS))
    for name in before:
        if name != "reason":
            same = before[name].values[:, :month].tobytes() == after[name].values[:, :month].tobytes()
            assert same, name


def test_every_part_of_the_input_bears_on_the_hash() -> None:
    plain = hashes(PANEL)
    last = list(range(MONTHS))
    people = PANEL.copy(deep=True)
    people["population"][2, 30] += 1
    assert changed(plain, hashes(people)) == last[30:]
    then = PANEL["peer_group_then"].values.copy()
    then[12, 0] = "b"
    groups = PANEL.assign_coords(peer_group_then=(("month", "district"), then))
    assert changed(plain, hashes(groups)) == last[12:]
    status = PANEL.assign_coords(status=("district", np.array(["city", *["raion"] * 9], dtype=object)))
    assert changed(plain, hashes(status)) == last
    closed = PANEL.assign(incomplete=("month", np.zeros(MONTHS, dtype=bool)))
    assert changed(plain, hashes(closed)) == last[-1:]
    for section in ({"q": 0.1}, {"gate": 5}, {"standing_months": 2}, {}):
        harm = {} if not section else {"harm": HARM}
        assert (
            changed(plain, hashes(PANEL, section=RatingSection.model_validate({**section, **harm}))) == last
        )
    heavier = {"harm": {**HARM, "weights": {"grave": 6.0, "minor": 1.0}}}
    assert changed(plain, hashes(PANEL, section=RatingSection.model_validate(heavier))) == last
    assert changed(plain, hashes(PANEL.assign_attrs(unsettled=5))) == last


def test_names_labels_and_sources_bear_on_nothing() -> None:
    plain = hashes(PANEL)
    renamed = Codebook(
        BOOK.nodes.assign(name_en="other", labels=[("x",)] * len(BOOK.nodes), public_safety=True)
    )
    assert hashes(PANEL, renamed) == plain
    source = {"harm": {**HARM, "source": {"en": "told otherwise", "ru": "иначе"}}}
    assert hashes(PANEL, section=RatingSection.model_validate(source)) == plain
    labels = np.where(PANEL["peer_group_then"].values == "a", "first", "second").astype(object)
    regrouped = PANEL.assign_coords(peer_group_then=(("month", "district"), labels))
    assert hashes(regrouped.assign_attrs(area="elsewhere")) == plain
    settled = PANEL.assign(provisional=("month", np.zeros(MONTHS, dtype=bool)))
    assert hashes(settled) == plain


def test_a_month_settles_without_being_judged_again() -> None:
    kept = Memory()
    short, long = panel(months=30, incomplete=0), panel(months=31, incomplete=0)
    long["count"][:, :, :30] = short["count"].values
    judge_frozen(short, BOOK, SETTINGS, kept)
    kept.hits = 0
    after, _ = judge_frozen(long, BOOK, SETTINGS, kept)
    assert kept.hits == 30
    assert after["provisional"].values[0, :, 0].tolist() == [False] * 29 + [True] * 2
    assert after.identical(judge_rating(long, BOOK, SETTINGS))
