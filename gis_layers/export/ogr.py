"""Rows joined to their shapes as a stream of Arrow batches: what GDAL's writers take."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from ..layers.model import SHAPES
from .select import Selection

MULTI = {"polygon": "MultiPolygon", "line": "MultiLineString"}
"""What the features of a layer are where its format wants one type for all."""

_COLLECT: dict[str, tuple[int, Callable[..., Any]]] = {
    "polygon": (shapely.GeometryType.POLYGON, shapely.multipolygons),
    "line": (shapely.GeometryType.LINESTRING, shapely.multilinestrings),
}


def joined(selection: Selection, *, multi: bool) -> pa.RecordBatchReader:
    """Return the selection with its shapes as WKB in a last column `geometry`, read as it is consumed.

    Parameters
    ----------
    multi
        Make every shape a multi-shape: formats that declare one type for a layer want one type.
    """
    alike = partial(_collected, geometry=selection.entry["geometry"]) if multi else lambda shapes: shapes
    pieces = _with_shapes(selection, alike)
    first = next(pieces)
    # GDAL knows no large types and no views; what the store holds is plain already.
    schema = first.schema.remove_metadata()

    def batches() -> Iterator[pa.RecordBatch]:
        for piece in (first, *pieces):
            yield from piece.replace_schema_metadata(None).combine_chunks().to_batches()

    return pa.RecordBatchReader.from_batches(schema, batches())


def _with_shapes(selection: Selection, alike: Callable[[pa.Array], pa.Array]) -> Iterator[pa.Table]:
    if selection.has_own_shapes:
        for piece in selection.pieces(shapes=True):
            last = piece.num_columns - 1
            yield piece.set_column(last, SHAPES, alike(piece[SHAPES].combine_chunks()))
        return
    codes, shapes = selection.shapes()
    shapes = alike(shapes).cast(pa.binary())
    for piece in selection.pieces():
        yield piece.append_column(SHAPES, shapes.take(selection.rows_of_shapes(piece, codes)))


def _collected(shapes: pa.Array, *, geometry: str) -> pa.Array:
    kind, collect = _COLLECT[geometry]
    whole = np.array(shapely.from_wkb(shapes.to_numpy(zero_copy_only=False)), dtype=object)
    single = shapely.get_type_id(whole) == kind
    whole[single] = collect(whole[single][:, None]) if single.any() else whole[single]
    return pa.array(shapely.to_wkb(whole), type=pa.binary())
