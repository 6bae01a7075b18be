"""Single cards: twins, impossible days, heaps, late months and points elsewhere, each planted and counted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from sources import squares

from gis_layers.diagnostics.cards import (
    Cards,
    check_cards,
    delays,
    duplicates,
    heaping,
    impossible_dates,
    misplaced,
)
from gis_layers.sources.spool import Spool, spool_schema

DAY = np.timedelta64(1, "D")


@pytest.fixture
def clean() -> Cards:
    """20 districts' cards of two years: registered within some ten days, at any minute, each at a point of its own."""
    rng = np.random.default_rng(11)
    n = 24_000
    registered = np.datetime64("2020-01-01", "s") + rng.integers(0, 731 * 86_400, n)
    committed = registered - (rng.exponential(10, n) * 86_400).astype(np.int64).astype("timedelta64[s]")
    district = rng.integers(0, 3, n)
    return Cards(
        "cards", district, rng.integers(0, 4, n), ["01", "02", "03"],
        registered.astype("datetime64[M]"), committed, registered,
        60.02 + district + rng.random(n) * 0.96, 50.02 + rng.random(n) * 0.96,
    )  # fmt: skip


def test_clean_cards_raise_no_alarm(clean: Cards) -> None:
    found = [*duplicates(clean), *impossible_dates(clean), *heaping(clean), *delays(clean)]
    found += misplaced(clean, squares())
    assert [one for one in found if one.alarm] == []
    (late,) = [one for one in found if one.code == "check.delay"]
    assert 6 < late.values["median"] < 8
    assert late.values["over_30"] == pytest.approx(100 * np.exp(-3), abs=0.5)


def test_twins_are_counted_where_a_card_says_enough(clean: Cards) -> None:
    at = np.concatenate([np.arange(len(clean.district)), np.arange(50), [7]])
    parts = {
        name: getattr(clean, name)[at]
        for name in Cards.__dataclass_fields__
        if name not in ("source", "districts")
    }
    twins = replace(clean, **parts)
    (found,) = duplicates(twins)
    assert found.values["n"] == 51
    days = clean.committed.astype("datetime64[D]").astype("datetime64[s]")
    nothing = np.full(len(days), np.nan)
    assert duplicates(replace(clean, committed=days, x=nothing, y=nothing)) == []


def test_cards_registered_before_they_were_committed_are_counted(clean: Cards) -> None:
    wrong = clean.committed.copy()
    wrong[:9] = clean.registered[:9] + 3 * DAY
    (found,) = impossible_dates(replace(clean, committed=wrong))
    assert (found.values["n"], found.alarm) == (9, True)


@pytest.mark.parametrize(
    ("kind", "unit"),
    [("first_of_month", "datetime64[M]"), ("midnight", "datetime64[D]"), ("full_hour", "datetime64[h]")],
)
def test_a_heap_is_found(kind: str, unit: str, clean: Cards) -> None:
    heaped = clean.committed.copy()
    heaped[:6000] = heaped[:6000].astype(unit).astype("datetime64[s]")
    found = {
        one.values["kind"]: one
        for one in heaping(replace(clean, committed=heaped))
        if one.values["date"] == "committed"
    }
    assert found[kind].alarm
    assert found[kind].values["percent"] >= 25


def test_dates_without_hours_are_no_heap_at_midnight(clean: Cards) -> None:
    days = clean.committed.astype("datetime64[D]").astype("datetime64[s]")
    assert {
        one.values["kind"]
        for one in heaping(replace(clean, committed=days))
        if one.values["date"] == "committed"
    } == {"first_of_month"}


def test_points_in_another_district_are_counted(clean: Cards) -> None:
    moved = clean.x.copy()
    first = np.flatnonzero(clean.district == 0)[:500]
    moved[first] += 1
    moved[np.flatnonzero(clean.district == 2)[:3]] += 10
    (found,) = misplaced(replace(clean, x=moved), squares())
    assert (found.values["n"], found.values["outside"], found.values["district"]) == (500, 3, "01")
    assert found.alarm


def test_a_spool_is_read_source_by_source(tmp_path: Path, clean: Cards) -> None:
    n = len(clean.district)
    table = pa.table(
        {
            "card": pa.nulls(n, pa.string()),
            "district": pa.array(np.array(clean.districts)[clean.district]),
            "offence": pa.array(clean.offence.astype(str)),
            "severity": pa.nulls(n, pa.string()),
            "month": pa.array(clean.month.astype("datetime64[D]")),
            "committed": pa.array(clean.committed),
            "registered": pa.array(clean.registered),
            "x": pa.array(clean.x),
            "y": pa.array(clean.y),
        }
    )
    with Spool(tmp_path, "police", []) as spool:
        spool.write(table.cast(spool_schema([])))
        spool.finish(np.ones(n, dtype=bool))
    found = check_cards(tmp_path, squares())
    assert {one.values["source"] for one in found} == {"police"}
    assert {one.kind for one in found} == {"dates", "heaping", "delay", "place"}
    assert "place" not in {
        one.kind for one in check_cards(tmp_path, squares(), by_point=frozenset({"police"}))
    }
