"""Layers as Parquet: figures in one row group per offence, with shapes (GeoParquet) where a layer has its own."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely

from ..errors import InputError, Where
from ..layers.model import INTERVAL, SHAPES, Column, ColumnType, Layer
from ..times import Months

ARROW_TYPES: dict[ColumnType, pa.DataType] = {
    "text": pa.string(),
    "json": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
}


def to_arrow(layer: Layer) -> pa.Table:
    """Return a layer's rows, without geometry, as an Arrow table of the types its columns declare.

    Raises
    ------
    InputError
        If a column does not hold what it declares (a fraction in an integer, a number in a text).
    """
    arrays = [_array(layer, column) for column in layer.columns]
    return pa.table(arrays, names=[column.name for column in layer.columns])


def _array(layer: Layer, column: Column) -> pa.Array:
    values = layer.frame[column.name]
    kind = ARROW_TYPES[column.type]
    try:
        if column.type == "date" and pd.api.types.is_datetime64_any_dtype(values.dtype):
            days = values.to_numpy().astype("datetime64[D]")
            return pa.array(days, type=kind, from_pandas=True)
        if isinstance(values.dtype, pd.CategoricalDtype):
            return pa.array(values.astype(values.cat.categories.dtype), type=kind, from_pandas=True)
        return pa.array(values, type=kind, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        where = Where(column=column.name, value=str(error).splitlines()[0])
        raise InputError(f"layer {layer.id!r} does not hold {column.type} values", where) from error


def write_figures(layer: Layer, path: Path) -> None:
    """Write a layer's figures: zstd, texts dictionary-encoded, one row group per offence.

    A reader that wants one offence then touches one row group, and finds a month inside it by bisection.
    """
    table = to_arrow(layer)
    texts = [column.name for column in layer.columns if column.type in ("text", "json")]
    if layer.has_own_shapes:
        table = _with_shapes(table, layer.frame[SHAPES].to_numpy())
        texts.append(SHAPES)  # a cell stands in the rows of every month
    with pq.ParquetWriter(
        path, table.schema, compression="zstd", use_dictionary=texts, write_statistics=True, version="2.6"
    ) as writer:
        for start, stop in _runs(table):
            writer.write_table(table.slice(start, stop - start), row_group_size=max(stop - start, 1))


def _with_shapes(table: pa.Table, shapes: npt.NDArray[np.object_]) -> pa.Table:
    """Add shapes as GeoParquet 1.1 has them; without a `crs` they are degrees, longitude first."""
    wkb = pa.array(shapely.to_wkb(shapes, byte_order=1), pa.binary())
    kinds = sorted({str(kind) for kind in gpd.GeoSeries(shapes).geom_type})
    column = {"encoding": "WKB", "geometry_types": kinds}
    geo = {"version": "1.1.0", "primary_column": SHAPES, "columns": {SHAPES: column}}
    made = table.append_column(SHAPES, wkb)
    return made.replace_schema_metadata({b"geo": json.dumps(geo).encode()})


def _runs(table: pa.Table) -> list[tuple[int, int]]:
    if "offence" not in table.column_names or "district" not in table.column_names or not table.num_rows:
        return [(0, table.num_rows)]
    codes = table["offence"].combine_chunks().dictionary_encode().indices.to_numpy()
    edges = [0, *(np.flatnonzero(np.diff(codes)) + 1).tolist(), table.num_rows]
    return list(pairwise(edges))


def read_figures(
    path: Path,
    *,
    months: tuple[np.datetime64, np.datetime64] | None = None,
    offences: tuple[str, ...] | None = None,
    columns: tuple[str, ...] | None = None,
    metadata: pq.FileMetaData | None = None,
) -> pa.Table:
    """Read a slice of a figure layer; only the row groups that can hold it are touched.

    Parameters
    ----------
    months
        First and last month, both included (``datetime64[M]``); rows that last are taken if they overlap.
    offences, columns
        What is wanted; None is everything. An unknown offence gives no rows.
    metadata
        The file's footer, if the caller kept it.
    """
    # Texts stay dictionaries until the slice is cut: a month of every offence decodes only its own rows.
    texts = [] if metadata is None else _texts(metadata)
    with pq.ParquetFile(path, metadata=metadata, read_dictionary=texts) as file:
        names = file.schema_arrow.names
        wanted = list(columns) if columns is not None else names
        begin, end = ("month", "month") if "month" in names else INTERVAL
        needed = list(
            dict.fromkeys([*wanted, *(["offence"] if offences else []), *([begin, end] if months else [])])
        )
        groups = _groups(file.metadata, names, offences)
        table = file.read_row_groups(groups, columns=needed) if groups else file.schema_arrow.empty_table()
    if offences is not None and "offence" in table.column_names:
        table = table.filter(pc.is_in(table["offence"], pa.array(offences, type=pa.string())))
    if months is not None and begin in table.column_names:
        first, last = (pa.scalar(month.astype("datetime64[D]").item(), type=pa.date32()) for month in months)
        table = table.filter(pc.and_(pc.greater_equal(table[end], first), pc.less_equal(table[begin], last)))
    return _decoded(table.select(wanted))


def _texts(metadata: pq.FileMetaData) -> list[str]:
    schema = metadata.schema.to_arrow_schema()
    return [field.name for field in schema if pa.types.is_string(field.type)]


def _decoded(table: pa.Table) -> pa.Table:
    for place, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            plain = table.column(place).cast(field.type.value_type)
            table = table.set_column(place, pa.field(field.name, field.type.value_type), plain)
    return table


def _groups(metadata: pq.FileMetaData, names: list[str], offences: tuple[str, ...] | None) -> list[int]:
    every = list(range(metadata.num_row_groups))
    if offences is None or "offence" not in names:
        return every
    place = names.index("offence")

    def may_hold(group: int) -> bool:
        statistics = metadata.row_group(group).column(place).statistics
        if statistics is None or not statistics.has_min_max:
            return True
        return any(statistics.min <= offence <= statistics.max for offence in offences)

    return [group for group in every if may_hold(group)]


def to_frame(table: pa.Table) -> pd.DataFrame:
    """Return an Arrow table as a frame: integers and booleans nullable, dates as ``datetime64[s]``."""
    frame: pd.DataFrame = table.to_pandas(
        types_mapper={pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}.get, date_as_object=False
    )
    for name, field in zip(table.column_names, table.schema, strict=True):
        if pa.types.is_date(field.type):
            frame[name] = frame[name].astype("datetime64[s]")
    return frame


def month_list(values: pd.Series) -> Months:
    """Return the distinct months of a column, sorted, as ``datetime64[M]``."""
    return np.unique(pd.to_datetime(values).to_numpy().astype("datetime64[M]"))
