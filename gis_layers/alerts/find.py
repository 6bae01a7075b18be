"""Find the signals of a release: of its newest judged month, whatever edition or narrowed part it is read from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd

from .signal import ANALYST_ONLY, Kind, Signal

STRUCTURE_P = 0.001
"""A mix this rare is a signal. It is a fixed cut, so that a part of a release shows the signals of the whole."""

_FIGURES = ("count", "expected", "lower", "upper")


class Source(Protocol):
    """What signals are read from: an edition on disk or a release in a server's memory."""

    @property
    def catalogue(self) -> dict[str, Any]: ...

    @property
    def layer_ids(self) -> tuple[str, ...]: ...

    def districts(self) -> Any: ...

    def read(
        self,
        layer: str,
        months: tuple[np.datetime64 | str, np.datetime64 | str] | None = None,
        offences: Sequence[str] | None = None,
        columns: Sequence[str] | None = None,
    ) -> pd.DataFrame: ...


def find_signals(source: Source, edition: str, *, months: int = 1) -> list[Signal]:
    """Return the signals of a release, by month (newest first), kind, offence and district: never ranked.

    A cell that stands out every month (`standing` of the rating, a mix, empty fields) is a signal only when it begins
    to. Rows that are withheld are no signals, and the public edition has rises alone.

    Parameters
    ----------
    source
        Where to read.
    edition
        ``public`` or ``analyst``.
    months
        How many of the newest judged months to look at.
    """
    frame = source.districts()
    parents: dict[str, str | None] = dict.fromkeys((str(code) for code in frame["district"]), None)
    if "parent" in frame.columns:
        parents |= {
            str(code): parent if isinstance(parent, str) else None
            for code, parent in zip(frame["district"], frame["parent"], strict=True)
        }
    finders = {
        "rating": _rating,
        "dynamics": _dynamics,
        "structure": _structure,
        "completeness": _completeness,
    }
    found: list[Signal] = []
    for layer, finder in finders.items():
        if layer not in source.layer_ids:
            continue
        entry = next(one for one in source.catalogue["layers"] if one["id"] == layer)
        judged = _judged(entry, source.catalogue["area"])
        columns = {str(column["name"]) for column in entry["columns"]}
        for place in range(max(len(judged) - months, 0), len(judged)):
            earlier = judged[place - 1] if place else None
            for kind, row in finder(source, columns, judged[place], earlier):
                if edition == "public" and kind in ANALYST_ONLY:
                    continue
                found.append(
                    _signal(kind, layer, row, parents, judged[place], str(entry["period"] or "month"))
                )
    found.sort(key=lambda one: (one.kind, one.offence, one.attribute or "", one.district))
    return sorted(found, key=lambda one: one.month, reverse=True)


def _judged(entry: Mapping[str, Any], area: Mapping[str, Any]) -> list[str]:
    """Return the months of a layer that are complete, oldest first."""
    last = str(area.get("complete_until") or "9999-12")[:7]
    return [str(month)[:7] for month in entry["months"] if str(month)[:7] <= last]


Found = Iterator[tuple[Kind, Mapping[str, Any]]]


def _rating(source: Source, columns: set[str], month: str, earlier: str | None) -> Found:
    if "fired" not in columns:
        return
    wanted = [
        "district",
        "offence",
        *_FIGURES,
        "level",
        "fired",
        "standing",
        "provisional",
        "suppressed",
        "reason",
    ]
    rows = _read(source, "rating", columns, wanted, month)
    rows = rows[rows["fired"].isin(["peers", "own", "both"]) & ~_true(rows, "suppressed")]
    if earlier is not None and _true(rows, "standing").any():
        before = _read(source, "rating", columns, ["district", "offence", "standing"], earlier)
        known = set(_pairs(before[_true(before, "standing")], "offence"))
        standing = _true(rows, "standing").to_numpy()
        old = [pair in known for pair in _pairs(rows, "offence")]
        rows = rows[~(standing & np.array(old, dtype=bool))]
    for row in _records(rows):
        yield "rating", row


