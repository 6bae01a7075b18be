"""What comes with real deliveries: totals below, titles above, merged headers, other encodings, archives."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from .good_area import CARDS, COUNTS, DISTRICTS, POPULATION
from .model import (
    Broken,
    Change,
    appended,
    both,
    cards_as,
    counts_as,
    feature,
    replaced,
    setting,
    swap,
    under,
)

C, P, D = "counts.csv", "population.csv", "districts.geojson"
FIRST = "010,bike,2021-01,0"


def _book(edit: object = None) -> Change:
    """Deliver the counts as a workbook, changed by a function of its sheet."""

    def write(table: pd.DataFrame, path: Path) -> None:
        table.to_excel(path, index=False)
        book = openpyxl.load_workbook(path)
        edit(book.active)  # type: ignore[operator]
        book.save(path)

    return counts_as("c.xlsx", write)


def _part(name: str, *pairs: tuple[bytes, bytes]) -> Change:
    """Change a part within the workbook, as a hand that is not Excel's would."""

    def write(table: pd.DataFrame, path: Path) -> None:
        table.to_excel(path, index=False)
        with zipfile.ZipFile(path) as archive:
            parts = {entry: archive.read(entry) for entry in archive.namelist()}
        for old, new in pairs:
            assert old in parts[name]
            parts[name] = parts[name].replace(old, new, 1)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for entry, raw in parts.items():
                archive.writestr(entry, raw)

    return counts_as("c.xlsx", write)


def _merged_header(sheet: object) -> None:
    sheet.insert_rows(1)  # type: ignore[attr-defined]
    sheet.cell(1, 1, "Recorded offences")  # type: ignore[attr-defined]
    sheet.merge_cells("A1:D1")  # type: ignore[attr-defined]


def _merged_names(sheet: object) -> None:
    sheet.merge_cells("A1:B1")  # type: ignore[attr-defined]


def _blank_rows(sheet: object) -> None:
    sheet.insert_rows(3, 4)  # type: ignore[attr-defined]
    sheet.cell(7, 4, -1)  # type: ignore[attr-defined]


def _zipped(folder: Path) -> None:
    with zipfile.ZipFile(folder / "counts.zip", "w") as archive:
        archive.writestr("counts.csv", COUNTS)
    setting('"counts.csv"', '"counts.zip"')(folder)


def _wide_parquet(folder: Path) -> None:
    def write(table: pd.DataFrame, path: Path) -> None:
        made = pa.Table.from_pandas(table, preserve_index=False)
        more = {f"c{at}": pa.nulls(len(table), pa.int8()) for at in range(17_000)}
        pq.write_table(pa.table({**dict(zip(made.column_names, made.columns, strict=True)), **more}), path)

    counts_as("c.parquet", write)(folder)


def _many_names(table: pd.DataFrame, path: Path) -> None:
    rows = (f'{{"district":"010","n{at}":1}}\n' for at in range(20_000))
    path.write_text("".join(rows), encoding="utf-8")


def _layer_of_counts(table: pd.DataFrame, path: Path) -> None:
    import geopandas as gpd

    points = gpd.points_from_xy([60.5] * len(table), [50.25] * len(table))
    gpd.GeoDataFrame(table, geometry=points, crs=4326).to_file(path)


SHEET = "xl/worksheets/sheet1.xml"
BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + at, b"&%c;" % (97 + at) * 10) for at in range(12)
)

