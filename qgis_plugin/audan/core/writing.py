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


def month_name(month: Optional[str], lang: Optional[str] = None, *, bare: bool = False) -> str:
    """Return a month as it stands within a line, empty if there is none.

    Parameters
    ----------
    month
        YYYY-MM.
    lang
        Its language, the window's by default.
    bare
        Without the word for *year*, as in a list of months or in the name of a layer.
    """
    if not month:
        return ""
    lang = lang or language()
    name = locale(lang).standaloneMonthName(int(month[5:7]))
    name = name if lang == "en" else name.lower()
    return say_in(lang, "month.bare" if bare else "month.year", month=name, year=month[:4])


def number(value: Optional[float], digits: int = 0) -> str:
    """Return a figure with the language's separators; a dash if there is none."""
    return DASH if value is None else locale().toString(float(value), "f", digits).replace("-", "−")
