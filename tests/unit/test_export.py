"""Exports: each ending opened again by another reader, with the same values."""

from __future__ import annotations

import csv
import itertools
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from tiny import DISTRICTS, OFFENCES, shapes, tiny_release

from gis_layers.errors import SystemFault, UsageError
from gis_layers.export import FORMATS, export
from gis_layers.export.geojson import encode_shapes
from gis_layers.layers import Judged, clusters_layer, item_ids, spread_paths_layer
from gis_layers.release import Edition
from gis_layers.release.tables import to_frame

ENDINGS = [
    one for one in FORMATS if one not in (".pmtiles", ".graphml", ".tif")
]  # these have tests of their own
GEOMETRY_FORMATS = (".geojson", ".gpkg", ".fgb", ".parquet")
POLYGONS = ("districts", "rating", "safety")
KEYS = {
    "districts": ["district"],
    "rating": ["district", "offence", "month"],
    "safety": ["district", "month"],
}


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return tiny_release(tmp_path_factory.mktemp("export")).current().edition("analyst")


def _reopen(path: Path, layer: str) -> pd.DataFrame:
    """Read a file with what its users read it with."""
    match path.suffix:
        case ".parquet":
            try:
                return gpd.read_parquet(path)
            except ValueError:
                return pd.read_parquet(path)
        case ".csv":
            texts = {"district": str, "offence": str, "parent": str, "peer_group": str}
            return pd.read_csv(path, dtype=texts, keep_default_na=False, na_values=[""])
        case ".xlsx":
            return pd.read_excel(path, engine="openpyxl", sheet_name="data", dtype={"district": str})
        case ".gpkg":
            return gpd.read_file(path, layer=layer)
        case _:
            return gpd.read_file(path)


def _comparable(frame: pd.DataFrame, columns: list[dict[str, Any]], keys: list[str]) -> dict[str, list[Any]]:
    """Return columns as plain values, sorted by key: formats differ in types of null, dates and JSON."""
    plain: dict[str, list[Any]] = {}
    dated = frame.assign(**{key: pd.to_datetime(frame[key]) for key in keys if key == "month"})
    ordered = dated.sort_values(keys)
    for column in columns:
        values = ordered[column["name"]].astype(object)
        if column["type"] == "json":
            plain[column["name"]] = [None if _null(one) else _parsed(one) for one in values]
        elif column["type"] == "date":
            plain[column["name"]] = [None if _null(one) else str(pd.Timestamp(one).date()) for one in values]
        elif column["type"] in ("integer", "number"):
            plain[column["name"]] = [None if _null(one) else float(one) for one in values]
        elif column["type"] == "boolean":
            plain[column["name"]] = [None if _null(one) else bool(one) for one in values]
        else:
            plain[column["name"]] = [None if _null(one) else str(one) for one in values]
    return plain


def _null(value: Any) -> bool:
    return value is None or (not isinstance(value, list | dict) and bool(pd.isna(value)))


