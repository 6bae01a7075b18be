"""What the story of a cell tells of dynamics and structure: the signal, plain change, evidence, and the mix."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd

from ..messages import render, retold
from ..messages.parts import three_digits
from .plain import plain_value, short

_CHANGES = (("month", "change_month"), ("year", "change_year"), ("ytd", "change_ytd"))
_PARTS = 5
_OUT_OF_LINE = 0.05
_LEAST_BASE = 10  # as dynamics has it: from fewer no change is given


class Layers(Protocol):
    """What of an edition is read here."""

    @property
    def layer_ids(self) -> tuple[str, ...]: ...

    def read(
        self, layer: str, months: Any = ..., offences: Any = ..., columns: Any = ...
    ) -> pd.DataFrame: ...


def changes_of(edition: Layers, district: str, offence: str, month: np.datetime64) -> dict[str, Any] | None:
    """Return the cell's row of `dynamics`, its evidence as a list; None where the edition has none."""
    rows = rows_of(edition, "dynamics", district, month, [offence])
    if rows is None or rows.empty:
        return None
    row = plain_row(rows.iloc[0])
    return {**row, "evidence": json.loads(row["evidence"]) if row.get("evidence") else []}


def mix_of(edition: Layers, district: str, offence: str, month: np.datetime64) -> dict[str, Any] | None:
    """Return the cell's row of `structure`; of `all` with the parts that are out of line, most so first."""
    whole = offence == "all"
    rows = rows_of(edition, "structure", district, month, None if whole else [offence])
    if rows is None or rows.empty:
        return None
    own = rows[rows["offence"] == offence]
    if own.empty:
        return None
    out = rows[(rows["offence"] != offence) & (rows["p_value"].astype(float) <= _OUT_OF_LINE)]
    out = out.sort_values("p_value", kind="stable").head(_PARTS)
    return {**plain_row(own.iloc[0]), "parts": [plain_row(row) for _, row in out.iterrows()]}


def bases_of(own: pd.DataFrame, month: np.datetime64, changes: Mapping[str, Any]) -> dict[str, int | None]:
    """Return the counts that changes are reckoned from: of the period before, of the year before, to date."""
    count = own.set_index(own["month"].to_numpy().astype("datetime64[M]"))["count"]
    before = count.index[count.index < month]
    at = {"month": before.max() if len(before) else None, "year": month - 12}
    told = {name: plain_value(count.get(when)) if when is not None else None for name, when in at.items()}
    return {**told, "ytd": changes.get("ytd_last_year")}


def empty_fields_of(edition: Layers, district: str, month: np.datetime64) -> list[dict[str, Any]]:
    """Return the attributes that a district's cards lack where similar districts fill them."""
    rows = rows_of(edition, "completeness", district, month, None)
    if rows is None:
        return []
    return [plain_row(row) for _, row in rows[rows["signal"] == "low"].iterrows()]


def empty_fields_text(fields: Sequence[Mapping[str, Any]], lang: str) -> str:
    """Tell which fields are left empty, a line each."""
    lines = []
    for one in fields:
        values = {
            "attribute": one["attribute"],
            "cards": one["cards"],
            "share": three_digits(one["share_filled"]),
        }
        lines.append(
            "  "
            + render(lang, "alert.completeness", values | {"expected": three_digits(one["expected_share"])})
        )
    return "\n".join([render(lang, "explain.completeness"), *lines]) if lines else ""


def changes_text(
    changes: Mapping[str, Any] | None,
    lang: str,
    named: Mapping[str, str],
    *,
    period: str = "month",
    few: bool = False,
    silent: bool = False,
) -> str:
    """Tell what changed, a line a fact; nothing where nothing is known.

    Parameters
    ----------
    changes
        Result of :func:`changes_of`, with its `bases`.
    named
        Names of the offences in this language.
    period
        What a row is.
    few
        Whether there is too little history for a norm of its own, so that a few months had to do.
    silent
        Whether it has been said already that there is no own half, and why.
    """
    if not changes:
        return ""
    lines = []
    if changes.get("signal") and not (silent and changes["signal"] == "too_few"):
        lines.append(render(lang, "explain.dynamics", {"signal": changes["signal"]}))
    if changes.get("expected") is not None:
        ends = {name: short(changes[name]) for name in ("expected", "lower", "upper")}
        lines.append(render(lang, "dynamics.short", {}) if few else render(lang, "explain.own", ends))
    bases = changes.get("bases") or {}
    for against, column in _CHANGES:
        if period == "year" and against != "year":
            continue  # a year has no month before, and is its own year to date
        said = {"against": against, "period": period}
        if changes.get(column) is not None:
            line = render(lang, "explain.change", said | {"change": three_digits(changes[column])})
            parted = against in changes.get("across", ())
            lines.append(render(lang, "explain.across", {"line": line}) if parted else line)
        elif bases.get(against) is not None and bases[against] < _LEAST_BASE:
            lines.append(render(lang, "explain.change_short", said | {"base": bases[against]}))
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
        values = {"imbalance": three_digits(mix["imbalance"]), "p": max(three_digits(mix["p_value"]), 1e-9)}
        lines.append(render(lang, "explain.structure", values))
    if mix.get("parts"):
        lines.append(render(lang, "explain.structure_parts"))
        lines += [_part(part, lang, named) for part in mix["parts"] if part.get("share_peers") is not None]
    return "\n".join(lines)


def _part(part: Mapping[str, Any], lang: str, named: Mapping[str, str]) -> str:
    values = {
        "offence": named.get(part["offence"], part["offence"]),
        "share": three_digits(part["share"]), "peers": three_digits(part["share_peers"]),
    }  # fmt: skip
    return render(lang, "explain.structure_part", values)


def _sentences(items: Sequence[Mapping[str, Any]], lang: str, named: Mapping[str, str]) -> list[str]:
    return retold(lang, items, names=lambda code: named.get(code, code))


def rows_of(
    edition: Layers, layer: str, district: str, month: np.datetime64, offences: list[str] | None
) -> pd.DataFrame | None:
    """Return the rows of a district and month of a layer; None where the edition lacks it."""
    if layer not in edition.layer_ids:
        return None
    rows = edition.read(layer, months=(month, month), offences=offences)
    return rows[rows["district"] == district]


def plain_row(row: pd.Series) -> dict[str, Any]:
    """Return a row as JSON knows it, without its district and month."""
    return {str(name): plain_value(value) for name, value in row.items() if name not in ("district", "month")}
