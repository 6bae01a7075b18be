"""Chicago's 156,385 real points: the same community area as geopandas.sjoin, 437 in none."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from gis_layers.districts import Districts, Locator, load_districts
from gis_layers.settings import AreaSettings


@pytest.fixture(scope="module")
def areas(audan_data: Path) -> Districts:
    settings = {
        "area": {
            "id": "c",
            "name": {"en": "C"},
            "attribution": "City of Chicago",
            "metric_crs": "EPSG:32616",
        },
        "districts": {
            "path": str(audan_data / "chicago/community-areas.geojson"),
            "columns": {"district": "area_num_1", "name": "community"},
        },
        "folder": audan_data,
    }
    return load_districts(AreaSettings.model_validate(settings))


def test_every_point_is_in_the_community_area_that_sjoin_finds(areas: Districts, audan_data: Path) -> None:
    columns = ["Longitude", "Latitude"]
    points = pd.read_parquet(audan_data / "chicago/crimes-2018.parquet", columns=columns).reset_index(
        drop=True
    )
    x, y = (points[column].to_numpy(dtype=float) for column in columns)
    found = Locator(areas).locate(x, y)

    source = gpd.read_file(audan_data / "chicago/community-areas.geojson", engine="pyogrio")
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y), crs="EPSG:4326")
    joined = gpd.sjoin(frame, source[["area_num_1", "geometry"]], how="left", predicate="intersects")
    assert joined.index.is_unique
    expected = joined["area_num_1"].fillna("").to_numpy()

    mine = np.append(areas.codes, "")[found]
    assert len(mine) == 156_385
    assert (mine == expected).all()
    assert int((found == -1).sum()) == 437


def test_all_77_community_areas_are_read_unchanged(areas: Districts) -> None:
    assert len(areas) == 77
    assert areas.moved.empty
    assert areas.repaired.empty
