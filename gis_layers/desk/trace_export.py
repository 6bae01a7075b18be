"""The trace as a file: CSV, Parquet or NDJSON, streamed."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, astuple
from itertools import islice
from pathlib import Path

from ..errors import UsageError, Where
from .trace import COLUMNS, Look

_BATCH = 10_000
_ENDINGS = (".csv", ".parquet", ".ndjson")


def export_looks(looks: Iterable[Look], output: Path) -> int:
    """Write looks to a file whose ending names the format, and return how many.

    The file appears when it is whole. In CSV a cell that a spreadsheet would take for a formula begins with an
    apostrophe: queries are written by whoever asked.

    Raises
    ------
    UsageError
        If the ending is none of .csv, .parquet and .ndjson.
    """
    if output.suffix not in _ENDINGS:
        raise UsageError(
            "the trace is not written in this format", Where(file=output), remedy=f"use {', '.join(_ENDINGS)}"
        )
    fresh = output.with_name(f".{output.name}.new")
    try:
        write = {".csv": _csv, ".parquet": _parquet, ".ndjson": _ndjson}[output.suffix]
        written = write(looks, fresh)
        fresh.replace(output)
    finally:
        fresh.unlink(missing_ok=True)
    return written


def _csv(looks: Iterable[Look], path: Path) -> int:
    written = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for look in looks:
            writer.writerow([_harmless(value) for value in astuple(look)])
            written += 1
    return written


def _harmless(value: str | int) -> str | int:
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _ndjson(looks: Iterable[Look], path: Path) -> int:
    written = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for look in looks:
            file.write(json.dumps(asdict(look), ensure_ascii=False) + "\n")
            written += 1
    return written


def _parquet(looks: Iterable[Look], path: Path) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(name, pa.int16() if name == "status" else pa.string()) for name in COLUMNS])
    written = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in _batches(looks):
            writer.write_table(pa.Table.from_pylist([asdict(look) for look in batch], schema=schema))
            written += len(batch)
    return written


def _batches(looks: Iterable[Look]) -> Iterator[list[Look]]:
    rest = iter(looks)
    while batch := list(islice(rest, _BATCH)):
        yield batch
