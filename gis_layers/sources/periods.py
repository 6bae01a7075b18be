"""Periods as a source writes them: `201004`, `2022-08`, `2011_Population`, or a date."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .. import limits
from ..errors import InputError
from ..tables import Table
from ..tables.columns import codes, stamps

_MONTH_DIRECTIVES = re.compile(r"%-?[mbBdjcxUW]")

_FIRST, _LAST = np.datetime64("1800-01-01", "D"), np.datetime64("2200-12-31", "D")


def is_yearly(form: str) -> bool:
    """Return whether a strptime format names years only."""
    return not _MONTH_DIRECTIVES.search(form)


def parse_period(text: str, form: str) -> dt.date | None:
    """Return the date that a text names in a strptime format, None if it does not match wholly.

    Examples
    --------
    >>> parse_period("201004", "%Y%m"), parse_period("201013", "%Y%m"), parse_period("Ward", "%Y%m")
    (datetime.date(2010, 4, 1), None, None)
    """
    try:
        date = dt.datetime.strptime(text, form).date()
    except ValueError:
        return None
    if not _FIRST.item() <= date <= _LAST.item():
        return None
    # `20104` is not what `%Y%m` writes: too easily it is something else.
    return None if text.isdigit() and date.strftime(form) != text else date


def period_columns(table: Table, form: str, used: Sequence[str]) -> dict[str, dt.date]:
    """Return the columns of a wide table whose whole name is a period.

    Raises
    ------
    InputError
        If there is none; if two columns name one month; if a name looks like the others and is no period.
    """
    free = [name for name in table.names if name not in used]
    # A true date in the header of a workbook arrives as ISO text, whatever format it shows.
    dates = {name: parse_period(name, form) or parse_period(name, "%Y-%m-%d") for name in free}
    found = {name: date for name, date in dates.items() if date is not None}
    if not found:
        remedy = f"set period_format; the other columns are {', '.join(map(repr, free[:6]))}"
        raise InputError(
            f"no column is named as a period in the format {form!r}", table.where(), remedy=remedy
        )
    shapes = {re.sub(r"\d", "9", name) for name in found}
    for name in free:
        if name not in found and re.sub(r"\d", "9", name) in shapes:
            remedy = "correct the name of the column"
            raise InputError(
                "a column is named as a period that does not exist", table.where(column=name), remedy=remedy
            )
    table.require({f"period {name}": name for name in found})
    seen: dict[dt.date, str] = {}
    for name, date in found.items():
        if seen.setdefault(date, name) != name:
            raise InputError(f"the period is that of column {seen[date]!r} too", table.where(column=name))
    return found


def read_periods(
    column: pa.ChunkedArray, table: Table, name: str, form: str, number: npt.NDArray[np.int64]
) -> npt.NDArray[np.datetime64]:
    """Return the days of a column of periods, shape (rows,), NaT where the cell is empty.

    `number` are the numbers of the rows, `form` is a strptime format.

    Raises
    ------
    InputError
        If a cell is no period.
    """
    if pa.types.is_date(column.type) or pa.types.is_timestamp(column.type):
        known = stamps(column)[0].astype("datetime64[D]")
        odd = (known < _FIRST) | (known > _LAST)
        if odd.any():
            at = int(np.flatnonzero(odd)[0])
            where = table.where(row=int(number[at]), column=name, value=str(known[at]))
            raise InputError("an impossible period", where, remedy="correct the year")
        return known
    encoded = codes(column, table, name, number).dictionary_encode()
    values = encoded.dictionary.to_pylist()
    # Excel hands a true date on as ISO text, whatever format it shows.
    days = [parse_period(text, form) or parse_period(text, "%Y-%m-%d") for text in values]
    indices = encoded.indices
    for place, day in enumerate(days):
        if day is None:
            row = pa.compute.index(indices, pa.scalar(place, indices.type)).as_py()
            where = table.where(row=int(number[row]), column=name, value=values[place])
            raise InputError("an impossible period", where, remedy=f"write it in the format {form!r}")
    known = np.array([*days, None], dtype="datetime64[D]")
    return np.asarray(known[indices.fill_null(len(days)).to_numpy(zero_copy_only=False)])


def refuse_unlived(
    days: npt.NDArray[np.datetime64], table: Table, name: Sequence[str], number: npt.NDArray[np.int64] | None
) -> None:
    """Refuse days on which nothing can have been recorded: in the future, or before `limits.FIRST_YEAR`.

    Parameters
    ----------
    days
        Shape (n,), NaT where nothing is said.
    table
        The table, for the message.
    name
        The column of all days, or one of each.
    number
        Shape (n,): the rows; None if each day is the name of a column.

    Raises
    ------
    InputError
        Naming the first such day. One slip in a year would else be thousands of empty months.
    """
    # A day of grace, for a source whose clock is ahead of ours.
    tomorrow = np.datetime64("today", "D") + 1
    early = days < np.datetime64(f"{limits.FIRST_YEAR}-01-01", "D")
    wrong = np.flatnonzero(early | (days > tomorrow))
    if wrong.size:
        at = int(wrong[0])
        what = f"a period is before {limits.FIRST_YEAR}" if early[at] else "a period is in the future"
        row = None if number is None else int(number[at])
        where = table.where(row=row, column=name[at if len(name) > 1 else 0], value=str(days[at]))
        raise InputError(what, where, remedy="correct the year, or remove what has not been yet")
