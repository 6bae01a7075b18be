"""One layer of a release in memory: columns ordered by offence, month and district.

A *block* is one (offence, month): its rows lie side by side, so a slice of the cube is a cut, not a search.
Blocks are listed in the order of serving: newest month first, and `all` first within it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gis_layers.times import PERIOD_MONTHS

Rows = npt.NDArray[np.int64]
_SAMPLE = 2000


@dataclass(frozen=True)
class Table:
    """Rows of a layer.

    Parameters
    ----------
    id
        Name of the layer.
    meta
        The layer's entry in the catalogue.
    data
        Columns, each of one chunk.
    place
        Number of each row's district among the release's districts, -1 for none; None if the layer has none.
    block_offence, block_month, block_start, block_stop
        The blocks: offence (None without), month as datetime64[M] (NaT without), first row, row after
        the last.
    """

    id: str
    meta: dict[str, Any]
    data: pa.Table = field(repr=False)
    place: Rows | None = field(repr=False)
    block_offence: npt.NDArray[np.object_] = field(repr=False)
    block_month: npt.NDArray[np.datetime64] = field(repr=False)
    block_start: Rows = field(repr=False)
    block_stop: Rows = field(repr=False)

    @property
    def keys(self) -> list[str]:
        """Key columns in the order of the item id."""
        return list(self.meta["keys"])

    @property
    def types(self) -> dict[str, str]:
        """Type of every column by name, in order."""
        return {column["name"]: column["type"] for column in self.meta["columns"]}

    @property
    def period(self) -> str | None:
        """The layer's period, None without months."""
        return self.meta.get("period") if self.has_months else None

    @property
    def has_months(self) -> bool:
        return "month" in self.keys

    @property
    def has_offences(self) -> bool:
        return "offence" in self.keys and self.id != "offences"

    @property
    def has_geometry(self) -> bool:
        return self.place is not None and self.meta.get("geometry") == "polygon"

    @property
    def months(self) -> list[str]:
        """All months as YYYY-MM, oldest first."""
        return np.unique(self.block_month).astype(str).tolist() if self.has_months else []

    @property
    def offences(self) -> list[str]:
        """All offences in the order of the catalogue."""
        return list(dict.fromkeys(self.block_offence.tolist())) if self.has_offences else []

    @property
    def span(self) -> int:
        """Months that a row is selected by: a rolling row only by its last."""
        period = self.period or "month"
        return 1 if period.startswith("rolling") else PERIOD_MONTHS[period]

    def blocks(
        self,
        offences: list[str] | None = None,
        days: tuple[np.datetime64 | None, np.datetime64 | None] | None = None,
    ) -> Rows:
        """Return the blocks of some offences whose months intersect [first day, day after the last)."""
        keep = np.ones(len(self.block_start), dtype=bool)
        if offences is not None:
            keep &= np.isin(self.block_offence, offences)
        if days is not None:
            first, stop = days
            begins = self.block_month.astype("datetime64[D]")
            ends = (self.block_month + self.span).astype("datetime64[D]")
            if first is not None:
                keep &= ends > first
            if stop is not None:
                keep &= begins < stop
        return np.flatnonzero(keep)

    def rows(self, blocks: Rows) -> Rows:
        """Return the rows of some blocks, in their order."""
        parts = [np.arange(self.block_start[b], self.block_stop[b]) for b in blocks]
        return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)

    def column(self, name: str, rows: Rows) -> pa.Array:
        """Return the plain values of a column at some rows."""
        taken = self.data.column(name).chunk(0).take(pa.array(rows))
        return taken.dictionary_decode() if pa.types.is_dictionary(taken.type) else taken


def make_table(meta: dict[str, Any], read: Callable[[str], pa.Array], districts: list[str]) -> Table:
    """Take a layer's figures into memory, one column after the other: so the peak is one plain column.

    Parameters
    ----------
    meta
        The layer's entry in the catalogue.
    read
        Returns a column of all rows by its name.
    districts
        Codes of the release's districts in order.
    """
    keys, names = meta["keys"], [column["name"] for column in meta["columns"]]
    size = len(read(names[0]))
    place = None
    if "district" in names:
        found = pc.index_in(read("district"), value_set=pa.array(districts, pa.string()))
        place = pc.fill_null(found, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    offence = np.zeros(size, dtype=np.int64)
    offences: list[str | None] = [None]
    if "offence" in keys and meta["id"] != "offences":
        coded = read("offence").dictionary_encode()
        offence, offences = coded.indices.to_numpy().astype(np.int64), coded.dictionary.to_pylist()
    month = np.full(size, np.datetime64("NaT"), dtype="datetime64[M]")
    if "month" in keys:
        month = read("month").to_numpy(zero_copy_only=False).astype("datetime64[M]")
    months, number = np.unique(month, return_inverse=True)
    block = offence * max(len(months), 1) + number
    order = np.lexsort((place if place is not None else np.zeros(size), block))
    sorted_already = bool((order == np.arange(size)).all())
    if not sorted_already:
        block, offence, month = block[order], offence[order], month[order]
        place = place[order] if place is not None else None
    start = np.flatnonzero(np.diff(block, prepend=-1)).astype(np.int64)
    listed = {code: rank for rank, code in enumerate(meta.get("offences") or [])}
    rank = [
        -1 if offences[o] == "all" else listed.get(str(offences[o]), len(listed) + o) for o in offence[start]
    ]
    serving = np.lexsort((np.array(rank, dtype=np.int64), -month[start].astype(np.int64)))

    types = {column["name"]: column["type"] for column in meta["columns"]}

    def kept(name: str) -> pa.Array:
        values = read(name)
        if pa.types.is_timestamp(values.type) and types[name] == "date":
            # A plain date is never moved by a time zone, and never shown with a time.
            values = values.cast(pa.date32())
        return _compact(values if sorted_already else values.take(pa.array(order)))

    return Table(
        id=meta["id"],
        meta=meta,
        data=pa.table({name: kept(name) for name in names}),
        place=place,
        block_offence=np.array([offences[o] for o in offence[start]], dtype=object)[serving],
        block_month=month[start][serving],
        block_start=start[serving],
        block_stop=np.append(start[1:], size).astype(np.int64)[serving],
    )


def _compact(values: pa.Array) -> pa.Array:
    """Store a text that repeats itself as numbers of a dictionary."""
    if not pa.types.is_string(values.type) or len(values) < _SAMPLE:
        return values
    # A hash over a million different texts costs more memory than it saves: a sample tells first.
    step = len(values) // _SAMPLE
    sample = values.take(pa.array(np.arange(_SAMPLE) * step))
    return values.dictionary_encode() if pc.count_distinct(sample).as_py() * 4 < _SAMPLE else values