def _parsed(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _close(one: dict[str, list[Any]], other: dict[str, list[Any]]) -> None:
    assert one.keys() == other.keys()
    for name in one:
        for left, right in zip(one[name], other[name], strict=True):
            if isinstance(left, float) and isinstance(right, float):
                # Excel keeps 15 to 16 digits, the others all of them.
                assert left == pytest.approx(right, rel=1e-14), name
            else:
                assert left == right, name


@pytest.mark.parametrize("layer", POLYGONS)
@pytest.mark.parametrize("ending", ENDINGS)
def test_everything_comes_back(edition: Edition, tmp_path: Path, layer: str, ending: str) -> None:
    path = tmp_path / f"{layer}{ending}"
    rows = export(edition, layer, path, month="all", offence="*")
    source = to_frame(edition.table(layer))
    assert rows == len(source) == edition.entry(layer)["rows"]
    found = _reopen(path, layer)
    columns = edition.entry(layer)["columns"]
    _close(_comparable(found, columns, KEYS[layer]), _comparable(source, columns, KEYS[layer]))
    if ending in GEOMETRY_FORMATS:
        assert isinstance(found, gpd.GeoDataFrame)
        assert found.crs is not None
        assert found.crs.to_epsg() == 4326
        drawn = shapes().set_index("district").geometry.reindex(found["district"])
        assert shapely.equals(found.geometry.to_numpy(), drawn.to_numpy()).all()
    else:
        assert "geometry" not in found.columns


@pytest.mark.parametrize("ending", [".geojson", ".gpkg", ".parquet", ".csv", ".xlsx"])
def test_layers_without_shapes_are_tables(edition: Edition, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"offences{ending}"
    # `all` months and `*` offences are accepted also where there is no such column.
    assert export(edition, "offences", path, month="all", offence="*") == len(OFFENCES)
    found = _reopen(path, "offences")
    assert found["offence"].tolist() == list(OFFENCES)
    assert found["name_kk"].tolist() == edition.read("offences")["name_kk"].tolist()
    assert found["parent"].isna().tolist() == [True, False, False, False]


@pytest.mark.parametrize(
    ("ending", "rows"),
    [(".geojson", 9), (".gpkg", 9), (".fgb", 9), (".xlsx", 9), (".parquet", 504), (".csv", 504)],
)
def test_defaults_are_the_newest_month_or_everything(
    edition: Edition, tmp_path: Path, ending: str, rows: int
) -> None:
    path = tmp_path / f"rating{ending}"
    assert export(edition, "rating", path) == rows
    found = _reopen(path, "rating")
    if rows == 9:
        assert set(found["offence"]) == {"all"}
        assert pd.to_datetime(found["month"]).dt.strftime("%Y-%m").unique().tolist() == ["2022-12"]
    else:
        assert set(found["offence"]) == set(OFFENCES)


@pytest.mark.parametrize(
    ("month", "offence", "rows"),
    [("2022-08", None, 9), ("2022-08..2022-10", "theft", 27), ("all", "theft", 126), ("2022-08", "*", 36)],
)
def test_slices(edition: Edition, tmp_path: Path, month: str, offence: str | None, rows: int) -> None:
    path = tmp_path / "rating.csv"
    export(edition, "rating", path, month=month, offence=offence)
    csv_rows = rows * (4 if offence is None else 1)
    assert len(pd.read_csv(path)) == csv_rows
    assert export(edition, "rating", tmp_path / "rating.fgb", month=month, offence=offence) == rows


@pytest.mark.parametrize(
    ("layer", "name", "call", "said"),
    [
        ("rating", "x.shp", {}, r"\.geojson, \.gpkg, \.fgb, \.pmtiles, \.parquet, \.csv, \.xlsx"),
        ("rating", "x", {}, "no export has this ending"),
        ("rating", "x.csv", {"month": "2023-01"}, "between 2021-11 and 2022-12"),
        ("rating", "x.csv", {"month": "August"}, "YYYY-MM"),
        ("rating", "x.csv", {"month": "2022-09..2022-08"}, "ends before it begins"),
        ("rating", "x.csv", {"offence": "arson"}, "choose of all, property"),
        ("districts", "x.csv", {"month": "2022-08"}, "has no months"),
        ("safety", "x.csv", {"offence": "theft"}, "has no offences"),
        ("nothing", "x.csv", {}, "no layer 'nothing'"),
        ("offences", "x.fgb", {}, "no shapes"),
        ("rating", "missing/x.csv", {}, "does not exist"),
    ],
)
def test_a_wrong_call_writes_nothing(
    edition: Edition, tmp_path: Path, layer: str, name: str, call: dict[str, str], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        export(edition, layer, tmp_path / name, **call)
    assert list(tmp_path.iterdir()) == []


def test_the_other_edition_is_named(edition: Edition, tmp_path: Path) -> None:
    public = Edition(edition.folder.parent / "public", edition.release)
    with pytest.raises(UsageError, match="the analyst edition has it"):
        export(public, "rating", tmp_path / "x.geojson")


def test_geojson_is_rfc_7946(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "rating.geojson"
    export(edition, "rating", path, offence="theft", month="2022-08")
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["type"] == "FeatureCollection"
    assert "crs" not in document
    assert document["source"]["invented"] is True
    first = document["features"][0]
    assert first["id"] == "01000.theft.2022-08"
    assert first["properties"]["district"] == "01000"
    assert first["properties"]["month"] == "2022-08-01"
    assert isinstance(first["properties"]["reason"], list)
    assert [feature["properties"]["district"] for feature in document["features"]] == list(DISTRICTS)
    for feature in document["features"]:
        geometry = shapely.geometry.shape(feature["geometry"])
        for polygon in getattr(geometry, "geoms", [geometry]):
            assert polygon.exterior.is_ccw
            assert all(not hole.is_ccw for hole in polygon.interiors)
        numbers = shapely.get_coordinates(geometry).ravel()
        assert (np.round(numbers, 7) == numbers).all()


def test_shapes_are_turned_and_rounded() -> None:
    hole = [(0.2, 0.2), (0.4, 0.2), (0.4, 0.4), (0.2, 0.4)]
    clockwise = shapely.Polygon([(0, 0), (0, 1), (1, 1.123456789), (1, 0)], [hole])
    (text,) = encode_shapes([clockwise])
    shell, inner = json.loads(text)["coordinates"]
    assert shapely.LinearRing(shell).is_ccw
    assert not shapely.LinearRing(inner).is_ccw
    assert [1.0, 1.1234568] in shell


def test_geopackage_carries_its_styles(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "rating.gpkg"
    export(edition, "rating", path)
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute(
            "SELECT f_table_name, f_geometry_column, styleName, styleQML, styleSLD, useAsDefault "
            "FROM layer_styles"
        ).fetchall()
        contents = dict(database.execute("SELECT table_name, description FROM gpkg_contents"))
        dates = database.execute("SELECT DISTINCT month, typeof(month) FROM rating").fetchall()
        kinds = dict(row[1:3] for row in database.execute("PRAGMA table_info(rating)"))
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert [row[:3] for row in rows] == [
        ("rating", "geometry", f"rating-{lang}") for lang in ("en", "ru", "kk")
    ]
    assert [row[5] for row in rows] == [1, 0, 0]
    assert rows[1][3] == edition.style("rating", "qml", "ru")
    assert rows[1][4] == edition.style("rating", "sld", "ru")
    assert edition.catalogue["area"]["attribution"] in contents["rating"]
    assert dates == [("2022-12-01", "text")]
    assert (kinds["month"], kinds["standing"], kinds["district"]) == ("DATE", "BOOLEAN", "TEXT")


def _origin(path: Path, layer: str) -> str:
    """Return the text in which each format carries where it is from."""
    match path.suffix:
        case ".geojson":
            return path.read_text(encoding="utf-8").split('"features"', 1)[0]
        case ".gpkg" | ".fgb":
            return str(pyogrio.read_info(path, layer=layer)["layer_metadata"])
        case ".parquet":
            return pq.read_schema(path).metadata[b"audan"].decode()  # type: ignore[no-any-return]
        case ".csv":
            return path.with_name(path.name + "-metadata.json").read_text(encoding="utf-8")
        case _:
            return pd.read_excel(path, engine="openpyxl", sheet_name="source", header=None).to_string()


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_origin_travels_with_the_file(edition: Edition, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"safety{ending}"
    export(edition, "safety", path)
    origin = _origin(path, "safety")
    assert edition.catalogue["area"]["attribution"] in origin
    assert edition.release in origin
    assert "Invented data" in origin
    assert "Вымышленные данные" in origin


def test_geoparquet_writes_a_shape_once_a_group(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "rating.parquet"
    export(edition, "rating", path)
    file = pq.ParquetFile(path)
    geo = json.loads(file.schema_arrow.metadata[b"geo"])
    assert geo["version"] == "1.1.0"
    assert geo["columns"]["geometry"]["encoding"] == "WKB"
    assert file.metadata.num_row_groups == len(OFFENCES)
    place = file.schema_arrow.names.index("geometry")
    for group in range(file.metadata.num_row_groups):
        column = file.metadata.row_group(group).column(place)
        assert "RLE_DICTIONARY" in column.encodings
        # 126 rows of 93-byte boxes are 11,718 bytes if each stood there whole.
        assert column.total_uncompressed_size < 2_000
    assert str(file.schema_arrow.field("month").type) == "date32[day]"


def test_flatgeobuf_has_an_index(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "safety.fgb"
    export(edition, "safety", path)
    assert pyogrio.read_info(path)["capabilities"]["fast_spatial_filter"]
    assert len(pyogrio.read_dataframe(path, bbox=(60.1, 50.1, 60.2, 50.2))) == 1


def test_csv_is_plain_and_described(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "rating.csv"
    export(edition, "rating", path)
    raw = path.read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["district"] == "01000"
    assert rows[1]["count"] == ""
    assert json.loads(rows[0]["reason"])[0]["code"] == "rating.usual"
    described = json.loads((tmp_path / "rating.csv-metadata.json").read_text(encoding="utf-8"))
    assert described["@context"] == "http://www.w3.org/ns/csvw"
    assert described["url"] == "rating.csv"
    assert [column["name"] for column in described["tableSchema"]["columns"]] == list(rows[0])
    assert described["tableSchema"]["primaryKey"] == KEYS["rating"]


def test_xlsx_says_what_it_is(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "rating.xlsx"
    export(edition, "rating", path)
    sheets = pd.read_excel(path, engine="openpyxl", sheet_name=None, dtype=str)
    assert list(sheets) == ["data", "districts", "legend", "source"]
    assert sheets["data"]["district"].tolist() == list(DISTRICTS)
    assert sheets["districts"]["name_kk"].tolist()[0] == "Аудан Әғқңөұүһі 1"
    legend = sheets["legend"]
    assert legend[legend["column"] == "level"]["ru"].tolist()[0] == "Слишком мало для оценки"


def test_xlsx_takes_nothing_for_a_formula(tmp_path: Path) -> None:
    edition = (
        tiny_release(tmp_path / "store", area={"attribution": '=HYPERLINK("x")'}).current().edition("public")
    )
    export(edition, "safety", tmp_path / "x.xlsx")
    from openpyxl import load_workbook

    cells = [cell for sheet in load_workbook(tmp_path / "x.xlsx") for row in sheet for cell in row]
    assert [cell.value for cell in cells if cell.value == '=HYPERLINK("x")']
    assert all(
        cell.data_type != "f" and cell.hyperlink is None for cell in cells if cell.value != '=HYPERLINK("x")'
    )


def test_an_existing_file_is_replaced_only_by_a_whole_one(
    edition: Edition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "safety.geojson"
    export(edition, "safety", path)
    before = path.read_bytes()

    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gis_layers.export.geojson._features", broken)
    with pytest.raises(SystemFault, match="disk is full"):
        export(edition, "safety", path, month="all")
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["safety.geojson"]


def test_item_ids() -> None:
    rows = pd.DataFrame(
        {"district": ["01", "02"], "offence": ["all", "theft"], "month": ["2022-08-01", "2022-12-01"]}
    )
    assert item_ids(rows, ["district", "offence", "month"]).tolist() == ["01.all.2022-08", "02.theft.2022-12"]
    assert item_ids(rows, ["district"]).tolist() == ["01", "02"]
    assert item_ids(rows.iloc[:0], ["district", "month"]).tolist() == []


NASTY = [
    "a,b;c\td",
    'say "no"',
    "line\nbreak",
    "=1+1",
    "Ә Ғ Қ Ң Ө Ұ Ү Һ І",
    "'; DROP TABLE x",
    "<b>&amp;",
    " 007 ",
    "#N/A",
]


@pytest.mark.parametrize("ending", ENDINGS)
def test_texts_come_back_as_they_are(tmp_path: Path, ending: str) -> None:
    from dataclasses import replace

    from tiny import AREA, layers

    from gis_layers.release import open_store, publish
    from gis_layers.sources.ledger import Ledger

    made = layers()
    districts = replace(made[0], frame=made[0].frame.assign(name=NASTY))
    publish(
        tmp_path / "store",
        area=AREA,
        editions={"public": [districts]},
        ledger=Ledger(),
        quarantine=pd.DataFrame(),
        inputs={},
        settings={},
    )
    edition = open_store(tmp_path / "store").current().edition("public")
    path = tmp_path / f"districts{ending}"
    export(edition, "districts", path)
    if ending == ".xlsx":
        found = pd.read_excel(path, engine="openpyxl", keep_default_na=False, dtype=str)
    elif ending == ".csv":
        found = pd.read_csv(path, keep_default_na=False, dtype=str)
    else:
        found = _reopen(path, "districts")
    assert found.sort_values("district")["name"].tolist() == NASTY


def test_a_layer_in_which_nothing_was_found_is_an_empty_file(tmp_path: Path) -> None:
    """Of every ending; tiles of nothing, and a graph or a raster of what is none, are refused with a remedy."""
    month, sought = pd.Timestamp("2022-06-01"), Judged("2022-01", "2022-06", ("all", "theft"))
    texts = {
        "clusters": ("cluster", "offence", "districts", "evidence"),
        "spread_paths": ("path", "kind", "offence", "district_from", "district_to", "evidence"),
    }
    numbers = {
        "clusters": ("ratio", "p_value"),
        "spread_paths": ("step", "lag_months", "strength", "q_value"),
    }
    lines = {
        "clusters": shapely.box(60, 50, 61, 51),
        "spread_paths": shapely.LineString([(60, 50), (61, 51)]),
    }
    frames = {
        name: gpd.GeoDataFrame(
            dict.fromkeys(texts[name], "x")
            | dict.fromkeys(numbers[name], 1.0)
            | dict.fromkeys(("first_month", "last_month"), month.to_datetime64().astype("datetime64[s]")),
            geometry=[lines[name]],
            index=[0],
            crs=4326,
        ).iloc[:0]
        for name in lines
    }
    layers = [clusters_layer(frames["clusters"], sought), spread_paths_layer(frames["spread_paths"], sought)]
    edition = tiny_release(tmp_path / "store", more=layers).current().edition("analyst")
    refused = {
        (".pmtiles", "clusters"): "no such rows",
        (".pmtiles", "spread_paths"): "no such rows",
        (".graphml", "clusters"): "no ways between districts",
        (".tif", "clusters"): "no rasters",
        (".tif", "spread_paths"): "no rasters",
    }
    for ending, layer in itertools.product(FORMATS, frames):
        output = tmp_path / f"{layer}{ending}"
        if said := refused.get((ending, layer)):
            with pytest.raises(UsageError, match=said) as error:
                export(edition, layer, output)
            assert error.value.remedy
            assert not output.exists()
            continue
        assert export(edition, layer, output) == 0, ending
        if ending in GEOMETRY_FORMATS:
            parquet = ending == ".parquet"
            held = gpd.read_parquet(output) if parquet else pyogrio.read_dataframe(output, layer=layer)
            assert len(held) == 0
        else:
            assert output.stat().st_size
