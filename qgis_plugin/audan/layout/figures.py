"""Figures in words: which columns a list shows for a layer, and how a number, a month and a day are written."""

from qgis.PyQt.QtCore import QDate, QLocale

from ..core.words import language, say
from ..core.writing import DASH, locale, number
from .facts import Facts

_COLUMNS = {
    "rating": ("count", "expected", "interval", "magnitude"),
    "dynamics": ("count", "expected", "interval", "q_value"),
    "structure": ("count", "expected", "interval", "imbalance"),
    "hotspots": ("count", "expected", "gi_star", "q_value"),
    "completeness": ("cards", "filled", "share_filled", "expected_share"),
    "safety": ("rate", "interval"),
}
_WHOLE = ("count", "cards", "filled")
_SHARES = ("share_filled", "expected_share")
_CHANCES = ("q_value", "p_value")


def columns_of(facts: Facts) -> tuple[str, ...]:
    """Return the columns that a list shows beside the name and the class of a district."""
    known = _COLUMNS.get(facts.info.id, ("count", "expected", "interval"))
    return tuple(name for name in known if facts.knows("upper" if name == "interval" else name))


def heading(column: str) -> str:
    """Return what a column is called."""
    return say(f"layout.column.{column}")


def figure(facts: Facts, code: str, column: str) -> str:
    """Return a figure of a district as it is written."""
    if column == "interval":
        lower, upper = facts.value(code, "lower"), facts.value(code, "upper")
        return DASH if lower is None or upper is None else f"{number(lower, 0)}–{number(upper, 0)}"
    value = facts.value(code, column)
    if value is None:
        return DASH
    if column in _WHOLE:
        return number(value, 0)
    if column in _SHARES:
        return say("layout.percent", number=number(100 * value, 0))
    if column in _CHANCES:
        return f"< {number(0.001, 3)}" if value < 0.001 else number(value, 3)
    return number(value, 1)


def month_mark(month: str) -> str:
    """Return a month as short as an axis needs it."""
    return locale().standaloneMonthName(int(month[5:7]), QLocale.FormatType.ShortFormat).rstrip(".").lower()


def day_name(day: str) -> str:
    """Return a day, YYYY-MM-DD, in words."""
    date = QDate.fromString(day, "yyyy-MM-dd")
    month = locale().monthName(date.month())
    name = month.lower() if language() != "en" else month
    return say("layout.day", day=date.day(), month=name, year=date.year())
