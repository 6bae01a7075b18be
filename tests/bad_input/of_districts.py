"""Faults of the polygons, of their attributes and of the crosswalk of changed boundaries."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd

from .model import Broken, appended, both, cut, districts_as, feature, replaced, setting, swap, without

D = "districts.geojson"


def _ring(*points: tuple[float, float]) -> Any:
    return lambda f: f.update(geometry={"type": "Polygon", "coordinates": [[*map(list, points)]]})


def _code(value: Any) -> Any:
    return lambda f: f["properties"].update(code=value)


def _geometry(value: Any) -> Any:
    return lambda f: f.update(geometry=value)


def _shift(x: float, y: float, factor: float = 1.0, *, turn: bool = False) -> Any:
    def change(folder: Path) -> None:
        layer = json.loads((folder / D).read_text(encoding="utf-8"))
        for one in layer["features"]:
            ring = one["geometry"]["coordinates"][0]
            moved = [[a * factor + x, b * factor + y] for a, b in ring]
            one["geometry"]["coordinates"] = [[[b, a] if turn else [a, b] for a, b in moved]]
        (folder / D).write_text(json.dumps(layer), encoding="utf-8")

    return change


def _gpkg(frame: gpd.GeoDataFrame, path: Path) -> None:
    frame.to_file(path, layer="districts")


def _two_layers(frame: gpd.GeoDataFrame, path: Path) -> None:
    frame.to_file(path, layer="one")
    frame.to_file(path, layer="two")


def _unprojected(frame: gpd.GeoDataFrame, path: Path) -> None:
    frame.set_crs(None, allow_override=True).to_file(path)


def _without_part(suffix: str) -> Any:
    def write(frame: gpd.GeoDataFrame, path: Path) -> None:
        frame.to_file(path)
        path.with_suffix(suffix).unlink()

    return write


def _number_codes(frame: gpd.GeoDataFrame, path: Path) -> None:
    codes = frame["code"].astype(float)
    codes[0] += 0.5
    frame.assign(code=codes).to_file(path)


def _bomb(frame: gpd.GeoDataFrame, path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("districts.geojson", b" " * (80 << 20))


VIRTUAL = '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
SAME = ((60.45, 50.2), (60.55, 50.2), (60.55, 50.3), (60.45, 50.3), (60.45, 50.2))
BOW = ((60.45, 50.2), (60.55, 50.3), (60.55, 50.2), (60.45, 50.3), (60.45, 50.2))
LOOP = (
    *((60.45, 50.2), (60.55, 50.2), (60.55, 50.3), (60.505, 50.3), (60.495, 50.301)),
    *((60.505, 50.301), (60.495, 50.3), (60.45, 50.3), (60.45, 50.2)),
)
DEEP = '{"type": "FeatureCollection", "features": ' + "[" * 100_000

LAYER = [
    Broken("no layer of districts", without(D), (D, "districts.path")),
    Broken("an empty file", replaced(D, ""), (D,)),
    Broken("a layer without districts", replaced(D, '{"type":"FeatureCollection","features":[]}'), (D, "empty")),
    Broken("a layer cut in half", cut(D, 0.5), (D,)),
    Broken("a table in place of polygons", replaced(D, "code,name\n010,Square\n"), (D,)),
    Broken("a page of a web site", replaced(D, "<!DOCTYPE html><html><body>404</body></html>"), (D,)),
    Broken("JSON nested 100,000 deep", replaced(D, DEEP), (D,)),
    Broken("JSON that is no layer", replaced(D, '{"a": 1}'), (D,)),
    Broken("NUL bytes", replaced(D, b"\0" * 10_000), (D,)),
    Broken("a layer that leads to another file", replaced(D, VIRTUAL), (D, "virtual")),
    Broken("a GeoPackage that is not one", both(districts_as("d.gpkg", _gpkg), replaced("d.gpkg", "not SQLite")),
           ("d.gpkg",)),
    Broken("a GeoPackage cut in half", both(districts_as("d.gpkg", _gpkg), cut("d.gpkg", 0.5)), ("d.gpkg",)),
    Broken("a GeoPackage of two layers", districts_as("d.gpkg", _two_layers), ("d.gpkg", "districts.layer", "'one'")),
    Broken("a layer that the file has not", both(districts_as("d.gpkg", _gpkg), setting(
        'path = "d.gpkg"', 'path = "d.gpkg"\nlayer = "raions"')), ("d.gpkg", "districts.layer", "'raions'")),
    Broken("a shapefile without its table", districts_as("d.shp", _without_part(".dbf")), ("d.shp", "code")),
    Broken("a shapefile without its CRS", districts_as("d.shp", _without_part(".prj")), ("d.shp", "districts.crs")),
    Broken("a shapefile without its index", districts_as("d.shp", _without_part(".shx")), ("d.shp",)),
    Broken("a shapefile cut in half", both(districts_as("d.shp", lambda f, p: f.to_file(p)), cut("d.shp", 0.5)),
           ("d.shp",)),
    Broken("a Parquet file cut in half", both(districts_as("d.parquet", lambda f, p: f.to_parquet(p)),
           cut("d.parquet", 0.5)), ("d.parquet",)),
    Broken("a Parquet file without geometry", districts_as("d.parquet", lambda f, p: f[["code", "name"]].to_parquet(p)),
           ("d.parquet", "geometry")),
    Broken("no CRS", districts_as("d.gpkg", _unprojected), ("d.gpkg", "districts.crs")),
    Broken("a ZIP bomb", districts_as("d.zip", _bomb), ("d.zip", "unzips to")),
]  # fmt: skip

SHAPES = [
    Broken("axes swapped", _shift(0, 0, turn=True), (D, "outside")),
    Broken("axes swapped beyond the pole", _shift(60, 0, turn=True), (D, "swapped")),
    Broken("metres called degrees", _shift(0, 0, 1e5), (D, "not degrees")),
    Broken("coordinates of 1e300", _shift(1e300, 0), (D, "outside the world")),
    Broken("two districts on one ground", feature(1, _ring(*SAME)), ("'0", "ground")),
    Broken("a point for a district", feature(2, _geometry({"type": "Point", "coordinates": [60.5, 50.2]})),
           (D, "row 3", "'030'", "Point")),
    Broken("a district without a geometry", feature(2, _geometry(None)), (D, "row 3", "'030'")),
    Broken("a polygon of nothing", feature(2, _geometry({"type": "Polygon", "coordinates": []})), (D, "row 3")),
    Broken("a polygon without area", feature(2, _ring((60.65, 50.2), (60.75, 50.2), (60.65, 50.2))), ("'030'",)),
    Broken("a coordinate that is text", swap(D, "60.45", '"east"'), (D,)),
    Broken("a coordinate that is no number", feature(2, _ring((60.65, 50.2), (float("nan"), 50.2), (60.75, 50.3),
           (60.65, 50.2))), (D,)),
    Broken("a border that crosses itself", feature(0, _ring(*LOOP)), ("1 repaired",), "read"),
    Broken("a bow tie that leaves out half the ground", feature(0, _ring(*BOW)), ("'cards'", "outside every district")),
]  # fmt: skip

CODES = [
    Broken("the column of codes is not there", setting('district = "code"', 'district = "kode"'), (D, "'kode'")),
    Broken("a code with a slash", feature(2, _code("03/0")), (D, "row 3", "column 'code'", "'03/0'")),
    Broken("a code with a NUL byte", feature(2, _code("03\0")), ("statuses.csv", "'03'")),
    Broken("a code of 70 letters", feature(2, _code("a" * 70)), (D, "row 3", "column 'code'")),
    Broken("a code that stands twice", feature(2, _code("020")), (D, "'020'", "more than once")),
    Broken("a district without a code", feature(2, _code(None)), (D, "row 3", "column 'code'")),
    Broken("codes turned into fractions", districts_as("d.gpkg", _number_codes), ("d.gpkg", "'code'", "10.5")),
    Broken("a district without a name", feature(2, lambda f: f["properties"].update(name=None)), (D, "'name'", "'030'")),
]  # fmt: skip

TABLES = [
    Broken("a district without a row of attributes", swap("statuses.csv", "030,raion\n", ""), ("statuses.csv", "'030'")),
    Broken("a district with two rows of attributes", appended("statuses.csv", "030,city\n"),
           ("statuses.csv", "row 10", "'030'")),
    Broken("a district without a status beside others", swap("statuses.csv", "030,raion", "030,"), (D, "'030'", "status")),
    Broken("attributes without their column", swap("statuses.csv", "status", "kind"), ("statuses.csv", "'status'")),
    Broken("attributes with one header twice", swap("statuses.csv", "code,status", "status,status"), ("statuses.csv",)),
    Broken("an empty table of attributes", replaced("statuses.csv", ""), ("statuses.csv", "empty")),
    Broken("attributes with a comma too many", swap("statuses.csv", "030,raion", "030,raion,x"),
           ("statuses.csv", "row 4", "3 cells")),
    Broken("codes of attributes turned into numbers", swap("statuses.csv", "030,", "30.0,"),
           ("statuses.csv", "row 4", "'code'", "'30.0'")),
    Broken("a crosswalk without a column", swap("changes.csv", "new", "neu"), ("changes.csv", "column 'new'")),
    Broken("a crosswalk to a district that is not there", swap("changes.csv", ",010,", ",019,"),
           ("changes.csv", "row 2", "'019'")),
    Broken("a change without an old code", swap("changes.csv", "900,", ","), ("changes.csv", "row 2", "column 'old'")),
    Broken("a change on day 31 of June", swap("changes.csv", "2021-06-01", "2021-06-31"),
           ("changes.csv", "row 2", "'2021-06-31'")),
    Broken("a weight of zero", swap("changes.csv", ",1\n", ",0\n"), ("changes.csv", "row 2", "column 'weight'", "'0'")),
    Broken("a weight of text", swap("changes.csv", ",1\n", ",half\n"), ("changes.csv", "row 2", "'half'")),
    Broken("a weight of NaN", swap("changes.csv", ",1\n", ",nan\n"), ("changes.csv", "row 2", "'nan'")),
    Broken("weights that make more than one", appended("changes.csv", "900,020,2021-06-01,0.5\n"),
           ("changes.csv", "row 3", "'900'", "more than one")),
    Broken("one change twice", appended("changes.csv", "900,010,2021-06-01,\n"), ("changes.csv", "row 3", "twice")),
    Broken("changes in a circle", appended("changes.csv", "010,020,2021-03-01,1\n020,010,2021-06-01,1\n"),
           (), "read"),
]  # fmt: skip

DISTRICTS = [*LAYER, *SHAPES, *CODES, *TABLES]
