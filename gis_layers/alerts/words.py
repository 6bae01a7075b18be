"""What a subscriber reads: where and when, what fired, what was recorded beside what was expected, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias
from urllib.parse import urlencode

from ..messages import LANGUAGES, render, retold
from .signal import Signal

NamesOf: TypeAlias = Callable[[str, str], str]
"""From a language and a code to a name; the code itself where it has none."""

_POOLED = ("rating.pooled_signal", "dynamics.pooled")
_WITH_FIGURES = {"rating.high", "rating.low", "rating.own_high"}
_ASIDE = {"dynamics.instability"}
"""What a machine gets and a message does not say: it tells nothing of why this month is a signal."""


def heading(signal: Signal, lang: str, names: NamesOf) -> str:
    """Return what a signal is about, in one line."""
    spoken = lang if lang in LANGUAGES else "en"
    values = {
        "kind": signal.kind,
        "name": names(lang, signal.district),
        "code": signal.district,
        "offence": signal.attribute or names(lang, signal.offence),
        "month": signal.month[:4] if signal.period == "year" else signal.month,
    }
    return render(spoken, "alert.heading", values)


def sentences(signal: Signal, lang: str, names: NamesOf) -> str:
    """Return why a signal is one; empty if nothing is told of it.

    A signal of several months taken together begins with their figures: its last month alone may have none recorded.
    """
    spoken = lang if lang in LANGUAGES else "en"
    pooled = [one for one in signal.reasons if one["code"] in _POOLED]
    rest = [one for one in signal.reasons if one["code"] not in (*_POOLED, *_ASIDE)]
    codes = {one["code"] for one in rest}
    longer = bool(pooled) or (_within(signal) and "rating.own_high" not in codes)
    if longer:
        # True of the month alone, and against what the signal says.
        rest = [one for one in rest if one["code"] != "rating.usual"]
    told = []
    if pooled:
        told.append(_told(spoken, pooled, lang, names))
    elif longer:
        told.append(render(spoken, "alert.longer"))
    figures = _figures(signal)
    if figures is not None and not codes & _WITH_FIGURES:
        short = {name: _short(value) for name, value in figures.items()}
        told.append(render(spoken, "alert.alone" if longer else "alert.figures", short))
    if rest:
        told.append(_told(spoken, rest, lang, names))
    if signal.values.get("provisional"):
        told.append(render(spoken, "explain.provisional"))
    return " ".join(told)


def as_dict(signal: Signal, lang: str, names: NamesOf, base: str | None = None) -> dict[str, Any]:
    """Return a signal as machines get it: codes, figures, reasons, the sentences in a language, and addresses.

    Parameters
    ----------
    base
        Address of the server; without it there are no links.
    """
    links = {} if not base else {"link": link(signal, base, lang), "explain": explanation(signal, base, lang)}
    return {
        "key": signal.key,
        "kind": signal.kind,
        "layer": signal.layer,
        "district": signal.district,
        "district_name": names(lang, signal.district),
        "parent": signal.parent,
        "offence": signal.offence,
        "offence_name": names(lang, signal.offence),
        "attribute": signal.attribute,
        "month": signal.month,
        "period": signal.period,
        "level": signal.level,
        "values": dict(signal.values),
        "reasons": [dict(one) for one in signal.reasons],
        "title": heading(signal, lang, names),
        "text": sentences(signal, lang, names),
        **links,
    }


def link(signal: Signal, base: str, lang: str) -> str:
    """Return the address at which the map shows a signal's district, offence and month.

    Examples
    --------
    >>> link(Signal("outbreak", "dynamics", "01000", "A", "2022-12", "theft"), "https://maps.example", "ru")
    'https://maps.example/#layer=dynamics&offence=theft&month=2022-12&district=01000&lang=ru'
    """
    view = {
        "layer": signal.layer,
        "offence": signal.offence,
        "month": signal.month,
        "district": signal.district,
    }
    return f"{base.rstrip('/')}/#{urlencode({**view, 'lang': lang})}"


def explanation(signal: Signal, base: str, lang: str) -> str:
    """Return the address of a signal's explanation as JSON."""
    query = {"district": signal.district, "offence": signal.offence, "datetime": signal.month, "lang": lang}
    return f"{base.rstrip('/')}/explain?{urlencode(query)}"


def names_of(edition: Any) -> NamesOf:
    """Return the names that an edition gives its districts and offences, by language."""
    known: dict[str, dict[str, str]] = {}

    def name(lang: str, code: str) -> str:
        if lang not in known:
            made: dict[str, str] = {}
            frames = [("district", edition.districts())]
            if "offences" in edition.layer_ids:
                frames.append(("offence", edition.read("offences")))
            for key, frame in frames:
                column = f"name_{lang}" if f"name_{lang}" in frame.columns else "name"
                if column in frame.columns:
                    pairs = zip(frame[key], frame[column], strict=True)
                    made |= {str(code): str(text) for code, text in pairs if isinstance(text, str) and text}
            known[lang] = made
        return known[lang].get(code, code)

    return name


def _told(spoken: str, reasons: Any, lang: str, names: NamesOf) -> str:
    return " ".join(retold(spoken, reasons, names=lambda code: names(lang, code)))


def _figures(signal: Signal) -> Mapping[str, float] | None:
    found = {name: signal.values.get(name) for name in ("count", "expected", "lower", "upper")}
    return (
        None
        if None in found.values()
        else {name: float(value) for name, value in found.items() if value is not None}
    )


def _within(signal: Signal) -> bool:
    """Tell whether the month alone is as expected, so that the signal rests on more than it."""
    found = _figures(signal)
    return found is not None and found["lower"] <= found["count"] <= found["upper"]


def _short(value: float) -> Any:
    """Return a figure with a decimal, or two digits where it is less than ten."""
    short = round(value, 1) if value >= 10 else float(f"{value:.2g}")
    return int(short) if short.is_integer() else short