def _dynamics(source: Source, columns: set[str], month: str, earlier: str | None) -> Found:
    rows = _read(
        source, "dynamics", columns,
        ["district", "offence", "expected", "lower", "upper", "signal", "evidence"], month,
    )  # fmt: skip
    rows = rows[rows["signal"].isin(["outbreak", "fall"])]
    counts: dict[tuple[str, str], Any] = {}
    if len(rows) and "rating" in source.layer_ids:
        offences = sorted(set(rows["offence"]))
        held = source.read(
            "rating", (month, month), offences, ["district", "offence", "count", "provisional", "suppressed"]
        )
        held = held[~_true(held, "suppressed")]
        counts = dict(
            zip(_pairs(held, "offence"), held[["count", "provisional"]].to_dict("records"), strict=True)
        )
    for row in _records(rows):
        kind: Kind = "fall" if row["signal"] == "fall" else "outbreak"
        yield kind, {**row, **counts.get((str(row["district"]), str(row["offence"])), {})}


def _structure(source: Source, columns: set[str], month: str, earlier: str | None) -> Found:
    if not {"p_value", "imbalance"} <= columns:
        return

    def out_of_line(when: str) -> pd.DataFrame:
        rows = _read(
            source, "structure", columns, ["district", "offence", "imbalance", "p_value"], when, ["all"]
        )
        return rows[rows["p_value"].astype(float).le(STRUCTURE_P).fillna(False)]

    rows = out_of_line(month)
    before = set(out_of_line(earlier)["district"]) if earlier is not None and len(rows) else set()
    for row in _records(rows[~rows["district"].isin(before)]):
        p = max(float(f"{row['p_value']:.2g}"), 1e-9)
        values = {"imbalance": float(f"{row['imbalance']:.2g}"), "p": p}
        yield "structure", {**row, "reason": [{"code": "explain.structure", "values": values}]}


def _completeness(source: Source, columns: set[str], month: str, earlier: str | None) -> Found:
    wanted = ["district", "attribute", "cards", "filled", "share_filled", "expected_share", "signal"]
    rows = _read(source, "completeness", columns, wanted, month)
    rows = rows[rows["signal"] == "low"]
    if earlier is not None and len(rows):
        before = _read(source, "completeness", columns, ["district", "attribute", "signal"], earlier)
        known = set(_pairs(before[before["signal"] == "low"], "attribute"))
        rows = rows[[pair not in known for pair in _pairs(rows, "attribute")]]
    for row in _records(rows):
        values = {
            "attribute": str(row["attribute"]), "share": _plain(row["share_filled"]), "cards": _plain(row["cards"]),
            "expected": _plain(row["expected_share"]),
        }  # fmt: skip
        reasons = [] if None in values.values() else [{"code": "alert.completeness", "values": values}]
        yield "completeness", {**row, "reason": reasons}


def _signal(
    kind: Kind, layer: str, row: Mapping[str, Any], parents: Mapping[str, str | None], month: str, period: str
) -> Signal:
    told = row.get("reason") if row.get("reason") is not None else row.get("evidence")
    reasons = json.loads(told) if isinstance(told, str) else told if isinstance(told, list) else []
    named = ("district", "offence", "attribute", "level", "signal", "reason", "evidence", "suppressed")
    level = _plain(row.get("level"))
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
        values={name: _plain(value) for name, value in row.items() if name not in named},
        reasons=tuple(reasons),
    )


def _read(
    source: Source,
    layer: str,
    columns: set[str],
    wanted: Sequence[str],
    month: str,
    offences: Sequence[str] | None = None,
) -> pd.DataFrame:
    return source.read(layer, (month, month), offences, [name for name in wanted if name in columns])


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]


def _true(rows: pd.DataFrame, column: str) -> pd.Series[bool]:
    if column not in rows.columns:
        return pd.Series(False, index=rows.index)
    return rows[column].astype("boolean").fillna(False).astype(bool)


def _pairs(rows: pd.DataFrame, column: str) -> list[tuple[str, str]]:
    return list(zip(rows["district"].astype(str), rows[column].astype(str), strict=True))


def _plain(value: Any) -> Any:
    """Return a value as JSON knows it; what is not known is None."""
    if value is None or value is pd.NA or (isinstance(value, float | np.floating) and not np.isfinite(value)):
        return None
    return value.item() if isinstance(value, np.generic) else value
