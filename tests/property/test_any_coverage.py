"""Whatever the coverage, its tiles are one: whole numbers, no gap, no overlap, nobody missing."""

from __future__ import annotations

from functools import partial

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from mosaic import inner_rim, rim, shapes_of

from gis_layers.tiles.coverage import grid_coverage, simplify
from gis_layers.tiles.cut import cut, cut_all
from gis_layers.tiles.grid import HALF, Tile, to_units
from gis_layers.tiles.snap import matched, snapped


@st.composite
def coverages(draw: st.DrawFn) -> np.ndarray:
    """Cells of a Voronoi diagram, ragged, some cut out of others, some joined, at a place and of a size drawn."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size = 10.0 ** draw(st.floats(2, 6.5))
    corner = rng.uniform(-HALF * 0.8, HALF * 0.6, 2)
    points = rng.uniform(0, 1, (draw(st.integers(1, 40)), 2))
    if draw(st.booleans()):
        # Crowded in one corner: neighbours of very different size, some of which collapse.
        points = points**4
    frame = shapely.box(0, 0, 1, 1)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=frame))
    cells = shapely.intersection(cells, frame) if len(points) > 1 else np.array([frame])
    cells = cells[shapely.area(cells) > 1e-7]
    towns = [cell.buffer(-0.2 * np.sqrt(cell.area)).simplify(0) for cell in cells[:: draw(st.integers(2, 9))]]
    towns = [town for town in towns if town.geom_type == "Polygon" and not town.is_empty]
    for town in towns:
        cells = np.array([cell.difference(town) if cell.contains(town) else cell for cell in cells])
    joined = np.append(cells, towns)
    if len(joined) > 4 and draw(st.booleans()):
        # Two that need not touch become one district.
        joined = np.append(joined[2:], shapely.union_all(joined[:2]))
    ragged = shapely.segmentize(joined, 0.05)
    # Moving a point by its own place alone keeps both sides of a border alike.
    wave = draw(st.floats(0, 0.004))
    moved = shapely.transform(ragged, lambda xy: xy + wave * np.sin(xy[:, ::-1] * 60))
    made = shapely.coverage_clean(moved)
    made = made[shapely.area(made) > 0]
    return np.asarray(shapely.transform(made, lambda xy: xy * size + corner), dtype=object)


@settings(max_examples=60, deadline=None)
@given(coverage=coverages(), z=st.integers(0, 12))
def test_tiles_of_any_coverage_are_a_coverage(coverage: np.ndarray, z: int) -> None:
    made = grid_coverage(coverage, np.full(len(coverage), "a", dtype=object), z)
    assert shapely.is_valid(made.districts).all()
    assert (shapely.area(made.districts) >= 0.5).all()
    assert (
        min(
            (
                shapely.Polygon(ring).area
                for one in shapely.get_parts(shapely.coverage_union_all(made.districts))
                for ring in one.interiors
            ),
            default=16,
        )
        >= 16
    )
    outline = rim(list(made.districts))
    # The rim in whole numbers encloses exactly what the districts have together.
    twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in outline)
    assert twice == round(2 * shapely.area(made.districts).sum())
    xy = shapely.get_coordinates(made.districts)
    places = np.unique(xy // made.extent, axis=0)[:: max(len(xy) // 500, 1)][:6]
    for x, y in places.astype(int).tolist():
        tile = Tile(z, x, y)
        held = cut(made, tile)
        if not held.rows:
            continue
        shapes = shapes_of(held, len(coverage))
        corner = np.array([x, y]) * made.extent
        for a, b in inner_rim(list(shapes.values()), made.extent, made.buffer):
            # An edge with no neighbour is a part of the coverage's own rim.
            here = tuple((np.array(a) + corner).tolist()), tuple((np.array(b) + corner).tolist())
            assert here in outline, (tile, a, b)


@settings(max_examples=40, deadline=None)
@given(coverage=coverages(), z=st.integers(0, 12))
def test_what_is_drawn_lies_where_it_should(coverage: np.ndarray, z: int) -> None:
    simple = shapely.transform(simplify(coverage, z), partial(to_units, z=z))
    made = snapped(simple, extent=4096, buffer=64)
    for drawn, meant in zip(made, simple, strict=True):
        # Snapping moves a border by no more than the half diagonal of a unit.
        assert shapely.area(shapely.difference(drawn, shapely.buffer(meant, 0.7072))) < 1e-3
        assert shapely.area(shapely.difference(shapely.buffer(meant, -0.7072), drawn)) < 1e-3


@settings(max_examples=25, deadline=None)
@given(coverage=coverages(), z=st.integers(0, 4))
def test_one_tile_and_all_tiles_are_cut_alike(coverage: np.ndarray, z: int) -> None:
    made = grid_coverage(coverage, np.full(len(coverage), "a", dtype=object), z)
    for borders in (False, True):
        every = dict(cut_all(made, borders=borders))
        for tile, held in list(every.items())[:60]:
            assert cut(made, tile, borders=borders) == held
        beside = {Tile(z, x, y) for x in range(1 << z) for y in range(1 << z)} - every.keys()
        assert not any(cut(made, tile, borders=borders).rows for tile in list(beside)[:60])
    assert {row for held in dict(cut_all(made)).values() for row in held.rows} == set(range(len(coverage)))


@settings(max_examples=50, deadline=None)
@given(
    corners=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=12, unique=True)
)
def test_matched_gives_neighbours_the_same_vertices(corners: list[tuple[int, int]]) -> None:
    hole = shapely.union_all([shapely.box(x, y, x + 1, y + 1) for x, y in corners])
    rest = shapely.difference(shapely.box(0, 0, 10, 10), hole)
    squares = [shapely.box(x, y, x + 1, y + 1) for x, y in corners]
    shapes = [one for one in [*squares, *shapely.get_parts(rest)] if one.area]
    made = matched(np.array(shapes))
    assert shapely.area(made).tolist() == shapely.area(shapes).tolist()
    assert sum(a[0] * b[1] - b[0] * a[1] for a, b in rim(list(made))) == 200
