"""Fields left empty by the outcome of a card: which are emptier where a case ended one way than where it ended another.

Some fields must be: nobody knows the age of an offender who was not found. So two things are told apart. Over the area,
for the same offences, whether an attribute is emptier with one outcome (Mantel and Haenszel, a stratum an offence). And
in one district, whether it is emptier there than other districts and its own carelessness let expect: then the
cards of one outcome are filled in otherwise than elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from scipy import stats

from ..indicators.rating.fdr import bh_adjust
from .model import Finding

Floats = npt.NDArray[np.float64]

Q = 0.01
LEAST = 200
"""Cards of an outcome in the area, from which it is looked at."""

LEAST_HERE = 50
"""The same in a district."""

APART = 0.05
"""Difference of two shares that is worth a line."""

APART_HERE = 0.10
LEAST_EMPTY = 10
SHOWN = 5
_HELD = 5.0
_MEDIAN = 0.4549
"""Median of χ² with one degree of freedom."""


@dataclass(frozen=True)
class Emptiness:
    """Cards and empty fields of one attribute, district × offence × outcome."""

    source: str
    attribute: str
    outcome: str
    districts: list[str]
    values: list[str]
    cards: Floats
    empty: Floats


def check_outcomes(spool: Path, outcomes: Mapping[str, str]) -> list[Finding]:
    """Look for attributes that are left empty by the outcome of cards.

    Parameters
    ----------
    spool
        Folder of the spool.
    outcomes
        Name of the attribute that is the outcome, by source.

    Returns
    -------
    list of Finding
        Of each attribute at most one line of the area, which is no alarm, and the districts that stand out.
    """
    found: list[Finding] = []
    for source, outcome in outcomes.items():
        file = spool / f"{source}.parquet"
        if file.exists():
            for one in _emptiness_of(file, source, outcome):
                found += [*_of_area(one), *_of_districts(one)]
    return found


def _emptiness_of(file: Path, source: str, outcome: str) -> list[Emptiness]:
    table = pq.read_table(file, columns=["district", "offence", "attributes"])
    held = table["attributes"].combine_chunks()
    if isinstance(held, pa.ChunkedArray):
        held = pa.concat_arrays(held.chunks) if held.num_chunks else pa.array([], held.type)
    names = [one.name for one in held.type]
    if outcome not in names or not len(table):
        return []
    district, districts = _numbered(table["district"])
    offence, offences = _numbered(table["offence"])
    value, values = _numbered(pa.chunked_array([_texts(held.field(outcome))]))
    shape = (len(districts), len(offences), len(values))
    place = (district * shape[1] + offence) * shape[2] + value
    cards = np.bincount(place, minlength=int(np.prod(shape))).reshape(shape).astype(np.float64)
    made = []
    for name in (one for one in names if one != outcome):
        blank = np.asarray(pc.equal(_texts(held.field(name)), "").to_numpy(zero_copy_only=False), dtype=bool)
        empty = np.bincount(place[blank], minlength=cards.size).reshape(shape).astype(np.float64)
        made.append(Emptiness(source, name, outcome, districts, values, cards, empty))
    return made


def _of_area(one: Emptiness) -> list[Finding]:
    """Return the outcome with which an attribute is most clearly emptier, for the same offences."""
    cards, empty = one.cards.sum(axis=0), one.empty.sum(axis=0)
    size, blank = cards.sum(axis=1, keepdims=True), empty.sum(axis=1, keepdims=True)
    share = np.divide(blank, size, out=np.zeros_like(size), where=size > 0)
    due = (cards * share).sum(axis=0)
    left = np.maximum(size - 1, 1)
    variance = (cards * (size - cards) / left * share * (1 - share)).sum(axis=0)
    total, here = cards.sum(axis=0), empty.sum(axis=0)
    z = np.divide(here - due, np.sqrt(variance), out=np.zeros_like(due), where=variance > 0)
    p = np.minimum(stats.norm.sf(z) * len(z), 1.0)
    apart = np.divide(here - due, total, out=np.zeros_like(due), where=total > 0)
    wanted = (p <= Q) & (apart >= APART) & (total >= LEAST)
    if not wanted.any():
        return []
    at = int(np.flatnonzero(wanted)[np.argmax(apart[wanted])])
    values = _said(one, at, total[at], here[at]) | {"expected": _percent(due[at] / total[at]), **_p(p[at])}
    return [Finding("outcome", "check.outcome", values, alarm=False)]


def _of_districts(one: Emptiness) -> list[Finding]:
    """Return the districts in which an outcome's cards are emptier than elsewhere, and than the district's others."""
    others_cards = one.cards.sum(axis=0)[None] - one.cards
    others_empty = one.empty.sum(axis=0)[None] - one.empty
    middle = others_empty.sum(axis=2, keepdims=True) / np.maximum(
        others_cards.sum(axis=2, keepdims=True), 1.0
    )
    share = (others_empty + _HELD * middle) / (others_cards + _HELD)
    due, cards, empty = (part.sum(axis=1) for part in (one.cards * share, one.cards, one.empty))
    # how much a district leaves empty altogether is what completeness judges
    all_due = due.sum(axis=1, keepdims=True)
    due *= np.divide(empty.sum(axis=1, keepdims=True), all_due, out=np.zeros_like(all_due), where=all_due > 0)
    due = np.minimum(due, cards)
    rate = np.divide(due, cards, out=np.zeros_like(due), where=cards > 0)
    rest = 1 - cards / np.maximum(cards.sum(axis=1, keepdims=True), 1.0)
    variance = due * (1 - rate) * rest
    judged = (cards >= LEAST_HERE) & (variance > 1e-9)
    z = np.divide(empty - due, np.sqrt(variance), out=np.zeros_like(due), where=judged)
    over = max(float(np.median(z[judged] ** 2)) / _MEDIAN, 1.0) if judged.any() else 1.0
    p = np.where(judged, stats.norm.sf(z / np.sqrt(over)), np.nan)
    wanted = bh_adjust(p.ravel()).reshape(p.shape) <= Q
    wanted &= (empty - due >= LEAST_EMPTY) & (empty - due >= APART_HERE * cards)
    order = sorted(np.argwhere(wanted).tolist(), key=lambda at: (p[tuple(at)], at))
    return [
        Finding(
            "outcome",
            "check.outcome_district",
            _said(one, at, cards[row, at], empty[row, at])
            | {"district": one.districts[row], "expected": _percent(rate[row, at]), **_p(p[row, at])},
        )
        for row, at in order[:SHOWN]
    ]


def _said(one: Emptiness, at: int, cards: float, empty: float) -> dict[str, Any]:
    return {
        "source": one.source, "attribute": one.attribute, "outcome": one.outcome, "value": one.values[at],
        "blank": "yes" if one.values[at] == "" else "no", "cards": int(cards), "share": _percent(empty / cards),
    }  # fmt: skip


def _p(p: float) -> dict[str, Any]:
    return {"p": float(f"{max(p, 1e-9):.2g}")}


def _percent(share: float) -> float:
    return round(100 * float(share), 1)


def _texts(values: pa.Array) -> pa.Array:
    """Return values as texts, "" where they are missing or blank."""
    told = values if pa.types.is_string(values.type) else values.cast(pa.string())
    return pc.fill_null(pc.utf8_trim_whitespace(told), "")


def _numbered(column: pa.ChunkedArray) -> tuple[npt.NDArray[np.int64], list[str]]:
    encoded = column.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.chunk(0)
    return encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64), encoded.dictionary.to_pylist()
