"""Tiles of the demo, London and Kazakhstan at every zoom: decoded, they are the clean coverage."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest
import shapely
from mosaic import in_tile, inner_rim, shapes_of

from gis_layers.demo.coverage import clean_country
from gis_layers.districts import load_districts
from gis_layers.release.coverages import boundaries_of
from gis_layers.settings import load_area
from gis_layers.tiles.coverage import TOLERANCE, GridCoverage
from gis_layers.tiles.cut import cut, cut_all
from gis_layers.tiles.grid import EXTENT, MAX_ZOOM, Tile, to_units
from gis_layers.tiles.mvt import Cut
from gis_layers.tiles.prepared import Boundaries

AREAS = ("demo", "london", "kazakhstan")
DISTRICTS = {"demo": 210, "london": 33, "kazakhstan": 218}
MOST = 24
"""Tiles of a zoom that are looked at closely: those with most districts."""


@pytest.fixture(scope="module")
def boundaries(audan_data: Path, root: Path) -> dict[str, Boundaries]:
    made = {"demo": boundaries_of(clean_country())}
    for area in ("london", "kazakhstan"):
        made[area] = boundaries_of(load_districts(load_area(root / "config" / "areas" / area)).frame)
    return made


ZOOMS = [
    pytest.param(area, z, marks=[pytest.mark.slow] if area == "kazakhstan" and z > 9 else [])
    for area in AREAS
    for z in range(MAX_ZOOM + 1)
]


@pytest.mark.parametrize(("area", "z"), ZOOMS)
def test_tiles_are_the_clean_coverage(boundaries: dict[str, Boundaries], area: str, z: int) -> None:
    made = boundaries[area].coverage(z)
    many = len(made.districts)
    assert many == DISTRICTS[area]
    assert made.extent == EXTENT
    # The whole zoom: a coverage on whole numbers, and no district is missing.
    assert shapely.is_valid(made.districts).all()
    assert shapely.area(made.districts).min() >= 0.5
    union = shapely.get_parts(shapely.coverage_union_all(made.districts))
    assert shapely.area(made.districts).sum() == shapely.area(union).sum()
    holes = [shapely.Polygon(ring).area for part in union for ring in part.interiors]
    assert min(holes, default=TOLERANCE**2) >= TOLERANCE**2, "a pinhole"
    assert not holes or area == "london", "only the Thames, between open and closed banks, leaves some"
    clean = shapely.transform(boundaries[area].mercator, partial(to_units, z=z))
    outline = shapely.boundary(shapely.coverage_union_all(clean))
    shapely.prepare(clean)
    tiles = sorted(cut_all(made), key=lambda item: -len(item[1].rows)) if z < 11 else _some(made, z)
    for tile, held in tiles[:MOST]:
        assert held == cut(made, tile)
        shapes = shapes_of(held, many)
        box = shapely.box(-made.buffer, -made.buffer, EXTENT + made.buffer, EXTENT + made.buffer)
        source = in_tile(clean[held.rows], tile, EXTENT)
        for (row, shape), whole in zip(shapes.items(), source, strict=True):
            inside = shapely.intersection(whole, box)
            moved = shapely.area(shapely.symmetric_difference(shape, inside))
            assert moved <= (TOLERANCE / 2) * inside.length + 4, (tile, row)
        rest = inner_rim(list(shapes.values()), EXTENT, made.buffer)
        if rest:
            # No gap: where no neighbour is, the area ends.
            middle = np.array([[(a[0] + b[0]) / 2, (a[1] + b[1]) / 2] for a, b in rest])
            middle += np.array([tile.x * EXTENT, tile.y * EXTENT])
            far = shapely.distance(shapely.points(middle), outline)
            assert far.max() <= 6 * TOLERANCE, (tile, far.max())


def _some(made: GridCoverage, z: int) -> list[tuple[Tile, Cut]]:
    """Cut some tiles of a zoom that has too many: those around vertices of borders."""
    rng = np.random.default_rng(z)
    places = np.concatenate([shapely.get_coordinates(one) for one in made.districts])
    places = places[rng.permutation(len(places))[:MOST]] // EXTENT
    tiles = [Tile(z, int(x), int(y)) for x, y in np.unique(places, axis=0)]
    return [(tile, held) for tile in tiles if (held := cut(made, tile)).rows]


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("z", [3, 8])
def test_tiles_side_by_side_show_the_same_in_their_buffers(
    boundaries: dict[str, Boundaries], area: str, z: int
) -> None:
    made = boundaries[area].coverage(z)
    tiles = dict(cut_all(made))
    compared = 0
    for tile, held in tiles.items():
        for dx, dy in ((1, 0), (0, 1)):
            beside = Tile(z, tile.x + dx, tile.y + dy)
            if compared > 100 or beside not in tiles:
                continue
            ends = (EXTENT - 64, EXTENT + 64)
            strip = (ends[0], -64, ends[1], ends[1]) if dx else (-64, ends[0], ends[1], ends[1])
            here, there = shapes_of(held, 999), shapes_of(tiles[beside], 999)
            for row in here.keys() | there.keys():
                one = shapely.intersection(here.get(row, shapely.Polygon()), shapely.box(*strip))
                moved = shapely.transform(
                    there.get(row, shapely.Polygon()),
                    lambda xy, dx=dx, dy=dy: xy + np.array([dx, dy]) * EXTENT,
                )
                other = shapely.intersection(moved, shapely.box(*strip))
                assert shapely.area(one) == shapely.area(other) == shapely.area(one & other)
            compared += 1
    assert compared or len(tiles) == 1
