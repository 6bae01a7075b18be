"""GDAL's OGC API Features driver reads the same rows as the release holds, with filters pushed to us."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from missing import missing

from gis_layers.release import Store


@pytest.fixture(scope="module", autouse=True)
def driver() -> None:
    if "OAPIF" not in pyogrio.list_drivers():
        missing(
            "the GDAL of pyogrio has no OAPIF driver", "run make setup, which installs a wheel that has it"
        )


def expected(store: Store, **choice: object) -> pd.DataFrame:
    return store.current().edition("analyst").read("rating", **choice)  # type: ignore[arg-type]


def test_every_collection_is_listed(server: str) -> None:
    listed = {name for name, _ in pyogrio.list_layers(f"OAPIF:{server}")}
    assert listed == {
        "districts", "offences", "peer_groups", "rating", "rating_latest", "safety", "safety_latest",
    }  # fmt: skip


def test_the_newest_month_equals_the_release(server: str, tiny_store: Store) -> None:
    read = pyogrio.read_dataframe(f"OAPIF:{server}", layer="rating_latest").sort_values("district")
    rows = expected(tiny_store, months=("2022-12", "2022-12"), offences=["all"])
    assert read["id"].tolist() == rows["district"].tolist()
    assert read["month"].dt.strftime("%Y-%m-%d").unique().tolist() == ["2022-12-01"]
    for name in ("count", "population", "rate", "expected", "magnitude", "level", "points_12m"):
        assert np.allclose(read[name].to_numpy(float), rows[name].to_numpy(float), equal_nan=True), name
    for name in ("district", "offence", "fired", "standing", "provisional", "suppressed"):
        assert read[name].tolist() == rows[name].tolist(), name
    shapes = tiny_store.current().edition("analyst").districts().geometry
    assert shapely.equals(shapely.normalize(read.geometry), shapely.normalize(shapes)).all()


def test_all_rows_come_over_many_pages(server: str, tiny_store: Store) -> None:
    read = pyogrio.read_dataframe(f"OAPIF:{server}", layer="rating", read_geometry=False)
    assert len(read) == len(expected(tiny_store)) == read["id"].nunique()


@pytest.mark.parametrize(
    ("where", "meaning"),
    [
        ("district = '01000' AND offence = 'theft' AND level >= 3",
         lambda f: (f.district == "01000") & (f.offence == "theft") & (f.level >= 3)),
        ("month >= '2022-06-01' AND offence <> 'all'", lambda f: (f.month >= "2022-06") & (f.offence != "all")),
        ("level IN (1, 2)", lambda f: f.level.isin([1, 2])),
        ("count IS NULL", lambda f: f["count"].isna()),
        ("magnitude > 4 OR provisional = 1", lambda f: (f.magnitude > 4) | f.provisional),
    ],
)  # fmt: skip
def test_attribute_filters(server: str, tiny_store: Store, where: str, meaning: object) -> None:
    read = pyogrio.read_dataframe(f"OAPIF:{server}", layer="rating", where=where, read_geometry=False)
    rows = expected(tiny_store)
    wanted = rows[meaning(rows)]  # type: ignore[operator]
    keys = ["district", "offence", "month"]
    assert len(wanted) > 0
    made = read.assign(month=read["month"].dt.strftime("%Y-%m"))[keys]
    kept = wanted.assign(month=wanted["month"].dt.strftime("%Y-%m"))[keys]
    assert set(made.itertuples(index=False, name=None)) == set(kept.itertuples(index=False, name=None))


def test_a_box_gives_the_districts_that_touch_it(server: str, tiny_store: Store) -> None:
    box = (60.1, 50.1, 60.6, 50.2)
    read = pyogrio.read_dataframe(f"OAPIF:{server}", layer="districts", bbox=box)
    shapes: gpd.GeoDataFrame = tiny_store.current().edition("analyst").districts()
    touched = shapes[shapes.intersects(shapely.box(*box))]
    assert sorted(read["district"]) == sorted(touched["district"]) == ["01000", "02000"]


def test_tables_without_shapes_are_read_too(server: str) -> None:
    read = pyogrio.read_dataframe(f"OAPIF:{server}", layer="offences")
    assert read["offence"].tolist() == ["all", "property", "theft", "burglary"]
    assert read["name_kk"].tolist()[2] == "Ұрлық"
