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
import shapely

from gis_layers.times import PERIOD_MONTHS

from .places import Places

Rows = npt.NDArray[np.int64]
_SAMPLE = 2000
_LONGEST = 1 << 20
"""Months: no row lasts as long."""


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
    places
        The shapes that the rows are drawn as: the release's districts, or the layer's own.
    place
        Number of each row's shape among `places`, -1 for none; None if the layer has none.
    block_offence, block_month, block_until, block_start, block_stop
        The blocks: offence (None without), month as datetime64[M] (NaT without) and month after the last, first row,
        row after the last.
    """

    id: str
    meta: dict[str, Any]
    data: pa.Table = field(repr=False)
    places: Places = field(repr=False)
    place: Rows | None = field(repr=False)
    block_offence: npt.NDArray[np.object_] = field(repr=False)
    block_month: npt.NDArray[np.datetime64] = field(repr=False)
    block_until: npt.NDArray[np.datetime64] = field(repr=False)
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
        return "month" in self.keys or self.has_interval

    @property
    def time_column(self) -> str | None:
        """The column that time is filtered by, None without months."""
        return self.meta["interval"][0] if self.has_interval else "month" if "month" in self.keys else None

    @property
    def has_interval(self) -> bool:
        """Whether a row lasts from one month to another."""
        return bool(self.meta.get("interval"))

    @property
    def has_own_shapes(self) -> bool:
        return bool(self.meta.get("own_shapes"))

    @property
    def has_offences(self) -> bool:
        return "offence" in self.types and self.id != "offences"

    @property
    def has_geometry(self) -> bool:
        return self.place is not None and self.meta.get("geometry") in ("polygon", "line")

    @property
    def months(self) -> list[str]:
        """All months as YYYY-MM, oldest first; of rows that last, every month in which they were sought."""
        if self.has_interval:
            return list(self.meta["months"])
        return np.unique(self.block_month).astype(str).tolist() if self.has_months else []

    @property
    def offences(self) -> list[str]:
        """All offences in the order of the catalogue; of rows that last, every one of which they were sought."""
        if self.has_interval:
            return list(self.meta["offences"])
        return list(dict.fromkeys(self.block_offence.tolist())) if self.has_offences else []

    @property
    def span(self) -> int:
        """Months that a row is selected by: a rolling row only by its last."""
        return months_of(self.period)

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
            ends = self.block_until.astype("datetime64[D]")
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


def make_table(meta: dict[str, Any], read: Callable[[str], pa.Array], districts: Places) -> Table:
    """Take a layer's figures into memory, one column after the other: so the peak is one plain column.

    Parameters
    ----------
    meta
        The layer's entry in the catalogue.
    read
        Returns a column of all rows by its name; `geometry` is WKB, asked for where the layer has shapes of its own.
    districts
        The release's districts in order.
    """
    keys, names = meta["keys"], [column["name"] for column in meta["columns"]]
    size = len(read(names[0]))
    places, place = districts, None
    if meta.get("own_shapes"):
        places, place = own_places(read("geometry"))
    elif "district" in names:
        found = pc.index_in(read("district"), value_set=pa.array(districts.codes, pa.string()))
        place = pc.fill_null(found, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    offence = np.zeros(size, dtype=np.int64)
    offences: list[str | None] = [None]
    if "offence" in names and meta["id"] != "offences":
        coded = read("offence").dictionary_encode()
        offence, offences = coded.indices.to_numpy().astype(np.int64), coded.dictionary.to_pylist()
    month = np.full(size, np.datetime64("NaT"), dtype="datetime64[M]")
    until, moment = month, month.astype(np.int64)
    if "month" in keys:
        month = _months(read("month"))
        until, moment = month + months_of(meta.get("period")), month.astype(np.int64)
    elif interval := meta.get("interval"):
        month, until = (_months(read(name)) for name in interval)
        until = until + 1
        moment = month.astype(np.int64) * _LONGEST + (until - month).astype(np.int64)
    moments, number = np.unique(moment, return_inverse=True)
    block = offence * max(len(moments), 1) + number
    order = np.lexsort((place if place is not None else np.zeros(size), block))
    sorted_already = bool((order == np.arange(size)).all())
    if not sorted_already:
        block, offence, month, until = block[order], offence[order], month[order], until[order]
        place = place[order] if place is not None else None
    start = np.flatnonzero(np.diff(block, prepend=-1)).astype(np.int64)
    listed = {code: rank for rank, code in enumerate(meta.get("offences") or [])}
    rank = [
        -1 if offences[o] == "all" else listed.get(str(offences[o]), len(listed) + o) for o in offence[start]
    ]
    serving = np.lexsort((np.array(rank, dtype=np.int64), -until[start].astype(np.int64)))

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
        places=places,
        place=place,
        block_offence=np.array([offences[o] for o in offence[start]], dtype=object)[serving],
        block_month=month[start][serving],
        block_until=until[start][serving],
        block_start=start[serving],
        block_stop=np.append(start[1:], size).astype(np.int64)[serving],
    )


def item_names(table: Table, rows: Rows, keys: list[str] | None = None) -> list[str]:
    """Return the item ids of rows: some keys, by default all, joined by dots with months as YYYY-MM."""
    parts = []
    for key in keys or table.keys:
        text = table.column(key, rows).cast(pa.string())
        parts.append(pc.utf8_slice_codeunits(text, 0, 7) if key == "month" else text)
    return [str(text) for text in pc.binary_join_element_wise(*parts, ".").to_pylist()]


def months_of(period: str | None) -> int:
    """Return the months that a row of a period is selected by: a rolling row only by its last."""
    return 1 if period is None or period.startswith("rolling") else PERIOD_MONTHS[period]


def _months(days: pa.Array) -> npt.NDArray[np.datetime64]:
    return np.asarray(days.to_numpy(zero_copy_only=False).astype("datetime64[M]"))


def own_places(wkb: pa.Array) -> tuple[Places, Rows]:
    """Return the different shapes of rows, and the number of each row's."""
    coded = wkb.dictionary_encode()
    shapes = shapely.from_wkb(coded.dictionary.to_numpy(zero_copy_only=False))
    names = [str(number) for number in range(len(shapes))]
    return Places(names, np.asarray(shapes, dtype=object)), coded.indices.to_numpy().astype(np.int64)


def _compact(values: pa.Array) -> pa.Array:
    """Store a text that repeats itself as numbers of a dictionary."""
    if not pa.types.is_string(values.type) or len(values) < _SAMPLE:
        return values
    # A hash over a million different texts costs more memory than it saves: a sample tells first.
    step = len(values) // _SAMPLE
    sample = values.take(pa.array(np.arange(_SAMPLE) * step))
    return values.dictionary_encode() if pc.count_distinct(sample).as_py() * 4 < _SAMPLE else values
