"""XLSX for reading by people: the rows, the districts' names, the legend, and where it is all from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from ..errors import UsageError, Where
from .select import Selection
from .source import source_note

LIMIT = 1_048_576 - 1

_NAMING = {"district", "district_from", "districts"}
"""Columns that name districts by their codes."""


def write_xlsx(selection: Selection, path: Path) -> int:
    """Write a workbook of the sheets `data`, `districts` (if the rows name some), `legend` and `source`.

    Codes are text cells, dates are dates, and nothing is taken for a formula or a link.

    Raises
    ------
    UsageError
        If there are more rows than a sheet can hold.
    """
    table = selection.table()
    if table.num_rows > LIMIT:
        raise UsageError(
            "a sheet holds no more than 1,048,575 rows",
            Where(value=table.num_rows),
            remedy="use .csv or .parquet",
        )
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
        "default_date_format": "yyyy-mm-dd",
    }
    with _whole(xlsxwriter.Workbook(str(path), options)) as book:
        head = book.add_format({"bold": True, "bottom": 1})
        _sheet(book, head, "data", table.column_names, _rows(table))
        if _NAMING & set(table.column_names) and selection.layer != "districts":
            names = [column["name"] for column in selection.edition.entry("districts")["columns"]]
            wanted = [name for name in names if name == "district" or "name" in name]
            _sheet(
                book, head, "districts", wanted, _rows(selection.edition.table("districts", columns=wanted))
            )
        _legend(book, head, selection)
        _source(book, head, selection)
    return int(table.num_rows)


@contextmanager
def _whole(book: Any) -> Iterator[Any]:
    """Close a workbook, which writes it, and hand on what the disk says as such."""
    try:
        with book:
            yield book
    except FileCreateError as error:
        cause = error.args[0] if error.args else None
        raise (cause if isinstance(cause, OSError) else OSError(str(error))) from error


def _rows(table: pa.Table) -> Iterable[Sequence[Any]]:
    for batch in table.to_batches(max_chunksize=10_000):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _sheet(book: Any, head: Any, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, max(len(columns) - 1, 0), 14)
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column, head)
    for line, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            if value is not None and sheet.write(line, place, value):
                raise UsageError(
                    "a cell holds no more than 32,767 characters",
                    Where(sheet=name, row=line + 1, column=columns[place]),
                    remedy="use .csv or .parquet",
                )


def _legend(book: Any, head: Any, selection: Selection) -> None:
    languages = selection.edition.catalogue["area"]["languages"]
    sheet = book.add_worksheet("legend")
    sheet.set_column(0, 4 + len(languages), 16)
    for place, name in enumerate(["column", "value", "from", "below", "colour", *languages]):
        sheet.write_string(0, place, name, head)
    line = 0
    for column, classes in selection.entry["legends"].items():
        for one in classes:
            line += 1
            cells = [column, one.get("value"), one.get("min"), one.get("max")]
            for place, value in enumerate(cells):
                if value is not None:
                    sheet.write(line, place, value)
            sheet.write_string(line, 4, one["colour"], book.add_format({"bg_color": one["colour"]}))
            for place, lang in enumerate(languages):
                sheet.write_string(line, 5 + place, one["label"][lang])
    line += 2
    for place, name in enumerate(["column", "type", "unit", "description"]):
        sheet.write_string(line, place, name, head)
    for column in selection.entry["columns"]:
        line += 1
        for place, name in enumerate(["name", "type", "unit", "description"]):
            sheet.write_string(line, place, column[name] or "")


def _source(book: Any, head: Any, selection: Selection) -> None:
    sheet = book.add_worksheet("source")
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 100)
    line = 0
    for key, value in source_note(selection).items():
        parts = value.items() if isinstance(value, dict) else [("", value)]
        for lang, text in parts:
            sheet.write_string(line, 0, f"{key} ({lang})" if lang else key, head)
            sheet.write_string(line, 1, "" if text is None else str(text))
            line += 1
