"""FlatGeobuf with its spatial index: for reading a part of it over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyogrio

from ..errors import UsageError
from ..layers.model import SHAPES
from ..release.files import require_shapes
from .ogr import MULTI, joined
from .select import Selection
from .source import source_line, source_note


def write_fgb(selection: Selection, path: Path) -> int:
    """Write FlatGeobuf; the origin stands in the header's description and metadata.

    Raises
    ------
    UsageError
        If the layer has no shapes: FlatGeobuf is for shapes.
    """
    if not selection.has_shapes:
        raise UsageError(
            f"layer {selection.layer!r} has no shapes", remedy="use .csv, .parquet, .xlsx or .gpkg"
        )
    note = source_note(selection)
    lang = selection.edition.catalogue["area"]["languages"][0]
    reader, rows = joined(selection, multi=True), 0

    def counted() -> Iterator[pa.RecordBatch]:
        # the header of an empty file says that nobody counted
        nonlocal rows
        for batch in reader:
            rows += batch.num_rows
            yield batch

    pyogrio.write_arrow(
        pa.RecordBatchReader.from_batches(reader.schema, counted()),
        path,
        layer=selection.layer,
        driver="FlatGeobuf",
        geometry_name=SHAPES,
        geometry_type=MULTI[selection.entry["geometry"]],
        crs="EPSG:4326",
        layer_metadata={"source": json.dumps(note, ensure_ascii=False)},
        layer_options={"TITLE": note["title"][lang], "DESCRIPTION": source_line(selection)},
    )
    require_shapes(path, rows)
    return rows
