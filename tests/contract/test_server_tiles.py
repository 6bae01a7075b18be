"""Tiles, TileJSON and values: the same figures as the release, joined to the same shapes."""

from __future__ import annotations

import gzip
import hashlib
import re
from pathlib import Path

import httpx
import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from pmtiles.reader import MemorySource, all_tiles
from tiny import DISTRICTS

from gis_layers.export import export
from gis_layers.release import Store
from gis_layers.tiles.grid import Tile, covering

RATING = "/collections/rating/tiles/WebMercatorQuad"


def decoded(client: httpx.Client, tile: Tile, layer: str = "rating", **params: str) -> dict:
    answer = client.get(
        f"/collections/{layer}/tiles/WebMercatorQuad/{tile.z}/{tile.y}/{tile.x}", params=params
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    west, south, east, north = tile.bounds

    def metres(x: float, y: float) -> tuple[float, float]:
        return west + x * (east - west) / 4096, north - y * (north - south) / 4096

    options = {"y_coord_down": True, "transformer": metres}
    return mapbox_vector_tile.decode(answer.content, default_options=options)


@pytest.mark.parametrize("z", [0, 3, 6, 9])
def test_a_tile_shows_the_districts_where_they_are(client: httpx.Client, tiny_store: Store, z: int) -> None:
    shapes = tiny_store.current().edition("analyst").districts().to_crs(3857).set_index("district")
    x, y, _, _ = covering((60.2, 51.2, 60.2, 51.2), z)
    tile = Tile(z, x, y)
    features = decoded(client, tile)["rating"]["features"]
    unit = (tile.bounds[2] - tile.bounds[0]) / 4096
    box = shapely.box(*tile.bounds).buffer(64 * unit, join_style="mitre")
    inside = shapes[shapes.intersects(shapely.box(*tile.bounds))]
    assert {feature["properties"]["district"] for feature in features} >= set(inside.index)
    for feature in features:
        made = shapely.geometry.shape(feature["geometry"]).buffer(0)
        source = shapes.geometry[feature["properties"]["district"]].intersection(box)
        assert made.symmetric_difference(source).area <= (8 + 1) * unit * source.length + 4 * unit**2


def test_a_feature_carries_its_figures(client: httpx.Client, tiny_store: Store) -> None:
    rows = tiny_store.current().edition("analyst").read("rating", ("2021-11", "2021-11"), ["theft"])
    features = decoded(client, Tile(0, 0, 0), datetime="2021-11", offence="theft")["rating"]["features"]
    by_code = {feature["properties"]["district"]: feature for feature in features}
    assert set(by_code) == set(DISTRICTS)
    for row in rows.to_dict("records"):
        feature = by_code[row["district"]]
        assert feature["id"] == int(hashlib.sha256(row["district"].encode()).hexdigest()[:12], 16)
        assert feature["properties"]["name"].startswith("Ауданы")
        if np.isnan(row["rate"]):
            assert not {"count", "rate", "magnitude"} & set(feature["properties"])
        else:
            assert feature["properties"]["level"] == row["level"]
            assert feature["properties"]["rate"] == pytest.approx(row["rate"])
            assert feature["properties"]["magnitude"] == round(row["magnitude"], 2)


def test_the_newest_month_and_all_by_default(client: httpx.Client) -> None:
    default = client.get(f"{RATING}/0/0/0").content
    assert default == client.get(f"{RATING}/0/0/0", params={"datetime": "2022-12", "offence": "all"}).content
    assert default != client.get(f"{RATING}/0/0/0", params={"datetime": "2022-11"}).content


def test_districts_carry_the_borders_of_parents(client: httpx.Client) -> None:
    layers = decoded(client, Tile(0, 0, 0), layer="districts")
    assert set(layers) == {"districts", "parents"}
    borders = {f["properties"]["parent"]: f for f in layers["parents"]["features"]}
    assert set(borders) == {"A", "B"}
    assert borders["A"]["properties"]["parent_name_ru"] == "Область А"
    assert borders["A"]["geometry"]["type"].endswith("LineString")


@pytest.mark.parametrize(
    "place",
    ["15/0/0", "0/0/1", "0/1/0", "3/8/0", "-1/0/0", "a/b/c", "0/0/0.5", "99999999999/0/0", "1/00000000/0"],
)
def test_outside_the_declared_range_is_404(client: httpx.Client, place: str) -> None:
    assert client.get(f"{RATING}/{place}").status_code == 404


def test_an_empty_tile_inside_the_range_is_200(client: httpx.Client) -> None:
    answer = client.get(f"{RATING}/14/0/0")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    "query", ["datetime=2022-01/2022-03", "datetime=x", "offence=a,b", "level=3", "f=png"]
)
def test_a_slice_that_is_not_honoured_is_400(client: httpx.Client, query: str) -> None:
    assert client.get(f"{RATING}/0/0/0?{query}").status_code == 400


def test_tilejson_leads_to_tiles_row_before_column(client: httpx.Client) -> None:
    made = client.get(RATING, params={"f": "tilejson"}).json()
    (template,) = made["tiles"]
    assert template.endswith("/{z}/{y}/{x}")
    x, y, _, _ = covering(tuple(made["bounds"]), 6)
    assert client.get(template.format(z=6, y=y, x=x)).status_code == 200
    fields = made["vector_layers"][0]["fields"]
    tags = decoded(client, Tile(0, 0, 0))["rating"]["features"][0]["properties"]
    assert set(tags) <= set(fields)
    sliced = client.get(RATING, params={"f": "tilejson", "offence": "theft", "datetime": "2022-01"}).json()
    assert "offence=theft" in sliced["tiles"][0]
    assert client.get(sliced["tiles"][0].format(z=0, y=0, x=0)).status_code == 200


