"""One month's verdicts as a table that can be kept: every digit and every text comes back as it was."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import xarray as xr

from .cube import DIMS, TOLD

_TABLES = b"audan.categories"
_MONTH = b"audan.month"

_OVERLAID = ("provisional",)
"""What a month is for now and not what was found of it: it does not belong to the verdict."""


def to_table(month: xr.Dataset) -> pa.Table:
    """Turn the verdicts of a single month into a table, offences by districts.

    Parameters
    ----------
    month
        Part of a result of :func:`gis_layers.indicators.rating.judge_rating` with one month.
    """
    ordered = month.transpose(*DIMS)
    if ordered.sizes["month"] != 1:
        raise ValueError(f"one month is kept at a time, not {ordered.sizes['month']}")
    offences, _, districts = (ordered.sizes[name] for name in DIMS)
    columns: dict[str, Any] = {
        "offence": _texts(np.repeat(np.arange(offences), districts), list(ordered["offence"].values)),
        "district": _texts(np.tile(np.arange(districts), offences), list(ordered["district"].values)),
    }
    tables: dict[str, list[str]] = {}
    for name, variable in ordered.data_vars.items():
        if name in _OVERLAID:
            continue
        values = np.ascontiguousarray(variable.values).reshape(-1)
        if "categories" in variable.attrs:
            table = list(variable.attrs["categories"])
            columns[str(name)] = _texts(values, table)
            if name not in TOLD:
                tables[str(name)] = table
        else:
            columns[str(name)] = pa.array(values)
    meta = {_TABLES: json.dumps(tables).encode(), _MONTH: str(ordered["month"].values[0]).encode()}
    return pa.table(columns).replace_schema_metadata(meta)


def from_table(table: pa.Table, like: xr.Dataset, *, overlay: bool = True) -> xr.Dataset:
    """Read what :func:`to_table` wrote.

    Parameters
    ----------
    table
        The table, with its metadata.
    like
        The month's part of the panel: its offences and districts, and `provisional`.
    overlay
        Whether the verdict has a column `provisional`, which is the panel's and not kept.

    Raises
    ------
    ValueError
        If the table is of another month, other offences or other districts.
    """
    month = like["month"].values[0]
    offences = [str(code) for code in like["offence"].values]
    districts = [str(code) for code in like["district"].values]
    shape = (len(offences), 1, len(districts))
    meta = table.schema.metadata or {}
    if np.datetime64(meta.get(_MONTH, b"NaT").decode()) != month:
        raise ValueError("verdicts of another month")
    keys = [table.column(name).to_numpy().astype(str) for name in ("offence", "district")]
    if len(table) != shape[0] * shape[2] or not (
        (keys[0] == np.repeat(offences, shape[2])).all() and (keys[1] == np.tile(districts, shape[0])).all()
    ):
        raise ValueError("verdicts of other offences or districts")
    declared = json.loads(meta[_TABLES])
    data: dict[str, object] = {}
    for name in table.column_names[2:]:
        column = table.column(name)
        if pa.types.is_dictionary(column.type):
            values = column.combine_chunks().to_pandas()
            known = declared.get(name, list(values.cat.categories))
            codes = pd.Categorical(values, categories=known).codes
            kind = np.int32 if name in TOLD else np.int16 if name == "pooled_offence" else np.int8
            data[name] = (DIMS, codes.astype(kind).reshape(shape), {"categories": known})
        else:
            data[name] = (DIMS, column.to_numpy().reshape(shape))
    if overlay:
        flag = bool(like["provisional"].values[0]) if "provisional" in like else False
        data["provisional"] = (DIMS, np.full(shape, flag))
    coords = {"offence": offences, "month": like["month"].values, "district": like["district"].values}
    return xr.Dataset(data, coords=coords, attrs=dict(like.attrs))


def _texts(codes: np.ndarray[Any, Any], table: list[Any]) -> pa.DictionaryArray:
    """Return texts as a dictionary of those that occur: a table of all months would be kept with each."""
    used, place = np.unique(codes, return_inverse=True)
    none = int((used < 0).sum())
    indices = pa.array((place - none).astype(np.int32), mask=place < none)
    return pa.DictionaryArray.from_arrays(
        indices, pa.array([str(table[code]) for code in used[none:]], pa.string())
    )
