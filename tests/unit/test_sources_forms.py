"""Forms: found by the row that numbers their graphs, read as they are, refused where it is not clear whose they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from sources import book, settings, squares

from gis_layers.codes import Codebook
from gis_layers.errors import InputError
from gis_layers.sources.forms import lay_out, read_forms
from gis_layers.sources.intake import read_sources
from gis_layers.sources.ledger import SourceLedger, Tally
from gis_layers.sources.places import Places

HEADER: list[list[Any]] = [
    ["Form 1", None, None, None, None, None],
    ["Name", None, None, "Line", "Registered", None],
    [None, None, None, None, "in all", "of women"],
    ["А", None, None, "Б", 1, 2],
]
LINES: list[list[Any]] = [
    ["All", None, None, 1, 30, 3],
    ["of which", "THEFT", None, 2, 20, 2],
    [None, "из них", "Bicycles (ст.7)", 3, 12, None],
    [None, None, "      at night", 4, 5, 1],
    [None, None, "Shops (ст.8-1)", 5, "8", 0],
    [None, None, "Boats (ст.9)", 6, 0, 0],
]
CODES = (
    {"code": "all", "labels": "All"},
    {"code": "theft", "labels": "THEFT"},
    {"code": "bike", "parent": "theft", "labels": "ст.7"},
    {"code": "night", "parent": "bike", "additive": "false", "labels": "at night"},
    {"code": "shop", "parent": "theft", "labels": "ст.8-1"},
)


@pytest.fixture
def codes() -> Codebook:
    return book(CODES)


def workbook(path: Path, rows: list[list[Any]], title: str = "", sheet: str = "R1") -> Path:
    made = openpyxl.Workbook()
    page = made.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(row)
    made.properties.title = title
    made.save(path)
    return path


def section(**more: Any) -> dict[str, Any]:
    return {
        "name": "form", "path": "*.xlsx", "period": "2022", "file_name": "{district}.xlsx", "graph_label": "in all",
    } | more  # fmt: skip


def read(folder: Path, codes: Codebook, **more: Any) -> tuple[Any, SourceLedger, list[Any]]:
    area = settings(folder, area={"period": "year"}, forms=[section(**more)])
    ledger = SourceLedger("form")
    part, forms = read_forms(area, area.forms[0], Places(squares()), codes, ledger)
    return part, ledger, forms


def test_depth_comes_from_the_column_and_then_from_blanks() -> None:
    form = lay_out([*HEADER, *LINES])
    parents = {line.label: line.parent and form.lines[line.parent].label for line in form.lines}
    assert parents["Bicycles (ст.7)"] == "THEFT"
    assert parents["at night"] == "Bicycles (ст.7)"
    assert parents["Shops (ст.8-1)"] == "THEFT"
    assert [line.article for line in form.lines] == [None, None, "7", None, "8-1", "9"]
    assert np.isnan(form.figures[2, 1])


def test_a_merged_header_reaches_over_its_graphs_and_no_further() -> None:
    rows = [
        ["Name", None, "Line", "Registered", None, "Solved"],
        [None, None, None, "in all", "of women", None],
    ]
    form = lay_out([*rows, ["А", None, "Б", 1, 2, 3], ["All", None, 1, 3, 2, 1]])
    assert form.headers == ("Registered > in all", "Registered > of women", "Solved")


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ([["Name", "Count"], ["All", 3]], "numbers its graphs"),
        ([["А", "Б", 1, 3], ["All", 1, 3, 4]], "numbers its graphs"),
        ([["А", "Б", 1], ["All", None, 3]], "no number"),
        ([["А", "Б", 1], ["All", 1, 3], ["Theft", 1, 3]], "too"),
        ([["А", "Б", 1], ["All", 1, "many"]], "no figure"),
        ([["А", "Б", 1], ["All", 1, -1]], "no figure"),
        ([["А", "Б", 1]], "no lines"),
    ],
)
def test_what_is_no_form_is_refused(rows: list[list[Any]], what: str) -> None:
    with pytest.raises(InputError, match=what):
        lay_out(rows)


def test_every_line_is_accounted_for_and_every_figure_has_its_cell(tmp_path: Path, codes: Codebook) -> None:
    workbook(tmp_path / "Square 01.xlsx", [*HEADER, *LINES])
    part, ledger, _ = read(tmp_path, codes)
    counted = part.counts.set_index("offence")["count"].to_dict()
    assert counted == {"all": 30, "theft": 20, "bike": 12, "night": 5, "shop": 8}
    assert ledger.balances
    assert ledger.read == Tally(6, 75)
    assert ledger.merged == {"part_of_a_delivered_total": Tally(1, 0)}
    (file,) = ledger.files
    assert file["cells"] == {"all": "E5", "theft": "E6", "bike": "E7", "night": "E8", "shop": "E9"}
    assert ledger.as_dict()["files"][0]["graph"] == "1: Registered > in all"


def test_articles_that_are_not_listed_can_be_quarantined(tmp_path: Path, codes: Codebook) -> None:
    workbook(tmp_path / "Square 01.xlsx", [*HEADER, *LINES])
    part, ledger, _ = read(tmp_path, codes, unlisted="quarantine")
    assert part.quarantine["value"].tolist() == ["Boats (ст.9)"]
    assert part.quarantine["row"].tolist() == [10]
    assert ledger.balances


def test_a_total_holds_what_its_listed_articles_lack(tmp_path: Path, codes: Codebook) -> None:
    lines = [*LINES[:5], [None, None, "Boats (ст.9)", 6, 4, 0]]
    lines[1] = ["of which", "THEFT", None, 2, 24, 2]
    workbook(tmp_path / "Square 01.xlsx", [*HEADER, *lines])
    area = settings(tmp_path, area={"period": "year"}, forms=[section()])
    intake = read_sources(area, squares(), codes)
    assert "theft-other" in intake.codebook.codes
    assert intake.complete_until == "2022-12"


def test_a_file_whose_name_and_title_disagree_is_refused(tmp_path: Path, codes: Codebook) -> None:
    workbook(tmp_path / "Square 01.xlsx", [*HEADER, *LINES], title="1-M  Square 02 (Sum)")
    with pytest.raises(InputError, match=r"by its name the file is of 01 .* by its title of 02"):
        read(tmp_path, codes, title="1-M {district} (Sum)")


def test_the_title_alone_is_enough(tmp_path: Path, codes: Codebook) -> None:
    workbook(tmp_path / "download (3).xlsx", [*HEADER, *LINES], title="1-M  square 02 (Sum)")
    part, _, forms = read(tmp_path, codes, title="1-M {district} (Sum)", file_name=None)
    assert set(part.counts["district"]) == {"02"}
    assert forms[0].cell_of("bike") == "E7"
    assert forms[0].cell_of("arson") is None


def test_the_same_figures_in_two_files_are_refused(tmp_path: Path, codes: Codebook) -> None:
    workbook(tmp_path / "Square 01.xlsx", [*HEADER, *LINES])
    workbook(tmp_path / "Square 02.xlsx", [*HEADER, *LINES])
    with pytest.raises(InputError, match=r"same figures as 'Square 01\.xlsx'"):
        read(tmp_path, codes)


def test_two_forms_of_one_district_are_refused(tmp_path: Path, codes: Codebook) -> None:
    workbook(tmp_path / "Square 01.xlsx", [*HEADER, *LINES])
    workbook(tmp_path / "square  01.xlsx", [*HEADER, *LINES[:-1]])
    with pytest.raises(InputError, match="the form of 01 stands in"):
        read(tmp_path, codes)


def test_a_form_of_an_unknown_district_is_quarantined_whole(tmp_path: Path, codes: Codebook) -> None:
    workbook(tmp_path / "Mars.xlsx", [*HEADER, *LINES])
    part, ledger, forms = read(tmp_path, codes)
    assert not forms
    assert part.counts.empty
    assert ledger.quarantined == {"district is not known": Tally(6, 75)}
    assert set(part.quarantine["value"]) == {"Mars"}


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"graph": "2"}, "not headed"),
        ({"graph": "7"}, "no such graph"),
        ({"sheet": "R9"}, "no such sheet"),
    ],
)
def test_the_wrong_graph_or_sheet_is_refused(
    more: dict[str, str], what: str, tmp_path: Path, codes: Codebook
) -> None:
    workbook(tmp_path / "Square 01.xlsx", [*HEADER, *LINES])
    with pytest.raises(InputError, match=what):
        read(tmp_path, codes, **more)


def test_fractions_and_damaged_files_are_refused(tmp_path: Path, codes: Codebook) -> None:
    broken = workbook(tmp_path / "Square 01.xlsx", [*HEADER, ["All", None, None, 1, 2.5, 0]])
    with pytest.raises(InputError, match=r"row 5, column 'E', value .*2\.5"):
        read(tmp_path, codes)
    broken.write_bytes(broken.read_bytes()[:900])
    with pytest.raises(InputError, match=r"no XLSX workbook|cannot be read"):
        read(tmp_path, codes)


def test_years_need_an_area_of_years(tmp_path: Path, codes: Codebook) -> None:
    workbook(tmp_path / "Square 01.xlsx", [*HEADER, *LINES])
    area = settings(tmp_path, forms=[section()])
    with pytest.raises(InputError, match="cannot be judged by month"):
        read_forms(area, area.forms[0], Places(squares()), codes, SourceLedger("form"))
