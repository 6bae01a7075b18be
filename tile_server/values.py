"""`/collections/{layer}/values`: columns by month and district, for maps that hold the shapes."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .answers import Call, json_answer
from .cache import Answer
from .collections import Collection
from .errors import bad_request, not_found
from .query import CODE, read_columns, read_datetime
from .table import Table

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


def values(call: Call) -> Answer:
    """Answer one offence's columns, a list per month of a value per district; null is no data."""
    collection = call.snapshot.collection(call.path["layer"])
    table, places = collection.table, call.snapshot.places
    if not table.has_months or not {"district", "month", "offence"} >= set(table.keys) or table.place is None:
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
    made: dict[str, list[Any]] = {}
    for name in columns:
        made[name] = [_by_district(table, name, int(block), len(places.codes)) for block in blocks]
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


def _by_district(table: Table, name: str, block: int, size: int) -> list[Any] | npt.NDArray[np.float64]:
    start, stop = int(table.block_start[block]), int(table.block_stop[block])
    whole: list[Any] | npt.NDArray[np.float64]
    assert table.place is not None
    column = table.data.column(name).chunk(0).slice(start, stop - start)
    if table.types[name] in ("date", "json"):
        column = column.cast(pa.string())
    if table.types[name] == "number":
        # NaN is written as null, and an array is written ten times faster than a list.
        whole = np.full(size, np.nan)
        known = table.place[start:stop] >= 0
        whole[table.place[start:stop][known]] = column.to_numpy(zero_copy_only=False)[known]
        return whole
    found = column.to_pylist()
    if stop - start == size:
        return list(found)
    whole = [None] * size
    for place, value in zip(table.place[start:stop].tolist(), found, strict=True):
        if place >= 0:
            whole[place] = value
    return whole
