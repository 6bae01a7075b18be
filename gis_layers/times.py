"""Months and periods: numpy ``datetime64[M]`` inside, plain dates outside, never moved by a time zone."""

from __future__ import annotations

import datetime as dt
import re
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from .errors import UsageError, Where

Period: TypeAlias = Literal["month", "quarter", "year", "rolling3", "rolling12"]
Months: TypeAlias = npt.NDArray[np.datetime64]

PERIOD_MONTHS: dict[str, int] = {"month": 1, "quarter": 3, "year": 12, "rolling3": 3, "rolling12": 12}

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])(?:-01)?")


def parse_month(text: str) -> np.datetime64:
    """Read ``2022-08`` (or the month's first day) as a month.

    Raises
    ------
    UsageError
        If the text is not a month.

    Examples
    --------
    >>> parse_month("2022-08")
    np.datetime64('2022-08')
    """
    found = _MONTH.fullmatch(text.strip())
    if not found or found[1] == "0000":
        raise UsageError("not a month", Where(value=text), remedy="write it as YYYY-MM, for example 2022-08")
    return np.datetime64(f"{found[1]}-{found[2]}", "M")


def parse_month_range(text: str) -> tuple[np.datetime64, np.datetime64]:
    """Read ``2022-08`` or ``2022-01..2022-08`` (also with a slash) as first and last month, both included.

    Examples
    --------
    >>> parse_month_range("2022-01..2022-08")
    (np.datetime64('2022-01'), np.datetime64('2022-08'))
    """
    parts = re.split(r"\.\.|/", text)
    if len(parts) > 2:
        raise UsageError("not a range of months", Where(value=text), remedy="write it as YYYY-MM..YYYY-MM")
    first, last = parse_month(parts[0]), parse_month(parts[-1])
    if first > last:
        raise UsageError(
            "the range of months ends before it begins", Where(value=text), remedy="swap its ends"
        )
    return first, last


def month_range(first: np.datetime64, last: np.datetime64, step: int = 1) -> Months:
    """Return the months from first to last, both included.

    Examples
    --------
    >>> month_range(parse_month("2022-11"), parse_month("2023-01")).astype(str).tolist()
    ['2022-11', '2022-12', '2023-01']
    """
    return np.arange(
        first.astype("datetime64[M]"), last.astype("datetime64[M]") + 1, step, dtype="datetime64[M]"
    )


def as_date(month: np.datetime64) -> dt.date:
    """Return the first day of a month as a plain date."""
    day: dt.date = month.astype("datetime64[D]").astype(dt.date)
    return day


def label(month: np.datetime64) -> str:
    """Return a month as ``YYYY-MM``.

    Examples
    --------
    >>> label(np.datetime64("2022-08-01"))
    '2022-08'
    """
    return str(month.astype("datetime64[M]"))


def period_start(months: Months, period: Period) -> Months:
    """Return the first month of the calendar period that each month lies in (a month for rolling periods).

    Examples
    --------
    >>> period_start(np.array(["2022-08"], dtype="datetime64[M]"), "quarter").astype(str).tolist()
    ['2022-07']
    """
    whole = months.astype("datetime64[M]")
    step = {"quarter": 3, "year": 12}.get(period, 1)
    number = whole.astype(np.int64)
    return (number - number % step).astype("datetime64[M]")
