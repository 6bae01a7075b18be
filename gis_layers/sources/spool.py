"""The spool: normalised cards on disk, one Parquet file a source, for the stages that need single cards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq


def spool_schema(attributes: Sequence[str]) -> pa.Schema:
    """Return the columns of a spool: keys, wall times, the point in WGS 84, the attributes as text."""
    fields = [
        pa.field("card", pa.string()),
        pa.field("district", pa.string()),
        pa.field("offence", pa.string()),
        pa.field("severity", pa.string()),
        pa.field("month", pa.date32()),
        pa.field("committed", pa.timestamp("ms")),
        pa.field("registered", pa.timestamp("ms")),
        pa.field("x", pa.float64()),
        pa.field("y", pa.float64()),
    ]
    if attributes:
        fields.append(pa.field("attributes", pa.struct([(name, pa.string()) for name in attributes])))
    return pa.schema(fields)


class Spool:
    """Writes the counted cards of one source.

    Parameters
    ----------
    folder
        Where the file `<source>.parquet` is to stand.
    source
        Name of the source.
    attributes
        Names of the attributes kept.
    """

    def __init__(self, folder: Path, source: str, attributes: Sequence[str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{source}.parquet"
        self._part = folder / f".{source}.part"
        self._schema = spool_schema(attributes)
        self._writer = pq.ParquetWriter(self._part, self._schema, compression="zstd")

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()
        if kind is not None:
            self._part.unlink(missing_ok=True)

    def write(self, cards: pa.Table) -> None:
        """Append cards."""
        self._writer.write_table(cards.cast(self._schema))

    def finish(self, keep: npt.NDArray[np.bool_]) -> None:
        """Drop the cards that were replaced (`keep` false, in the order written); name the file."""
        self._writer.close()
        if keep.all():
            self._part.replace(self.path)
            return
        clean = self._part.with_suffix(".clean")
        start = 0
        with (
            pq.ParquetWriter(clean, self._schema, compression="zstd") as writer,
            pq.ParquetFile(self._part) as old,
        ):
            for batch in old.iter_batches():
                writer.write_batch(batch.filter(pa.array(keep[start : start + batch.num_rows])))
                start += batch.num_rows
        self._part.unlink()
        clean.replace(self.path)


def read_spool(
    folder: Path, *, columns: Sequence[str] | None = None, rows: int = 200_000
) -> Iterator[pa.Table]:
    """Yield the cards of all sources of a spool in batches."""
    for file in sorted(folder.glob("*.parquet")):
        with pq.ParquetFile(file) as parquet:
            for batch in parquet.iter_batches(batch_size=rows, columns=list(columns) if columns else None):
                yield pa.Table.from_batches([batch])
