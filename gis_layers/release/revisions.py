"""What a release says otherwise than the one before it, and why: revised figures and changed verdicts.

A verdict is frozen: it changes only if its input did. The manifest of a release holds a hash of what each month
was judged from, part by part, so that the next one knows which months to compare and what to blame.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import SystemFault, UsageError
from ..layers.model import Layer
from .edition import Edition
from .store import open_store

KEYS = ["district", "offence", "month"]

SHOWN = ("level", "fired", "standing", "points_12m", "magnitude")
"""Columns that the list of changed verdicts holds as they were and as they are."""

ANSWER = ("level", "fired", "standing")
"""A verdict with another one of these gives another answer; the others have moved in their digits."""

VERDICT = (
    "expected", "lower", "upper", "p_peers", "p_own", "q_value", "fired", "standing", "magnitude", "level",
    "points", "points_12m", "months_judged", "harm", "pooled_period", "pooled_offence",
)  # fmt: skip

_FIGURES = [*KEYS, "was", "now", "source", "file"]
_VERDICTS = [*KEYS, *(f"{name}_{then}" for name in SHOWN for then in ("was", "now")), "answer", "causes"]
_PARTS = {
    "counts": "revision.figures",
    "population": "revision.population",
    "groups": "revision.groups",
    "breaks": "revision.breaks",
}
_WHOLE = {
    "method": "revision.method",
    "settings": "revision.settings",
    "codebook": "revision.codebook",
    "districts": "revision.districts",
}


@dataclass(frozen=True)
class Revisions:
    """How a release differs from the one before it in what both of them say.

    Parameters
    ----------
    previous
        Id of the release before; None if there is none to compare with.
    figures
        `district, offence, month, was, now, source, file`: counts that are others now. `source` and `file` are
        known where a later file replaced the figure; a file changed in place leaves `file` null.
    verdicts
        `district, offence, month`, some columns of `rating` as they were and are, `answer` (true if level,
        signal or standing is another one), `causes` (JSON list of {code, values}).
    causes
        Message codes of everything that changed beneath the verdicts.
    same_input
        Whether every input file, the settings and the version are those of the release before.
    """

    previous: str | None = None
    figures: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=_FIGURES), repr=False)
    verdicts: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=_VERDICTS), repr=False)
    causes: tuple[str, ...] = ()
    same_input: bool = False

    def summary(self) -> dict[str, Any]:
        """Return the numbers that the manifest holds."""
        months = sorted(self.verdicts["month"].unique()) if len(self.verdicts) else []
        return {
            "previous": self.previous,
            "figures": len(self.figures),
            "verdicts": len(self.verdicts),
            "answers": int(self.verdicts["answer"].sum()) if len(self.verdicts) else 0,
            "months": [str(np.datetime64(month, "M")) for month in (months[:1] + months[-1:])],
            "causes": list(self.causes),
            "same_input": self.same_input,
        }


def against_current(
    store: Path,
    layers: Sequence[Layer],
    made_of: Mapping[str, Any],
    verdicts: Mapping[str, Any],
    delivered: pd.DataFrame | None,
    superseded: pd.DataFrame | None,
) -> Revisions:
    """Compare layers that are about to be published with the current release of a store.

    Parameters
    ----------
    store
        Folder of the store.
    layers
        Those of the analyst edition.
    made_of
        What the manifest will say of `inputs`, `settings` and `version`.
    verdicts, delivered, superseded
        As :func:`revisions` takes them; None is nothing.

    Returns
    -------
    Revisions
        Without anything if there is no readable release to compare with.
    """
    by_id = {layer.id: layer.frame for layer in layers}
    try:
        before = open_store(store).current()
        manifest, then = before.manifest, before.edition("analyst")
        was = _fingerprint(manifest.get("verdicts"))
    except (SystemFault, UsageError, OSError, ValueError, AttributeError):
        return Revisions()
    book = by_id["offences"]
    found = revisions(
        before.id,
        then,
        was,
        verdicts,
        by_id["rating"],
        delivered=pd.DataFrame(columns=[*KEYS, "source"]) if delivered is None else delivered,
        superseded=pd.DataFrame(columns=[*KEYS, "file"]) if superseded is None else superseded,
        leaves=book.loc[book["kind"].isin(["leaf", "other"]), "offence"].astype(str).tolist(),
    )
    return replace(found, same_input=all(manifest.get(name) == value for name, value in made_of.items()))


def revisions(
    previous: str,
    then: Edition,
    was: Mapping[str, Any] | None,
    now: Mapping[str, Any],
    rating: pd.DataFrame,
    *,
    delivered: pd.DataFrame,
    superseded: pd.DataFrame,
    leaves: Sequence[str],
) -> Revisions:
    """Compare the verdicts of a release with those of the one before it.

    Parameters
    ----------
    previous, then
        The release before and its analyst edition.
    was, now
        Hashes of what the verdicts were made of, then and now (`Fingerprint.as_dict`); None if that release
        did not say, and then every month is compared.
    rating
        The new layer.
    delivered
        `district, offence, month, source` of the figures that the sources deliver now.
    superseded
        `source, file, district, offence, month`: figures that a later file replaced.
    leaves
        Offences whose counts are figures and not sums of others.

    Returns
    -------
    Revisions
        Without anything if the release before has no readable rating.
    """
    blamed = _blame(was, now)
    if not blamed:
        return Revisions(previous)
    months = sorted(blamed)
    try:
        old = then.read(
            "rating", months=(months[0], months[-1]), columns=list(dict.fromkeys([*KEYS, "count", *VERDICT]))
        )
    except (UsageError, SystemFault, OSError):
        return Revisions(previous)
    both = _aligned(old, rating, [pd.Timestamp(month) for month in months])
    count = (
        both["count_was"].to_numpy(np.float64, na_value=np.nan),
        both["count_now"].to_numpy(np.float64, na_value=np.nan),
    )
    revised = ~_same(*count) & both["offence"].isin(set(leaves)).to_numpy()
    figures = _sources(both.loc[revised], delivered, superseded)
    changed = np.zeros(len(both), dtype=bool)
    answer = changed.copy()
    for name in VERDICT:
        differs = ~_same(_plain(both[f"{name}_was"]), _plain(both[f"{name}_now"]))
        changed |= differs
        answer |= differs & (name in ANSWER)
    found = both[changed].assign(answer=answer[changed])
    found["causes"] = _causes(found, ~_same(*count)[changed] if len(found) else changed[:0], blamed)
    codes = sorted({cause["code"] for causes in blamed.values() for cause in causes})
    return Revisions(previous, figures, found[_VERDICTS].reset_index(drop=True), tuple(codes))


def _fingerprint(was: Any) -> Mapping[str, Any] | None:
    """Return what a manifest says of its verdicts' input; None if it says nothing that can be compared."""
    try:
        marks = was["months"].values()
        return was if all(isinstance(mark["hash"], str) and "complete" in mark for mark in marks) else None
    except (AttributeError, KeyError, TypeError):
        return None


