"""What the story of a cell tells of dynamics and structure: the signal, plain change, evidence, and the mix."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd

from ..messages import render, render_all
from .plain import plain_value

_CHANGES = (("month", "change_month"), ("year", "change_year"), ("ytd", "change_ytd"))
_PARTS = 5
_OUT_OF_LINE = 0.05


class Layers(Protocol):
    """What of an edition is read here."""

    @property
    def layer_ids(self) -> tuple[str, ...]: ...

    def read(
        self, layer: str, months: Any = ..., offences: Any = ..., columns: Any = ...
    ) -> pd.DataFrame: ...


def changes_of(edition: Layers, district: str, offence: str, month: np.datetime64) -> dict[str, Any] | None:
    """Return the cell's row of `dynamics`, its evidence as a list; None where the edition has none."""
    rows = _rows(edition, "dynamics", district, month, [offence])
    if rows is None or rows.empty:
        return None
    row = _plain(rows.iloc[0])
    return {**row, "evidence": json.loads(row["evidence"]) if row.get("evidence") else []}


def mix_of(edition: Layers, district: str, offence: str, month: np.datetime64) -> dict[str, Any] | None:
    """Return the cell's row of `structure`; of `all` with the parts that are out of line, most so first."""
    whole = offence == "all"
    rows = _rows(edition, "structure", district, month, None if whole else [offence])
    if rows is None or rows.empty:
        return None
    own = rows[rows["offence"] == offence]
    if own.empty:
        return None
    out = rows[(rows["offence"] != offence) & (rows["p_value"].astype(float) <= _OUT_OF_LINE)]
    out = out.sort_values("p_value", kind="stable").head(_PARTS)
    return {**_plain(own.iloc[0]), "parts": [_plain(row) for _, row in out.iterrows()]}


def changes_text(changes: Mapping[str, Any] | None, lang: str, named: Mapping[str, str]) -> str:
    """Tell what changed, a line a fact; nothing where nothing is known."""
    if not changes:
        return ""
    lines = []
    if changes.get("signal"):
        lines.append(render(lang, "explain.dynamics", {"signal": changes["signal"]}))
    for against, column in _CHANGES:
        if changes.get(column) is not None:
            lines.append(
                render(lang, "explain.change", {"against": against, "change": _digits(changes[column])})
            )
    lines += _sentences(changes.get("evidence") or [], lang, named)
    return "\n".join(lines)


def mix_text(mix: Mapping[str, Any] | None, lang: str, named: Mapping[str, str]) -> str:
    """Tell how far the mix of offences is out, and which parts are."""
    if not mix:
        return ""
    if mix.get("offence") != "all":
        return "" if mix.get("share_peers") is None else _part(mix, lang, named).strip()
    lines = []
    if mix.get("imbalance") is not None and mix.get("p_value") is not None:
        values = {"imbalance": _digits(mix["imbalance"]), "p": max(_digits(mix["p_value"]), 1e-9)}
        lines.append(render(lang, "explain.structure", values))
    if mix.get("parts"):
        lines.append(render(lang, "explain.structure_parts"))
        lines += [_part(part, lang, named) for part in mix["parts"] if part.get("share_peers") is not None]
    return "\n".join(lines)


def _part(part: Mapping[str, Any], lang: str, named: Mapping[str, str]) -> str:
    values = {
        "offence": named.get(part["offence"], part["offence"]),
        "share": _digits(part["share"]), "peers": _digits(part["share_peers"]),
    }  # fmt: skip
    return render(lang, "explain.structure_part", values)


def _sentences(items: Sequence[Mapping[str, Any]], lang: str, named: Mapping[str, str]) -> list[str]:
    return [render_all(lang, [item], names=lambda code: named.get(code, code)) for item in items]


def _rows(
    edition: Layers, layer: str, district: str, month: np.datetime64, offences: list[str] | None
) -> pd.DataFrame | None:
    if layer not in edition.layer_ids:
        return None
    rows = edition.read(layer, months=(month, month), offences=offences)
    return rows[rows["district"] == district]


def _plain(row: pd.Series) -> dict[str, Any]:
    return {str(name): plain_value(value) for name, value in row.items() if name not in ("district", "month")}


def _digits(value: float) -> float:
    return float(f"{value:.3g}")
