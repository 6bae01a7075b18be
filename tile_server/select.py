"""Choose rows: blocks first, then masks over what is left; a page is cut before any value is made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .collections import Collection
from .filters import evaluate
from .query import ItemsQuery, typed
from .table import Rows, Table

_CODES = ("district", "offence")


@dataclass(frozen=True)
class Page:
    """Rows of one page, and how many matched in all."""

    rows: Rows
    matched: int


def select(collection: Collection, query: ItemsQuery) -> Page:
    """Return the page that a query asks for, newest month and `all` first unless sorted otherwise."""
    table = collection.table
    blocks = collection.blocks(query.offences, query.days)
    if not (query.box or query.equal or query.sort or query.filter):
        return _cut_blocks(table, blocks, query)
    rows = table.rows(blocks)
    if query.box is not None and table.place is not None:
        meets = np.append(table.places.touching(query.box, query.box_crs), False)
        rows = rows[meets[table.place[rows]]]
    for name, text in query.equal.items():
        rows = rows[_equal(table, name, text, rows)]
    if query.filter is not None:
        rows = rows[evaluate(query, table, rows)]
    matched = len(rows)
    if query.sort:
        keys = pa.table({name: table.column(name, rows) for name, _ in query.sort})
        order = [(name, "descending" if down else "ascending") for name, down in query.sort]
        rows = rows[pc.sort_indices(keys, sort_keys=order, null_placement="at_end").to_numpy()]
    return Page(rows[query.offset : query.offset + query.limit], matched)


def _cut_blocks(table: Table, blocks: Rows, query: ItemsQuery) -> Page:
    """Find the page without listing the rows before it."""
    sizes = table.block_stop[blocks] - table.block_start[blocks]
    ends = np.cumsum(sizes)
    matched = int(ends[-1]) if len(ends) else 0
    first = int(np.searchsorted(ends, query.offset, side="right"))
    last = int(np.searchsorted(ends, query.offset + query.limit, side="left"))
    rows = table.rows(blocks[first : last + 1])
    skipped = query.offset - (int(ends[first - 1]) if first else 0)
    return Page(rows[skipped : skipped + query.limit], matched)


def _equal(table: Table, name: str, text: str, rows: Rows) -> npt.NDArray[np.bool_]:
    kind = table.types[name]
    values = table.column(name, rows)
    if name in _CODES and "," in text:
        mask = pc.is_in(values, value_set=pa.array(text.split(","), pa.string()))
    else:
        wanted = typed(name, kind, text)
        if isinstance(wanted, float):
            values = values.cast(pa.float64())
        mask = pc.equal(values, pa.scalar(wanted))
    return np.asarray(pc.fill_null(mask, False).to_numpy(zero_copy_only=False), dtype=bool)
