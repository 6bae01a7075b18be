"""Sentences in English, Russian and Kazakh: the one source for server, site, command line and plugin.

A message is a text in ICU MessageFormat (plurals, selects, numbers) in `<lang>.json`; results carry only codes and
values. pyicumessageformat parses, Babel knows each language's plurals and how it writes numbers and months.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from ..errors import SystemFault, UsageError, Where

LOGGER = logging.getLogger(__name__)

LANGUAGES = ("en", "ru", "kk")

_SMALL = 0.01
_NAMED = ("offence", "district", "peer_group", "other")
"""Values that hold a code; a caller who knows the codes' names hands them in."""


@cache
def messages(lang: str) -> Mapping[str, str]:
    """Return every message of a language by its code, as written.

    Raises
    ------
    UsageError
        If the language is not one of en, ru, kk.
    """
    if lang not in LANGUAGES:
        raise UsageError(
            "there is no such language", Where(value=lang), remedy=f"use one of {', '.join(LANGUAGES)}"
        )
    text = (Path(__file__).parent / f"{lang}.json").read_text(encoding="utf-8")
    loaded: dict[str, str] = json.loads(text)
    return loaded


def render(
    lang: str,
    code: str,
    values: Mapping[str, Any] | None = None,
    *,
    names: Callable[[str], str] | None = None,
) -> str:
    """Return the sentence of a code.

    Parameters
    ----------
    lang
        ``en``, ``ru`` or ``kk``.
    code
        Key of the message files.
    values
        What the placeholders are filled with; a placeholder without a value is an error.
    names
        Turns the code of an offence, district or peer group among the values into its name.

    Raises
    ------
    UsageError
        If the language is unknown.
    SystemFault
        If there is no such message, or a value is missing.

    Examples
    --------
    >>> render("en", "unit.months", {"n": 1}), render("ru", "unit.months", {"n": 3})
    ('1 month', '3 месяца')
    """
    given = dict(values or {})
    if names is not None:
        given |= {key: names(str(given[key])) for key in _NAMED if given.get(key) is not None}
    return _fill(_parsed(lang, code), given, lang, code, None)


def render_all(lang: str, reasons: str | Iterable[Mapping[str, Any]], **options: Any) -> str:
    """Return the sentences of a list of reasons (as JSON or as a list), joined by blanks.

    Examples
    --------
    >>> render_all("en", '[{"code":"rating.usual","values":{}}]')
    'Usual for a district like this.'
    """
    listed = json.loads(reasons) if isinstance(reasons, str) else reasons
    return " ".join(render(lang, part["code"], part.get("values"), **options) for part in listed)


def retold(lang: str, reasons: str | Iterable[Mapping[str, Any]], **options: Any) -> list[str]:
    """Return the sentences of reasons that a release holds; one that this version has no words for is left out.

    A release may be older or newer than the messages: its rows are still to be read. What is left out is logged.

    Examples
    --------
    >>> retold("en", [{"code": "rating.usual"}, {"code": "of.another.version"}])
    ['Usual for a district like this.']
    """
    listed = json.loads(reasons) if isinstance(reasons, str) else reasons
    told = []
    for part in listed:
        try:
            told.append(render(lang, part["code"], part.get("values"), **options))
        except SystemFault as fault:
            _log_once(str(fault))
    return told


@cache
def _log_once(fault: str) -> None:
    LOGGER.warning("a sentence of the release is left out: %s", fault)


@cache
def placeholders(lang: str, code: str) -> frozenset[str]:
    """Return the names of the values that a message asks for."""
    found: set[str] = set()

    def walk(parts: Iterable[Any]) -> None:
        for part in parts:
            if isinstance(part, dict):
                found.add(part["name"])
                for inside in part.get("options", {}).values():
                    walk(inside)

    walk(_parsed(lang, code))
    return frozenset(found)


@cache
def _parsed(lang: str, code: str) -> tuple[Any, ...]:
    from pyicumessageformat import Parser

    try:
        text = messages(lang)[code]
    except KeyError:
        raise SystemFault("there is no such message", Where(file=f"{lang}.json", key=code)) from None
    return tuple(Parser().parse(text))


def _fill(parts: Iterable[Any], values: Mapping[str, Any], lang: str, code: str, hashed: float | None) -> str:
    out = []
    for part in parts:
        if isinstance(part, str):
            out.append(part)
            continue
        name, kind = part["name"], part.get("type")
        if name not in values:
            raise SystemFault("a message lacks a value", Where(file=f"{lang}.json", key=code, value=name))
        value = values[name]
        if part.get("hash"):
            out.append(_number(value if hashed is None else hashed, lang))
        elif kind == "plural":
            chosen, rest = _plural(part, value, lang)
            out.append(_fill(chosen, values, lang, code, rest))
        elif kind == "select":
            chosen = part["options"].get(str(value), part["options"]["other"])
            out.append(_fill(chosen, values, lang, code, hashed))
        elif kind == "date":
            out.append(_month(value, lang))
        elif isinstance(value, bool) or not isinstance(value, int | float):
            out.append(str(value))
        elif part.get("format") == "percent":
            out.append(_percent(value, lang))
        else:
            out.append(_number(value, lang))
    return "".join(out)


def _plural(part: Mapping[str, Any], value: float, lang: str) -> tuple[Any, float]:
    options: Mapping[str, Any] = part["options"]
    rest = value - (part.get("offset") or 0)
    if (exact := f"={value:g}") in options:
        return options[exact], rest
    return options.get(_locale(lang).plural_form(rest), options["other"]), rest


@lru_cache(maxsize=1 << 16)
def _number(value: float, lang: str) -> str:
    from babel.numbers import format_decimal

    if 0 < abs(value) < _SMALL:  # a p of .00002 is not 0, nor is one of .0025 .002
        return format_decimal(float(f"{value:.3g}"), locale=_locale(lang), decimal_quantization=False)
    whole = isinstance(value, int) or float(value).is_integer()
    return format_decimal(int(value) if whole else value, locale=_locale(lang))


@lru_cache(maxsize=1 << 16)
def _percent(value: float, lang: str) -> str:
    """Write a share in percent, one decimal below ten."""
    from babel.numbers import format_percent

    pattern = "#,##0.#%" if abs(value) < 0.1 else "#,##0%"
    return format_percent(value, format=pattern, locale=_locale(lang))


@lru_cache(maxsize=1 << 16)
def _month(value: Any, lang: str) -> str:
    """Write a month (``YYYY-MM`` or a date) with its name and year; a year (``YYYY``) as it is."""
    from babel.dates import format_skeleton

    if isinstance(value, str) and len(value) == len("2022"):
        return value
    day = value if isinstance(value, dt.date) else dt.date.fromisoformat(f"{str(value)[:7]}-01")
    return format_skeleton("yMMMM", day, locale=_locale(lang))


@cache
def _locale(lang: str) -> Any:
    from babel import Locale

    return Locale.parse(lang)
