"""Open the workbook of a form: one sheet's rows, and the title among its properties."""

from __future__ import annotations

import warnings
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ... import limits
from ...archives import refuse_bomb
from ...errors import AudanError, InputError, Where


@dataclass(frozen=True)
class Sheet:
    """Rows of a sheet from its first, and the title of its workbook ("" if it has none)."""

    rows: list[tuple[Any, ...]] = field(repr=False)
    title: str


def read_sheet(file: Path, sheet: str) -> Sheet:
    """Read one sheet.

    Raises
    ------
    InputError
        If the file is no workbook, is damaged, lacks the sheet, or the sheet is no form by its size.
    """
    if not zipfile.is_zipfile(file):
        remedy = "save it as an Excel workbook (.xlsx)"
        raise InputError("the file is no XLSX workbook", Where(file=file), remedy=remedy)
    refuse_bomb(file)
    try:
        return _read(file, sheet)
    except (AudanError, MemoryError):
        raise
    except Exception as error:
        # openpyxl fails in dozens of ways on what a damaged archive or a foreign writer holds.
        problem = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        remedy = "check that it opens elsewhere, and save it again"
        raise InputError(
            f"the workbook cannot be read: {problem}", Where(file=file), remedy=remedy
        ) from error


def _read(file: Path, sheet: str) -> Sheet:
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        # Styles and validations that openpyxl does not know are none of a reader's business.
        warnings.simplefilter("ignore")
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        try:
            names = [page.title for page in book.worksheets]
            if sheet not in names:
                raise InputError(
                    "there is no such sheet", Where(file=file, sheet=sheet), remedy=f"choose of {names}"
                )
            page = book[sheet]
            # Some writers state a wrong size; without this the rest would be cut off unseen.
            page.reset_dimensions()
            rows: list[tuple[Any, ...]] = []
            for cells in page.iter_rows(values_only=True, max_col=limits.FORM_COLUMNS):
                rows.append(tuple(cells))
                if len(rows) > limits.FORM_ROWS:
                    raise InputError(
                        f"the sheet has more than {limits.FORM_ROWS:,} rows: no form has",
                        Where(file=file, sheet=sheet),
                        remedy="deliver it as a table of counts",
                    )
            return Sheet(rows, (book.properties.title or "").strip())
        finally:
            book.close()