HEADERS = [
    Broken("a totals row below", appended(C, "Total,,,1234\n"), (C, "row 226", "column 'month'", "no period")),
    Broken("a totals row with a month", appended(C, "Total,bike,2021-01,1234\n"),
           ("'counts'", "district is not known", "quarantined")),
    Broken("a title above the header", replaced(C, "Recorded offences\n\n" + COUNTS), (C,)),
    Broken("a merged title above the header", _book(_merged_header), ("c.xlsx", "Sheet1", "column 'district'")),
    Broken("merged names of columns", _book(_merged_names), ("c.xlsx", "Sheet1", "column 'offence'")),
    Broken("a fault below blank rows of a sheet", _book(_blank_rows), ("c.xlsx", "row 7", "column 'count'", "'-1'")),
    Broken("a note behind the last column", swap(C, FIRST + "\n", FIRST + ",corrected\n"), (C, "row 2", "5 cells")),
    Broken("columns of another order", replaced(C, "".join(
        ",".join(line.split(",")[::-1]) + "\n" for line in COUNTS.splitlines())), (), "read"),
    Broken("blanks around every cell", replaced(C, COUNTS.replace(",", " , ")), (), "read"),
]  # fmt: skip

ENCODINGS = [
    Broken("a byte order mark", replaced(C, b"\xef\xbb\xbf" + COUNTS.encode()), (), "read"),
    Broken("UTF-16 with its mark", replaced(C, COUNTS.encode("utf-16")), (), "read"),
    Broken("the line ends of an old Mac", replaced(C, COUNTS.replace("\n", "\r")), (), "read"),
    Broken("the line ends of Windows", replaced(C, COUNTS.replace("\n", "\r\n")), (), "read"),
    Broken("semicolons", replaced(C, COUNTS.replace(",", ";")), (), "read"),
    Broken("Cyrillic of Windows beside UTF-8", both(under("[[counts]]", 'encoding = "utf-8"'), swap(C, FIRST, FIRST),
           appended(C, "Кража,bike,2022-01,1\n".encode("cp1251"))), (C, "utf-8")),
    Broken("decimal commas that were said", both(under("[[counts]]", 'decimal = ","'), replaced(C, "\n".join(
        line + ("" if at == 0 else ",0") for at, line in enumerate(COUNTS.replace(",", ";").splitlines())) + "\n")),
        (), "read"),
    Broken("a letter of the wrong alphabet in a column's name", swap(C, "offence", "оffence"), (C, "column 'offence'", "оffence")),
    Broken("a blank that cannot be seen in a code", swap(C, FIRST, "\u200b" + FIRST), ("district is not known",), "quarantined"),
]  # fmt: skip

ARCHIVES = [
    Broken("a zipped table", _zipped, ("counts.zip", "format of the file is not known", "unpack")),
    Broken("a workbook whose last row is 2,000,000,000", _part(SHEET, (b'<row r="225"', b'<row r="2000000000"')),
           ("c.xlsx", "more rows")),
    Broken("a workbook of entities in entities", _part("xl/sharedStrings.xml",
           (b"<sst", BOMB + b"]><sst"), (b"district", b"&m;")), ("c.xlsx",)),
    Broken("a workbook with a sheet cut in half", _part(SHEET, (b"</sheetData>", b"")), ("c.xlsx",)),
    Broken("a Parquet file of 17,000 columns", _wide_parquet, ("c.parquet", "17,004 columns")),
    Broken("JSON lines of 20,000 names", counts_as("c.ndjson", _many_names), ("c.ndjson", "different names")),
    Broken("a name that only a late line has", both(counts_as("c.ndjson", lambda t, p: t.to_json(
        p, orient="records", lines=True)), setting('count = "count" }', 'count = "sum" }')), ("c.ndjson", "column 'sum'")),
    Broken("counts as a layer of points", both(counts_as("c.geojson", _layer_of_counts), under(
        "[[counts]]", 'format = "ogr"')), (), "read"),
    Broken("a layer of counts without its sheet", both(counts_as("c.gpkg", _layer_of_counts), setting(
        '"c.gpkg"', '"c.gpkg"\nsheet = "counts"')), ("c.gpkg", "'counts'", "no such layer")),
    Broken("cards as JSON lines cut in a line", both(cards_as("k.ndjson", lambda t, p: p.write_text(
        t.to_json(orient="records", lines=True)[:-30])),), ("k.ndjson", "row 70", "JSON")),
    Broken("cards as a workbook that is none", both(cards_as("k.xlsx", lambda t, p: p.write_text("no")),),
           ("k.xlsx", "no XLSX")),
    Broken("residents as a layer that is none", both(replaced("p.geojson", "{}"), setting(
        '"population.csv"', '"p.geojson"')), ("p.geojson",)),
    Broken("a path that leaves by a link is followed", lambda folder: (
        (folder / C).rename(folder.parent / "elsewhere.csv"),
        (folder / C).symlink_to(folder.parent / "elsewhere.csv"))[0], (), "read"),
]  # fmt: skip

