"""Verdicts of single months, joined: the same whatever parts they were judged in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from .cube import DIMS, TOLD


def join_months(parts: Sequence[xr.Dataset]) -> xr.Dataset:
    """Join verdicts of different months of one panel, in the order of their months.

    Parameters
    ----------
    parts
        Results of :func:`gis_layers.indicators.rating.judge_rating` with the same offences and districts; at
        least one.

    Returns
    -------
    xarray.Dataset
        `reason` and `evidence` refer to a sorted table of those that occur, so that the parts leave no trace.
    """
    first = parts[0]
    months = np.concatenate([part["month"].values for part in parts])
    order = np.argsort(months, kind="stable")
    data: dict[str, object] = {}
    for name, variable in first.data_vars.items():
        if name in TOLD:
            values, table = _told(parts, str(name))
            attributes: dict[str, object] = {"categories": table}
        else:
            values = np.concatenate([_cube(part, str(name)) for part in parts], axis=1)
            attributes = dict(variable.attrs)
        in_order = (np.diff(order) > 0).all()
        data[str(name)] = (DIMS, values if in_order else values[:, order], attributes)
    coords = {
        "offence": first["offence"].values,
        "month": months[order],
        "district": first["district"].values,
    }
    return xr.Dataset(data, coords=coords, attrs=first.attrs)


def _cube(part: xr.Dataset, name: str) -> npt.NDArray[Any]:
    variable = part.variables[name]
    return variable.values if variable.dims == DIMS else variable.transpose(*DIMS).values


def _told(parts: Sequence[xr.Dataset], name: str) -> tuple[npt.NDArray[np.int32], list[str]]:
    tables = [np.array(part[name].attrs["categories"], dtype=object) for part in parts]
    codes = [_cube(part, name) for part in parts]
    used = [np.unique(code[code >= 0]) for code in codes]
    table = sorted({text for texts, at in zip(tables, used, strict=True) for text in texts[at]})
    place = {text: number for number, text in enumerate(table)}
    moved = []
    for texts, at, code in zip(tables, used, codes, strict=True):
        lookup = np.full(len(texts) + 1, -1, dtype=np.int32)
        lookup[at] = [place[text] for text in texts[at]]
        moved.append(lookup[code])
    return np.concatenate(moved, axis=1), table
