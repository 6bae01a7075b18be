"""What a layer is: keys, described columns and a frame. Geometry lives in `districts` alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

import pandas as pd

from ..errors import InputError
from ..times import Period

ColumnType: TypeAlias = Literal["text", "integer", "number", "boolean", "date", "json"]
Geometry: TypeAlias = Literal["polygon", "line", "raster", "none"]


@dataclass(frozen=True)
class Column:
    """One described column of a layer; `note` is what the area itself says of it, by language."""

    name: str
    type: ColumnType
    description: str
    unit: str | None = None
    note: Mapping[str, str] | None = None

    def as_dict(self) -> dict[str, Any]:
        told = {"name": self.name, "type": self.type, "unit": self.unit, "description": self.description}
        return told if self.note is None else {**told, "note": dict(self.note)}


@dataclass(frozen=True)
class Layer:
    """A named table of results, ready to be stored, exported and served.

    Parameters
    ----------
    id
        Name of the collection, the same in every export, route and plugin.
    geometry
        What one row is drawn as. Only `districts` carries the shapes in its own frame; every other
        polygon layer is joined to it by `district` as late as possible.
    keys
        Columns that name a row, in the order of the item id.
    columns
        The described columns, keys first.
    frame
        The rows. Figure layers are sorted by (offence, month, district).
    period
        Period that a row covers, or None for layers without months.
    default_column
        Column that a map colours by.
    rasters
        Files that rows of the geometry `raster` name in their column `raster`.
    """

    id: str
    geometry: Geometry
    keys: tuple[str, ...]
    columns: tuple[Column, ...]
    frame: pd.DataFrame = field(repr=False)
    period: Period | None = None
    default_column: str | None = None
    rasters: tuple[Path, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        present = [name for name in self.frame.columns if name != "geometry"]
        if names != present:
            raise InputError(f"layer {self.id!r} describes the columns {names} but holds {present}")
        if missing := [key for key in self.keys if key not in names]:
            raise InputError(f"layer {self.id!r} lacks its key columns {missing}")
