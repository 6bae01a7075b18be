"""Residents between the days of which they are known, and refusals of what is no number of residents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sources import book, long_counts, settings, squares

from gis_layers.errors import InputError
from gis_layers.sources import Intake, Tally, read_sources

LONG = {"path": "people*.csv", "columns": {"district": "code", "period": "year", "population": "people"}}


def intake(folder: Path, *tables: str, months: str = "2020-01 2021-12", **section: Any) -> Intake:
    for number, text in enumerate(tables):
        (folder / f"people{number}.csv").write_text(text, encoding="utf-8")
    counts = "".join(f"01,bike,{month},1\n" for month in months.split())
    (folder / "counts.csv").write_text("district,offence,month,count\n" + counts, encoding="utf-8")
    area = settings(folder, counts=[long_counts()], population=[LONG | section])
    return read_sources(area, squares(), book())


def residents(found: Intake, district: str, month: str) -> float:
    assert found.population is not None
    return found.population.set_index(["district", "month"])["population"][district, pd.Timestamp(month)]


def test_years_are_interpolated_and_constant_beyond_the_ends(tmp_path: Path) -> None:
    found = intake(tmp_path, "code,year,people\n01,2020,1000\n01,2021,2000\n", reference="06-30")
    assert residents(found, "01", "2020-01-01") == 1000
    assert residents(found, "01", "2021-12-01") == 2000
    # The middle of December 2020 is 168 of the 365 days from 30 June to 30 June.
    assert residents(found, "01", "2020-12-01") == pytest.approx(1000 + 1000 * 168 / 365)
    assert found.population is not None
    assert set(found.population["district"]) == {"01"}
    assert len(found.population) == 24


def test_wide_months_and_later_files_win(tmp_path: Path) -> None:
    first, second = "code;2020-01;2020-03\n01;100;300\n02;;50,5\n", "code;2020-03\n01;500\n"
    found = intake(
        tmp_path,
        first,
        second,
        shape="wide",
        columns={"district": "code"},
        period_format="%Y-%m",
        decimal=",",
    )
    assert residents(found, "01", "2020-06-01") == 500
    assert residents(found, "02", "2020-01-01") == 50.5
    assert found.ledger.sources[1].merged == {"superseded": Tally(1, 0)}
    assert found.ledger.balances


def test_figures_of_one_day_need_no_period(tmp_path: Path) -> None:
    columns = {"district": "code", "population": "people"}
    found = intake(tmp_path, "code,people\n01,7\n", columns=columns, day="2023-01-01")
    assert residents(found, "01", "2020-01-01") == 7
    with pytest.raises(InputError, match="or set `day`"):
        intake(tmp_path, "code,people\n01,7\n", columns=columns)
    with pytest.raises(ValueError, match="no such day"):
        intake(tmp_path, "code,people\n01,7\n", columns=columns, day="2023-02-30")


def test_unknown_districts_are_quarantined(tmp_path: Path) -> None:
    found = intake(tmp_path, "code,year,people\n01,2020,1000\n99,2020,5\n")
    assert found.quarantine[["source", "value", "row"]].to_numpy().tolist() == [["population", "99", 3]]
    assert found.ledger.sources[1].unexpected == Tally(1, 0)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("01,2020,-5", "no number of residents .*row 2, column 'people', value '-5'"),
        ("01,2020,many", "no number of residents"),
        ("01,next year,5", "an impossible period .*'next year'"),
        ("01,,5", "a row has no period .*row 2"),
        ("01,2020,5\n01,2020,6", "stand twice in one file .*row 3"),
    ],
)
def test_what_is_no_number_of_residents_is_refused(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        intake(tmp_path, f"code,year,people\n{row}\n")


def test_an_area_without_an_exposure_has_no_population(tmp_path: Path) -> None:
    (tmp_path / "counts.csv").write_text(
        "district,offence,month,count\n01,bike,2020-01,1\n", encoding="utf-8"
    )
    found = read_sources(settings(tmp_path, counts=[long_counts()]), squares(), book())
    assert found.population is None


def test_an_area_without_counts_has_the_population_of_its_days(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("code,year,people\n01,2020,1000\n", encoding="utf-8")
    found = read_sources(settings(tmp_path, population=[LONG]), squares(), book())
    assert residents(found, "01", "2020-01-01") == 1000
    assert found.months.astype(str).tolist() == ["2020-01"]
