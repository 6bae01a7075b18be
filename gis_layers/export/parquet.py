"""GeoParquet 1.1: figures with their shapes, a row group per offence."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq

from .ogr import joined
from .select import Selection
from .source import source_note

_WHOLE_DICTIONARY = 1 << 30


def write_parquet(selection: Selection, path: Path) -> int:
    """Write GeoParquet (plain Parquet for a layer without shapes); the origin is in the file's metadata.

    Shapes are dictionary-encoded whatever their size: a shape that stands in a row group a hundred times is
    written into it once.
    """
    metadata = {b"audan": json.dumps(source_note(selection), ensure_ascii=False).encode()}
    if not selection.has_shapes:
        table = selection.table()
        pq.write_table(table.replace_schema_metadata(metadata), path, compression="zstd")
        return int(table.num_rows)
    reader = joined(selection, multi=False)
    # What the store holds is GeoParquet already: its description of the shapes holds for the rows written.
    stored = pq.read_schema(selection.edition.path(selection.source_of_shapes)).metadata
    schema = reader.schema.with_metadata({**metadata, b"geo": stored[b"geo"]})
    rows = 0
    with pq.ParquetWriter(
        path, schema, compression="zstd", use_dictionary=True, dictionary_pagesize_limit=_WHOLE_DICTIONARY
    ) as writer:
        for batch in reader:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows
