"""Which rows an export holds: the call's month and offence, the format's defaults, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ..errors import UsageError, Where
from ..layers.model import SHAPES
from ..release import Edition
from ..times import label, parse_month_range

PIECE_ROWS = 20_000
"""Rows joined to their shapes at a time: bounds the memory of an export of everything."""


@dataclass(frozen=True)
class Selection:
    """A slice of a layer, read when asked for.

    Parameters
    ----------
    edition, entry
        Where it is from, and the layer's entry of the catalogue.
    months
        First and last month as ``YYYY-MM``, or None for all (or a layer without months).
    offences
        Codes, or None for all (or a layer without offences).
    period
        A period, of a layer that has it as a key; None for all.
    """

    edition: Edition
    entry: dict[str, Any]
    months: tuple[str, str] | None
    offences: tuple[str, ...] | None
    period: str | None = None

    @property
    def layer(self) -> str:
        return str(self.entry["id"])

    @property
    def has_shapes(self) -> bool:
        return self.entry["geometry"] in ("polygon", "line")

    @property
    def has_own_shapes(self) -> bool:
        return bool(self.entry.get("own_shapes"))

    @property
    def source_of_shapes(self) -> str:
        """The layer whose shapes the rows are drawn as."""
        return self.layer if self.has_own_shapes else "districts"

    def by_offence(self, *, shapes: bool = False) -> Iterator[pa.Table]:
        """Yield the rows, all of an offence at a time; where the offence is no key, all at once.

        Parameters
        ----------
        shapes
            Add the layer's own shapes, as WKB in a last column `geometry`.
        """
        columns = [column["name"] for column in self.entry["columns"]] + ([SHAPES] if shapes else [])
        sliced = "offence" in self.entry["keys"] and self.entry["offences"]
        offences = self.offences or tuple(self.entry["offences"])
        for part in [(offence,) for offence in offences] if sliced else [self.offences]:
            table = self.edition.table(self.layer, self.months, part, columns)
            yield table if self.period is None else table.filter(pc.equal(table["period"], self.period))

    def pieces(self, *, shapes: bool = False) -> Iterator[pa.Table]:
        """Yield the rows, at most so many of an offence; one empty table if there is none."""
        for table in self.by_offence(shapes=shapes):
            for start in range(0, max(table.num_rows, 1), PIECE_ROWS):
                yield table.slice(start, PIECE_ROWS)

    def table(self) -> pa.Table:
        """Return all rows without shapes."""
        return pa.concat_tables(self.pieces())

    def shapes(self) -> tuple[pa.Array, pa.Array]:
        """Return the districts' codes and their shapes as WKB, in the same order."""
        table = pq.read_table(self.edition.path("districts"), columns=["district", "geometry"])
        return table["district"].combine_chunks(), table["geometry"].combine_chunks()

    def rows_of_shapes(self, piece: pa.Table, codes: pa.Array) -> pa.Array:
        """Return for each row of a piece the place of its shape."""
        return pc.index_in(piece["district"].combine_chunks(), value_set=codes)


def select(
    edition: Edition,
    layer: str,
    *,
    month: str | None,
    offence: str | None,
    everything: bool,
    period: str | None = None,
) -> Selection:
    """Return the selection that a call means.

    Parameters
    ----------
    month, offence
        As given by the call; None takes the default. ``all`` months and ``*`` offences are accepted for
        every layer, also for one that has no such column.
    everything
        The default of the format: all rows, or the newest month of `all`.
    period
        One of the periods of a layer that has several; None takes all.

    Raises
    ------
    UsageError
        If the layer is unknown, or has no such month or offence.
    """
    entry = edition.entry(layer)
    if period is not None and "period" not in entry["keys"]:
        raise UsageError(
            f"layer {layer!r} has one period", Where(value=period), remedy="leave the period out"
        )
    months, offences = _months(entry, month, everything), _offences(entry, offence, everything)
    return Selection(edition, entry, months, offences, period)


def _months(entry: dict[str, Any], month: str | None, everything: bool) -> tuple[str, str] | None:
    known = entry["months"]
    if month == "all" or (month is None and (everything or not known)):
        return None
    if month is None:
        return known[-1], known[-1]
    if not known:
        raise UsageError(
            f"layer {entry['id']!r} has no months", Where(value=month), remedy="leave the month out"
        )
    begin, end = parse_month_range(month)
    # A row of a quarter or a year holds the months that it covers; a rolling one is named by its last month.
    covered = {"quarter": 3, "year": 12}.get(entry.get("period") or "", 1)
    first, last = label(begin - (covered - 1)), label(end)
    if last < known[0] or first > known[-1]:
        raise UsageError(
            f"layer {entry['id']!r} has no such month",
            Where(value=month),
            remedy=f"choose between {known[0]} and {known[-1]}",
        )
    return first, last


def _offences(entry: dict[str, Any], offence: str | None, everything: bool) -> tuple[str, ...] | None:
    known = entry["offences"]
    if offence == "*" or (offence is None and (everything or not known)):
        return None
    if not known:
        raise UsageError(
            f"layer {entry['id']!r} has no offences", Where(value=offence), remedy="leave it out"
        )
    if offence is None:
        return ("all",) if "all" in known else None
    if offence not in known:
        raise UsageError(
            f"layer {entry['id']!r} has no such offence",
            Where(value=offence),
            remedy=f"choose of {', '.join(known[:12])}{', ...' if len(known) > 12 else ''} (or '*')",
        )
    return (offence,)
