"""Tables of counts: what cannot be a count refuses the file; what cannot be placed is quarantined by name."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from sources import book, long_counts, settings, squares

from gis_layers.errors import InputError
from gis_layers.sources import Intake, Tally, read_sources, unallocated

HEADER = "district,offence,month,count\n"


def intake(folder: Path, *tables: str, section: dict[str, Any] | None = None, **more: Any) -> Intake:
    for number, text in enumerate(tables):
        (folder / f"counts-{number}.csv").write_text(text, encoding="utf-8")
    counts = long_counts("counts-*.csv") | (section or {})
    return read_sources(settings(folder, counts=[counts], **more), squares(), book())


def rows(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    cells = frame[["district", "offence", "month", "count"]].itertuples(index=False, name=None)
    return [(district, offence, f"{month:%Y-%m}", count) for district, offence, month, count in cells]


def test_a_long_table(tmp_path: Path) -> None:
    found = intake(tmp_path, HEADER + "02,shop,2022-02,3\n01,bike,2022-01,0\n01,bike,2022-02, 12 \n")
    assert rows(found.counts) == [
        ("01", "bike", "2022-01", 0),
        ("01", "bike", "2022-02", 12),
        ("02", "shop", "2022-02", 3),
    ]
    assert found.counts["count"].dtype == "int64"
    assert found.counts["month"].dtype == "datetime64[s]"
    assert found.complete_until == "2022-02"
    ledger = found.ledger.sources[0]
    assert (ledger.read, ledger.counted, ledger.balances) == (Tally(3, 15), Tally(3, 15), True)


def test_a_wide_table_with_several_offence_columns_and_a_decimal_comma(tmp_path: Path) -> None:
    text = "Borough;Major;Minor;202201;202202;note\nsquare 01;Theft;Bike;1;2,0;x\nSQUARE 02;arson;;;4;y\n"
    section = {
        "shape": "wide",
        "columns": {"district": "Borough", "offence": ["Major", "Minor"]},
        "period_format": "%Y%m",
        "district_match": "name",
        "offence_match": "label",
        "decimal": ",",
    }
    found = intake(tmp_path, text, section=section)
    assert rows(found.counts) == [
        ("01", "bike", "2022-01", 1),
        ("01", "bike", "2022-02", 2),
        ("02", "arson", "2022-02", 4),
    ]
    assert found.ledger.sources[0].merged == {"blank_cell": Tally(1, 0)}
    blank = found.collected[0].blanks
    assert blank[["district", "offence"]].to_numpy().tolist() == [["02", "arson"]]


def test_a_workbook_of_counts(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    page = workbook.active
    for cells in (["district", "offence", "month", "count"], ["01", "bike", "2022-01", 5]):
        page.append(cells)
    workbook.save(tmp_path / "counts.xlsx")
    found = intake(tmp_path, section={"path": "counts.xlsx"})
    assert rows(found.counts) == [("01", "bike", "2022-01", 5)]


def test_a_wide_workbook_with_dates_for_headers(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    page = workbook.active
    page.append(["district", "offence", dt.datetime(2022, 1, 1), dt.datetime(2022, 2, 1)])
    page.append(["01", "bike", 5, 6])
    workbook.save(tmp_path / "counts.xlsx")
    columns = {"district": "district", "offence": "offence"}
    found = intake(tmp_path, section={"path": "counts.xlsx", "shape": "wide", "columns": columns})
    assert rows(found.counts) == [("01", "bike", "2022-01", 5), ("01", "bike", "2022-02", 6)]


def test_whole_floats_of_parquet_are_counts_and_dates_are_periods(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"district": ["01", "02"], "offence": "bike", "month": pd.to_datetime(["2022-01-01"] * 2)}
    )
    frame.assign(count=[3.0, None]).to_parquet(tmp_path / "counts.parquet")
    found = intake(tmp_path, section={"path": "counts.parquet"})
    assert rows(found.counts) == [("01", "bike", "2022-01", 3)]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            "01,bike,2022-01,many",
            r"a cell is no count \(.*row 3, column 'count', value 'many'\).*leave it empty",
        ),
        ("01,bike,2022-01,-1", "a count is negative .*row 3, .*value '-1'"),
        ("01,bike,2022-01,1.5", "a count is fractional .*value '1.5'"),
        ("01,bike,2022-01,1e12", "a count is too large"),
        ("01,bike,2022-01,inf", "a cell is no count"),
        ("01,bike,2022-13,1", "an impossible period .*row 3, column 'month', value '2022-13'.*'%Y-%m'"),
        ("01,bike,,1", "a row has no period .*row 3"),
        (
            "02,shop,2022-01,4",
            r"stand twice in one file \(.*row 3, value '02, shop, 2022-01'.*other is row 2",
        ),
        ("2.0,bike,2022-01,1", "number with decimals .*row 3, column 'district', value '2.0'"),
    ],
)
def test_what_cannot_be_a_count_refuses_the_whole_file(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        intake(tmp_path, HEADER + "02,shop,2022-01,4\n" + row + "\n")


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("district,offence,202201,202213", r"named as a period that does not exist .*column '202213'"),
        ("district,offence,January", "no column is named as a period in the format '%Y%m'.*'January'"),
        ("district,offence,202201,202201", "two columns have the same name"),
        ("place,offence,202201,202202", "a column is missing .*column 'district'"),
    ],
)
def test_what_is_no_wide_table_is_refused(tmp_path: Path, header: str, message: str) -> None:
    columns = {"district": "district", "offence": "offence"}
    section = {"shape": "wide", "columns": columns, "period_format": "%Y%m"}
    with pytest.raises(InputError, match=message):
        intake(tmp_path, header + "\n01,bike" + ",1" * (header.count(",") - 1) + "\n", section=section)


def test_figures_of_years_are_not_judged_by_month(tmp_path: Path) -> None:
    text = HEADER + "01,bike,2021,7\n01,bike,2022,9\n"
    with pytest.raises(InputError, match=r"cannot be judged by month .*counts\[0\].period_format"):
        intake(tmp_path, text, section={"period_format": "%Y"})
    found = intake(tmp_path, text, section={"period_format": "%Y"}, area={"period": "year"})
    assert (found.collected[0].step, found.complete_until) == (12, "2022-12")


def test_unknown_places_and_offences_are_quarantined_by_name(tmp_path: Path) -> None:
    text = HEADER + "01,bike,2022-01,1\nUnknown,bike,2022-01,20\n99,bike,2022-02,3\n02,fraud,2022-01,4\n"
    text += ",bike,2022-02,5\n03,,2022-01,6\n03,severity-grave,2022-01,7\n,,,\n"
    found = intake(tmp_path, text, quarantine={"expected": ["district=Unk*"]})
    columns = ["row", "column", "value", "reason", "rows", "offences"]
    listed = found.quarantine.sort_values("row")[columns].astype(object)
    assert listed.where(listed.notna(), None).to_numpy().tolist() == [
        [3, "district", "Unknown", "district is not known", 1, 20],
        [4, "district", "99", "district is not known", 1, 3],
        [5, "offence", "fraud", "offence is not in the codebook", 1, 4],
        [6, "district", None, "no district", 1, 5],
        [7, "offence", None, "no offence", 1, 6],
        [8, "offence", "severity-grave", "the offence is summed from others, never delivered", 1, 7],
    ]
    ledger = found.ledger.sources[0]
    assert ledger.read == Tally(7, 46)
    assert ledger.counted == Tally(1, 1)
    assert ledger.unexpected == Tally(5, 25)
    assert ledger.balances


def test_the_share_without_a_district_is_known_by_offence_and_year(tmp_path: Path) -> None:
    text = (
        HEADER + "01,bike,2022-01,30\nUnknown,bike,2022-02,10\nUnknown,fraud,2022-02,10\n01,shop,2023-01,0\n"
    )
    table = unallocated(intake(tmp_path, text)).set_index(["offence", "year"])
    assert table.loc[("bike", 2022)].tolist() == [10, 30, 0.25]
    assert table.loc[("shop", 2023), "counted"] == 0
    assert pd.isna(table.loc[("shop", 2023), "share"])
    assert len(table) == 2


def test_a_later_file_replaces_the_same_keys_and_says_what_it_changed(tmp_path: Path) -> None:
    first = HEADER + "01,bike,2022-01,5\n01,bike,2022-02,6\n02,bike,2022-01,7\n"
    second = HEADER + "01,bike,2022-01,5\n01,bike,2022-02,9\n02,bike,2022-01,\n02,bike,2022-02,1\n"
    found = intake(tmp_path, first, second)
    assert rows(found.counts) == [
        ("01", "bike", "2022-01", 5),
        ("01", "bike", "2022-02", 9),
        ("02", "bike", "2022-01", 7),
        ("02", "bike", "2022-02", 1),
    ]
    assert found.revised.drop(columns="month").to_numpy().tolist() == [
        ["counts", "counts-1.csv", "01", "bike", 6, 9]
    ]
    ledger = found.ledger.sources[0]
    assert ledger.merged == {"superseded": Tally(2, 11), "blank_cell": Tally(1, 0)}
    assert ledger.balances
    assert found.collected[0].blanks.empty


def test_labels_of_one_code_are_added_within_a_file(tmp_path: Path) -> None:
    text = (
        HEADER
        + "01,THEFT | BIKE,2022-01,5\n01,Cycles,2022-01,6\n01,Cycles,2022-02,2\n01,theft | bike,2022-02,\n"
    )
    found = intake(tmp_path, text, section={"offence_match": "label"})
    assert rows(found.counts) == [("01", "bike", "2022-01", 11)]
    assert found.ledger.sources[0].merged == {"blank_cell": Tally(2, 2)}
    assert found.ledger.balances


def test_two_sources_may_not_deliver_the_same_figure(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text(HEADER + "01,bike,2022-01,5\n", encoding="utf-8")
    area = settings(tmp_path, counts=[long_counts(f"{n}.csv") | {"name": n} for n in ("a", "b")])
    with pytest.raises(InputError, match=r"sources \['a', 'b'\] deliver the same figure .*01, bike, 2022-01"):
        read_sources(area, squares(), book())


def test_a_path_without_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no such file .*counts\[0\].path"):
        intake(tmp_path)


def test_a_table_without_rows_is_an_empty_intake(tmp_path: Path) -> None:
    found = intake(tmp_path, HEADER)
    assert found.counts.empty
    assert found.complete_until is None
    assert found.months.size == 0
    assert found.ledger.balances
