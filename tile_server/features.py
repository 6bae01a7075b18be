"""Rows as GeoJSON or CSV: the shapes are ready pieces, only the figures are written per request."""

from __future__ import annotations

import csv
import io
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from .collections import Collection
from .table import Rows
from .texts import Names, row_texts


def properties(
    collection: Collection, rows: Rows, columns: tuple[str, ...], spoken: tuple[str, Names] | None = None
) -> list[dict[str, Any]]:
    """Return the properties of rows; months are YYYY-MM-DD, JSON columns are JSON, NaN is null.

    Parameters
    ----------
    spoken
        Language and names: adds a ready `text` where the layer gives reasons.
    """
    table, types = collection.table, collection.table.types
    values: dict[str, list[Any]] = {}
    for name in columns:
        column = table.column(name, rows)
        if types[name] == "date":
            column = column.cast(pa.string())
        elif types[name] == "number":
            column = pc.if_else(pc.is_finite(column), column, None)
        values[name] = column.to_pylist()
        if types[name] == "json":
            values[name] = [None if text is None else orjson.Fragment(text) for text in values[name]]
    if spoken is not None and (texts := row_texts(table, rows, *spoken)):
        values["text"] = texts
    if not values:
        return [{} for _ in rows]
    return [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]


def geojson_features(
    collection: Collection,
    rows: Rows,
    columns: tuple[str, ...],
    crs: str,
    spoken: tuple[str, Names] | None = None,
) -> list[bytes]:
    """Return each row as the text of a GeoJSON feature."""
    table = collection.table
    shapes = [b"null"] * len(rows)
    if table.has_geometry and table.place is not None:
        pieces = table.places.pieces(crs)
        shapes = [pieces[place] if place >= 0 else b"null" for place in table.place[rows].tolist()]
    ids = collection.ids(rows)
    figures = properties(collection, rows, columns, spoken)
    return [
        b'{"type":"Feature","id":' + orjson.dumps(item) + b',"geometry":' + shape
        + b',"properties":' + orjson.dumps(values) + b"}"
        for item, shape, values in zip(ids, shapes, figures, strict=True)
    ]  # fmt: skip


def csv_text(
    collection: Collection, rows: Rows, columns: tuple[str, ...], spoken: tuple[str, Names] | None = None
) -> bytes:
    """Return rows as CSV (RFC 4180, UTF-8): the id first, null is empty, no geometry."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    figures = properties(collection, rows, columns, spoken)
    names = list(figures[0]) if figures else list(columns)
    writer.writerow(["id", *names])
    for item, values in zip(collection.ids(rows), figures, strict=True):
        writer.writerow([item, *(_plain(value) for value in values.values())])
    return out.getvalue().encode()


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return orjson.dumps(value).decode() if isinstance(value, orjson.Fragment) else value
