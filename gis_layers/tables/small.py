"""Small tables beside the large ones, read whole as text: attributes of districts, crosswalks of codes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from ..errors import InputError, Where
from ..settings.area import TableSection
from .columns import codes
from .table import Table, open_table

CHANGES = ("old", "new", "valid_from", "weight")


def open_small(file: Path, key: str) -> Table:
    """Open a table that the area file names under `key`, by its ending.

    Raises
    ------
    InputError
        If there is no such file, or it cannot be read.
    """
    if not file.is_file():
        raise InputError("there is no such table", Where(file=file, key=key), remedy="correct the path")
    return open_table(TableSection(path=(str(file),)), file)


def read_texts(table: Table, columns: Mapping[str, str], *, remedy: str | None = None) -> pd.DataFrame:
    """Return columns (role = name) as text, a blank as None; the index are the numbers of the rows.

    Raises
    ------
    InputError
        If a column is missing or stands twice, or a code arrived as a number with decimals.
    """
    table.require(columns, remedy=remedy)
    rows = table.read(list(columns.values()))
    cells = {
        role: codes(rows.cells[name], table, name, rows.number).to_pylist() for role, name in columns.items()
    }
    return pd.DataFrame(cells, index=rows.number, dtype=object)


def read_changes(file: Path, key: str) -> pd.DataFrame:
    """Read a crosswalk `old,new[,valid_from][,weight]`; further columns are for people.

    Returns
    -------
    DataFrame
        `old`, `new`, `valid_from` (date or None), `weight` (0 < weight <= 1; one where it is left out); the
        index are the numbers of the rows.

    Raises
    ------
    InputError
        If a code is blank, a change stands twice, a date or a weight is none, or the weights of one old code
        make more than one.
    """
    table = open_small(file, key)
    present = [name for name in CHANGES if name in (*CHANGES[:2], *table.names)]
    header = f"give it the header {','.join(CHANGES)}"
    texts = read_texts(table, {name: name for name in present}, remedy=header)
    rows, made, seen = texts.reindex(columns=list(CHANGES)).itertuples(name=None), [], set()
    given: dict[tuple[str, str | None], float] = {}
    for number, *cells in rows:
        old, new, start, weight = (cell if isinstance(cell, str) else None for cell in cells)
        if (old, new, start, weight) == (None,) * 4:
            continue

        def refuse(what: str, column: str, value: object, remedy: str, row: int = number) -> InputError:
            return InputError(what, table.where(row=row, column=column, value=value), remedy=remedy)

        if old is None or new is None:
            column = "old" if old is None else "new"
            raise refuse("a change has no code", column, None, "fill it in, or delete the row")
        if (old, new, start) in seen:
            raise refuse("the change stands twice", "old", old, "keep one of the rows")
        seen.add((old, new, start))
        day = iso_day(start)
        if start is not None and day is None:
            raise refuse("not a date", "valid_from", start, "write it as YYYY-MM-DD")
        share = 1.0 if weight is None else _weight(weight)
        if not 0 < share <= 1:
            raise refuse("a weight must be above 0 and at most 1", "weight", weight, "correct it")
        if weight is not None:
            given[old, start] = given.get((old, start), 0.0) + share
            if given[old, start] > 1 + 1e-6:
                what = f"the weights of {old!r} make more than one"
                raise refuse(what, "weight", weight, "give each part its share")
        made.append((number, old, new, day, share))
    frame = pd.DataFrame(made, columns=["row", *CHANGES]).set_index("row")
    return frame.astype({"old": object, "new": object, "valid_from": object, "weight": float})


def iso_day(text: str | None) -> dt.date | None:
    """Return the day of an ISO date or time, None where it is none.

    Examples
    --------
    >>> iso_day("2022-06-08"), iso_day("2022-06-08T00:00:00"), iso_day("2022-13-01"), iso_day("today")
    (datetime.date(2022, 6, 8), datetime.date(2022, 6, 8), None, None)
    """
    try:
        return dt.datetime.fromisoformat(text or "").date()
    except ValueError:
        return None


def _weight(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")
