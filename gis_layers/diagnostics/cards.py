"""What single cards tell of how they were recorded: twice, on impossible days, on round ones, late, elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from scipy import stats

from ..districts import Districts, Locator
from .late import late_months
from .model import Finding

Bools = npt.NDArray[np.bool_]

FIRST_OF_MONTH = 12 / 365.2425
"""Share of days that are the first of a month."""

HEAPED = 1.5
"""A share this many times what chance gives is a heap, if it is no chance."""

LATE_DAYS = (30, 365)
SHOWN = 5
LEAST = 200
"""Fewer cards say nothing about how they were recorded."""


@dataclass(frozen=True)
class Cards:
    """The counted cards of one source.

    Parameters
    ----------
    source
        Its name.
    district, offence
        Numbers of `districts` and of the offences, (cards,).
    districts
        Codes by number.
    month
        Month counted.
    committed, registered
        Wall times, NaT where missing.
    x, y
        Degrees, NaN where missing.
    """

    source: str
    district: npt.NDArray[np.int64]
    offence: npt.NDArray[np.int64]
    districts: list[str]
    month: npt.NDArray[np.datetime64]
    committed: npt.NDArray[np.datetime64]
    registered: npt.NDArray[np.datetime64]
    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]


def read_cards_of(spool: Path) -> Iterator[Cards]:
    """Yield the cards of every source of a spool."""
    columns = ["district", "offence", "month", "committed", "registered", "x", "y"]
    for file in sorted(spool.glob("*.parquet")):
        table = pq.read_table(file, columns=columns)
        district, names = _encoded(table["district"])
        yield Cards(
            file.stem, district, _encoded(table["offence"])[0], names,
            table["month"].to_numpy().astype("datetime64[M]"),
            table["committed"].to_numpy().astype("datetime64[s]"),
            table["registered"].to_numpy().astype("datetime64[s]"),
            table["x"].to_numpy(), table["y"].to_numpy(),
        )  # fmt: skip


def check_cards(
    spool: Path, districts: Districts, *, by_point: frozenset[str] = frozenset()
) -> list[Finding]:
    """Run every diagnosis of single cards over every source.

    Parameters
    ----------
    spool
        Folder of the normalised cards: see :func:`gis_layers.sources.read_spool`.
    districts
        The districts, for coordinates.
    by_point
        Sources whose cards name no district: theirs is that of the point.
    """
    found: list[Finding] = []
    for cards in read_cards_of(spool):
        if len(cards.district) < LEAST:
            continue
        found += duplicates(cards)
        found += impossible_dates(cards)
        found += heaping(cards)
        found += delays(cards)
        if cards.source not in by_point:
            found += misplaced(cards, districts)
    return found


def duplicates(cards: Cards) -> list[Finding]:
    """Find cards that are alike in district, offence, both times and the point.

    Only cards that say where or at what hour are compared: of two thefts on one day in one district nothing
    else may be known. Twins are counted, not removed: two persons may be robbed at once.
    """
    dated = ~np.isnat(cards.committed)
    told = dated & (~np.isnan(cards.x) | (cards.committed != cards.committed.astype("datetime64[D]")))
    if not told.any():
        return []
    parts = (
        cards.district, cards.offence, cards.committed.astype(np.int64), cards.registered.astype(np.int64),
        np.nan_to_num(cards.x, nan=-999).view(np.int64), np.nan_to_num(cards.y, nan=-999).view(np.int64),
    )  # fmt: skip
    # Sorting millions of cards by six columns is slow: only those whose hash stands twice are.
    mixed = np.zeros(int(told.sum()), dtype=np.uint64)
    for part in parts:
        mixed = pd.util.hash_array((part[told].astype(np.uint64) ^ mixed) * np.uint64(0x9E3779B97F4A7C15))
    alike = pd.Series(mixed).duplicated(keep=False).to_numpy()
    among = np.flatnonzero(told)[alike]
    key = np.zeros(len(among), dtype=[(f"k{n}", "i8") for n in range(6)])
    for name, part in zip(key.dtype.names or (), parts, strict=True):
        key[name] = part[among]
    _, first, size = np.unique(key, return_index=True, return_counts=True)
    extra = int((size - 1).sum())
    if not extra:
        return []
    places = among[first[size > 1]]
    where = np.bincount(cards.district[places], weights=size[size > 1] - 1, minlength=len(cards.districts))
    worst = int(where.argmax())
    values = {
        "source": cards.source, "n": extra, "of": int(told.sum()), "percent": _percent(extra / told.sum()),
        "district": cards.districts[worst], "most": int(where[worst]),
    }  # fmt: skip
    return [Finding("duplicates", "check.duplicates", values, alarm=bool(extra / told.sum() > 0.001))]


def impossible_dates(cards: Cards) -> list[Finding]:
    """Find cards that were registered before they were committed. (Days that are none are quarantined.)"""
    both = ~np.isnat(cards.committed) & ~np.isnat(cards.registered)
    day = [times[both].astype("datetime64[D]") for times in (cards.committed, cards.registered)]
    wrong = int((day[1] < day[0]).sum()) if both.any() else 0
    if not both.any():
        return []
    values = {
        "source": cards.source,
        "n": wrong,
        "of": int(both.sum()),
        "percent": _percent(wrong / both.sum()),
    }
    return [Finding("dates", "check.before_committed", values, alarm=wrong > 0)]


def heaping(cards: Cards) -> list[Finding]:
    """Find round days and hours that stand for unknown ones: the first of a month, midnight, the full hour."""
    found = []
    for role in ("committed", "registered"):
        times = getattr(cards, role)
        times = times[~np.isnat(times)]
        if len(times) < LEAST:
            continue
        days = times.astype("datetime64[D]")
        first = days == days.astype("datetime64[M]").astype("datetime64[D]")
        found.append(_heap("first_of_month", cards.source, role, first, FIRST_OF_MONTH))
        second = (times - days).astype(np.int64)
        if not second.any():
            continue  # dates without any time of day
        minute = second // 60
        step = 60 if (minute % 60).any() else 3600
        found.append(_heap("midnight", cards.source, role, minute == 0, step / 86_400))
        if step == 60:
            found.append(_heap("full_hour", cards.source, role, minute % 60 == 0, 1 / 60))
    return found


def delays(cards: Cards) -> list[Finding]:
    """Describe how late a source registers, and find the months of districts that were registered far later."""
    both = ~np.isnat(cards.committed) & ~np.isnat(cards.registered)
    if both.sum() < LEAST:
        return []
    delay = (cards.registered[both] - cards.committed[both]).astype("timedelta64[s]").astype(
        np.float64
    ) / 86_400
    late = np.quantile(delay, [0.5, 0.9, 0.99])
    values = {
        "source": cards.source, "of": int(both.sum()), "median": round(float(late[0]), 1),
        "ninety": round(float(late[1]), 1), "ninety_nine": round(float(late[2]), 1),
        **{f"over_{days}": _percent(float((delay > days).mean())) for days in LATE_DAYS},
    }  # fmt: skip
    found = [Finding("delay", "check.delay", values, alarm=False)]
    if len(cards.districts) < SHOWN:
        return found
    months = cards.registered[both].astype("datetime64[M]")
    carried = cards.committed[both].astype("datetime64[M]") < months
    for one in late_months(cards.district[both], cards.offence[both], months, carried):
        told = {
            "source": cards.source, "district": cards.districts[one.district], "month": str(one.month),
            "n": one.late, "of": one.cards, "percent": _percent(one.late / one.cards),
            "expected": _percent(one.expected), "z": round(one.z, 1),
        }  # fmt: skip
        found.append(Finding("delay", "check.delay_month", told))
    return found


def misplaced(cards: Cards, districts: Districts) -> list[Finding]:
    """Compare the district that a card names with the one that its point lies in."""
    with_point = ~np.isnan(cards.x) & ~np.isnan(cards.y)
    if with_point.sum() < LEAST:
        return []
    at = np.asarray(Locator(districts).locate(cards.x[with_point], cards.y[with_point]), dtype=np.int64)
    row = {str(code): place for place, code in enumerate(districts.codes)}
    named = np.array([row[code] for code in cards.districts], dtype=np.int64)[cards.district[with_point]]
    outside, elsewhere = at < 0, (at >= 0) & (at != named)
    wrong = int((outside | elsewhere).sum())
    values = {
        "source": cards.source, "of": int(with_point.sum()), "n": int(elsewhere.sum()),
        "percent": _percent(elsewhere.mean()), "outside": int(outside.sum()),
        "district": "", "has_worst": "no", "most": 0,
    }  # fmt: skip
    if elsewhere.any():
        size = np.bincount(named[elsewhere], minlength=len(row))
        worst = int(size.argmax())
        values |= {"district": str(districts.codes[worst]), "most": int(size[worst]), "has_worst": "yes"}
    return [Finding("place", "check.misplaced", values, alarm=wrong / int(with_point.sum()) > 0.01)]


def _heap(kind: str, source: str, role: str, hit: Bools, chance: float) -> Finding:
    share = float(hit.mean())
    p = float(stats.binom.sf(int(hit.sum()) - 1, len(hit), chance))
    values = {
        "source": source, "date": role, "kind": kind, "n": int(hit.sum()), "of": len(hit),
        "percent": _percent(share), "expected": _percent(chance), "times": round(share / chance, 1),
    }  # fmt: skip
    return Finding("heaping", "check.heaping", values, alarm=share > HEAPED * chance and p < 1e-6)


def _percent(share: float) -> float:
    """Return a share in percent, as many digits as a reader needs."""
    return round(100 * float(share), 1 if share >= 0.001 else 3)


def _encoded(column: pa.ChunkedArray) -> tuple[npt.NDArray[np.int64], list[str]]:
    encoded = pc.dictionary_encode(column).combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.chunk(0) if encoded.num_chunks else pa.array([], pa.string()).dictionary_encode()
    return encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64), encoded.dictionary.to_pylist()
