"""The tile grid WebMercatorQuad: where a tile lies, and which tiles cover a box.

Source: OGC Two Dimensional Tile Matrix Set 2.0, annex D.1, and EPSG:3857.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..errors import UsageError, Where

RADIUS = 6378137.0
HALF = math.pi * RADIUS
MAX_LATITUDE = 85.0511287798066
MAX_ZOOM = 14
EXTENT = 4096
"""Units to the side of a tile."""
BUFFER = 64
"""Units around a tile that are drawn with it, so that outlines do not end at its edges."""

Floats = npt.NDArray[np.float64]


def to_mercator(lonlat: Floats) -> Floats:
    """Project degrees (n × 2, longitude first) to metres of EPSG:3857.

    Latitudes beyond the grid are moved to its edge.

    Examples
    --------
    >>> to_mercator(np.array([[180.0, 0.0]])).round(3).tolist()
    [[20037508.343, 0.0]]
    """
    lon = np.radians(lonlat[:, 0])
    lat = np.radians(np.clip(lonlat[:, 1], -MAX_LATITUDE, MAX_LATITUDE))
    return np.column_stack([RADIUS * lon, RADIUS * np.arcsinh(np.tan(lat))])


def to_units(mercator: Floats, z: int, extent: int = EXTENT) -> Floats:
    """Turn metres of EPSG:3857 (n × 2) into units of the world's grid at one zoom, y downward.

    Examples
    --------
    >>> to_units(np.array([[0.0, 0.0]]), 1).tolist()
    [[4096.0, 4096.0]]
    """
    side = tile_side(z)
    return np.column_stack([mercator[:, 0] + HALF, HALF - mercator[:, 1]]) / side * extent


@dataclass(frozen=True)
class Tile:
    """One tile by zoom, column and row (row 0 is the north).

    Raises
    ------
    UsageError
        If the tile does not exist in the grid.

    Examples
    --------
    >>> [round(metres) for metres in Tile(1, 1, 0).bounds]
    [0, 0, 20037508, 20037508]
    """

    z: int
    x: int
    y: int

    def __post_init__(self) -> None:
        side = 1 << self.z if 0 <= self.z <= 30 else 0
        if not (0 <= self.x < side and 0 <= self.y < side):
            raise UsageError("there is no such tile", Where(value=f"{self.z}/{self.y}/{self.x}"))

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north in metres of EPSG:3857."""
        side = tile_side(self.z)
        west, north = -HALF + self.x * side, HALF - self.y * side
        return west, north - side, west + side, north


def tile_side(z: int) -> float:
    """Return the side of a tile in metres of EPSG:3857."""
    return float(2 * HALF / (1 << z))


def covering(bbox: tuple[float, float, float, float], z: int) -> tuple[int, int, int, int]:
    """Return first column, first row, last column and last row of the tiles that touch a box in degrees.

    Examples
    --------
    >>> covering((-0.5, 51.3, 0.3, 51.7), 8)
    (127, 84, 128, 85)
    """
    corners = to_mercator(np.array([[bbox[0], bbox[3]], [bbox[2], bbox[1]]], dtype=float))
    side, last = tile_side(z), (1 << z) - 1
    columns = np.clip(np.floor((corners[:, 0] + HALF) / side), 0, last).astype(int)
    rows = np.clip(np.floor((HALF - corners[:, 1]) / side), 0, last).astype(int)
    return int(columns[0]), int(rows[0]), int(columns[1]), int(rows[1])
