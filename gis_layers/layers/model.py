"""What a layer is: keys, described columns and a frame. Most are joined to the shapes of `districts`, some have own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

import pandas as pd
import shapely

from ..errors import InputError, Where
from ..times import Period

ColumnType: TypeAlias = Literal["text", "integer", "number", "boolean", "date", "json"]
Geometry: TypeAlias = Literal["polygon", "line", "raster", "none"]

SHAPES = "geometry"
"""The column of a frame that holds a layer's own shapes."""

INTERVAL = ("first_month", "last_month")
"""Columns of the months that a row lasts, both included, where it lasts from one to the other."""

_KINDS: Mapping[Geometry, tuple[int, ...]] = {
    "polygon": (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON),
    "line": (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING),
    "raster": (),
    "none": (),
}


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
class Judged:
    """Where the rows of a layer were sought, found or not: months (both included, ``YYYY-MM``) and offences."""

    first_month: str
    last_month: str
    offences: tuple[str, ...]


@dataclass(frozen=True)
class Layer:
    """A named table of results, ready to be stored, exported and served.

    Parameters
    ----------
    id
        Name of the collection, the same in every export, route and plugin.
    geometry
        What one row is drawn as. A frame with a column `geometry` (EPSG:4326) carries its own shapes; every other
        polygon layer is joined to `districts` by `district` as late as possible.
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
    judged
        First and last month, and the offences, in which the rows of a layer were sought that has only rows of what
        was found; None where the rows themselves say it.
    rasters
        Files that rows of the geometry `raster` name in their column `raster`.

    Raises
    ------
    InputError
        If columns are missing or not described, or own shapes are none, or others than the layer is drawn as.
    """

    id: str
    geometry: Geometry
    keys: tuple[str, ...]
    columns: tuple[Column, ...]
    frame: pd.DataFrame = field(repr=False)
    period: Period | None = None
    default_column: str | None = None
    judged: Judged | None = None
    rasters: tuple[Path, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        present = [name for name in self.frame.columns if name != "geometry"]
        if names != present:
            raise InputError(f"layer {self.id!r} describes the columns {names} but holds {present}")
        if missing := [key for key in self.keys if key not in names]:
            raise InputError(f"layer {self.id!r} lacks its key columns {missing}")
        if self.has_own_shapes:
            _require_shapes(self)

    @property
    def has_own_shapes(self) -> bool:
        """Whether the rows have shapes that are not those of `districts`."""
        return self.id != "districts" and SHAPES in self.frame.columns

    @property
    def has_interval(self) -> bool:
        """Whether a row lasts from one month to another."""
        return set(INTERVAL) <= {column.name for column in self.columns}


def _require_shapes(layer: Layer) -> None:
    if (crs := getattr(layer.frame, "crs", None)) is None or crs.to_epsg() != 4326:
        raise InputError(f"the shapes of layer {layer.id!r} are not in EPSG:4326", Where(value=str(crs)))
    shapes = layer.frame[SHAPES].to_numpy()
    for row, kind in enumerate(shapely.get_type_id(shapes).tolist()):
        if kind not in _KINDS[layer.geometry] or shapely.is_empty(shapes[row]):
            what = f"a row of layer {layer.id!r} is no {layer.geometry}"
            raise InputError(what, Where(row=row, value=str(shapes[row])[:80]))
