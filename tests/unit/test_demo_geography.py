"""The invented republic is a plausible, gap-free country."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse.csgraph import connected_components

from gis_layers.demo.backdrop import visited
from gis_layers.demo.geography import METRIC_CRS, country
from gis_layers.demo.names import english, invent, russian
from gis_layers.demo.population import residents


def test_statuses_and_regions() -> None:
    frame = country().frame
    assert frame["status"].value_counts().to_dict() == {"raion": 156, "city": 38, "city_district": 16}
    assert frame["parent"].nunique() == 14
    assert frame["parent"].value_counts().min() >= 8
    assert set(frame.loc[frame["status"] == "city", "parent"]) == set(frame["parent"]), (
        "every region has a city"
    )


def test_codes_are_text_of_nine_digits() -> None:
    frame = country().frame
    assert frame["district"].str.fullmatch(r"\d{9}").all()
    assert frame["district"].is_unique
    assert frame["district"].is_monotonic_increasing
    assert not set(country().old_codes) & set(frame["district"])
    assert (frame["district"].str[:2] == frame["parent"].str[:2]).all()


def test_names_are_complete_and_differ_in_every_language() -> None:
    frame = country().frame
    for lang in ("en", "ru", "kk"):
        assert frame[f"name_{lang}"].is_unique
        assert (frame[f"parent_name_{lang}"].str.len() > 3).all()
    assert frame["name_en"].str.isascii().all()


def test_polygons_are_a_clean_coverage_of_natural_shape() -> None:
    land = country()
    shapes = land.frame.geometry.to_numpy()
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    assert set(shapely.get_type_id(shapes)) == {3}
    assert isinstance(shapely.coverage_union_all(shapes), shapely.Polygon), "one piece"
    assert 2.5e6 < land.area_km2.sum() < 2.9e6
    assert 25 <= np.median(shapely.get_num_coordinates(shapes)) <= 90
    west, south, east, north = land.frame.total_bounds
    assert west > 47
    assert east < 87.5
    assert south > 40.5
    assert north < 55.5


def test_every_region_is_one_piece_of_neighbours() -> None:
    land = country()
    assert np.array_equal(land.adjacent, land.adjacent.T)
    for region in np.unique(land.region):
        rows = land.region == region
        assert connected_components(land.adjacent[np.ix_(rows, rows)])[0] == 1


def test_settlements_lie_wholly_inside_their_district() -> None:
    land = country()
    homes = land.settlements
    shapes = land.frame.geometry.to_crs(METRIC_CRS).to_numpy()
    discs = shapely.buffer(shapely.points(homes.x, homes.y), homes.radius)
    assert shapely.contains(shapes[homes.district], discs).all()
    assert np.allclose(np.bincount(homes.district, homes.weight), 1.0)
    assert set(homes.half[homes.district == land.merged]) == {0, 1}


def test_residents_sum_to_some_nineteen_million() -> None:
    people = residents()
    status = country().frame["status"].to_numpy()
    assert people.shape == (210, 11)
    assert (people > 3000).all()
    assert 17.5e6 < people[:, 0].sum() < people[:, -1].sum() < 21e6
    density = people[:, 4] / country().area_km2
    assert np.median(density[status == "raion"]) < 10 < 300 < np.median(density[status == "city"])


def test_the_city_centres_are_three() -> None:
    centres = visited()
    assert len(centres) == 3
    assert (country().frame["status"].to_numpy()[centres] == "city_district").all()


def test_names_are_invented_from_syllables() -> None:
    names = invent(np.random.default_rng(4), 300)
    assert len({english(name) for name in names}) == 300
    assert all(russian(name).isalpha() for name in names)
    assert not any(set(russian(name).lower()) & set("әғқңөұүһі") for name in names)


def test_no_name_is_that_of_a_real_district(audan_data: Path) -> None:
    units = gpd.read_file(audan_data / "kazakhstan" / "population" / "kz_units_2023_harmonised.geojson")
    cells = pd.concat([units[column].dropna() for column in ("ADM2_EN", "ADM2_RU", "ADM2_KK")]).astype(str)
    real = {word.lower() for cell in cells for word in cell.replace("-", " ").split() if len(word) > 3}
    assert len(real) > 300
    real -= {"район", "district", "ауданы", "қаласы", "город", "city"}
    frame = country().frame
    named = pd.concat(
        [frame[f"{part}name_{lang}"] for part in ("", "parent_") for lang in ("en", "ru", "kk")]
    )
    invented = {word.lower() for name in named for word in name.replace(",", " ").split()}
    invented -= {"район", "district", "ауданы", "қаласы", "город", "region", "область", "облысы"}
    assert not invented & real
