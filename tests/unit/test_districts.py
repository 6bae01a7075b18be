"""Districts are read, checked and cleaned; what is wrong with them is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gis_layers.districts import (
    Districts,
    clean_coverage,
    islands,
    load_districts,
    neighbours,
    parent_borders,
)
from gis_layers.errors import InputError
from gis_layers.settings import AreaSettings

METRIC = "EPSG:32642"
STEP = 0.1


def square(column: int, row: int, width: float = 1.0) -> shapely.Polygon:
    """A square of the grid near 69 E, 48 N."""
    west, south = 69 + column * STEP, 48 + row * STEP
    return shapely.box(west, south, west + width * STEP, south + STEP)


def grid() -> gpd.GeoDataFrame:
    """Four squares, two by two, and a fifth apart."""
    shapes = [square(0, 0), square(1, 0), square(0, 1), square(1, 1), square(5, 5)]
    rows = {
        "code": ["04", "01", "02", "03", "05"],
        "title": list("dabce"),
        "region": ["S", "S", "N", "N", "N"],
        "geometry": shapes,
    }
    return gpd.GeoDataFrame(rows, crs="EPSG:4326")


def settings_of(folder: Path, shapes: gpd.GeoDataFrame | None = None, /, **districts: Any) -> AreaSettings:
    if shapes is not None:
        shapes.to_file(folder / "districts.gpkg", layer="districts", engine="pyogrio")
    area = {"id": "x", "name": {"en": "X"}, "attribution": "nobody", "metric_crs": METRIC}
    area.update(districts.pop("area", {}))
    section = {"path": "districts.gpkg", "columns": {"district": "code", "name": "title", "parent": "region"}}
    return AreaSettings.model_validate({"area": area, "districts": section | districts, "folder": folder})


def load(folder: Path, shapes: gpd.GeoDataFrame, /, **districts: Any) -> Districts:
    return load_districts(settings_of(folder, shapes, **districts))


def refused(folder: Path, shapes: gpd.GeoDataFrame, /, **districts: Any) -> str:
    with pytest.raises(InputError) as error:
        load(folder, shapes, **districts)
    return str(error.value)


def test_districts_are_sorted_by_code_and_keep_codes_as_text(tmp_path: Path) -> None:
    districts = load(tmp_path, grid(), constants={"status": "raion", "valid_from": "2023-01-01"})
    assert districts.codes.tolist() == ["01", "02", "03", "04", "05"]
    assert districts.frame["name"].tolist() == list("abcde")
    assert set(districts.frame["status"]) == {"raion"}
    assert str(districts.frame["valid_from"][0]) == "2023-01-01"
    assert districts.frame.crs.to_epsg() == 4326


def test_codes_stored_as_numbers_become_whole_text(tmp_path: Path) -> None:
    layer = grid()
    layer["code"] = [101000000.0, 101000001.0, 101000002.0, 101000003.0, 101000004.0]
    assert load(tmp_path, layer).codes[0] == "101000000"


def test_a_clean_layer_keeps_its_vertices(tmp_path: Path) -> None:
    layer = grid()
    districts = load(tmp_path, layer)
    source = layer.set_index("code").geometry
    assert all(source[row.district].equals_exact(row.geometry, 0) for row in districts.frame.itertuples())
    assert districts.moved.empty
    assert districts.repaired.empty


def test_area_is_equal_area(tmp_path: Path) -> None:
    districts = load(tmp_path, grid())
    expected = grid().set_index("code").to_crs("EPSG:6933").area / 1e6
    np.testing.assert_allclose(districts.frame["area_km2"], expected[districts.codes], rtol=1e-12)


def test_columns_of_other_languages_fall_back_to_the_plain_name(tmp_path: Path) -> None:
    layer = grid()
    layer["kk"] = ["Д", None, "Б", " ", "Е"]
    columns = {"district": "code", "name": "title", "name_kk": "kk"}
    frame = load(tmp_path, layer, columns=columns).frame
    assert frame["name_kk"].tolist() == ["a", "Б", "c", "Д", "Е"]
    assert frame["parent"].isna().all()


def test_missing_column_lists_what_there_is(tmp_path: Path) -> None:
    text = refused(tmp_path, grid(), columns={"district": "KATO", "name": "title"})
    assert "'KATO'" in text
    assert "code, title, region" in text


@pytest.mark.filterwarnings("ignore:.crs. was not provided")
def test_missing_crs_is_refused_and_may_be_declared(tmp_path: Path) -> None:
    layer = grid().set_crs(None, allow_override=True)
    assert "does not say its CRS" in refused(tmp_path, layer)
    assert len(load(tmp_path, layer, crs="EPSG:4326")) == 5


def test_a_declared_crs_that_contradicts_the_layer_is_refused(tmp_path: Path) -> None:
    assert "EPSG:4326 by its own word" in refused(tmp_path, grid(), crs="EPSG:32642")


def test_duplicate_codes_are_refused(tmp_path: Path) -> None:
    layer = grid()
    layer.loc[0, "code"] = "01"
    assert "stands more than once" in refused(tmp_path, layer)


@pytest.mark.parametrize("code", ["a b", "é", "x" * 65, "1.5"])
def test_a_bad_code_is_refused_with_its_row(tmp_path: Path, code: str) -> None:
    layer = grid()
    layer.loc[2, "code"] = code
    text = refused(tmp_path, layer)
    assert "not a district code" in text
    assert "row 3" in text


def test_a_blank_code_is_refused(tmp_path: Path) -> None:
    layer = grid()
    layer.loc[1, "code"] = None
    assert "no code" in refused(tmp_path, layer)


@pytest.mark.parametrize("shape", [None, shapely.Polygon()])
def test_an_empty_geometry_is_refused(tmp_path: Path, shape: shapely.Geometry | None) -> None:
    layer = grid()
    layer.loc[1, "geometry"] = shape
    assert "no geometry" in refused(tmp_path, layer)


def test_points_are_refused(tmp_path: Path) -> None:
    layer = grid()
    layer.geometry = [shapely.centroid(shape) for shape in layer.geometry]
    assert "must be a polygon, not a Point" in refused(tmp_path, layer)


def test_swapped_axes_are_named(tmp_path: Path) -> None:
    layer = grid()
    layer.geometry = [shapely.transform(shape, lambda xy: xy[:, ::-1]) for shape in layer.geometry]
    assert "swapped" in refused(tmp_path, layer)


def test_swapped_axes_beyond_the_pole_are_named(tmp_path: Path) -> None:
    layer = grid()
    layer.geometry = [shapely.transform(shape, lambda xy: xy[:, ::-1] + [0, 60]) for shape in layer.geometry]
    assert "swapped" in refused(tmp_path, layer)


def test_metres_called_degrees_are_outside_the_world(tmp_path: Path) -> None:
    layer = grid().to_crs(METRIC).set_crs("EPSG:4326", allow_override=True)
    assert "outside the world" in refused(tmp_path, layer)


def test_distances_in_degrees_are_refused(tmp_path: Path) -> None:
    assert "projected CRS in metres" in refused(tmp_path, grid(), area={"metric_crs": "EPSG:4326"})


def test_several_layers_ask_for_one(tmp_path: Path) -> None:
    grid().to_file(tmp_path / "districts.gpkg", layer="other", engine="pyogrio")
    assert "other" in refused(tmp_path, grid())
    assert len(load(tmp_path, grid(), layer="districts")) == 5


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"districts\.gpkg"):
        load_districts(settings_of(tmp_path))


def test_attributes_are_joined_by_code_and_never_by_order(tmp_path: Path) -> None:
    rows = ["kato;kind", "05;city", "04;city", "03;raion", "02;raion", "01;raion", "99;ghost"]
    (tmp_path / "statuses.csv").write_text("\n".join(rows), encoding="utf-8")
    attributes = {"path": "statuses.csv", "key": "kato", "columns": {"status": "kind"}}
    districts = load(tmp_path, grid(), attributes=attributes)
    assert districts.frame["status"].tolist() == ["raion", "raion", "raion", "city", "city"]


def test_attributes_that_lack_a_district_are_refused(tmp_path: Path) -> None:
    (tmp_path / "statuses.csv").write_text("kato,kind\n01,city\n", encoding="utf-8")
    attributes = {"path": "statuses.csv", "key": "kato", "columns": {"status": "kind"}}
    assert "4 of 5 districts have no row" in refused(tmp_path, grid(), attributes=attributes)


def test_the_crosswalk_is_read_and_must_lead_to_districts(tmp_path: Path) -> None:
    walk = tmp_path / "districts_crosswalk.csv"
    walk.write_text("old,new,valid_from,weight\n11,01,2022-06-08,1\n", encoding="utf-8")
    districts = load(tmp_path, grid(), crosswalk=walk.name)
    assert districts.crosswalk.iloc[0][["old", "new", "weight"]].tolist() == ["11", "01", 1.0]
    walk.write_text("old,new,valid_from,weight\n11,77,2022-06-08,1\n", encoding="utf-8")
    assert "'77'" in refused(tmp_path, grid(), crosswalk=walk.name)


def test_overlaps_and_gaps_are_cleaned_and_wide_moves_reported(tmp_path: Path) -> None:
    layer = grid()
    layer.loc[0, "geometry"] = square(0, 0, width=1.05)  # 370 m over its neighbour
    narrow = shapely.transform(square(0, 1), lambda xy: np.where(xy == xy[:, :1].max(), xy - 1e-4, xy))
    layer.loc[2, "geometry"] = narrow
    districts = load(tmp_path, layer, tolerance=50)
    assert shapely.coverage_is_valid(districts.geometry)
    assert set(districts.moved["district"]) <= {"01", "04"}
    assert districts.moved["metres"].between(300, 400).all()
    assert len(districts.moved) >= 1
    total = districts.frame["area_km2"].sum()
    assert total == pytest.approx(grid().to_crs("EPSG:6933").area.sum() / 1e6, rel=2e-3)


def test_a_narrow_gap_is_closed_and_a_wide_lake_stays() -> None:
    frame = shapely.box(0, 0, 1000, 1000)
    sliver, lake = shapely.box(100, 499, 400, 501), shapely.box(700, 400, 900, 600)
    left = shapely.box(0, 0, 500, 1000) - sliver
    right = frame - shapely.box(0, 0, 500, 1000) - lake
    clean = clean_coverage(
        np.array([left, right]), ["a", "b"], crs="EPSG:32642", metric_crs="EPSG:32642", tolerance=10
    )
    assert [len(shape.interiors) for shape in clean.geometry] == [0, 1]
    assert clean.moved.empty


def test_invalid_geometry_is_repaired_and_reported(tmp_path: Path) -> None:
    layer = grid()
    bow = shapely.Polygon([(69.5, 48.5), (69.6, 48.6), (69.6, 48.5), (69.5, 48.6), (69.5, 48.5)])
    layer.loc[4, "geometry"] = bow
    districts = load(tmp_path, layer)
    assert districts.repaired["district"].tolist() == ["05"]
    assert "Self-intersection" in districts.repaired["reason"][0]
    assert shapely.is_valid(districts.geometry).all()


def test_neighbours_are_queen_contiguity_and_islands_are_named(tmp_path: Path) -> None:
    districts = load(tmp_path, grid())
    links = neighbours(districts)
    expected = ~np.eye(5, dtype=bool)
    expected[4, :] = expected[:, 4] = False
    assert links.dtype == bool
    np.testing.assert_array_equal(links.toarray(), expected)
    assert islands(districts) == ["05"]


def test_parent_borders_hold_each_stretch_once(tmp_path: Path) -> None:
    borders = parent_borders(load(tmp_path, grid()))
    assert borders.crs.to_epsg() == 4326
    between = borders[borders["other"].notna()]
    assert between[["parent", "other"]].to_numpy().tolist() == [["N", "S"]]
    assert between.geometry.iloc[0].length == pytest.approx(2 * STEP)
    assert shapely.length(borders.geometry.to_numpy()).sum() == pytest.approx((2 + 8 + 4) * STEP)
