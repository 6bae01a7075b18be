"""Rows joined to their shapes as a stream of Arrow batches: what GDAL's writers take."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import shapely

from .select import Selection

GEOMETRY = "geometry"


def joined(selection: Selection, *, multi: bool) -> pa.RecordBatchReader:
    """Return the selection with its shapes as WKB in a last column `geometry`, read as it is consumed.

    Parameters
    ----------
    multi
        Make every polygon a multipolygon: formats that declare one type for a layer want one type.
    """
    codes, shapes = selection.shapes()
    if multi:
        whole = shapely.from_wkb(shapes.to_numpy(zero_copy_only=False))
        single = shapely.get_type_id(whole) == shapely.GeometryType.POLYGON
        whole[single] = shapely.multipolygons(whole[single][:, None]) if single.any() else whole[single]
        shapes = pa.array(shapely.to_wkb(whole), type=pa.binary())
    # GDAL knows no large types and no views; what the store holds is plain already.
    pieces = selection.pieces()
    first = next(pieces)
    schema = first.schema.remove_metadata().append(pa.field(GEOMETRY, pa.binary()))

    def batches() -> Iterator[pa.RecordBatch]:
        yield from _join(selection, first, codes, shapes, schema)
        for piece in pieces:
            yield from _join(selection, piece, codes, shapes, schema)

    return pa.RecordBatchReader.from_batches(schema, batches())


def _join(
    selection: Selection, piece: pa.Table, codes: pa.Array, shapes: pa.Array, schema: pa.Schema
) -> list[pa.RecordBatch]:
    taken = shapes.take(selection.rows_of_shapes(piece, codes))
    table = pa.table([*piece.columns, taken.cast(pa.binary())], schema=schema)
    return table.combine_chunks().to_batches()  # type: ignore[no-any-return]