NAMES = [
    Broken("two districts of one name", both(
        feature(1, lambda f: f["properties"].update(name="Square 010")),
        under("[[counts]]", 'district_match = "name"'),
        replaced(C, COUNTS.replace("\n0", "\nSquare 0"))), ("'counts'", "belongs to several districts")),
    Broken("a district by a name that nobody has", both(
        under("[[counts]]", 'district_match = "name"'),
        replaced(C, COUNTS.replace("\n0", "\nSquare 0").replace("Square 010,bike,2021-01", "Cube,bike,2021-01"))),
        ("district is not known", "Cube"), "quarantined"),
    Broken("an offence by a label that nobody has", both(
        under("[[counts]]", 'offence_match = "label"'),
        replaced(C, COUNTS.replace("bike", "Bikes").replace("shop", "Shops").replace("Bikes,2021-01", "Bokes,2021-01", 1))),
        ("offence is not in the codebook", "Bokes"), "quarantined"),
    Broken("names in other cases", both(under("[[counts]]", 'offence_match = "label"'),
           replaced(C, COUNTS.replace("bike", "bIKES ").replace("shop", "shops"))), (), "read"),
    Broken("an offence without a parent", swap("codes.csv", "bike,theft", "bike,"), (), "read"),
    Broken("a fault of the codebook behind blank lines", both(
        swap("codes.csv", "bike,", "\n\nbi/ke,")), ("codes.csv", "row 5", "'bi/ke'")),
]  # fmt: skip

RESIDENTS = [
    Broken("residents without a year", swap(P, "010,2020,", "010,,"), (P, "row 2", "column 'year'")),
    Broken("no residents in one cell", swap(P, "010,2020,3020", "010,2020,"), (), "read"),
    Broken("residents of one year only", replaced(P, "".join(
        line + "\n" for line in POPULATION.splitlines() if "2022" not in line)), (), "read"),
    Broken("a district without residents", replaced(P, "".join(
        line + "\n" for line in POPULATION.splitlines() if not line.startswith("080"))), (), "read"),
    Broken("residents with a decimal comma", swap(P, "010,2020,3020", '010,2020,"3020,5"'), (P, "row 2", "'3020,5'")),
    Broken("residents of the year 20200", swap(P, "010,2020", "010,20200"), (P, "row 2", "'20200'")),
    Broken("residents by month where years were said", swap(P, "010,2020", "010,2020-05"), (P, "row 2", "'2020-05'", "%Y")),
    Broken("a totals row below residents", appended(P, "Total,2022,99999\n"), ("'population'", "district is not known")),
    Broken("cards without any row", replaced("cards.csv", CARDS.splitlines()[0] + "\n"), (), "read"),
    Broken("counts of all districts but one", replaced(C, "".join(
        line + "\n" for line in COUNTS.splitlines() if not line.startswith(DISTRICTS[3]))), (), "read"),
    Broken("a count of the year 1821", swap(C, FIRST, "010,bike,1821-01,1"), (C, "row 2", "before 1900")),
    Broken("a panel too large for any machine", both(
        swap(C, FIRST, "010,bike,1900-01,1"),
        appended("codes.csv", "".join(f"x{at},,,,,,,,\n" for at in range(9_990))),
        swap(D, "", "")), ("area.toml", "figures", "slip in a year")),
]  # fmt: skip

DELIVERIES = [*HEADERS, *ENCODINGS, *ARCHIVES, *NAMES, *RESIDENTS]
