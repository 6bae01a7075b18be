"""How each layer tells its signals: one function a layer, of one month and the one before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from ..readable import Readable
from .signal import Kind

STRUCTURE_P = 0.001
"""A mix this rare is a signal. It is a fixed cut, so that a part of a release shows the signals of the whole."""

_FIGURES = ("count", "expected", "lower", "upper")
_PARTS, _PART_P = 3, 0.05


Found: TypeAlias = Iterator[tuple[Kind, Mapping[str, Any]]]


def _rating(source: Readable, columns: set[str], month: str, earlier: str | None) -> Found:
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
    if earlier is not None and len(rows):
        before = _read(source, "rating", columns, ["district", "offence", "fired", "standing"], earlier)
        pooled = _says(rows, "reason", "rating.pooled_signal") | _says(
            rows, "reason", "rating.pooled_category"
        )
        fired = _old(rows, before[before["fired"].isin(["peers", "own", "both"])], "offence")
        standing = _true(rows, "standing") & _old(rows, before[_true(before, "standing")], "offence")
        rows = rows[~(standing | (pooled & fired))]
    for row in _records(rows):
        yield "rating", row


def _dynamics(source: Readable, columns: set[str], month: str, earlier: str | None) -> Found:
    rows = _read(
        source, "dynamics", columns,
        ["district", "offence", "expected", "lower", "upper", "signal", "evidence"], month,
    )  # fmt: skip
    rows = rows[rows["signal"].isin(["outbreak", "fall"])]
    if rows.empty:
        return
    if "rating" in source.layer_ids:
        held = source.read(
            "rating", (month, month), sorted(set(rows["offence"])),
            ["district", "offence", "count", "provisional", "suppressed"],
        )  # fmt: skip
        held = held[~_true(held, "suppressed")].drop(columns="suppressed")
        rows = rows.merge(held, how="left", on=["district", "offence"], validate="one_to_one")
    else:
        rows = rows.assign(count=np.nan)
    if earlier is not None:
        before = _read(source, "dynamics", columns, ["district", "offence", "signal"], earlier)
        old = _old(rows, before[before["signal"].isin(["outbreak", "fall"])], "offence")
        # Within its interval the month alone is no signal: it rests on several, and the public edition does not say so.
        count = rows["count"].astype(float)
        alone = (count > rows["upper"].astype(float)) | (count < rows["lower"].astype(float)) | count.isna()
        rows = rows[~(old & (~alone | _says(rows, "evidence", "dynamics.pooled")))]
    for row in _records(rows):
        kind: Kind = "fall" if row["signal"] == "fall" else "outbreak"
        yield kind, row


def _structure(source: Readable, columns: set[str], month: str, earlier: str | None) -> Found:
    if not {"p_value", "imbalance"} <= columns:
        return

    wanted = ["district", "offence", "imbalance", "p_value", "share", "share_peers"]

    def out_of_line(when: str) -> pd.DataFrame:
        rows = _read(source, "structure", columns, wanted, when, ["all"])
        return rows[rows["p_value"].astype(float).le(STRUCTURE_P).fillna(False)]

    rows = out_of_line(month)
    before = set(out_of_line(earlier)["district"]) if earlier is not None and len(rows) else set()
    rows = rows[~rows["district"].isin(before)]
    if rows.empty:
        return
    parts = _read(source, "structure", columns, wanted, month)
    parts = parts[parts["p_value"].astype(float).le(_PART_P).fillna(False) & (parts["offence"] != "all")]
    for row in _records(rows):
        values = {"imbalance": _short(row["imbalance"]), "p": max(_short(row["p_value"]), 1e-9)}
        reasons = [{"code": "explain.structure", "values": values}]
        own = parts[parts["district"] == row["district"]].sort_values(["p_value", "offence"])
        for part in _records(own.head(_PARTS)):
            shares = {"share": plain(part.get("share")), "peers": plain(part.get("share_peers"))}
            if None not in shares.values():
                told = {name: _short(value) for name, value in shares.items()}
                reasons.append({"code": "alert.mix", "values": {"offence": part["offence"], **told}})
        kept = {name: row[name] for name in ("district", "offence", "imbalance", "p_value")}
        yield "structure", {**kept, "reason": reasons}


def _completeness(source: Readable, columns: set[str], month: str, earlier: str | None) -> Found:
    wanted = ["district", "attribute", "cards", "filled", "share_filled", "expected_share", "signal"]
    rows = _read(source, "completeness", columns, wanted, month)
    rows = rows[rows["signal"] == "low"]
    if earlier is not None and len(rows):
        before = _read(source, "completeness", columns, ["district", "attribute", "signal"], earlier)
        rows = rows[~_old(rows, before[before["signal"] == "low"], "attribute")]
    for row in _records(rows):
        values = {
            "attribute": str(row["attribute"]), "share": plain(row["share_filled"]), "cards": plain(row["cards"]),
            "expected": plain(row["expected_share"]),
        }  # fmt: skip
        reasons = [] if None in values.values() else [{"code": "alert.completeness", "values": values}]
        yield "completeness", {**row, "reason": reasons}


def _read(
    source: Readable,
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


def _says(rows: pd.DataFrame, column: str, code: str) -> pd.Series[bool]:
    """Tell which rows name a message among their reasons."""
    if column not in rows.columns:
        return pd.Series(False, index=rows.index)
    return rows[column].map(lambda told: isinstance(told, str) and f'"{code}"' in told).astype(bool)


def _old(rows: pd.DataFrame, before: pd.DataFrame, column: str) -> pd.Series[bool]:
    """Tell which rows are of a cell that others are of too."""
    known = set(_pairs(before, column))
    return pd.Series([pair in known for pair in _pairs(rows, column)], index=rows.index, dtype=bool)


def _short(value: Any) -> float:
    return float(f"{float(value):.2g}")


def _pairs(rows: pd.DataFrame, column: str) -> list[tuple[str, str]]:
    return list(zip(rows["district"].astype(str), rows[column].astype(str), strict=True))


def plain(value: Any) -> Any:
    """Return a value as JSON knows it; what is not known is None."""
    if value is None or value is pd.NA or (isinstance(value, float | np.floating) and not np.isfinite(value)):
        return None
    return value.item() if isinstance(value, np.generic) else value


Finder: TypeAlias = Callable[[Readable, set[str], str, str | None], Found]

FINDERS: Mapping[str, Finder] = {
    "rating": _rating,
    "dynamics": _dynamics,
    "structure": _structure,
    "completeness": _completeness,
}
