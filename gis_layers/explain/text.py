"""The story of a cell in words, a paragraph a subject."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..messages import render, render_all, retold
from .breaks import breaks_text
from .changes import changes_text, empty_fields_text, mix_text
from .found import part_text
from .hotspot import hotspot_text
from .parts import parts_text, severities_text
from .plain import names_in, short

_WITH_FIGURES = ("rating.high", "rating.low")
_NO_PAST = ("own.", "rating.yearly")
_WITHOUT_PAST = ("own.short_history", "own.settling", "own.since_break")


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
    named = {code: names_in(names, lang, code) for code, names in explanation["named"].items()}
    period = explanation["area"].get("period") or "month"
    heading = {
        "name": names_in(place["names"], lang, place["district"]),
        "code": place["district"],
        "offence": names_in(offence["names"], lang, offence["offence"]),
        "month": _when(explanation["month"], period),
    }
    told = [" ".join(retold(lang, explanation["reasons"], names=lambda code: named.get(code, code)))]
    said = any(part["code"] in _WITH_FIGURES for part in explanation["reasons"])
    told += _figures(cell, lang, explanation["area"].get("rate_per") or 0, period, counts=not said)
    blocks = [render(lang, "explain.heading", heading), "\n".join(line for line in told if line)]
    compared = cell.get("p_peers") is not None
    few = any(part["code"] in _WITHOUT_PAST for part in explanation["reasons"])
    silent = any(part["code"].startswith(_NO_PAST) for part in explanation["reasons"])
    changes = explanation.get("dynamics")
    blocks += [changes_text(changes, lang, named, period=period, few=few, silent=silent)]
    blocks += [mix_text(explanation.get("structure"), lang, named)]
    blocks += [hotspot_text(explanation.get("hotspot"), lang)]
    blocks += [empty_fields_text(explanation["completeness"], lang), breaks_text(explanation["breaks"], lang)]
    blocks += [
        _peers_text(explanation["peers"], lang, compared=compared),
        _history_text(explanation["history"], lang, period),
    ]
    blocks += [part_text(explanation["part_of"], lang, explanation["named"])]
    blocks += [parts_text(explanation["parts"], lang), severities_text(explanation["severities"], lang)]
    notes = [render(lang, "source.recorded")]
    if cell.get("provisional"):
        notes.insert(0, render(lang, "explain.provisional"))
    if explanation["area"].get("invented"):
        notes.append(render(lang, "source.invented"))
    return "\n\n".join(block for block in [*blocks, " ".join(notes)] if block)


def _figures(cell: Mapping[str, Any], lang: str, per: float, period: str, *, counts: bool) -> list[str]:
    lines = []
    if counts and cell.get("expected") is not None and cell.get("count") is not None:
        shown = {"count": cell["count"], "expected": short(cell["expected"])}
        ends = {"lower": short(cell["lower"]), "upper": short(cell["upper"])}
        lines.append(render(lang, "explain.expected", shown | ends))
    elif counts and cell.get("count") is not None:
        lines.append(render(lang, "explain.count", {"count": cell["count"]}))
    if cell.get("level") is not None and not cell.get("suppressed"):
        lines.append(render(lang, f"class.rating.{cell['level']}") + ".")
    halves = {"chance": cell.get("p_peers") if cell.get("level") else None, "chance_own": cell.get("p_own")}
    for code, p in halves.items():
        if p is not None and (times := _once_in(p)) > 2:  # what comes about every second time is no news
            lines.append(render(lang, f"explain.{code}", {"n": times, "period": period}))
    if cell.get("q_value") is not None:
        fired = {"fired": cell.get("fired") or "none", "below": "yes" if cell["q_value"] < 0.001 else "no"}
        lines.append(
            render(lang, "explain.q", {"q": max(short(cell["q_value"]), 0.001), "period": period, **fired})
        )
    if cell.get("rate") is not None:
        lines.append(render(lang, "explain.rate", {"rate": short(cell["rate"]), "per": per}))
    if cell.get("rate_smoothed") is not None:
        smoothed = {"rate": short(cell["rate_smoothed"]), "per": per, "period": period}
        lines.append(render(lang, "explain.smoothed", smoothed))
    if cell.get("harm") is not None:
        harm = {"harm": abs(short(cell["harm"])), "more": "yes" if cell["harm"] >= 0 else "no"}
        lines.append(render(lang, "explain.harm", harm))
    elif cell.get("level") is not None:
        lines.append(render(lang, "explain.harm_none"))
    if cell.get("points_12m") is not None:
        points = {"points": short(cell["points_12m"]), "n": cell["months_judged"]}
        lines.append(render(lang, "explain.points", points))
    return lines


def _peers_text(peers: Mapping[str, Any] | None, lang: str, *, compared: bool) -> str:
    """Tell who the similar districts are, where the cell was compared with them, and what makes them similar."""
    if not peers or not peers["districts"]:
        return ""
    listed = sorted(names_in(one["names"], lang, one["district"]) for one in peers["districts"])
    lines = (
        [render(lang, "explain.peers", {"n": len(listed), "names": ", ".join(listed)})] if compared else []
    )
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
                "expected": short(row["expected"]),
            }
            ends = {"lower": short(row["lower"]), "upper": short(row["upper"])}
            lines.append(render(lang, "explain.history_row", values | ends))
    return "\n".join([render(lang, "explain.history", {"period": period}), *lines]) if lines else ""


def _when(month: str, period: str) -> str:
    """Return the month of a row, the year alone where a row is a year."""
    return month[:4] if period == "year" else month


def _once_in(p: float) -> int:
    """Return how many such cells there are, on average, for one like this; two digits, a billion at most."""
    times = min(1 / max(p, 1e-9), 1e9)
    digits = 10 ** max(math.floor(math.log10(times)) - 1, 0)
    return int(int(times / digits + 0.5) * digits)
