"""Dynamics, structure and completeness over HTTP: items, values, tiles that carry the signal, one attribute a tile."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import mapbox_vector_tile
import pandas as pd
import pytest
import tiny
from live import live

from gis_layers.layers import completeness_layer, dynamics_layer, structure_layer
from gis_layers.release import publish
from gis_layers.sources.ledger import QUARANTINE_COLUMNS, Ledger, SourceLedger, Tally
from tile_server import ServerSettings


def changes() -> pd.DataFrame:
    frame = tiny.rating()[["district", "offence", "month"]]
    signal = ["outbreak", "fall", "norm", "norm_rise_only", "too_few"]
    numbers = ("expected", "lower", "upper", "p_rise", "p_fall", "q_value", "instability", "change_month",
               "change_year", "ytd", "ytd_last_year", "change_ytd")  # fmt: skip
    made = dict.fromkeys(numbers, 3.0)
    return frame.assign(**made, signal=[signal[n % 5] for n in range(len(frame))], evidence=None)


def mixes() -> pd.DataFrame:
    frame = tiny.rating()[["district", "offence", "month"]]
    names = ("imbalance", "p_value", "share", "share_peers", "share_own_year", "lift")
    return frame.assign(**dict.fromkeys(names, 0.5))


def fields() -> pd.DataFrame:
    months = tiny.rating()["month"].unique()
    rows = [
        {"district": district, "attribute": attribute, "month": month, "cards": 90, "filled": filled}
        for attribute, filled in (("method", 81), ("place", 40))
        for month in months
        for district in tiny.DISTRICTS
    ]
    frame = pd.DataFrame(rows)
    return frame.assign(share_filled=frame["filled"] / 90, expected_share=0.9,
                        signal=["norm" if one > 50 else "low" for one in frame["filled"]])  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("changes")
    made = [*tiny.layers(), dynamics_layer(changes()), structure_layer(mixes()), completeness_layer(fields())]
    account = SourceLedger("table")
    account.read, account.counted = Tally(1, 1), Tally(1, 1)
    publish(
        folder,
        area=tiny.AREA,
        editions={"public": made[:5], "analyst": made},
        ledger=Ledger((account,)),
        quarantine=pd.DataFrame(columns=list(QUARANTINE_COLUMNS)),
        inputs={},
        settings={},
        parents=tiny.parents(tiny.shapes()),
    )
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
