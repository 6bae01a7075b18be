"""The story of a cell in words, a paragraph a subject."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..messages import render, render_all
from .changes import changes_text, mix_text

_WITH_FIGURES = ("rating.high", "rating.low")


def explain_text(explanation: Mapping[str, Any], lang: str = "en") -> str:
    """Tell the story of :func:`explain` in a language, a paragraph a subject.

    Parameters
    ----------
    explanation
        Result of :func:`explain`.
    lang
        ``en``, ``ru`` or ``kk``.
    """
    cell, place, offence = explanation["cell"], explanation["district"], explanation["offence"]
    named = {code: _in(names, lang, code) for code, names in explanation["named"].items()}
    period = explanation["area"].get("period") or "month"
    heading = {
        "name": _in(place["names"], lang, place["district"]),
        "code": place["district"],
        "offence": _in(offence["names"], lang, offence["offence"]),
        "month": _when(explanation["month"], period),
    }
    told = [render_all(lang, explanation["reasons"], names=lambda code: named.get(code, code))]
    said = any(part["code"] in _WITH_FIGURES for part in explanation["reasons"])
    told += _figures(cell, lang, explanation["area"].get("rate_per") or 0, counts=not said)
    blocks = [render(lang, "explain.heading", heading), "\n".join(line for line in told if line)]
    blocks += [changes_text(explanation.get("dynamics"), lang, named)]
    blocks += [mix_text(explanation.get("structure"), lang, named)]
    blocks += [_peers_text(explanation["peers"], lang), _history_text(explanation["history"], lang, period)]
    blocks += [_parts_text(explanation["parts"], lang)]
    notes = [render(lang, "source.recorded")]
    if cell.get("provisional"):
        notes.insert(0, render(lang, "explain.provisional"))
    if explanation["area"].get("invented"):
        notes.append(render(lang, "source.invented"))
    return "\n\n".join(block for block in [*blocks, " ".join(notes)] if block)


def _figures(cell: Mapping[str, Any], lang: str, per: float, *, counts: bool) -> list[str]:
    lines = []
    if counts and cell.get("expected") is not None and cell.get("count") is not None:
        shown = {"count": cell["count"], "expected": _short(cell["expected"])}
        ends = {"lower": _short(cell["lower"]), "upper": _short(cell["upper"])}
        lines.append(render(lang, "explain.expected", shown | ends))
    elif counts and cell.get("count") is not None:
        lines.append(render(lang, "explain.count", {"count": cell["count"]}))
    if cell.get("level") is not None and not cell.get("suppressed"):
        lines.append(render(lang, f"class.rating.{cell['level']}") + ".")
    if cell.get("p_peers") is not None and cell.get("level"):
        lines.append(render(lang, "explain.chance", {"n": _once_in(cell["p_peers"])}))
    if cell.get("p_own") is not None:
        lines.append(render(lang, "explain.chance_own", {"n": _once_in(cell["p_own"])}))
    if cell.get("q_value") is not None:
        fired = {"fired": cell.get("fired") or "none", "below": "yes" if cell["q_value"] < 0.001 else "no"}
        lines.append(render(lang, "explain.q", {"q": max(_short(cell["q_value"]), 0.001), **fired}))
    if cell.get("rate") is not None:
        lines.append(render(lang, "explain.rate", {"rate": _short(cell["rate"]), "per": per}))
    if cell.get("rate_smoothed") is not None:
        lines.append(render(lang, "explain.smoothed", {"rate": _short(cell["rate_smoothed"]), "per": per}))
    if cell.get("harm") is not None:
        harm = {"harm": abs(_short(cell["harm"])), "more": "yes" if cell["harm"] >= 0 else "no"}
        lines.append(render(lang, "explain.harm", harm))
    elif cell.get("level") is not None:
        lines.append(render(lang, "explain.harm_none"))
    if cell.get("points_12m") is not None:
        points = {"points": _short(cell["points_12m"]), "n": cell["months_judged"]}
        lines.append(render(lang, "explain.points", points))
    return lines


def _peers_text(peers: Mapping[str, Any] | None, lang: str) -> str:
    if not peers or not peers["districts"]:
        return ""
    listed = sorted(_in(one["names"], lang, one["district"]) for one in peers["districts"])
    lines = [render(lang, "explain.peers", {"n": len(listed), "names": ", ".join(listed)})]
    if peers["sentence"]:
        lines.append(render_all(lang, peers["sentence"]))
    return "\n".join(lines)


def _history_text(history: list[Mapping[str, Any]], lang: str, period: str) -> str:
    lines = []
    for row in history:
        if row.get("count") is None:
            lines.append(render(lang, "explain.history_none", {"month": _when(row["month"], period)}))
        elif row.get("expected") is None:
            lines.append(
                render(
                    lang,
                    "explain.history_count",
                    {"month": _when(row["month"], period), "count": row["count"]},
                )
            )
        else:
            values = {
                "month": _when(row["month"], period),
                "count": row["count"],
                "expected": _short(row["expected"]),
            }
            ends = {"lower": _short(row["lower"]), "upper": _short(row["upper"])}
            lines.append(render(lang, "explain.history_row", values | ends))
    return "\n".join([render(lang, "explain.history"), *lines]) if lines else ""


def _when(month: str, period: str) -> str:
    """Return the month of a row, the year alone where a row is a year."""
    return month[:4] if period == "year" else month


def _parts_text(parts: list[Mapping[str, Any]], lang: str) -> str:
    lines = []
    for part in parts:
        if part.get("count") is None or not part.get("expected"):
            continue
        values = {"offence": _in(part["names"], lang, part["offence"]), "count": part["count"]}
        values |= {"expected": _short(part["expected"]), "magnitude": _short(part.get("magnitude") or 0.0)}
        lines.append(render(lang, "explain.part", values))
    return "\n".join([render(lang, "explain.parts"), *lines]) if lines else ""


def _in(names: Mapping[str, str], lang: str, code: str) -> str:
    return names.get(lang) or next(iter(names.values()), code)


def _short(value: float | None) -> float:
    """Round for a sentence: whole from a hundred on, else three digits."""
    if value is None:
        return 0.0
    return round(value) if abs(value) >= 100 else float(f"{value:.3g}")


def _once_in(p: float) -> int:
    """Return how many such cells there are, on average, for one like this; two digits, a billion at most."""
    times = min(1 / max(p, 1e-9), 1e9)
    digits = 10 ** max(math.floor(math.log10(times)) - 1, 0)
    return int(int(times / digits + 0.5) * digits)
