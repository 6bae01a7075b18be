"""Sheets of an XLSX workbook. A whole number stays one: 101000000 is never 101000000.0."""

from __future__ import annotations

import datetime as dt
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from ..errors import InputError, Where

_MOST_BYTES = 2 << 30
_MOST_RATIO = 200
_SMALL = 64 << 20


class WorkbookReader:
    """One sheet; its first row that is not empty is the header.

    Parameters
    ----------
    file
        Path of the workbook.
    sheet
        Name of the sheet; the first one by default.
    """

    def __init__(self, file: Path, sheet: str | None = None) -> None:
        self.file = file
        refuse_bomb(file)
        names, self.sheet = self._sheets(sheet)
        rows = self._rows()
        self.first_row = 1
        for cells in rows:
            self.first_row += 1
            if any(cell is not None for cell in cells):
                self._header = [_text(cell) or "" for cell in cells]
                break
        else:
            raise InputError(
                "the sheet is empty", Where(file=file, sheet=self.sheet), remedy=f"sheets are {names}"
            )
        self.names = tuple(name.strip() for name in self._header)

    def _book(self) -> Any:
        from openpyxl import load_workbook

        with warnings.catch_warnings():
            # Styles and validations that openpyxl does not know are none of a reader's business.
            warnings.simplefilter("ignore")
            return load_workbook(self.file, read_only=True, data_only=True, keep_links=False)

    def _sheets(self, sheet: str | None) -> tuple[list[str], str]:
        book = self._book()
        try:
            names = list(book.sheetnames)
        finally:
            book.close()
        if sheet is not None and sheet not in names:
            raise InputError(
                "there is no such sheet", Where(file=self.file, sheet=sheet), remedy=f"choose of {names}"
            )
        return names, sheet or names[0]

    def _rows(self) -> Iterator[tuple[Any, ...]]:
        book = self._book()
        try:
            page = book[self.sheet]
            # Some writers state a wrong size; without this the rest would be cut off unseen.
            page.reset_dimensions()
            yield from page.iter_rows(values_only=True)
        finally:
            book.close()

    def batches(self, columns: Sequence[str], rows: int) -> Iterator[pa.Table]:
        """Yield tables of text columns; dates are ISO text."""
        places = {name: self.names.index(name) for name in columns}
        held: list[tuple[Any, ...]] = []
        for number, cells in enumerate(self._rows(), start=1):
            if number < self.first_row:
                continue
            held.append(cells)
            if len(held) >= rows:
                yield _table(held, places)
                held = []
        while held and not any(cell is not None for cell in held[-1]):
            held.pop()
        if held:
            yield _table(held, places)


def refuse_bomb(file: Path) -> None:
    """Refuse a workbook that unzips to an implausible size.

    Raises
    ------
    InputError
        If the file is no ZIP archive, or holds more than 2 GiB, or grows more than 200-fold.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            whole = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile:
        remedy = "save it as an Excel workbook (.xlsx)"
        raise InputError("the file is no XLSX workbook", Where(file=file), remedy=remedy) from None
    ratio = whole / max(1, file.stat().st_size)
    if whole > _MOST_BYTES or (whole > _SMALL and ratio > _MOST_RATIO):
        text = f"the workbook unzips to {whole / 1e6:,.0f} MB, {ratio:,.0f} times its size"
        raise InputError(text, Where(file=file), remedy="save it as CSV if it is what you expect")


def _table(held: list[tuple[Any, ...]], places: dict[str, int]) -> pa.Table:
    return pa.table(
        {
            name: pa.array([_text(cells[at]) if at < len(cells) else None for cells in held], pa.string())
            for name, at in places.items()
        }
    )


def _text(cell: Any) -> str | None:
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(sep=" ")
    return repr(cell) if isinstance(cell, float) else str(cell)
