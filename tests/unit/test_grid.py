"""The tile grid: corners of tiles, and the tiles of a box."""

from __future__ import annotations

import numpy as np
import pytest

from gis_layers.errors import UsageError
from gis_layers.tiles.grid import HALF, Tile, covering, tile_side, to_mercator


def test_the_one_tile_of_zoom_zero_is_the_world() -> None:
    assert Tile(0, 0, 0).bounds == pytest.approx((-HALF, -HALF, HALF, HALF))


def test_rows_count_from_the_north() -> None:
    assert Tile(1, 0, 0).bounds[3] == pytest.approx(HALF)
    assert Tile(1, 0, 1).bounds[1] == pytest.approx(-HALF)


@pytest.mark.parametrize("place", [(0, 1, 0), (3, 8, 0), (3, 0, 8), (-1, 0, 0), (31, 0, 0), (2, -1, 0)])
def test_a_tile_outside_the_grid_is_refused(place: tuple[int, int, int]) -> None:
    with pytest.raises(UsageError, match="no such tile"):
        Tile(*place)


def test_projection_agrees_with_proj() -> None:
    import pyproj

    points = np.array([[76.9, 43.2], [-0.1, 51.5], [71.4, -51.1]])
    x, y = pyproj.Transformer.from_crs(4326, 3857, always_xy=True).transform(points[:, 0], points[:, 1])
    assert np.allclose(to_mercator(points), np.column_stack([x, y]), atol=1e-6)


@pytest.mark.parametrize("z", [0, 3, 9, 14])
def test_covering_tiles_hold_the_corners_of_the_box(z: int) -> None:
    bbox = (46.5, 40.6, 87.3, 55.4)
    west, north, east, south = covering(bbox, z)
    (x0, y0), (x1, y1) = to_mercator(np.array([bbox[:2], bbox[2:]]))
    assert Tile(z, west, south).bounds[0] <= x0 < Tile(z, west, south).bounds[2]
    assert Tile(z, west, south).bounds[1] <= y0 <= Tile(z, west, south).bounds[3]
    assert Tile(z, east, north).bounds[0] <= x1 <= Tile(z, east, north).bounds[0] + tile_side(z)
    assert Tile(z, east, north).bounds[1] <= y1 <= Tile(z, east, north).bounds[3]
