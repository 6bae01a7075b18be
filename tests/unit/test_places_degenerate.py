"""Areas in which there is nothing to compare: each builds, and says which layers it lacks and why."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gis_layers import pipeline
from gis_layers.errors import InputError
from gis_layers.release import Edition, open_store

AREA = """\
[area]
id = "odd"
name = { en = "Odd" }
attribution = "nobody"
metric_crs = "EPSG:32643"
languages = ["en"]

[districts]
path = "districts.geojson"
columns = { district = "code", name = "name" }
constants = { status = "cell" }

[disclosure]
counts = "open"

[[population]]
path = "population.csv"
columns = { district = "d", period = "y", population = "n" }

[[counts]]
name = "table"
path = "counts.csv"
columns = { district = "d", offence = "o", period = "p", count = "c" }
"""

LAYERS = {"hotspots", "clusters", "spread_paths"}


def built(folder: Path, count: np.ndarray, *, island: bool = False, area: str = AREA) -> Edition:
    """Build an area of districts in a row from counts, shape (district, month)."""
    districts, months = count.shape
    codes = [f"d{number}" for number in range(districts)]
    boxes = [shapely.box(75 + x / 10, 43, 75.1 + x / 10, 43.1) for x in range(districts)]
    if island:
        boxes[-1] = shapely.affinity.translate(boxes[-1], 3, 2)
    gpd.GeoDataFrame({"code": codes, "name": codes}, geometry=boxes, crs=4326).to_file(
        folder / "districts.geojson"
    )
    month = pd.period_range("2019-01", periods=months, freq="M").astype(str)
    at = np.indices(count.shape)
    pd.DataFrame(
        {"d": np.array(codes)[at[0].ravel()], "o": "theft", "p": month[at[1].ravel()], "c": count.ravel()}
    ).to_csv(folder / "counts.csv", index=False)
    (folder / "population.csv").write_text("d,y,n\n" + "".join(f"{code},2019,20000\n" for code in codes))
    (folder / "codes.csv").write_text("code,parent,name_en\nall,,All\ntheft,all,Theft\n")
    (folder / "area.toml").write_text(area)
    pipeline.build(folder, folder / "store")
    return open_store(folder / "store").current().edition("analyst")


def absent(edition: Edition) -> dict[str, str]:
    return {one["id"]: one["reason"]["code"] for one in edition.catalogue["absent"] if one["id"] in LAYERS}


def counted(districts: int, months: int, mean: float = 30.0) -> np.ndarray:
    return np.random.default_rng(1).poisson(mean, (districts, months))


def test_one_district(tmp_path: Path) -> None:
    edition = built(tmp_path, counted(1, 40))
    assert absent(edition) == dict.fromkeys(("clusters", "spread_paths"), "absent.one_district")
    assert edition.read("hotspots")["gi_star"].isna().all()


def test_what_is_switched_off_is_said(tmp_path: Path) -> None:
    off = AREA + "\n[clusters]\nenabled = false\n\n[spread]\nenabled = false\n"
    edition = built(tmp_path, counted(4, 8), area=off)
    assert absent(edition) == dict.fromkeys(("clusters", "spread_paths"), "absent.switched_off")
    assert "hotspots" in edition.layer_ids


def test_one_month(tmp_path: Path) -> None:
    edition = built(tmp_path, counted(9, 1))
    assert absent(edition) == dict.fromkeys(("clusters", "spread_paths"), "absent.needs_months")
    hotspots = edition.read("hotspots")
    assert hotspots["gi_star"].notna().all()
    assert hotspots["pattern"].isna().all()


def test_all_zeros(tmp_path: Path) -> None:
    edition = built(tmp_path, np.zeros((9, 40), dtype=int))
    assert absent(edition) == {}
    assert edition.read("hotspots")["gi_star"].isna().all()
    assert len(edition.read("clusters")) == len(edition.read("spread_paths")) == 0


def test_an_island_is_linked_to_the_nearest_and_is_in_no_path(tmp_path: Path) -> None:
    count = counted(9, 40)
    count[-1, 35:] += 90
    edition = built(tmp_path, count, island=True)
    assert absent(edition) == {}
    assert edition.read("hotspots", offences=["all"])["gi_star"].notna().all()
    assert "d8" not in set(edition.read("spread_paths")[["district_from", "district_to"]].to_numpy().ravel())
    clusters = edition.read("clusters", offences=["all"])
    assert any('"d8"' in str(districts) for districts in clusters["districts"])


def test_degrees_where_metres_are_needed(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"metres|metric"):
        built(tmp_path, counted(4, 12), area=AREA.replace("EPSG:32643", "EPSG:4326"))
