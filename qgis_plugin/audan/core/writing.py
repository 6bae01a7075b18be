"""How months and figures are written in a language: everywhere the same."""

from typing import Optional

from qgis.PyQt.QtCore import QLocale

from .words import language, say_in

DASH = "–"
"""Stands where there is no figure."""
_LOCALES = {"en": "en_GB", "ru": "ru_RU", "kk": "kk_KZ"}


def locale(lang: Optional[str] = None) -> QLocale:
    """Return the locale of a language, the window's by default."""
    return QLocale(_LOCALES[lang or language()])


def month_name(
    month: Optional[str], period: Optional[str] = None, lang: Optional[str] = None, *, bare: bool = False
) -> str:
    """Return a month as it stands within a line, empty if there is none.

    Parameters
    ----------
    month
        YYYY-MM.
    period
        What begins with it: a ``quarter`` or a ``year`` is called so, anything else by its month.
    lang
        Its language, the window's by default.
    bare
        Without the word for *year*, as in a list of months or in the name of a layer.
    """
    if not month:
        return ""
    lang = lang or language()
    year, at = month[:4], int(month[5:7])
    if period == "year":
        return year if bare else say_in(lang, "month.of_year", year=year)
    name = locale(lang).standaloneMonthName(at)
    name = name if lang == "en" else name.lower()
    if period == "quarter":
        name = say_in(lang, "month.quarter", number=("I", "II", "III", "IV")[(at - 1) // 3])
    return say_in(lang, "month.bare" if bare else "month.year", month=name, year=year)


def number(value: Optional[float], digits: int = 0) -> str:
    """Return a figure with the language's separators; a dash if there is none."""
    return DASH if value is None else locale().toString(float(value), "f", digits).replace("-", "−")
