"""Find the signals of a release: of its newest judged month, whatever edition or narrowed part it is read from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..readable import Readable
from .finders import FINDERS, plain
from .signal import ANALYST_ONLY, Kind, Signal


def find_signals(source: Readable, edition: str, *, months: int = 1) -> list[Signal]:
    """Return the signals of a release, by month (newest first), district, kind and offence: never ranked.

    A cell that stands out every month (`standing` of the rating, a mix, empty fields), or whose signal rests on several
    months taken together, is a signal only when it begins to. A rise that the district's own past alone makes one is
    told once, as an outbreak. Rows that are withheld are no signals, and the public edition has rises alone, without
    evidence.

    Parameters
    ----------
    source
        Where to read.
    edition
        ``public`` or ``analyst``.
    months
        How many of the newest judged months to look at.
    """
    parents = _parents(source)
    calendars = _calendars(source)
    found: list[Signal] = []
    for layer, finder in FINDERS.items():
        if layer not in source.layer_ids:
            continue
        entry = _entry(source, layer)
        calendar = calendars[_period(entry)]
        held = {str(month)[:7] for month in entry["months"]}
        columns = {str(column["name"]) for column in entry["columns"]}
        for place in range(max(len(calendar) - months, 0), len(calendar)):
            month, earlier = calendar[place], calendar[place - 1] if place else None
            if month not in held:
                continue
            for kind, row in finder(source, columns, month, earlier if earlier in held else None):
                if edition == "public":
                    if kind in ANALYST_ONLY:
                        continue
                    row = {**row, "evidence": None}
                found.append(_signal(kind, layer, row, parents, month, _period(entry)))
    outbreaks = {(one.district, one.offence, one.month) for one in found if one.kind == "outbreak"}
    found = [
        one
        for one in found
        if one.values.get("fired") != "own" or (one.district, one.offence, one.month) not in outbreaks
    ]
    found.sort(key=lambda one: (one.district, one.kind, one.offence, one.attribute or ""))
    return sorted(found, key=lambda one: one.month, reverse=True)


def _entry(source: Readable, layer: str) -> Mapping[str, Any]:
    entry: Mapping[str, Any] = next(one for one in source.catalogue["layers"] if one["id"] == layer)
    return entry


def _period(entry: Mapping[str, Any]) -> str:
    return str(entry["period"] or "month")


def _calendars(source: Readable) -> dict[str, list[str]]:
    """Return the complete months of every period, oldest first: of all layers together.

    A layer of the public edition may hold rows of outbreaks alone. A month in which there was none is missing in it,
    and the newest that it has is no news.
    """
    last = str(source.catalogue["area"].get("complete_until") or "9999-12")[:7]
    known: dict[str, set[str]] = {}
    for layer in FINDERS:
        if layer in source.layer_ids:
            entry = _entry(source, layer)
            months = (str(month)[:7] for month in entry["months"])
            known.setdefault(_period(entry), set()).update(month for month in months if month <= last)
    return {period: sorted(months) for period, months in known.items()}


def _parents(source: Readable) -> dict[str, str | None]:
    frame = source.districts()
    parents: dict[str, str | None] = dict.fromkeys((str(code) for code in frame["district"]), None)
    if "parent" in frame.columns:
        parents |= {
            str(code): parent if isinstance(parent, str) else None
            for code, parent in zip(frame["district"], frame["parent"], strict=True)
        }
    return parents


def _signal(
    kind: Kind, layer: str, row: Mapping[str, Any], parents: Mapping[str, str | None], month: str, period: str
) -> Signal:
    told = row.get("reason") if row.get("reason") is not None else row.get("evidence")
    reasons = json.loads(told) if isinstance(told, str) else told if isinstance(told, list) else []
    named = ("district", "offence", "attribute", "level", "signal", "reason", "evidence", "suppressed")
    level = plain(row.get("level"))
    return Signal(
        kind=kind,
        layer=layer,
        district=str(row["district"]),
        parent=parents.get(str(row["district"])),
        month=month,
        offence=str(row.get("offence", "all")),
        attribute=None if row.get("attribute") is None else str(row["attribute"]),
        period=period,
        level=None if level is None else int(level),
        values={name: plain(value) for name, value in row.items() if name not in named},
        reasons=tuple(reasons),
    )
