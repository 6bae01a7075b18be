"""Whatever is wrong with polygons, cleaning gives a coverage, and says what it changed."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_districts import plain_districts

from gis_layers.districts import Districts, clean_coverage
from gis_layers.errors import InputError, SystemFault

METRIC = "EPSG:32642"
SIDE = 10_000.0
LEFT, RIGHT = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)


def jittered(seed: int, across: int, jitter: float) -> np.ndarray:
    """A grid whose polygons were each drawn by a hand that shook: gaps, overlaps, unmatched vertices."""
    rng = np.random.default_rng(seed)
    shapes = []
    for column in range(across):
        for row in range(across):
            ring = shapely.get_coordinates(
                shapely.segmentize(
                    shapely.box(column, row, column + 1, row + 1), 1 / rng.integers(1, 6)
                ).exterior
            )
            ring = ring[:-1] * SIDE + rng.uniform(-jitter, jitter, (len(ring) - 1, 2))
            shapes.append(shapely.Polygon(ring + np.array([400_000, 5_300_000])))
    return np.array(shapes)


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 9_999),
    across=st.integers(1, 5),
    jitter=st.sampled_from([0.0, 0.001, 1.0, 20.0, 300.0]),
)
def test_shaky_polygons_become_a_coverage_of_the_same_districts(
    seed: int, across: int, jitter: float
) -> None:
    shapes = jittered(seed, across, jitter)
    codes = [f"d{place:02}" for place in range(len(shapes))]
    clean = clean_coverage(shapes, codes, crs=METRIC, metric_crs=METRIC, tolerance=50)
    assert shapely.coverage_is_valid(clean.geometry)
    assert shapely.is_valid(clean.geometry).all()
    assert not shapely.is_empty(clean.geometry).any()
    before = gpd.GeoSeries(shapes, crs=METRIC).to_crs("EPSG:6933").area.to_numpy() / 1e6
    np.testing.assert_allclose(clean.area_km2, before, atol=4 * SIDE * (50 + 2 * jitter) / 1e6)
    if jitter <= 20:
        assert clean.moved.empty
    parts = gpd.GeoSeries(clean.geometry, crs="EPSG:4326").to_crs("EPSG:6933")
    assert shapely.area(shapely.union_all(parts.to_numpy())) / 1e6 == pytest.approx(
        clean.area_km2.sum(), rel=1e-9
    )


def test_cleaning_a_clean_coverage_changes_nothing() -> None:
    shapes = jittered(1, 4, 15.0)
    codes = [str(place) for place in range(16)]
    once = clean_coverage(shapes, codes, crs=METRIC, metric_crs=METRIC, tolerance=50)
    twice = clean_coverage(once.geometry, codes, crs="EPSG:4326", metric_crs=METRIC, tolerance=50)
    assert all(a.equals_exact(b, 0) for a, b in zip(once.geometry, twice.geometry, strict=True))


@pytest.mark.parametrize("order", [1, -1])
def test_a_city_drawn_over_its_raion_is_cut_out_of_it(order: int) -> None:
    raion, city = shapely.box(0, 0, 10_000, 10_000), shapely.box(4_000, 4_000, 6_000, 6_000)
    edge = shapely.box(9_000, 0, 10_050, 1_000)
    shapes, codes = np.array([raion, city, edge])[::order], ["raion", "city", "edge"][::order]
    clean = clean_coverage(shapes, codes, crs=METRIC, metric_crs=METRIC, tolerance=10)
    drawn = dict(zip(codes, shapely.area(gpd.GeoSeries(shapes, crs=METRIC).to_crs("EPSG:6933")), strict=True))
    found = dict(zip(codes, clean.area_km2 * 1e6, strict=True))
    assert found["city"] == pytest.approx(drawn["city"])
    assert found["edge"] == pytest.approx(drawn["edge"])
    assert clean.moved["district"].tolist() == ["raion"]


def test_two_districts_on_one_ground_are_refused() -> None:
    same = np.array([LEFT, LEFT])
    with pytest.raises(InputError, match="covered by others"):
        clean_coverage(same, ["a", "b"], crs="EPSG:4326", metric_crs="EPSG:3857", tolerance=10)


@pytest.mark.parametrize(
    ("bad", "error", "text"),
    [
        (plain_districts(["b", "a"], [LEFT, RIGHT]), SystemFault, "sorted"),
        (plain_districts(["a", "a"], [LEFT, RIGHT]), InputError, "more than once"),
        (plain_districts(["a", "b c"], [LEFT, RIGHT]), InputError, "not a district code"),
        (plain_districts(["a", "b"], [LEFT, RIGHT], "EPSG:3857"), SystemFault, "EPSG:4326"),
        (plain_districts(["a", "b"], [LEFT, shapely.box(0.9, 0, 2, 1)]), SystemFault, "overlap"),
        (plain_districts(["a", "b"], [LEFT, RIGHT]).drop(columns="status"), SystemFault, "status"),
    ],
)
def test_districts_are_checked_at_birth(bad: gpd.GeoDataFrame, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        Districts(bad, METRIC)
