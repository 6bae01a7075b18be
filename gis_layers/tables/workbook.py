"""Sheets of an XLSX workbook. A whole number stays one: 101000000 is never 101000000.0."""

from __future__ import annotations

import datetime as dt
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from .. import limits
from ..archives import refuse_bomb
from ..errors import InputError, Where
from .table import Rows

_BLOCK = 1 << 20


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
        if not zipfile.is_zipfile(file):
            remedy = "save it as an Excel workbook (.xlsx)"
            raise InputError("the file is no XLSX workbook", Where(file=file), remedy=remedy)
        refuse_bomb(file)
        _refuse_shared_texts(file)
        names, self.sheet = self._sheets(sheet)
        for number, cells in self._rows():
            self._header_row = number
            self.names = tuple((_text(cell) or "").strip() for cell in cells)
            break
        else:
            raise InputError(
                "the sheet is empty",
                Where(file=file, sheet=self.sheet),
                remedy=f"choose another of {names[:12]}",
            )

    def _book(self, *, formulas: bool = False) -> Any:
        from openpyxl import load_workbook

        with warnings.catch_warnings():
            # Styles and validations that openpyxl does not know are none of a reader's business.
            warnings.simplefilter("ignore")
            return load_workbook(self.file, read_only=True, data_only=not formulas, keep_links=False)

    def _sheets(self, sheet: str | None) -> tuple[list[str], str]:
        book = self._book()
        try:
            names = [page.title for page in book.worksheets]
        finally:
            book.close()
        if not names:
            raise InputError("the workbook has no sheet", Where(file=self.file), remedy="add one")
        if sheet is not None and sheet not in names:
            raise InputError(
                "there is no such sheet",
                Where(file=self.file, sheet=sheet),
                remedy=f"choose one of {names[:12]}",
            )
        return names, sheet or names[0]

    def _rows(self, *, formulas: bool = False) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """Yield the rows that are not empty, each with its number."""
        book = self._book(formulas=formulas)
        try:
            page = book[self.sheet]
            # Some writers state a wrong size; without this the rest would be cut off unseen.
            page.reset_dimensions()
            for number, cells in enumerate(page.iter_rows(values_only=True), start=1):
                # A row may state any number, and all before it are handed out as blank ones.
                if number > limits.SHEET_ROWS:
                    where = Where(file=self.file, sheet=self.sheet, row=number)
                    what = f"the sheet has more rows than the {limits.SHEET_ROWS:,} of Excel"
                    raise InputError(what, where, remedy="save it again, or deliver CSV")
                if any(cell is not None for cell in cells):
                    yield number, cells
        finally:
            book.close()

    def batches(self, columns: Sequence[str], rows: int) -> Iterator[Rows]:
        """Yield rows of text columns; dates are ISO text.

        Raises
        ------
        InputError
            If a cell holds a formula whose result was not stored: it would read as an empty one.
        """
        places = {name: self.names.index(name) for name in columns}
        if _has_formulas(self.file):
            self._refuse_unknown_results(places)
        held: list[tuple[int, tuple[Any, ...]]] = []
        for number, cells in self._rows():
            if number <= self._header_row:
                continue
            held.append((number, cells))
            if len(held) >= rows:
                yield _rows_of(held, places)
                held = []
        if held:
            yield _rows_of(held, places)

    def _refuse_unknown_results(self, places: dict[str, int]) -> None:
        results = self._rows()
        known, cells = next(results, (0, ()))
        for number, formulas in self._rows(formulas=True):
            while known and known < number:
                known, cells = next(results, (0, ()))
            for name, at in places.items():
                formula = formulas[at] if at < len(formulas) else None
                result = cells[at] if known == number and at < len(cells) else None
                if formula is not None and result is None:
                    text = getattr(formula, "text", formula)
                    where = Where(file=self.file, sheet=self.sheet, row=number, column=name, value=text)
                    remedy = "open it in a spreadsheet program and save it, so that results are stored"
                    raise InputError("the result of a formula was not stored", where, remedy=remedy)


def _refuse_shared_texts(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        size = sum(
            entry.file_size for entry in archive.infolist() if "sharedstrings" in entry.filename.lower()
        )
    if size > limits.SHARED_TEXT_BYTES:
        what = f"the texts of the workbook unzip to {size / 1e6:,.0f} MB"
        raise InputError(what, Where(file=file), remedy="save the sheet as CSV")


def _has_formulas(file: Path) -> bool:
    """Return whether any sheet holds a formula; a quick look, for most hold none."""
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            if not name.startswith("xl/worksheets/") or not name.endswith(".xml"):
                continue
            tail = b""
            with archive.open(name) as stream:
                while block := stream.read(_BLOCK):
                    text = tail + block
                    if b"<f>" in text or b"<f " in text or b":f>" in text or b":f " in text:
                        return True
                    tail = block[-4:]
    return False


def _rows_of(held: list[tuple[int, tuple[Any, ...]]], places: dict[str, int]) -> Rows:
    cells = {
        name: pa.array([_text(cells[at]) if at < len(cells) else None for _, cells in held], pa.string())
        for name, at in places.items()
    }
    return Rows(np.array([number for number, _ in held], dtype=np.int64), pa.table(cells))


def _text(cell: Any) -> str | None:
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(sep=" ")
    return repr(cell) if isinstance(cell, float) else str(cell)
