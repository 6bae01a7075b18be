"""Fields left empty by the outcome of a card: over the area, in one district, and where there is nothing to see."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pydantic import ValidationError

from gis_layers.diagnostics.outcome import check_outcomes
from gis_layers.settings.area import CardColumns
from gis_layers.sources.spool import Spool, spool_schema

DISTRICTS = [f"d{n:02}" for n in range(20)]


def spool(folder: Path, *, rightly: bool = False, planted: bool = False, seed: int = 1) -> Path:
    """Write 40,000 cards of two offences; `rightly`: a field that only solved cards can have."""
    rng = np.random.default_rng(seed)
    n = 40_000
    district, offence = rng.integers(0, 20, n), rng.integers(0, 2, n)
    solved = rng.random(n) < np.array([0.7, 0.3])[offence]
    # the second offence is careless everywhere, and a few districts more than others: neither is an association
    careless = np.array([0.05, 0.3])[offence] * np.where(district < 4, 2.0, 1.0)
    method = rng.random(n) >= careless
    age = (rng.random(n) >= 0.05) & (solved | (not rightly))
    if planted:
        method &= ~((district == 7) & ~solved & (rng.random(n) < 0.5))
    rows = [
        {
            "outcome": "solved" if done else "refused",
            "method": "open" if one else " ",
            "age": "18-24" if two else None,
        }
        for done, one, two in zip(solved, method, age, strict=True)
    ]
    table = pa.table(
        {
            **{
                name: pa.nulls(n, kind.type)
                for name, kind in zip(spool_schema([]).names, spool_schema([]), strict=True)
            },
            "district": [DISTRICTS[at] for at in district],
            "offence": [("theft", "robbery")[at] for at in offence],
            "month": pa.array([dt.date(2020, 1, 1)] * n, pa.date32()),
            "attributes": pa.array(rows),
        }
    )
    names = ["age", "method", "outcome"]
    with Spool(folder, "cards", names) as made:
        schema = spool_schema(names)
        made.write(table.select(schema.names).cast(schema))
        made.finish(np.ones(n, dtype=bool))
    return folder


def test_what_is_careless_whatever_the_outcome_is_no_finding(tmp_path: Path) -> None:
    assert check_outcomes(spool(tmp_path), {"cards": "outcome"}) == []


def test_a_field_that_only_some_outcomes_have_is_told_and_no_alarm(tmp_path: Path) -> None:
    (only,) = check_outcomes(spool(tmp_path, rightly=True), {"cards": "outcome"})
    assert (only.code, only.alarm) == ("check.outcome", False)
    assert (only.values["attribute"], only.values["value"], only.values["share"]) == ("age", "refused", 100.0)
    assert only.text().startswith("cards: age is empty on 100% of ")
    assert "«refused»" in only.text("ru")
    assert "age өрісі" in only.text("kk")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_district_that_leaves_one_outcome_empty_is_found(tmp_path: Path, seed: int) -> None:
    (only,) = check_outcomes(spool(tmp_path, planted=True, seed=seed), {"cards": "outcome"})
    assert (only.code, only.alarm) == ("check.outcome_district", True)
    said = only.values
    assert (said["district"], said["attribute"], said["value"]) == ("d07", "method", "refused")
    assert said["share"] > said["expected"] + 10
    assert "with outcome “refused”" in only.text()


def test_without_an_outcome_nothing_is_looked_at(tmp_path: Path) -> None:
    assert check_outcomes(spool(tmp_path, planted=True), {}) == []
    assert check_outcomes(tmp_path, {"cards": "unknown"}) == []
    assert check_outcomes(tmp_path, {"other": "outcome"}) == []


def test_an_outcome_is_one_of_the_attributes() -> None:
    known = {"district": "d", "offence": "o", "committed": "c", "attributes": {"arrest": "Arrest"}}
    assert CardColumns.model_validate({**known, "outcome": "arrest"}).outcome == "arrest"
    with pytest.raises(ValidationError, match="none of the attributes"):
        CardColumns.model_validate({**known, "outcome": "end"})
