"""Exact checks of tiles: do neighbours share their borders, point for point, and leave no gap?

All in integers. Every edge of every ring is walked once in each direction by two neighbours, or once by the one
district at the rim. If every edge inside cancels, the winding number is one everywhere inside the rim: there is no
gap and no overlap.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import mapbox_vector_tile
import numpy as np
import shapely
from shapely.geometry import shape

from gis_layers.tiles.grid import Tile
from gis_layers.tiles.mvt import Cut, encode, sheet

Edge = tuple[tuple[int, int], tuple[int, int]]


def decoded(data: bytes) -> dict[str, Any]:
    """Decode a tile with the decoder of Mapzen, y downward."""
    return mapbox_vector_tile.decode(data, default_options={"y_coord_down": True})


def shapes_of(cut: Cut, many: int) -> dict[int, shapely.Geometry]:
    """Return the polygons of a tile by district number, through bytes and the decoder."""
    data = encode(cut, sheet("districts", list(range(many)), {"row": list(range(many))}))
    layer = decoded(data)["districts"]
    assert layer["extent"] == cut.extent
    made = {one["properties"]["row"]: shape(one["geometry"]) for one in layer["features"]}
    assert sorted(made) == sorted(cut.rows)
    return made


def rim(shapes: list[shapely.Geometry]) -> set[Edge]:
    """Return the edges that one polygon alone has; fails where two walk an edge the same way."""
    walked: Counter[Edge] = Counter()
    for one in shapes:
        assert one.is_valid
        for part in shapely.get_parts(one):
            for ring, hole in [(part.exterior, False), *((ring, True) for ring in part.interiors)]:
                xy = shapely.get_coordinates(ring)
                assert (xy == np.rint(xy)).all()
                points = [(int(x), int(y)) for x, y in xy]
                area = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(points))
                assert area != 0
                if (area > 0) == hole:
                    points.reverse()
                walked.update(pairwise(points))
    assert not [edge for edge, times in walked.items() if times > 1], "two districts lie on one ground"
    return {edge for edge in walked if (edge[1], edge[0]) not in walked}


def inner_rim(shapes: list[shapely.Geometry], extent: int, buffer: int) -> list[Edge]:
    """Return the rim without what runs along the edge of the tile and its buffer."""
    low, high = -buffer, extent + buffer
    return [
        (a, b)
        for a, b in rim(shapes)
        if not any(a[axis] == b[axis] and a[axis] in (low, high) for axis in (0, 1))
    ]


def in_tile(units: np.ndarray, tile: Tile, extent: int) -> np.ndarray:
    """Move shapes from the world's grid to a tile's own."""
    return shapely.transform(units, lambda xy: xy - np.array([tile.x * extent, tile.y * extent]))
