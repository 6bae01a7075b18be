"""Any table is read as it was meant: delimiters, encodings, types; a code is never a number."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from gis_layers.errors import InputError
from gis_layers.settings.area import TableSection
from gis_layers.tables import Table, open_table
from gis_layers.tables.columns import _instants, codes, numbers, stamps, texts


def section(**more: str) -> TableSection:
    return TableSection(path=("x",), **more)


def read(file: Path, *columns: str, **more: str) -> dict[str, list[object]]:
    table = open_table(section(**more), file)
    return table.read(list(columns or table.names)).cells.to_pydict()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom", "cp1251"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_is_read_in_every_encoding_and_with_every_delimiter(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    names = ["Алматы қаласы"] if encoding != "cp1251" else ["Алматы и соседние районы области Жетысу"]
    text = delimiter.join(["код", "название"]) + "\r\n" + delimiter.join(["010000000", names[0]]) + "\r\n"
    raw = ("\ufeff" + text).encode("utf-16-le") if encoding == "utf-16-le-bom" else text.encode(encoding)
    file = tmp_path / "table.csv"
    file.write_bytes(raw)
    assert read(file) == {"код": ["010000000"], "название": names}


def test_quoted_cells_may_hold_delimiters_and_line_ends(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text('a, b\n"1;2,3","x\ny"\n', encoding="utf-8")
    assert read(file, "a", "b") == {"a": ["1;2,3"], "b": ["x\ny"]}


def test_a_row_with_too_many_cells_is_named(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text("a,b\n1,2\n1,2,3\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"3 cells where the header has 2 \(.*table.csv, row 3"):
        read(file)


def test_a_missing_column_is_named_beside_those_there_are(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"column is missing .*column 'c'.*the file has a, b"):
        open_table(section(), file).require({"count": "c"})


def test_an_unknown_format_and_an_empty_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "table.doc").write_text("a")
    (tmp_path / "table.csv").write_text("")
    with pytest.raises(InputError, match="format of the file is not known"):
        open_table(section(), tmp_path / "table.doc")
    with pytest.raises(InputError, match="the file is empty"):
        open_table(section(), tmp_path / "table.csv")


def test_a_workbook_keeps_whole_numbers_whole_and_dates_dates(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.title = "first"
    page.append([None, None])
    page.append(["code", "day", "share", "name "])
    page.append([101000000, dt.datetime(2022, 8, 1), 1.5, "Абай"])
    page.append(["010000000", None, None])
    book.create_sheet("second").append(["other"])
    file = tmp_path / "book.xlsx"
    book.save(file)
    table = open_table(section(), file)
    assert (table.names, table.reader.sheet) == (("code", "day", "share", "name"), "first")
    assert table.read(["code"]).number.tolist() == [3, 4]
    assert read(file) == {
        "code": ["101000000", "010000000"],
        "day": ["2022-08-01", None],
        "share": ["1.5", None],
        "name": ["Абай", None],
    }
    with pytest.raises(InputError, match=r"no such sheet.*choose one of \['first', 'second'\]"):
        open_table(section(sheet="third"), file)


def test_a_workbook_that_is_none_or_unzips_to_an_implausible_size_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "book.xlsx"
    file.write_text("a,b")
    with pytest.raises(InputError, match="no XLSX workbook"):
        open_table(section(), file)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (80 << 20))
    with pytest.raises(InputError, match="unzips to 84 MB"):
        open_table(section(), file)


def test_parquet_keeps_types_and_the_index_is_a_column(tmp_path: Path) -> None:
    file = tmp_path / "table.parquet"
    frame = pd.DataFrame({"code": [101000000]}, index=pd.Index([7], name="number"))
    frame.to_parquet(file)
    assert read(file, "number", "code") == {"number": [7], "code": [101000000]}


def test_json_lines_keep_texts_and_name_a_broken_line(tmp_path: Path) -> None:
    file = tmp_path / "table.ndjson"
    file.write_text('{"a": "2022-01-01T00:30:00+05:00", "b": 1}\n{"b": "x"}\n', encoding="utf-8")
    assert read(file, "a", "b") == {"a": ["2022-01-01T00:30:00+05:00", None], "b": ["1", "x"]}
    file.write_text('{"a": 1}\n{"a": \n', encoding="utf-8")
    with pytest.raises(InputError, match=r"not JSON.*row 2"):
        read(file)


def test_points_of_a_geopackage_are_columns(tmp_path: Path) -> None:
    file = tmp_path / "points.gpkg"
    points = gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=[shapely.Point(60.5, 50.5), None], crs=4326)
    points.to_file(file)
    assert read(file, "id", "geometry.x", "geometry.y") == {
        "id": ["a", "b"],
        "geometry.x": [60.5, None],
        "geometry.y": [50.5, None],
    }


def test_a_code_that_came_as_a_number_with_decimals_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "table.parquet"
    # One blank is enough for pandas to turn the column into 101000000.0.
    pd.DataFrame({"code": [None, 101000000]}).to_parquet(file)
    table = open_table(section(), file)
    with pytest.raises(InputError, match=r"number with decimals .*row 2, column 'code', value 101000000.0"):
        codes(table.read(["code"]).cells["code"], table, "code", np.array([1, 2]))
    text = pa.array(["010000000", "101000000.0"])
    with pytest.raises(InputError, match=r"row 3, column 'code', value '101000000.0'"):
        codes(text, table, "code", np.array([2, 3]))
    assert codes(pa.array([5, None]), table, "code", np.array([1, 2])).to_pylist() == ["5", None]


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array([" a ", "", None]), ["a", None, None]),
        (pa.array([24.0, None]), ["24", None]),
        (pa.array([True, False]), ["true", "false"]),
        (pa.array(["a", "b"]).dictionary_encode(), ["a", "b"]),
        (pa.array([None, None]), [None, None]),
        (pa.array([1.5]), ["1.5"]),
    ],
)
def test_columns_as_text(column: pa.Array, expected: list[str | None]) -> None:
    assert texts(column).to_pylist() == expected


def test_columns_as_numbers() -> None:
    values, bad = numbers(pa.array(["3", "", "-1.5", "1 000", "inf", "nan", "1e3", None]))
    np.testing.assert_array_equal(values, [3, np.nan, -1.5, np.nan, np.nan, np.nan, 1000, np.nan])
    assert bad.tolist() == [False, False, False, True, True, True, False, False]
    assert numbers(pa.array(["1,5"]), ",")[0].tolist() == [1.5]
    assert numbers(pa.array(["1,5"]))[1].tolist() == [True]
    assert numbers(pa.array([True]))[1].tolist() == [True]


def test_times_labelled_utc_stay_where_they_are_unless_the_area_says_otherwise() -> None:
    text = pa.array(
        ["2018-01-31T23:30:00Z", "2018-01-31 23:30", "31.01.2018", None, "2018-01-31T23:30:00+05:00"]
    )
    local, bad = stamps(text)
    assert local[[0, 1, 4]].astype(str).tolist() == ["2018-01-31T23:30:00"] * 3
    assert bad.tolist() == [False, False, True, False, False]
    zoned, _ = stamps(text, zoned=True, zone="Asia/Almaty")
    assert zoned[[0, 1, 4]].astype(str).tolist() == [
        "2018-02-01T05:30:00",
        "2018-01-31T23:30:00",
        "2018-02-01T00:30:00",
    ]
    typed = pa.array([dt.datetime(2018, 1, 31, 23, 30)], pa.timestamp("us", "UTC"))
    assert stamps(typed)[0].astype(str).tolist() == ["2018-01-31T23:30:00"]
    assert stamps(typed, zoned=True, zone="Asia/Almaty")[0].astype(str).tolist() == ["2018-02-01T05:30:00"]
    assert stamps(pa.array(["31.01.2018"]), form="%d.%m.%Y")[0].astype(str).tolist() == [
        "2018-01-31T00:00:00"
    ]


def test_batches_number_rows_as_people_do(tmp_path: Path) -> None:
    file = tmp_path / "table.parquet"
    pq.write_table(pa.table({"a": list(range(10))}), file)
    table = open_table(section(), file)
    assert isinstance(table, Table)
    assert [part.number.tolist() for part in table.batches(["a"], 4)] == [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10]]


@pytest.mark.parametrize(
    "text",
    [
        "<OGRVRTDataSource/>",
        "<OGRWFSDataSource><URL>http://127.0.0.1:9/</URL></OGRWFSDataSource>",
        "<OGRCSWDataSource><URL>http://127.0.0.1:9/</URL></OGRCSWDataSource>",
        '{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read /etc/passwd"}',
    ],
)
def test_a_layer_that_leads_elsewhere_is_refused_before_gdal_sees_it(tmp_path: Path, text: str) -> None:
    file = tmp_path / "layer.geojson"
    file.write_text(text)
    with pytest.raises(InputError, match="leads to other files"):
        open_table(section(), file)


def test_zones_of_several_odd_kinds_are_unreadable_and_no_fault() -> None:
    found = _instants(
        pd.Series(["2018-01-31T23:30+05:00", "2018-01-31T23:30+03:00", "2018-01-31"]), "ISO8601"
    )
    assert np.isnat(found).tolist() == [True, True, False]
    found = _instants(pd.Series(["2018-01-31T23:30+05:00", "2018-01-31T22:30+05:00"]), "ISO8601")
    assert np.isnat(found).all()


def test_text_that_is_none_in_a_damaged_parquet_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "counts.parquet"
    broken = pa.StringArray.from_buffers(
        1, pa.py_buffer(np.array([0, 2], dtype=np.int32).tobytes()), pa.py_buffer(b"\xc3\x28")
    )
    pq.write_table(pa.table({"offence": broken}), file)
    with pytest.raises(InputError, match="damaged"):
        open_table(TableSection(path=str(file)), file).read(["offence"])
