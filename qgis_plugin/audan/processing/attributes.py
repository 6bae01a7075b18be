"""Attributes of other people's layers as codes, figures and months; nothing is padded, cut or guessed."""

import math
from typing import Any, Optional

from qgis.PyQt.QtCore import QDate, QDateTime

from ..core.months import is_month


def text_of(value: Any) -> Optional[str]:
    """Return an attribute as text without the blanks around it, None where it is missing.

    Examples
    --------
    >>> text_of("01"), text_of(7.0), text_of(" ")
    ('01', '7', None)
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, (QDate, QDateTime)):
        value = value.toString("yyyy-MM-dd") if value.isValid() else ""
    text = str(value).strip() if isinstance(value, (str, int, float)) else ""
    return text or None


def figure_of(value: Any) -> float:
    """Return an attribute as a number, NaN where it is missing or none.

    Examples
    --------
    >>> figure_of("2.5"), figure_of(None)
    (2.5, nan)
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        return math.nan
    return number if math.isfinite(number) else math.nan


def month_of_date(value: Any) -> Optional[str]:
    """Return the month of a date, of an instant, or of a text that begins with one; None where there is none.

    Examples
    --------
    >>> month_of_date("2022-08-15"), month_of_date("August")
    ('2022-08', None)
    """
    text = text_of(value) if isinstance(value, (str, QDate, QDateTime)) else None
    return text[:7] if text and is_month(text[:7]) else None
