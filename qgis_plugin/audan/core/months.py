"""Months as YYYY-MM: the time that every layer is cut by."""

import re
from collections.abc import Sequence
from typing import Optional

from qgis.PyQt.QtCore import QDate, QDateTime, Qt, QTime

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
SPANS = {"month": 1, "quarter": 3, "year": 12, "rolling3": 3, "rolling12": 12}
"""Months that a row of a period covers."""


def is_month(text: str) -> bool:
    """Tell whether a text is a month.

    Examples
    --------
    >>> is_month("2022-08"), is_month("2022-8")
    (True, False)
    """
    return bool(_MONTH.fullmatch(text))


def shifted(month: str, by: int) -> str:
    """Return the month some months later.

    Examples
    --------
    >>> shifted("2022-11", 3)
    '2023-02'
    """
    number = int(month[:4]) * 12 + int(month[5:7]) - 1 + by
    return f"{number // 12:04}-{number % 12 + 1:02}"


def month_of(when: QDateTime) -> str:
    """Return the month of an instant."""
    return f"{when.date().year():04}-{when.date().month():02}"


def span_of(month: str, period: Optional[str]) -> tuple[QDateTime, QDateTime]:
    """Return the first instant of a row and the first after it; a rolling row lies in its last month alone."""
    long = 1 if period is None or period.startswith("rolling") else SPANS.get(period, 1)
    return _start(month), _start(shifted(month, long))


def _start(month: str) -> QDateTime:
    return QDateTime(QDate(int(month[:4]), int(month[5:7]), 1), QTime(0, 0), Qt.TimeSpec.UTC)


def nearest(month: str, known: Sequence[str]) -> Optional[str]:
    """Return the newest known month up to a month, the first one if all are later, None if there is none.

    Examples
    --------
    >>> nearest("2022-05", ["2022-01", "2022-04", "2022-07"])
    '2022-04'
    """
    if not known:
        return None
    before: list[str] = [one for one in known if one <= month]
    return max(before) if before else min(known)
