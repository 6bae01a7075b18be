"""`/collections/{layer}/values`: columns by month and district, for maps that hold the shapes."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .answers import Call, json_answer
from .cache import Answer
from .collections import Collection
from .errors import bad_request, not_found
from .query import CODE, read_columns, read_datetime
from .table import Rows, Table

_KEYS = {"district", "month", "offence", "attribute"}
_NUMERIC = ("integer", "number", "boolean")


def one_offence(collection: Collection, text: str | None) -> str | None:
    """Return the one offence that a slice is of: what was asked for, else `all`; None without offences."""
    table = collection.table
    if not table.has_offences:
        if text is not None:
            raise bad_request(f"{collection.id} has no offences")
        return None
    if text is None:
        return "all" if "all" in table.offences else table.offences[0]
    if not CODE.fullmatch(text):
        raise bad_request(f"offence {text[:64]!r} is no code of one offence")
    if text not in table.offences:
        raise not_found(f"{collection.id} has no offence {text!r}")
    return text


def of_attribute(table: Table, rows: Rows, wanted: str | None) -> Rows:
    """Return the rows of one attribute, the first by default, of a layer that has them: a map shows one a district."""
    if "attribute" not in table.keys:
        if wanted is not None:
            raise bad_request(f"{table.id} has no attributes")
        return rows
    column = table.column("attribute", rows)
    known = sorted(str(value) for value in pc.unique(column).to_pylist())
    if wanted is not None and wanted not in known:
        raise not_found(f"{table.id} has no attribute {wanted[:64]!r} in this month")
    chosen = wanted if wanted is not None else known[0] if known else ""
    mine: Rows = rows[np.asarray(pc.equal(column, chosen).to_numpy(zero_copy_only=False), dtype=bool)]
    return mine


def values(call: Call) -> Answer:
    """Answer one offence's columns, a list per month of a value per district; null is no data."""
    collection = call.snapshot.collection(call.path["layer"])
    table, places = collection.table, call.snapshot.places
    if not table.has_months or not set(table.keys) <= _KEYS or table.place is None:
        raise not_found(f"{collection.id} has no values by month and district")
    if "columns" in call.params and "properties" in call.params:
        raise bad_request("columns and properties are two names of one parameter")
    asked = call.params.get("columns", call.params.get("properties"))
    numeric = tuple(name for name, kind in table.types.items() if kind in _NUMERIC)
    columns = read_columns(asked, table.types, numeric)
    offence = one_offence(collection, call.params.get("offence"))
    days = read_datetime(collection, call.params.get("datetime"))
    blocks = collection.blocks(None if offence is None else [offence], days)
    blocks = blocks[np.argsort(table.block_month[blocks], kind="stable")]
    wanted = call.params.get("attribute")
    rows: list[Rows | slice] = [slice(table.block_start[one], table.block_stop[one]) for one in blocks]
    if wanted is not None or "attribute" in table.keys:
        rows = [of_attribute(table, table.rows(blocks[n : n + 1]), wanted) for n in range(len(blocks))]
    made: dict[str, list[Any]] = {}
    for name in columns:
        made[name] = [_by_district(table, name, one, len(places.codes)) for one in rows]
    return json_answer(
        {
            "release": call.snapshot.release,
            "layer": table.id,
            "offence": offence,
            "period": table.period,
            "months": table.block_month[blocks].astype(str).tolist(),
            "districts": places.codes,
            "columns": made,
        }
    )


def _by_district(
    table: Table, name: str, rows: Rows | slice, size: int
) -> list[Any] | npt.NDArray[np.float64]:
    """Return a column's values at some rows, in the order of the districts; a slice is cut without a copy."""
    whole: list[Any] | npt.NDArray[np.float64]
    assert table.place is not None
    place, column = table.place[rows], table.data.column(name).chunk(0)
    column = (
        column.slice(rows.start, rows.stop - rows.start)
        if isinstance(rows, slice)
        else column.take(pa.array(rows))
    )
    if table.types[name] in ("date", "json"):
        column = column.cast(pa.string())
    if table.types[name] == "number":
        # NaN is written as null, and an array is written ten times faster than a list.
        whole = np.full(size, np.nan)
        known = place >= 0
        whole[place[known]] = column.to_numpy(zero_copy_only=False)[known]
        return whole
    found = column.to_pylist()
    if len(place) == size:
        return list(found)
    whole = [None] * size
    for at, value in zip(place.tolist(), found, strict=True):
        if at >= 0:
            whole[at] = value
    return whole
