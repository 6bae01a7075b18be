"""The fast way from a point to its district gives the answer of the exact test, everywhere."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_districts import plain_districts

from gis_layers.districts import Districts, Locator

Floats = npt.NDArray[np.float64]


def mosaic(seed: int, count: int) -> Districts:
    """Random districts: Voronoi cells clipped to a ragged outline, some merged to multipolygons, one hole."""
    rng = np.random.default_rng(seed)
    points = shapely.multipoints(rng.uniform(0, 10, (count + 3, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=shapely.box(0, 0, 10, 10)))
    outline = shapely.Point(5, 5).buffer(4.5, quad_segs=6) - shapely.box(4.9, 4.9, 5.1, 5.4)
    clipped = [cell & outline for cell in cells]
    parts = [shapely.union_all([clipped[0], clipped[-1]]), *clipped[1:-1]]
    kept = [part for part in parts if not part.is_empty and part.geom_type in ("Polygon", "MultiPolygon")]
    clean = shapely.coverage_clean(np.array(kept))
    codes = [f"d{place:02}" for place in range(len(clean))]
    return Districts(plain_districts(codes, clean), "EPSG:3857")


def by_hand(districts: Districts, x: Floats, y: Floats) -> npt.NDArray[np.int64]:
    """Every point against every polygon; the first that touches it wins."""
    touches = np.array([shapely.intersects_xy(shape, x, y) for shape in districts.geometry])
    return np.where(touches.any(axis=0), touches.argmax(axis=0), -1)


def awkward(districts: Districts, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Points anywhere, on vertices, on edges, a hair beside them, and on the corners of the bounds."""
    vertices = shapely.get_coordinates(districts.geometry)
    ends = rng.integers(0, len(vertices) - 1, 200)
    middles = (vertices[ends] + vertices[ends + 1]) / 2
    west, south, east, north = districts.bounds
    corners = np.array([[west, south], [east, north], [west, north], [east, south]])
    hair = vertices[rng.integers(0, len(vertices), 200)] + rng.choice([-1e-12, 1e-12], (200, 2))
    anywhere = rng.uniform(-1, 11, (1500, 2))
    every = np.concatenate([vertices, middles, corners, hair, anywhere])
    return every[:, 0].copy(), every[:, 1].copy()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(2, 30), cells=st.sampled_from([1, 60, 3_000, 200_000]))
def test_locating_equals_testing_every_polygon(seed: int, count: int, cells: int) -> None:
    districts = mosaic(seed, count)
    x, y = awkward(districts, np.random.default_rng(seed))
    np.testing.assert_array_equal(Locator(districts, cells=cells).locate(x, y), by_hand(districts, x, y))


def test_a_point_on_a_shared_border_goes_to_the_smallest_code() -> None:
    shapes = [shapely.box(1, 0, 2, 1), shapely.box(0, 0, 1, 1), shapely.box(0, 1, 2, 2)]
    frame = gpd.GeoDataFrame(
        {"district": list("abc"), "name": list("abc"), "parent": None, "status": None, "valid_from": None},
        geometry=[shapes[0], shapes[1], shapely.Polygon([(0, 1), (1, 1), (2, 1), (2, 2), (0, 2)])],
        crs="EPSG:4326",
    ).assign(area_km2=1.0)
    locator = Locator(Districts(frame, "EPSG:3857"))
    x, y = [1.0, 1.0, 0.5, 1.5, 2.0, 2.1], [0.5, 1.0, 1.0, 1.0, 2.0, 2.0]
    assert locator.locate(x, y).tolist() == [0, 0, 1, 0, 2, -1]


def test_missing_and_infinite_points_are_outside() -> None:
    locator = Locator(mosaic(1, 8))
    x, y = [np.nan, 5.5, np.inf, -np.inf, 1e300], [5.5, np.nan, 5.5, 5.5, 1e300]
    assert locator.locate(x, y).tolist() == [-1] * 5
    assert locator.locate(x, y, "EPSG:3857").tolist() == [-1] * 5
    assert locator.locate([], []).tolist() == []


def test_points_in_metres_find_the_same_districts() -> None:
    districts = mosaic(2, 12)
    rng = np.random.default_rng(2)
    x, y = rng.uniform(0, 10, (2, 2_000))
    moved = gpd.GeoSeries(gpd.points_from_xy(x, y), crs="EPSG:4326").to_crs("EPSG:3857")
    locator = Locator(districts)
    assert (locator.locate(moved.x, moved.y, "EPSG:3857") == locator.locate(x, y)).mean() > 0.9995


def test_few_cells_need_the_exact_test() -> None:
    assert Locator(mosaic(3, 10)).border_share < 0.05


def test_coordinates_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="one shape"):
        Locator(mosaic(1, 5)).locate([1.0, 2.0], [1.0])
