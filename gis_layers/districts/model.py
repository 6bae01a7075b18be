"""The districts of an area as every other part takes them: one frozen object, checked at birth."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from ..errors import InputError, SystemFault, Where
from ..settings.area import CODE

REQUIRED = ("district", "name", "parent", "status", "valid_from", "area_km2", "geometry")
MOVED_COLUMNS = ("district", "metres", "area_change_km2")
REPAIRED_COLUMNS = ("district", "reason", "area_change_km2")
CROSSWALK_COLUMNS = ("old", "new", "valid_from", "weight")


def _empty(columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame({column: pd.Series(dtype=object) for column in columns})


@dataclass(frozen=True, eq=False)
class Districts:
    """The districts of an area, their polygons a clean coverage.

    Parameters
    ----------
    frame
        One row per district in EPSG:4326, sorted by `district`, index 0..n-1: `district`, `name`,
        `name_<lang>`..., `parent`, `parent_name_<lang>`..., `status`, `valid_from` (a date or None),
        `area_km2` (equal area, EPSG:6933), `geometry`. Borders that two districts share consist of identical
        vertices.
    metric_crs
        Projected CRS in metres for distances.
    moved
        Districts whose border the cleaning moved by more than the tolerance: `district`, `metres` (width of
        the widest piece of ground that was added or taken away), `area_change_km2`.
    repaired
        Districts whose polygon was invalid: `district`, `reason`, `area_change_km2`.
    crosswalk
        Earlier codes and the present ones: `old`, `new`, `valid_from`, `weight`; empty where none is given.
    aliases
        Further names by which sources call districts: name -> code.

    Raises
    ------
    InputError
        If a code is not a code or stands twice.
    SystemFault
        If the frame was not prepared as described.
    """

    frame: gpd.GeoDataFrame
    metric_crs: str
    moved: pd.DataFrame = field(default_factory=lambda: _empty(MOVED_COLUMNS))
    repaired: pd.DataFrame = field(default_factory=lambda: _empty(REPAIRED_COLUMNS))
    crosswalk: pd.DataFrame = field(default_factory=lambda: _empty(CROSSWALK_COLUMNS))
    aliases: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if missing := [column for column in REQUIRED if column not in self.frame.columns]:
            raise SystemFault(f"the frame of districts lacks the columns {missing}")
        if self.frame.crs is None or self.frame.crs.to_epsg() != 4326:
            raise SystemFault(f"the frame of districts must be in EPSG:4326, not {self.frame.crs}")
        codes = self.frame["district"].tolist()
        for code in codes:
            if not isinstance(code, str) or not re.fullmatch(CODE, code):
                raise InputError(
                    "not a district code",
                    Where(column="district", value=code),
                    remedy="a code is text of 1 to 64 of the characters A-Z a-z 0-9 _ -",
                )
        if len(set(codes)) != len(codes):
            twice = sorted({code for code in codes if codes.count(code) > 1})
            raise InputError(f"district codes stand more than once: {', '.join(twice[:5])}")
        if codes != sorted(codes) or list(self.frame.index) != list(range(len(codes))):
            raise SystemFault("the frame of districts must be sorted by code and numbered from 0")
        if not shapely.coverage_is_valid(self.geometry):
            raise SystemFault(
                "the districts overlap or their shared borders differ: clean the coverage first"
            )

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def codes(self) -> npt.NDArray[np.object_]:
        """The codes in the order of the rows, shape (district,)."""
        return np.asarray(self.frame["district"], dtype=object)

    @property
    def geometry(self) -> npt.NDArray[np.object_]:
        """The polygons in the order of the rows, shape (district,), EPSG:4326."""
        return np.asarray(self.frame.geometry.array, dtype=object)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north of the area, in degrees."""
        west, south, east, north = (float(edge) for edge in self.frame.total_bounds)
        return west, south, east, north
