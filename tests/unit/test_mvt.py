"""Vector tiles, decoded by mapbox-vector-tile: ids, tags, nulls, and the bytes of numbers."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
import shapely
from mosaic import decoded, shapes_of

from gis_layers.errors import SystemFault
from gis_layers.tiles import wire
from gis_layers.tiles.coverage import GridCoverage, grid_coverage, project, simplify
from gis_layers.tiles.cut import cut, cut_all
from gis_layers.tiles.figures import slice_columns, tile_fields, vector_layers
from gis_layers.tiles.grid import EXTENT, Tile, to_mercator, to_units
from gis_layers.tiles.mend import kept
from gis_layers.tiles.mvt import Cut, encode, feature_id, repeated, sheet
from gis_layers.tiles.snap import snapped

NOBODY = np.array([None, None], dtype=object)


@pytest.fixture(scope="module")
def cells() -> np.ndarray:
    """Ragged cells of a Voronoi diagram near Almaty, one with a hole and the district in it, in EPSG:3857."""
    rng = np.random.default_rng(7)
    seeds = shapely.MultiPoint(rng.uniform([76, 43], [78, 45], (30, 2)))
    made = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=shapely.box(76, 43, 78, 45)))
    made = shapely.intersection(made, shapely.box(76, 43, 78, 45))
    inner = shapely.buffer(shapely.point_on_surface(made[0]), 0.02)
    made = np.append(made, inner)
    made[0] = made[0].difference(inner)
    return project(np.asarray(made, dtype=object))


@pytest.fixture(scope="module")
def coverage(cells: np.ndarray) -> GridCoverage:
    parents = np.array(["west" if cell.centroid.x < 8_570_000 else "east" for cell in cells], dtype=object)
    return grid_coverage(cells, parents, 6)


def test_a_hole_and_the_district_in_it(coverage: GridCoverage) -> None:
    shapes: dict[int, shapely.Geometry] = {}
    for _, held in cut_all(coverage):
        shapes |= shapes_of(held, len(coverage.districts))
    assert len(shapes[0].interiors) == 1
    assert shapely.Polygon(shapes[0].interiors[0]).equals(shapes[30])


def test_tags_ids_and_nulls(coverage: GridCoverage) -> None:
    many = len(coverage.districts)
    columns = {
        "district": [f"d{row}" for row in range(many)],
        "level": [row % 6 for row in range(many)],
        "magnitude": [None if row % 2 else row / 4 for row in range(many)],
        "rate": [float("nan")] * many,
        "share": [row / 10 for row in range(many)],
        "change": [-row for row in range(many)],
        "provisional": [row % 3 == 0 for row in range(many)],
    }
    figures = sheet("rating", [feature_id(code) for code in columns["district"]], columns)
    found = 0
    for _, held in cut_all(coverage):
        layer = decoded(encode(held, figures))["rating"]
        assert layer["extent"] == EXTENT
        assert layer["version"] == 2
        for row, feature in zip(held.rows, layer["features"], strict=True):
            found += 1
            assert feature["id"] == feature_id(f"d{row}")
            expected = {key: values[row] for key, values in columns.items()}
            assert feature["properties"] == {k: v for k, v in expected.items() if v is not None and v == v}
            assert type(feature["properties"]["provisional"]) is bool
            assert type(feature["properties"]["level"]) is int
    assert found >= many


def test_several_slices_stand_in_one_tile() -> None:
    held = repeated(Cut([0, 2], [b"\x18\x03", b"\x18\x03"]), 2, 3)
    figures = sheet("rating", [5, 6, 7] * 2, {"month": ["a"] * 3 + ["b"] * 3, "count": [1, 2, 3, 4, 5, 6]})
    features = decoded(encode(held, figures))["rating"]["features"]
    assert [(one["id"], *one["properties"].values()) for one in features] == [
        (5, "a", 1), (7, "a", 3), (5, "b", 4), (7, "b", 6),
    ]  # fmt: skip


@pytest.mark.parametrize("z", [0, 5])
def test_a_collapsed_district_keeps_the_smallest_polygon_in_its_place(z: int) -> None:
    around = shapely.box(60, 40, 90, 60)
    speck = shapely.box(76.9, 43.2, 76.9001, 43.2001)
    shapes = project(np.array([around - speck, speck], dtype=object))
    made = grid_coverage(shapes, NOBODY, z)
    assert made.districts[1].area == 0.5
    place = to_units(shapely.get_coordinates(shapes[1].centroid), z)
    assert shapely.distance(made.districts[1], shapely.points(place)[0]) < 1
    assert shapely.coverage_is_valid(made.districts)
    assert any(1 in held.rows for _, held in cut_all(made))


def test_where_districts_do_not_fit_the_grid_is_finer() -> None:
    specks = [
        shapely.box(x, y, x + 1e3, y + 1e3) for x in range(0, 11_000, 1000) for y in range(0, 11_000, 1000)
    ]
    made = grid_coverage(np.array(specks, dtype=object), np.full(121, None), 0)
    assert made.extent > EXTENT
    ((_, held),) = cut_all(made)
    assert {shape.area > 0 for shape in shapes_of(held, 121).values()} == {True}
    full = np.array([shapely.box(0, 0, 2, 2), *[shapely.Polygon()] * 60], dtype=object)
    assert kept(full, np.full((61, 2), 1.0)) is not None
    boxed = np.array([shapely.box(-9, -9, 9, 9) - shapely.box(0, 0, 1, 1), *[shapely.Polygon()] * 120])
    assert kept(boxed, np.full((121, 2), 0.5)) is None


def test_districts_that_overlap_are_refused() -> None:
    same = np.array([shapely.box(0, 0, 2e6, 1e6), shapely.box(1e6, -5e5, 3e6, 5e5)])
    with pytest.raises(SystemFault, match="overlap"):
        grid_coverage(same, NOBODY, 3)


def test_rounding_point_by_point_would_tear_and_snapping_does_not() -> None:
    # A thin wedge between two districts: rounded alone, its sides cross.
    wedge = np.array(
        [
            shapely.Polygon([(0, 0), (100, 0.4), (100.3, 0.6), (200, 40), (0, 40)]),
            shapely.Polygon([(0, 0), (100, 0.4), (100.3, 0.6), (200, 40), (200, -9), (0, -9)]),
        ]
    )
    made = snapped(wedge, extent=EXTENT, buffer=64)
    assert shapely.coverage_is_valid(made)
    assert shapely.area(made).sum() == shapely.area(shapely.union_all(made))


def test_the_feature_id_is_the_documented_one() -> None:
    assert feature_id("750000000") == int(hashlib.sha256(b"750000000").hexdigest()[:12], 16)


def test_an_empty_tile_has_no_bytes(coverage: GridCoverage) -> None:
    held = cut(coverage, Tile(6, 0, 0))
    assert held == Cut([], [])
    assert encode(held, sheet("districts", [], {})) == b""
    nothing = grid_coverage(np.array([], dtype=object), np.array([], dtype=object), 3)
    assert list(cut_all(nothing)) == []


def test_parent_borders_are_lines_around_their_districts(coverage: GridCoverage) -> None:
    assert coverage.parents == ("east", "west")
    figures = sheet("parents", [1, 2], {"parent": list(coverage.parents)})
    for tile, held in cut_all(coverage, borders=True):
        for feature in decoded(encode(held, figures))["parents"]["features"]:
            assert feature["geometry"]["type"] in ("LineString", "MultiLineString")
            line = shapely.geometry.shape(feature["geometry"])
            moved = shapely.transform(line, lambda xy, tile=tile: xy + np.array([tile.x, tile.y]) * EXTENT)
            assert coverage.borders[feature["id"] - 1].covers(moved)


def test_many_varints_at_once_equal_one_at_a_time() -> None:
    numbers = [0, 1, 127, 128, 300, 16383, 16384, 2**21, 2**32, 2**34 - 1]
    data, used = wire.varints(np.array(numbers, dtype=np.uint64))
    assert data.tobytes() == b"".join(map(wire.varint, numbers))
    assert used.tolist() == [len(wire.varint(number)) for number in numbers]


@pytest.mark.parametrize("held", ["", "Әйтеке", True, False, 0, -1, 2**53, -(2**40), 0.5, 0.1, -1e300, 1e-9])
def test_values_come_back_as_they_were(held: wire.Value) -> None:
    figures = sheet("one", [1], {"held": [held]})
    (feature,) = decoded(encode(Cut([0], [b"\x18\x01\x22\x03\x09\x02\x02"]), figures))["one"]["features"]
    assert feature["properties"]["held"] == held
    assert type(feature["properties"]["held"]) is type(held)


def test_simplification_keeps_every_district(cells: np.ndarray) -> None:
    made = simplify(cells, 0)
    assert len(made) == len(cells)
    assert not shapely.is_empty(made).any()
    assert to_mercator(np.array([[0.0, 90.0]]))[0, 1] == pytest.approx(np.pi * 6378137)


def test_fields_are_named_and_typed() -> None:
    types = {"district": "text", "month": "date", "count": "number", "standing": "boolean", "reason": "json"}
    fields = tile_fields("rating", types, ["month"])
    assert fields == {
        "district": "String", "name": "String", "month": "String", "count": "Number", "standing": "Boolean",
    }  # fmt: skip
    columns = slice_columns(
        fields,
        codes=["a", "b"],
        names=["A", "B"],
        places=[1],
        read=lambda name: [7],
        keys={"month": "2022-08-01"},
    )
    assert columns["month"] == ["2022-08-01"] * 2
    assert columns["count"] == [None, 7]
    described = vector_layers("rating", "How unusual", fields, max_zoom=9, border_fields=["parent"])
    assert [one["id"] for one in described] == ["rating", "parents"]
    assert all(one["minzoom"] == 0 and one["maxzoom"] == 9 for one in described)
