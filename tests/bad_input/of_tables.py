"""Faults of tables of counts, cards, population and factors, in every format."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from .good_area import CARDS, COUNTS
from .model import (
    Broken,
    Change,
    appended,
    both,
    cards_as,
    counts_as,
    cut,
    replaced,
    setting,
    swap,
    under,
    without,
)

C = "counts.csv"
FIRST = "010,bike,2021-01,0"


def _parquet(**columns: pa.Array) -> Change:
    def write(table: pd.DataFrame, path: Path) -> None:
        made = pa.Table.from_pandas(table, preserve_index=False)
        for name, values in columns.items():
            made = made.set_column(made.schema.get_field_index(name), name, values)
        pq.write_table(made, path)

    return counts_as("c.parquet", write)


def _sheet(row: int, column: int, value: object) -> Change:
    def write(table: pd.DataFrame, path: Path) -> None:
        table.to_excel(path, index=False)
        book = openpyxl.load_workbook(path)
        book.active.cell(row, column, value)
        book.save(path)

    return counts_as("c.xlsx", write)


def _lines(change: object = None, *, row: int = 0) -> Change:
    def write(table: pd.DataFrame, path: Path) -> None:
        lines = table.to_json(orient="records", lines=True).splitlines()
        lines[row] = str(change)
        path.write_text("\n".join(lines), encoding="utf-8")

    return counts_as("c.ndjson", write)


def _bomb(folder: Path) -> None:
    counts_as("c.xlsx", lambda table, path: table.to_excel(path, index=False))(folder)
    with zipfile.ZipFile(folder / "c.xlsx", "a", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("xl/media/zeros.bin", b"\0" * (100 << 20))


def _loop(folder: Path) -> None:
    (folder / C).unlink()
    (folder / C).symlink_to(folder / "other.csv")
    (folder / "other.csv").symlink_to(folder / C)


def _folder_loop(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "up").symlink_to(folder)
    setting('"counts.csv"', '"**/counts.csv"')(folder)


def _twice(folder: Path) -> None:
    """The later file says otherwise: what it changes is reported, nothing is counted twice."""
    (folder / "later.csv").write_text("district,offence,month,count\n010,bike,2021-01,9\n", encoding="utf-8")
    setting('"counts.csv"', '["counts.csv", "later.csv"]')(folder)


WIDE = (
    "district,offence,"
    + ",".join(f"2021-{month:02}" for month in range(1, 13))
    + "\n010,bike"
    + ",1" * 12
    + "\n"
)
WIDE_SHAPE = both(
    under("[[counts]]", 'shape = "wide"'), setting(', period = "month", count = "count" }', " }")
)

FILES = [
    Broken("no counts", without(C), (C, "counts[0].path")),
    Broken("an empty file", replaced(C, ""), (C, "empty")),
    Broken("a file of blank lines", replaced(C, "\n" * 200), (C, "empty")),
    Broken("a file of NUL bytes", replaced(C, b"\0" * 100_000), (C,)),
    Broken("links in a circle", _loop, (C, "counts[0].path")),
    Broken("a glob through a circle of links", _folder_loop, (), "read"),
    Broken("a million columns", replaced(C, ",".join(f"c{at}" for at in range(1_000_000)) + "\n"), (C, "columns")),
    Broken("a header of 20,000 columns", replaced(C, ",".join(f"c{at}" for at in range(20_000)) + "\n"),
           (C, "20,000 columns")),
    Broken("a line of 8 MB", replaced(C, "x" * 8_000_000), (C, "longer than 4 MB")),
    Broken("a cell of 8 MB", swap(C, "010,bike", "0" * 8_000_000 + ",bike"), (C,)),
    Broken("a workbook named .csv", replaced(C, b"PK\x03\x04\x14\0\x06\0" + bytes(range(256)) * 40), (C,)),
    Broken("another delimiter than said", under("[[counts]]", 'delimiter = ";"'), (C, "column 'district'")),
    Broken("another encoding than said", both(under("[[counts]]", 'encoding = "ascii"'), swap(C, FIRST, "Ә,bike,2021-01,0")),
           (C, "encoding", "ascii")),
    Broken("UTF-16 called UTF-8", both(under("[[counts]]", 'encoding = "utf-8"'),
           replaced(C, COUNTS.encode("utf-16"))), (C, "encoding", "utf-8")),
    Broken("UTF-16 with half a letter", replaced(C, COUNTS.encode("utf-16")[:-1]), (C,)),
    Broken("a column is missing", swap(C, "offence,", "crime,"), (C, "column 'offence'", "crime")),
    Broken("one header twice", swap(C, "month,count", "count,count"), (C, "'month'")),
    Broken("the counted column twice", swap(C, "\n", ",count\n", times=1000), (C, "column 'count'", "same name")),
    Broken("a row with a comma too many", swap(C, FIRST, FIRST + ",7"), (C, "row 2", "5 cells")),
    Broken("a row that ends too early", swap(C, FIRST, "010,bike"), (C, "row 2", "2 cells")),
    Broken("a quote that is never closed", swap(C, FIRST, '"' + FIRST), (C, "row 2")),
    Broken("a quote open in the last column", both(replaced("cards.csv", CARDS.replace(",match\n", ',"match\n', 1))),
           ("cards.csv", "row 3", "never closed")),
    Broken("a header without rows", replaced(C, "district,offence,month,count\n"), (), "read"),
    Broken("blank lines between rows", swap(C, FIRST + "\n", "\n" + FIRST + "\n\n   \n,,,\n"), (), "read"),
    Broken("a fault behind blank lines", both(swap(C, FIRST + "\n", "\n\n" + FIRST + "\n"),
           swap(C, "010,bike,2021-02,3", "010,bike,2021-02,-3")), (C, "row 5", "'-3'")),
]  # fmt: skip

CELLS = [
    Broken("a negative count", swap(C, FIRST, "010,bike,2021-01,-1"), (C, "row 2", "column 'count'", "'-1'", "negative")),
    Broken("a fraction of a count", swap(C, FIRST, "010,bike,2021-01,1.5"), (C, "row 2", "column 'count'", "'1.5'")),
    Broken("text for a count", swap(C, FIRST, "010,bike,2021-01,few"), (C, "row 2", "column 'count'", "'few'")),
    Broken("a count of NaN", swap(C, FIRST, "010,bike,2021-01,NaN"), (C, "row 2", "column 'count'", "'NaN'")),
    Broken("an endless count", swap(C, FIRST, "010,bike,2021-01,inf"), (C, "row 2", "column 'count'", "'inf'")),
    Broken("a count of 1e30", swap(C, FIRST, "010,bike,2021-01,1e30"), (C, "row 2", "column 'count'", "'1e30'")),
    Broken("a count of 400 digits", swap(C, FIRST, "010,bike,2021-01," + "9" * 400), (C, "row 2", "column 'count'")),
    Broken("a count with a thousands blank", swap(C, FIRST, "010,bike,2021-01,1 000"), (C, "row 2", "'1 000'")),
    Broken("a decimal comma that was not said", swap(C, FIRST, '010,bike,2021-01,"1,0"'), (C, "row 2", "'1,0'")),
    Broken("a NUL byte in a count", swap(C, FIRST, "010,bike,2021-01,1\0"), (C, "row 2", "column 'count'")),
    Broken("month 13", swap(C, "010,bike,2021-01", "010,bike,2021-13"), (C, "row 2", "column 'month'", "'2021-13'")),
    Broken("dates of two kinds", swap(C, "010,bike,2021-01", "010,bike,01.2021"), (C, "row 2", "'01.2021'", "%Y-%m")),
    Broken("no month", swap(C, "010,bike,2021-01", "010,bike,"), (C, "row 2", "column 'month'")),
    Broken("a month to come", swap(C, "010,bike,2021-01", "010,bike,2199-01"), (C, "row 2", "'2199-01-01'", "future")),
    Broken("a month of long ago", swap(C, "010,bike,2021-01", "010,bike,0021-01"), (C, "row 2", "'0021-01'")),
    Broken("one key twice", appended(C, FIRST + "\n"), (C, "row 226", "row 2", "010, bike, 2021-01")),
    Broken("a KATO turned into a number", swap(C, "010,bike,2021-01", "101000000.0,bike,2021-01"),
           (C, "row 2", "column 'district'", "'101000000.0'")),
    Broken("a KATO in scientific writing", swap(C, FIRST, "1.01E+08,bike,2021-01,1"), (C, "row 2", "column 'district'", "'1.01E+08'")),
    Broken("an offence turned into a number", swap(C, "010,bike", "010,188.0"), (C, "row 2", "'188.0'")),
    Broken("two sources of one figure", swap("cards.csv", "010,,,arson", "010,,,bike"), ("010", "bike", "'cards'")),
    Broken("a district that nobody knows", swap(C, FIRST, "099,bike,2021-01,1"),
           ("district is not known", "099"), "quarantined"),
    Broken("a code with a slash", swap(C, FIRST, "0/10,bike,2021-01,1"), ("district is not known", "0/10"), "quarantined"),
    Broken("a leading zero that was lost", swap(C, FIRST, "10,bike,2021-01,1"), ("district is not known", "10"), "quarantined"),
    Broken("an offence that nobody knows", swap(C, FIRST, "010,piracy,2021-01,1"),
           ("offence is not in the codebook", "piracy"), "quarantined"),
    Broken("a row without an offence", swap(C, FIRST, "010,,2021-01,1"), ("no offence",), "quarantined"),
    Broken("a row without a district", swap(C, FIRST, ",bike,2021-01,1"), ("no district",), "quarantined"),
    Broken("markup in a code", swap(C, FIRST, "[bold]<b>&,bike,2021-01,1"), ("[bold]<b>&",), "quarantined"),
    Broken("control signs in a code", swap(C, FIRST, "\x1b[31m0,bike,2021-01,1"), ("district is not known",), "quarantined"),
    Broken("half of the rows unknown", replaced(C, COUNTS.replace("0,bike", "9,bike")), ("counts", "quarantined")),
    Broken("a later delivery", _twice, ("1 figures revised",), "read"),
]  # fmt: skip

WIDES = [
    Broken("a wide table without months", WIDE_SHAPE, (C, "%Y-%m", "'month'")),
    Broken("a wide table with month 13", both(WIDE_SHAPE, replaced(C, WIDE.replace("2021-12", "2021-13"))),
           (C, "column '2021-13'")),
    Broken("a wide table with one month twice", both(WIDE_SHAPE, replaced(C, WIDE.replace("2021-12", "2021-11"))),
           (C, "'2021-11'", "same name")),
    Broken("a wide table with a negative count", both(WIDE_SHAPE, replaced(C, WIDE.replace("1\n", "-1\n"))),
           (C, "row 2", "column '2021-12'", "'-1'")),
]  # fmt: skip

OTHER_FORMATS = [
    Broken("a workbook that is none", both(counts_as("c.xlsx", lambda t, p: t.to_excel(p, index=False)),
           replaced("c.xlsx", "district,offence")), ("c.xlsx", "no XLSX")),
    Broken("a workbook cut in half", both(counts_as("c.xlsx", lambda t, p: t.to_excel(p, index=False)),
           cut("c.xlsx", 0.5)), ("c.xlsx",)),
    Broken("an archive that is no workbook", counts_as("c.xlsx", lambda t, p: zipfile.ZipFile(p, "w").close()), ("c.xlsx",)),
    Broken("a ZIP bomb as a workbook", _bomb, ("c.xlsx", "unzips to")),
    Broken("a sheet that is not there", both(_sheet(1, 1, "district"), setting('"c.xlsx"', '"c.xlsx"\nsheet = "March"')),
           ("c.xlsx", "'March'", "Sheet1")),
    Broken("an empty sheet", counts_as("c.xlsx", lambda t, p: pd.DataFrame().to_excel(p)), ("c.xlsx", "empty")),
    Broken("a formula without a result", _sheet(2, 4, "=1+1"), ("c.xlsx", "row 2", "column 'count'", "=1+1")),
    Broken("an error of Excel", _sheet(2, 4, "#REF!"), ("c.xlsx", "sheet 'Sheet1'", "row 2", "'#REF!'")),
    Broken("a code that Excel made a number", _sheet(2, 1, 101000000.5), ("district is not known", "101000000.5"), "quarantined"),
    Broken("a Parquet file that is none", both(_parquet(), replaced("c.parquet", "PAR1 not")), ("c.parquet",)),
    Broken("a Parquet file cut in half", both(_parquet(), cut("c.parquet", 0.5)), ("c.parquet",)),
    Broken("an empty Parquet file", both(_parquet(), replaced("c.parquet", "")), ("c.parquet",)),
    Broken("codes turned into floats", _parquet(district=pa.array([101000000.0] * 223 + [None])),
           ("c.parquet", "row 1", "column 'district'", "101000000.0")),
    Broken("counts that are lists", _parquet(count=pa.array([[1]] * 224)), ("c.parquet", "column 'count'")),
    Broken("counts that are bytes", _parquet(count=pa.array([b"1"] * 224)), ("c.parquet", "column 'count'")),
    Broken("counts that are times", _parquet(count=pa.array([0] * 224, pa.timestamp("s"))), ("c.parquet", "column 'count'")),
    Broken("counts that are true or false", _parquet(count=pa.array([True] * 224)), ("c.parquet", "column 'count'")),
    Broken("months that are clock times", _parquet(month=pa.array([0] * 224, pa.time32("s"))), ("c.parquet", "column 'month'")),
    Broken("months that are numbers", _parquet(month=pa.array([202101] * 224)), ("c.parquet", "column 'month'")),
    Broken("months that are instants beyond all calendars",
           _parquet(month=pa.array([2**62] * 224, pa.timestamp("us"))), ("c.parquet", "column 'month'")),
    Broken("a line that is no JSON", _lines('{"district": 010}'), ("c.ndjson", "row 1", "JSON")),
    Broken("a line that is no object", _lines("[1, 2]", row=3), ("c.ndjson", "row 4", "object")),
    Broken("a line nested 100,000 deep", _lines('{"a":' + "[" * 100_000, row=3), ("c.ndjson", "row 4")),
    Broken("a count that is an object", _lines('{"district":"010","offence":"bike","month":"2021-01","count":{"a":1}}'),
           ("c.ndjson", "row 1", "column 'count'")),
    Broken("a count of 30 digits", _lines('{"district":"010","offence":"bike","month":"2021-01","count":%s}' % ("9" * 30)),
           ("c.ndjson", "row 1", "column 'count'")),
    Broken("one JSON document", both(_lines("{}"), replaced("c.ndjson", json.dumps([{"district": "010"}], indent=1))),
           ("c.ndjson", "row 1")),
    Broken("a layer that is none", both(counts_as("c.gpkg", lambda t, p: p.write_text("x")),), ("c.gpkg",)),
    Broken("a layer that leads to other files", counts_as("c.geojson", lambda t, p: p.write_text(
        "<OGRVRTDataSource/>")), ("c.geojson", "virtual")),
]  # fmt: skip

K = "cards.csv"
CARD = "c1,020,,,arson,2021-02-03,2021-02-04T10:00:00Z,match"

CARD_FAULTS = [
    Broken("a card without its date", swap(K, CARD, "c1,020,,,arson,2021-02-03,,match"), ("no date",), "quarantined"),
    Broken("a card of month 13", swap(K, CARD, "c1,020,,,arson,2021-02-03,2021-13-04,match"),
           ("a date cannot be read", "2021-13-04"), "quarantined"),
    Broken("a card of another kind of date", swap(K, CARD, "c1,020,,,arson,2021-02-03,04.02.2021,match"),
           ("a date cannot be read", "04.02.2021"), "quarantined"),
    Broken("a card of the future", swap(K, CARD, "c1,020,,,arson,2021-02-03,2199-02-04,match"),
           ("in the future", "2199-02-04"), "quarantined"),
    Broken("a card of 1066", swap(K, CARD, "c1,020,,,arson,2021-02-03,1066-02-04,match"), ("before 1900",), "quarantined"),
    Broken("a card of an unknown offence", swap(K, CARD, "c1,020,,,piracy,2021-02-03,2021-02-04,match"),
           ("not in the codebook", "piracy"), "quarantined"),
    Broken("a card of a severity", swap(K, CARD, "c1,020,,,severity-grave,2021-02-03,2021-02-04,match"),
           ("a severity is no offence",), "quarantined"),
    Broken("a card without an offence", swap(K, CARD, "c1,020,,,,2021-02-03,2021-02-04,match"), ("no offence",), "quarantined"),
    Broken("a card of an unknown district", swap(K, CARD, "c1,099,,,arson,2021-02-03,2021-02-04,match"),
           ("district is not known", "099"), "quarantined"),
    Broken("a card of nowhere", swap(K, CARD, "c1,,,,arson,2021-02-03,2021-02-04,match"), ("no district",), "quarantined"),
    Broken("a card outside every district", swap(K, CARD, "c1,,0.0,0.0,arson,2021-02-03,2021-02-04,match"),
           ("outside every district",), "quarantined"),
    Broken("a card with swapped axes", swap(K, CARD, "c1,,50.25,60.5,arson,2021-02-03,2021-02-04,match"),
           ("outside every district", "50.25 60.5"), "quarantined"),
    Broken("a coordinate that is text", swap(K, CARD, "c1,,east,50.25,arson,2021-02-03,2021-02-04,match"),
           ("a coordinate cannot be read", "east"), "quarantined"),
    Broken("an endless coordinate", swap(K, CARD, "c1,,inf,50.25,arson,2021-02-03,2021-02-04,match"),
           ("a coordinate cannot be read", "inf"), "quarantined"),
    Broken("a coordinate of 1e300", swap(K, CARD, "c1,,1e300,50.25,arson,2021-02-03,2021-02-04,match"),
           ("outside every district",), "quarantined"),
    Broken("one card twice", appended(K, CARD + "\n"), ("merged: duplicate_card",), "read"),
    Broken("cards in metres called degrees", both(
        under("[[cards]]", 'crs = "EPSG:32641"')), ("cards", "quarantined")),
    Broken("every date of another format", under("[[cards]]", 'time_format = "%d.%m.%Y"'), ("cards", "quarantined")),
    Broken("an attribute without its column", setting('{ method = "method" }', '{ method = "manner" }'),
           (K, "column 'manner'")),
    Broken("points that are bytes", cards_as("k.parquet", lambda t, p: t.assign(lon=b"x").to_parquet(p)),
           ("k.parquet", "column 'lon'")),
    Broken("dates that are true or false", cards_as("k.parquet", lambda t, p: t.assign(registered=True).to_parquet(p)),
           ("cards", "quarantined")),
    Broken("codes of cards turned into floats", cards_as("k.parquet", lambda t, p: t.assign(
        district=t["district"].astype(float)).to_parquet(p)), ("k.parquet", "column 'district'", "20.0")),
]  # fmt: skip

P = "population.csv"

BESIDE = [
    Broken("negative residents", swap(P, "010,2020,3020", "010,2020,-5"), (P, "row 2", "'residents'", "'-5'")),
    Broken("residents that are text", swap(P, "010,2020,3020", "010,2020,many"), (P, "row 2", "'many'")),
    Broken("endless residents", swap(P, "010,2020,3020", "010,2020,inf"), (P, "row 2", "'inf'")),
    Broken("1e300 residents", swap(P, "010,2020,3020", "010,2020,1e300"), (P, "row 2", "'1e300'")),
    Broken("a year of text", swap(P, "010,2020", "010,MMXX"), (P, "row 2", "'year'", "'MMXX'")),
    Broken("one year of a district twice", appended(P, "010,2020,1\n"), (P, "row 18", "'010'")),
    Broken("residents of an unknown district", appended(P, "099,2020,1\n"), ("'population'", "district is not known")),
    Broken("codes of residents turned into numbers", swap(P, "010,2020", "10.0,2020"), (P, "row 2", "'10.0'")),
    Broken("a table of residents without rows", replaced(P, "code,year,residents\n"), (), "read"),
    Broken("nobody lives there", swap(P, "010,2020,3020", "010,2020,0"), (), "read"),
    Broken("a factor that is text", swap("prices.csv", "2021-03,52.5", "2021-03,dear"),
           ("prices.csv", "row 4", "'oil'", "'dear'")),
    Broken("a factor of NaN", swap("prices.csv", "2021-03,52.5", "2021-03,nan"), ("prices.csv", "row 4", "'nan'")),
    Broken("a factor of month 13", swap("prices.csv", "2021-03", "2021-13"), ("prices.csv", "row 4", "'2021-13'")),
    Broken("a factor with one month twice", swap("prices.csv", "2021-03", "2021-02"), ("prices.csv", "row 4", "2021-02")),
    Broken("a factor without its column", swap("prices.csv", "oil", "gas"), ("prices.csv", "column 'oil'")),
]  # fmt: skip

TABLES = [*FILES, *CELLS, *WIDES, *OTHER_FORMATS, *CARD_FAULTS, *BESIDE]
