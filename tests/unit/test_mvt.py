"""Vector tiles, decoded by mapbox-vector-tile and compared with the shapes they were made from."""

from __future__ import annotations

import hashlib

import mapbox_vector_tile
import numpy as np
import pytest
import shapely

from gis_layers.tiles.grid import Tile, to_mercator
from gis_layers.tiles.mvt import Cut, _varint, _varints, cut, encode_layer, feature_id
from gis_layers.tiles.simplify import EXTENT, parent_borders, project, simplify


@pytest.fixture(scope="module")
def coverage() -> np.ndarray:
    """Ragged cells of a Voronoi diagram near Almaty with one hole and one island, in EPSG:3857."""
    rng = np.random.default_rng(7)
    seeds = shapely.MultiPoint(rng.uniform([76, 43], [78, 45], (30, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=shapely.box(76, 43, 78, 45)))
    cells = shapely.intersection(cells, shapely.box(76, 43, 78, 45))
    inner = shapely.buffer(shapely.point_on_surface(cells[0]), 0.02)
    cells = np.append(cells, inner)
    cells[0] = cells[0].difference(inner)
    return project(np.asarray(cells, dtype=object))


def decoded(data: bytes, tile: Tile) -> dict:
    west, south, east, north = tile.bounds
    return mapbox_vector_tile.decode(
        data,
        default_options={
            "y_coord_down": True,
            "transformer": lambda x, y: (
                west + x * (east - west) / EXTENT,
                north - y * (north - south) / EXTENT,
            ),
        },
    )


@pytest.mark.parametrize("z", [0, 4, 7, 9])
def test_decoded_geometry_equals_the_source_within_a_unit(coverage: np.ndarray, z: int) -> None:
    centre = shapely.get_coordinates(shapely.centroid(shapely.union_all(coverage)))[0]
    side = Tile(z, 0, 0).bounds[2] - Tile(z, 0, 0).bounds[0]
    tile = Tile(z, int((centre[0] + np.pi * 6378137) // side), int((np.pi * 6378137 - centre[1]) // side))
    made = simplify(coverage, z)
    piece = cut(made, tile)
    data = encode_layer("districts", piece, range(len(made)), {"row": list(range(len(made)))})
    features = decoded(data, tile)["districts"]["features"]
    assert len(features) == len(piece.rows) > 0
    unit = side / EXTENT
    box = shapely.box(*tile.bounds).buffer(64 * unit, join_style="mitre")
    for feature in features:
        shape = shapely.geometry.shape(feature["geometry"])
        source = made[feature["properties"]["row"]].intersection(box)
        moved = shapely.symmetric_difference(shape.buffer(0), source).area
        assert moved <= source.length * unit + 4 * unit**2


def test_neighbours_share_their_border_exactly(coverage: np.ndarray) -> None:
    tile = Tile(6, 45, 23)
    data = encode_layer("districts", cut(simplify(coverage, 6), tile), range(len(coverage)), {})
    shapes = [
        shapely.geometry.shape(f["geometry"]).buffer(0)
        for f in mapbox_vector_tile.decode(data)["districts"]["features"]
    ]
    whole = shapely.union_all(shapes)
    assert sum(shape.area for shape in shapes) == pytest.approx(whole.area, rel=1e-9)
    assert not any(part.interiors for part in shapely.get_parts(whole))


def test_tags_ids_and_nulls(coverage: np.ndarray) -> None:
    columns = {
        "district": [f"d{row}" for row in range(len(coverage))],
        "level": [row % 6 for row in range(len(coverage))],
        "magnitude": [None if row % 2 else row / 4 for row in range(len(coverage))],
        "rate": [float("nan")] * len(coverage),
        "change": [-row for row in range(len(coverage))],
        "provisional": [row % 3 == 0 for row in range(len(coverage))],
    }
    ids = [feature_id(code) for code in columns["district"]]
    data = encode_layer("rating", cut(coverage, Tile(0, 0, 0)), ids, columns)
    layer = mapbox_vector_tile.decode(data)["rating"]
    assert layer["extent"] == EXTENT
    assert layer["version"] == 2
    assert len(layer["features"]) == len(coverage)
    for row, feature in enumerate(layer["features"]):
        assert feature["id"] == feature_id(f"d{row}")
        expected = {key: values[row] for key, values in columns.items()}
        assert feature["properties"] == {k: v for k, v in expected.items() if v is not None and v == v}
        assert type(feature["properties"]["provisional"]) is bool
        assert type(feature["properties"]["level"]) is int


def test_no_district_is_dropped_when_it_shrinks_to_nothing() -> None:
    speck = project(np.array([shapely.box(76.9, 43.2, 76.9001, 43.2001)], dtype=object))
    data = encode_layer("districts", cut(speck, Tile(0, 0, 0)), [1], {})
    shape = shapely.geometry.shape(mapbox_vector_tile.decode(data)["districts"]["features"][0]["geometry"])
    assert shape.area == 0.5


def test_the_feature_id_is_the_documented_one() -> None:
    assert feature_id("750000000") == int(hashlib.sha256(b"750000000").hexdigest()[:12], 16)


def test_an_empty_tile_has_no_bytes(coverage: np.ndarray) -> None:
    assert encode_layer("districts", cut(coverage, Tile(3, 0, 0)), range(99), {}) == b""
    assert encode_layer("districts", Cut(np.array([], dtype=np.int64), ()), [], {}) == b""


def test_parent_borders_are_lines(coverage: np.ndarray) -> None:
    western = [shape.centroid.x < 8_570_000 for shape in coverage]
    parents = np.where(western, "west", "east").astype(object)
    borders = parent_borders(coverage, parents)
    assert set(borders) == {"west", "east"}
    shapes = np.array([borders["east"], borders["west"]], dtype=object)
    features = mapbox_vector_tile.decode(encode_layer("parents", cut(shapes, Tile(5, 22, 11)), [1, 2], {}))
    kinds = {feature["geometry"]["type"] for feature in features["parents"]["features"]}
    assert kinds <= {"LineString", "MultiLineString"}


def test_many_varints_at_once_equal_one_at_a_time() -> None:
    numbers = [0, 1, 127, 128, 300, 16383, 16384, 2**21, 2**32, 2**34 - 1]
    assert _varints(np.array(numbers, dtype=np.uint64)) == b"".join(map(_varint, numbers))


def test_simplification_keeps_every_district(coverage: np.ndarray) -> None:
    made = simplify(coverage, 0)
    assert len(made) == len(coverage)
    assert not shapely.is_empty(made).any()
    assert len(simplify(np.array([], dtype=object), 3)) == 0
    assert to_mercator(np.array([[0.0, 90.0]]))[0, 1] == pytest.approx(np.pi * 6378137)
