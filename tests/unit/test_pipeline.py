"""Layers that an area cannot have are named with the reason, never left out in silence or made up."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
from shapely import box

from gis_layers import pipeline
from gis_layers.errors import SystemFault
from gis_layers.release import open_store

AREA = """\
[area]
id = "grid"
name = { en = "Grid" }
attribution = "nobody"
metric_crs = "EPSG:3857"
languages = ["en"]

[districts]
path = "districts.geojson"
columns = { district = "code", name = "name" }
constants = { status = "cell" }
"""
COUNTS = """
[[counts]]
name = "table"
path = "counts.csv"
columns = { district = "d", offence = "o", period = "p", count = "c" }
"""
POPULATION = """
[[population]]
path = "population.csv"
columns = { district = "d", period = "y", population = "n" }
"""


@pytest.fixture
def area(tmp_path: Path) -> Path:
    cells = [box(x, y, x + 1, y + 1) for y in range(3) for x in range(4)]
    codes = [f"{number:02}" for number in range(12)]
    gpd.GeoDataFrame({"code": codes, "name": codes}, geometry=cells, crs=4326).to_file(
        tmp_path / "districts.geojson"
    )
    months = [f"{2020 + number // 12}-{number % 12 + 1:02}" for number in range(14)]
    rows = [f"{code},theft,{month},{20 + int(code)}" for code in codes for month in months]
    (tmp_path / "counts.csv").write_text("d,o,p,c\n" + "\n".join(rows) + "\n")
    (tmp_path / "population.csv").write_text(
        "d,y,n\n" + "".join(f"{code},2020,{9000 + int(code)}\n" for code in codes)
    )
    return tmp_path


def write(area: Path, text: str, *, public: str) -> Path:
    head = "code,parent,severity,additive,reported,sensitive,public_safety,valid_from,valid_to,name_en\n"
    (area / "codes.csv").write_text(
        head + f"all,,,true,true,false,{public},,,All\ntheft,all,,true,true,false,{public},,,Theft\n"
    )
    (area / "area.toml").write_text(text)
    return area / "area.toml"


def test_a_store_of_another_area_is_refused_before_it_is_written_to(area: Path) -> None:
    store = area / "store"
    pipeline.build(write(area, AREA + COUNTS + POPULATION, public="true"), store)
    before = {path: path.stat().st_mtime_ns for path in store.rglob("*")}
    stages: list[str] = []
    other = write(area, (AREA + COUNTS).replace('"grid"', '"other"'), public="true")
    with pytest.raises(SystemFault, match="belongs to the area 'grid'"):
        pipeline.build(other, store, progress=stages.append)
    assert stages == []
    assert {path: path.stat().st_mtime_ns for path in store.rglob("*")} == before


@pytest.mark.parametrize(
    ("text", "public", "absent"),
    [
        (AREA + COUNTS + POPULATION, "true", {}),
        (AREA + COUNTS + POPULATION, "false", {"safety": "absent.no_public_safety"}),
        (AREA + COUNTS, "true", {"peer_groups": "absent.no_exposure", "safety": "absent.no_exposure"}),
        (AREA + POPULATION, "true", {"rating": "absent.no_counts", "safety": "absent.no_counts"}),
    ],
)
def test_what_an_area_lacks_is_said_in_the_catalogue(
    area: Path, text: str, public: str, absent: dict[str, str]
) -> None:
    built = pipeline.build(write(area, text, public=public), area / "store")
    catalogue = open_store(area / "store").current().edition("analyst").catalogue
    assert {entry["id"]: entry["reason"]["code"] for entry in catalogue["absent"]} == absent
    there = {layer["id"] for layer in catalogue["layers"]}
    assert there == {"districts", "offences", "peer_groups", "rating", "safety"} - set(absent)
    assert {layer.id for layer in built.layers} == there
