"""Tables that carry types: Parquet, and layers that GDAL reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ..archives import refuse_bomb
from ..errors import InputError, Where
from ..layer_files import refuse_other_formats
from .table import GEOMETRY_X, GEOMETRY_Y, Rows


class ParquetReader:
    """A Parquet file; a pandas index is a column like any other."""

    sheet = None

    def __init__(self, file: Path) -> None:
        self.file = file
        self.names = tuple(name.strip() for name in pq.read_schema(file).names)
        self._raw = pq.read_schema(file).names

    def batches(self, columns: Sequence[str], rows: int) -> Iterator[Rows]:
        """Yield rows with the file's types."""
        raw = [self._raw[self.names.index(name)] for name in columns]
        first = 1
        with pq.ParquetFile(self.file) as parquet:
            for batch in parquet.iter_batches(batch_size=rows, columns=raw):
                batch.validate(full=True)  # a damaged page may hold text that is none
                cells = pa.Table.from_batches([batch]).select(raw).rename_columns(list(columns))
                yield Rows(np.arange(first, first + batch.num_rows), cells)
                first += batch.num_rows


class LayerReader:
    """A layer that GDAL reads (`layer_files`); points give the columns `geometry.x` and `geometry.y`."""

    def __init__(self, file: Path, layer: str | None = None) -> None:
        import pyogrio

        self.file = file
        refuse_bomb(file)
        refuse_other_formats(file)
        layers = [str(name) for name in pyogrio.list_layers(file)[:, 0]]
        if not layers:
            raise InputError("the file has no layer", Where(file=file), remedy="give one with a layer")
        if layer is not None and layer not in layers:
            raise InputError(
                "there is no such layer", Where(file=file, sheet=layer), remedy=f"choose one of {layers[:12]}"
            )
        self.sheet = layer or layers[0]
        self.names = (*pyogrio.read_info(file, layer=self.sheet)["fields"], GEOMETRY_X, GEOMETRY_Y)

    def batches(self, columns: Sequence[str], rows: int) -> Iterator[Rows]:
        """Yield rows with the layer's types."""
        import pyogrio
        import shapely

        fields = [name for name in columns if name not in (GEOMETRY_X, GEOMETRY_Y)]
        points = len(fields) < len(columns)
        first = 1
        with pyogrio.open_arrow(
            self.file,
            layer=self.sheet,
            columns=fields,
            read_geometry=points,
            batch_size=rows,
            use_pyarrow=True,
        ) as (meta, stream):
            for batch in stream:
                batch.validate(full=True)
                table = pa.Table.from_batches([batch])
                if points:
                    name = meta["geometry_name"] or "wkb_geometry"
                    shapes = shapely.from_wkb(np.asarray(table[name].to_pylist(), dtype=object))
                    for column, values in (
                        (GEOMETRY_X, shapely.get_x(shapes)),
                        (GEOMETRY_Y, shapely.get_y(shapes)),
                    ):
                        table = table.append_column(column, pa.array(values, from_pandas=True))
                yield Rows(np.arange(first, first + batch.num_rows), table.select(list(columns)))
                first += batch.num_rows
