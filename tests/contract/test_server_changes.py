"""Dynamics, structure and completeness over HTTP: items, values, tiles that carry the signal, one attribute a tile."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import mapbox_vector_tile
import pytest
from live import live
from tiny_changes import changes_release

from tile_server import ServerSettings


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("changes")
    changes_release(folder)
    with (
        live(ServerSettings(folder, edition="analyst")) as address,
        httpx.Client(base_url=address) as made_client,
    ):
        yield made_client


def tile(client: httpx.Client, layer: str, query: str = "") -> list[dict[str, object]]:
    answer = client.get(f"/collections/{layer}/tiles/WebMercatorQuad/0/0/0?f=mvt{query}")
    assert answer.status_code == 200, answer.text
    return [one["properties"] for one in mapbox_vector_tile.decode(answer.content)[layer]["features"]]


def test_a_tile_of_dynamics_carries_the_signal(client: httpx.Client) -> None:
    told = {one.get("signal") for one in tile(client, "dynamics", "&offence=theft")}
    assert told <= {"outbreak", "fall", "norm", "norm_rise_only", "too_few"}
    assert len(told) > 2


def test_a_tile_of_completeness_shows_one_attribute(client: httpx.Client) -> None:
    assert {one["filled"] for one in tile(client, "completeness")} == {81}
    assert {one["filled"] for one in tile(client, "completeness", "&attribute=place")} == {40}
    address = "/collections/completeness/tiles/WebMercatorQuad/0/0/0?f=mvt&attribute=camera"
    assert client.get(address).status_code == 404
    address = "/collections/dynamics/tiles/WebMercatorQuad/0/0/0?f=mvt&attribute=place"
    assert client.get(address).status_code == 400


def test_values_and_items_of_the_new_layers(client: httpx.Client) -> None:
    values = client.get("/collections/dynamics/values?offence=theft&properties=signal,change_year").json()
    assert set(values["columns"]) == {"signal", "change_year"}
    assert len(values["districts"]) == 9
    item = client.get("/collections/structure/items/01000.2022-12.theft?f=json")
    assert item.status_code == 200
    assert item.json()["properties"]["share"] == 0.5
    item = client.get("/collections/completeness/items/01000.place.2022-12?f=json")
    assert item.status_code == 200
    assert item.json()["properties"]["signal"] == "low"
    latest = client.get("/collections/dynamics_latest/items?f=json").json()
    assert latest["numberMatched"] == 9


def test_styles_colour_by_the_signal(client: httpx.Client) -> None:
    style = client.get("/styles/dynamics?f=maplibre").json()
    filters = [layer.get("filter") for layer in style["layers"]]
    assert ["==", ["get", "signal"], "fall"] in filters


def test_values_are_those_of_one_attribute(client: httpx.Client) -> None:
    address = "/collections/completeness/values?properties=filled,signal&datetime=2022-12"
    by_default = client.get(address).json()["columns"]
    assert by_default == {"filled": [[81] * 9], "signal": [["norm"] * 9]}
    place = client.get(f"{address}&attribute=place").json()["columns"]
    assert place == {"filled": [[40] * 9], "signal": [["low"] * 9]}
    whole = client.get("/collections/completeness/values?properties=share_filled&attribute=place").json()
    assert len(whole["months"]) == 14
    assert {value for row in whole["columns"]["share_filled"] for value in row} == {40 / 90}
    assert client.get(f"{address}&attribute=camera").status_code == 404
    assert client.get("/collections/dynamics/values?attribute=place").status_code == 400


def test_the_catalogue_names_the_attributes(client: httpx.Client) -> None:
    layers = {one["id"]: one for one in client.get("/catalogue").json()["layers"]}
    assert layers["completeness"]["attributes"] == ["method", "place", "witness"]
    assert "attributes" not in layers["dynamics"]
