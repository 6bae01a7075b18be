"""GDAL is given plain layers alone: nothing that leads to other files or to the network."""

from __future__ import annotations

import zipfile
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
from shapely import box

from gis_layers.errors import InputError
from gis_layers.layer_files import FORMATS, refuse_other_formats
from gis_layers.tables.typed import LayerReader

FRAME = gpd.GeoDataFrame({"code": ["secret"]}, geometry=[box(0, 0, 1, 1)], crs=4326)
VRT = (
    '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>{}</SrcDataSource>'
    "<SrcLayer>x</SrcLayer></OGRVRTLayer></OGRVRTDataSource>"
)
GML = '<?xml version="1.0"?><gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml"/>'


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("zipped", [False, True])
def test_plain_layers_pass(ending: str, zipped: bool, tmp_path: Path) -> None:
    driver = "GeoJSON" if ending == ".json" else None
    path = tmp_path / f"layer{ending}"
    FRAME.to_file(path, driver=driver)
    if zipped:
        path = _packed(tmp_path, "" if ending == ".shp" else "folder/")
    refuse_other_formats(path)
    assert len(pyogrio.list_layers(path)) == 1


def test_a_shapefile_in_a_folder_of_an_archive_is_refused_by_what_to_do(tmp_path: Path) -> None:
    FRAME.to_file(tmp_path / "layer.shp")
    with pytest.raises(InputError, match="without their folder"):
        refuse_other_formats(_packed(tmp_path, "folder/"))


def _packed(folder: Path, inside: str) -> Path:
    parts = sorted(folder.iterdir())
    path = folder / "layer.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part in parts:
            archive.write(part, inside + part.name)
    return path


@pytest.mark.parametrize("name", ["x.vrt", "x.geojson", "x.gpkg"])
@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("source", ["x.fgb", "/vsicurl/http://127.0.0.1:9/x.fgb"])
def test_a_virtual_layer_is_refused_unopened(
    name: str, zipped: bool, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "x.fgb"
    FRAME.to_file(secret)
    path = tmp_path / name
    path.write_text(VRT.format(tmp_path / source), encoding="utf-8")
    if zipped:
        with zipfile.ZipFile(path.with_suffix(".zip"), "w") as archive:
            archive.write(path, name)
        path = path.with_suffix(".zip")
    if not zipped and source == "x.fgb":
        assert pyogrio.read_dataframe(path)["code"].tolist() == ["secret"], "GDAL itself would follow it"
    monkeypatch.setattr(pyogrio, "list_layers", lambda *_: pytest.fail("GDAL was asked"))
    with pytest.raises(InputError, match=r"virtual layer|damaged"):
        LayerReader(path)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("x.gml", GML, "not a format of layers"),
        ("x.geojson", GML, "does not begin as GeoJSON"),
        ("x.gpkg", GML, "does not begin as GeoPackage"),
        ("x.moaw", "{}", "not a format of layers"),
        ("x.shp", "shapes", "does not begin as shapefile"),
        ("x.zip", "PK", "damaged"),
    ],
)
def test_other_formats_are_refused(name: str, text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        refuse_other_formats(tmp_path / name)
    with pytest.raises(InputError, match="not a file"):
        refuse_other_formats(Path("/vsicurl/http://127.0.0.1:9/x.geojson"))
