"""Tables that carry types: Parquet and GeoPackage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import InputError, Where
from .tables import GEOMETRY_X, GEOMETRY_Y


class ParquetReader:
    """A Parquet file; a pandas index is a column like any other."""

    sheet = None
    first_row = 1

    def __init__(self, file: Path) -> None:
        self.file = file
        self.names = tuple(pq.read_schema(file).names)

    def batches(self, columns: Sequence[str], rows: int) -> Iterator[pa.Table]:
        """Yield tables with the file's types."""
        with pq.ParquetFile(self.file) as parquet:
            for batch in parquet.iter_batches(batch_size=rows, columns=list(columns)):
                yield pa.Table.from_batches([batch]).select(list(columns))


class GeoPackageReader:
    """A layer of a GeoPackage; points give the columns `geometry.x` and `geometry.y`."""

    first_row = 1

    def __init__(self, file: Path, layer: str | None = None) -> None:
        import pyogrio

        self.file = file
        layers = [str(name) for name in pyogrio.list_layers(file)[:, 0]]
        if layer is not None and layer not in layers:
            raise InputError(
                "there is no such layer", Where(file=file, sheet=layer), remedy=f"choose of {layers}"
            )
        self.sheet = layer or layers[0]
        self.names = (*pyogrio.read_info(file, layer=self.sheet)["fields"], GEOMETRY_X, GEOMETRY_Y)

    def batches(self, columns: Sequence[str], rows: int) -> Iterator[pa.Table]:
        """Yield tables with the layer's types."""
        import pyogrio
        import shapely

        fields = [name for name in columns if name not in (GEOMETRY_X, GEOMETRY_Y)]
        points = len(fields) < len(columns)
        with pyogrio.open_arrow(
            self.file,
            layer=self.sheet,
            columns=fields,
            read_geometry=points,
            batch_size=rows,
            use_pyarrow=True,
        ) as (meta, stream):
            for batch in stream:
                table = pa.Table.from_batches([batch])
                if points:
                    name = meta["geometry_name"] or "wkb_geometry"
                    shapes = shapely.from_wkb(np.asarray(table[name].to_pylist(), dtype=object))
                    for column, values in (
                        (GEOMETRY_X, shapely.get_x(shapes)),
                        (GEOMETRY_Y, shapely.get_y(shapes)),
                    ):
                        table = table.append_column(column, pa.array(values, from_pandas=True))
                yield table.select(list(columns))