def _blame(was: Mapping[str, Any] | None, now: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return what changed beneath the verdict of each month that both releases have judged."""
    if was is None:
        return {month: [{"code": "revision.method", "values": {}}] for month in now["months"]}
    whole = [{"code": code, "values": {}} for part, code in _WHOLE.items() if was.get(part) != now[part]]
    since: dict[str, str] = {}
    blamed: dict[str, list[dict[str, Any]]] = {}
    older = was["months"]
    for month in sorted({*older, *now["months"]}):
        mark, before = now["months"].get(month), older.get(month)
        for part, code in _PARTS.items():
            if before and part not in before:
                continue  # a release of an earlier version did not say
            if (mark or {}).get(part) != (before or {}).get(part):
                since.setdefault(code, month)
        # a month that was not complete had no verdict yet: what it gets is its first
        if mark and before and before["complete"] and mark["hash"] != before["hash"]:
            parts = [{"code": code, "values": {"month": first}} for code, first in since.items()]
            blamed[month] = whole + parts
    return blamed


def _aligned(old: pd.DataFrame, new: pd.DataFrame, months: Sequence[pd.Timestamp]) -> pd.DataFrame:
    """Return the cells that both have, in the months given, columns as `<name>_was` and `<name>_now`."""
    names = ["count", *VERDICT]
    parts = []
    for frame in (old, new):
        part = frame[frame["month"].isin(months)]
        parts.append(part[[*KEYS, *names]].astype({"district": str, "offence": str}))
    return parts[0].merge(parts[1], on=KEYS, suffixes=("_was", "_now"))


def _plain(column: pd.Series) -> npt.NDArray[Any]:
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        return column.to_numpy(np.float64, na_value=np.nan)
    return column.astype(object).where(column.notna(), "").to_numpy(dtype=object)


def _same(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    same: npt.NDArray[np.bool_] = np.asarray(one == other)
    if one.dtype == np.float64 and other.dtype == np.float64:
        same = same | (np.isnan(one) & np.isnan(other))
    return same


def _sources(cells: pd.DataFrame, delivered: pd.DataFrame, superseded: pd.DataFrame) -> pd.DataFrame:
    """Return revised counts with the source, and the file if a later one replaced an earlier one's figure."""
    figures = cells[[*KEYS, "count_was", "count_now"]].rename(
        columns={"count_was": "was", "count_now": "now"}
    )
    files = superseded.drop_duplicates(KEYS, keep="last")[[*KEYS, "file"]]
    for table in (delivered[[*KEYS, "source"]], files):
        typed = table.astype({"district": str, "offence": str})
        figures = figures.merge(
            typed.assign(month=typed["month"].astype("datetime64[s]")), on=KEYS, how="left"
        )
    return figures[_FIGURES].sort_values(KEYS, ignore_index=True)


def _causes(
    found: pd.DataFrame, own: npt.NDArray[np.bool_], blamed: Mapping[str, list[dict[str, Any]]]
) -> list[str]:
    """Return the causes of each changed verdict as JSON: its own count first, then what its month rests on."""
    labels = found["month"].to_numpy().astype("datetime64[M]").astype(str)
    texts = {month: json.dumps(causes, separators=(",", ":"))[1:-1] for month, causes in blamed.items()}
    out = []
    for label, mine, was, now in zip(labels, own, found["count_was"], found["count_now"], strict=True):
        parts = [texts[label]] if texts[label] else []
        if mine:
            known = not (pd.isna(was) or pd.isna(now))
            values = {"was": int(was), "now": int(now)} if known else {}
            code = "revision.count" if known else "revision.count_gone"
            parts.insert(0, json.dumps({"code": code, "values": values}, separators=(",", ":")))
        out.append("[" + ",".join(parts) + "]")
    return out
