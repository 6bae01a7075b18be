"""Layers that an area cannot have are named with the reason, never left out in silence or made up."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import numpy as np
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
CARDLESS = {
    "completeness": "absent.no_cards",
    "spread_paths": "absent.needs_months",
    **dict.fromkeys(pipeline.WITH_POINTS, "absent.no_points"),
}
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
        (AREA + COUNTS + POPULATION, "true", CARDLESS),
        (AREA + COUNTS + POPULATION, "false", {"safety": "absent.no_public_safety", **CARDLESS}),
        (
            AREA + COUNTS,
            "true",
            {**dict.fromkeys(("peer_groups", "safety", "hotspots"), "absent.no_exposure"), **CARDLESS},
        ),
        (AREA + POPULATION, "true", dict.fromkeys(pipeline.WITH_FIGURES, "absent.no_counts")),
    ],
)
def test_what_an_area_lacks_is_said_in_the_catalogue(
    area: Path, text: str, public: str, absent: dict[str, str]
) -> None:
    built = pipeline.build(write(area, text, public=public), area / "store")
    catalogue = open_store(area / "store").current().edition("analyst").catalogue
    assert {entry["id"]: entry["reason"]["code"] for entry in catalogue["absent"]} == absent
    there = {layer["id"] for layer in catalogue["layers"]}
    assert there == {"districts", "offences", "peer_groups", *pipeline.WITH_FIGURES} - set(absent)
    assert {layer.id for layer in built.layers} == there


def test_old_codes_breaks_and_diagnostics_reach_the_release(area: Path) -> None:
    file = write(area, AREA + COUNTS + POPULATION, public="true")
    text = file.read_text() + '\n[codebook]\ncrosswalk = "crosswalk.csv"\n'
    file.write_text(
        text
        + '\n[[breaks]]\nid = "strike"\nkind = "excluded"\nfrom = "2020-05"\nto = "2020-06"\nname = { en = "Strike" }\n'
    )
    with (area / "codes.csv").open("a") as codes:
        codes.write("fraud,all,,true,true,false,true,,,Fraud\nscam,all,,true,true,false,true,,,Scam\n")
    (area / "crosswalk.csv").write_text(
        "old,new,valid_from,confidence\nold-theft,theft,2020-07-01,A\ncheat,fraud,2020-07-01,B\ncheat,scam,2020-07-01,C\n"
    )
    rows = (area / "counts.csv").read_text().splitlines()
    made = [rows[0]]
    for row in rows[1:]:
        district, _, month, count = row.split(",")
        early = month < "2020-07"
        made.append(f"{district},{'old-theft' if early else 'theft'},{month},{count}")
        made += [f"{district},{code},{month},3" for code in (["cheat"] if early else ["fraud", "scam"])]
    (area / "counts.csv").write_text("\n".join(made) + "\n")

    with TemporaryDirectory() as spool:
        inputs = pipeline.read(file, Path(spool))
        panel = pipeline.panel_of(inputs)
        assert panel is not None
        protected = pipeline.protect(inputs, panel)
        assert protected is not None
        np.testing.assert_array_equal(protected.panel["stretch"].values, panel["stretch"].values)
        assert set(np.unique(panel["stretch"])) == {-1, 0, 1}

    built = pipeline.build(area / "area.toml", area / "store")
    release = open_store(area / "store").current()
    edition = release.edition("analyst")
    lines = {one["id"]: one for one in edition.catalogue["area"]["breaks"]}
    assert list(lines) == ["strike", "codes-2020-07"]
    assert lines["strike"]["offences"] is None
    assert lines["codes-2020-07"]["offences"] == ["fraud", "scam"]
    assert release.edition("public").catalogue["area"]["breaks"] == edition.catalogue["area"]["breaks"]
    rating = edition.read("rating")
    of_all = rating[(rating["district"] == "00") & (rating["offence"] == "all")].sort_values("month")["count"]
    assert of_all.tolist() == [23.0] * 6 + [26.0] * 8
    family = rating[(rating["district"] == "00") & (rating["offence"] == "fraud_scam")].sort_values("month")
    assert family["count"].tolist() == [3.0] * 6 + [6.0] * 8
    told = json.loads((release.folder / "diagnostics.json").read_text())
    assert [one["code"] for one in told if one["kind"] == "crosswalk"] == [
        "check.families", "check.family", "check.unread", "check.translated",
    ]  # fmt: skip
    assert json.loads((release.folder / "ledger.json").read_text())["sources"][0]["translated"]["how"] == {
        "family": 12 * 6 * 3,
        "whole": 6 * sum(20 + number for number in range(12)),
    }
    assert len(built.inputs.findings) == len(told)