def test_tilesets_describe_their_limits(client: httpx.Client) -> None:
    (listed,) = client.get("/collections/rating/tiles").json()["tilesets"]
    made = client.get(RATING).json()
    assert listed["tileMatrixSetURI"] == made["tileMatrixSetURI"]
    assert made["tileMatrixSetURI"].endswith("WebMercatorQuad")
    for limit in made["tileMatrixSetLimits"][:8]:
        z, row, col = limit["tileMatrix"], limit["minTileRow"], limit["maxTileCol"]
        assert client.get(f"{RATING}/{z}/{row}/{col}").status_code == 200
    assert client.get("/collections/offences/tiles").status_code == 404


def test_values_have_the_agreed_shape(client: httpx.Client, tiny_store: Store) -> None:
    edition = tiny_store.current().edition("analyst")
    made = client.get(
        "/collections/rating/values", params={"datetime": "2021-11/2022-02", "offence": "theft"}
    ).json()
    assert list(made) == ["release", "layer", "offence", "period", "months", "districts", "columns"]
    assert (made["release"], made["layer"], made["offence"]) == (edition.release, "rating", "theft")
    assert made["period"] == "month"
    assert made["months"] == ["2021-11", "2021-12", "2022-01", "2022-02"]
    assert made["districts"] == edition.districts()["district"].tolist()
    numeric = [
        c["name"] for c in edition.entry("rating")["columns"] if c["type"] in ("integer", "number", "boolean")
    ]
    assert list(made["columns"]) == numeric
    rows = edition.read("rating", ("2021-11", "2022-02"), ["theft"])
    for name in ("count", "level", "magnitude"):
        grid = rows[name].to_numpy(float, na_value=np.nan).reshape(4, 9)
        assert np.allclose(np.array(made["columns"][name], dtype=float), grid, equal_nan=True)
    assert made["columns"]["count"][0][1] is None


def test_values_of_chosen_columns_and_of_a_layer_without_offences(client: httpx.Client) -> None:
    one = client.get("/collections/rating/values", params={"columns": "level"}).json()
    assert list(one["columns"]) == ["level"]
    assert (one["offence"], len(one["months"])) == ("all", 14)
    assert one == client.get("/collections/rating/values", params={"properties": "level"}).json()
    safety = client.get("/collections/safety/values", params={"columns": "level"}).json()
    assert (safety["offence"], safety["period"], len(safety["columns"]["level"])) == (None, "rolling12", 3)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("rating/values?columns=nothing", 400), ("rating/values?limit=3", 400), ("rating/values?offence=nobody", 404),
        ("rating/values?columns=level&properties=level", 400), ("safety/values?offence=all", 400),
        ("districts/values", 404), ("offences/values", 404), ("nothing/values", 404), ("rating/values?datetime=x", 400),
    ],
)  # fmt: skip
def test_values_that_there_are_not(client: httpx.Client, path: str, status: int) -> None:
    assert client.get(f"/collections/{path}").status_code == status


def test_styles_point_at_this_server(client: httpx.Client, server: str) -> None:
    listed = {style["id"]: style for style in client.get("/styles").json()["styles"]}
    assert {"rating", "safety", "districts"} == set(listed)
    made = client.get("/styles/rating").json()
    (template,) = next(iter(made["sources"].values()))["tiles"]
    assert template.startswith(server)
    address = re.sub(r"\{(z|x|y)\}", "0", template)
    assert client.get(address).status_code == 200
    sources = {layer.get("source-layer") for layer in made["layers"]} - {None}
    assert "rating" in sources
    assert "<StyledLayerDescriptor" in client.get("/styles/rating", params={"f": "sld"}).text
    assert "<qgis" in client.get("/styles/rating", params={"f": "qml", "lang": "ru"}).text
    for path in ("/styles/offences", "/styles/nothing", "/styles/..%2Frating"):
        assert client.get(path).status_code == 404
    assert client.get("/styles/rating", params={"f": "css"}).status_code == 400


@pytest.mark.parametrize("layer", ["districts", "rating"])
def test_the_archive_holds_the_same_bytes(
    client: httpx.Client, tiny_store: Store, tmp_path: Path, layer: str
) -> None:
    path = tmp_path / "layer.pmtiles"
    export(tiny_store.current().edition("analyst"), layer, path)
    tiles = {place: gzip.decompress(held) for place, held in all_tiles(MemorySource(path.read_bytes()))}
    top = max(z for z, _, _ in tiles)
    at_top = [place for place in tiles if place[0] == top]
    chosen = [place for place in tiles if place[0] < 5] + at_top[:20]
    for z, x, y in chosen:
        answer = client.get(f"/collections/{layer}/tiles/WebMercatorQuad/{z}/{y}/{x}")
        assert answer.content == tiles[z, x, y]
    # A tile that only its buffer would touch is empty in both.
    z, x, y = min(at_top)
    beside = client.get(f"/collections/{layer}/tiles/WebMercatorQuad/{z}/{y}/{x - 1}")
    assert (beside.status_code, beside.content) == (200, b"")
