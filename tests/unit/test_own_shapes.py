"""Layers of own shapes from the cards to every door: clusters and spread paths of a grid with a planted chain."""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import geopandas as gpd
import mapbox_vector_tile
import networkx as nx
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from pmtiles.reader import MmapSource, Reader
from starlette.testclient import TestClient

from gis_layers import pipeline
from gis_layers.desk import Scope, add_token, open_desk
from gis_layers.errors import InputError, UsageError
from gis_layers.explain import explain, explain_found, explain_text, found_text
from gis_layers.export import export
from gis_layers.layers import Judged, spread_paths_layer
from gis_layers.messages import LANGUAGES
from gis_layers.places.clusters import stage as clusters_stage
from gis_layers.release import Edition, open_store
from gis_layers.spread import stage as spread_stage
from gis_layers.tiles.drawing import Drawing
from gis_layers.tiles.grid import Tile
from tile_server import ServerSettings, create_app

SIDE, MONTHS = 5, 60
CHAIN = ((6, 40), (7, 41), (12, 43), (17, 44), (18, 46))
"""Districts and months of the planted chain."""
LASTING = (0, 1, 5)
"""Districts that have twice as much in the last four months."""

AREA = """\
[area]
id = "grid"
name = { en = "Grid", ru = "Сетка", kk = "Тор" }
attribution = "nobody"
metric_crs = "EPSG:3857"
languages = ["en", "ru", "kk"]

[districts]
path = "districts.geojson"
columns = { district = "code", name = "name" }
constants = { status = "cell" }

[disclosure]
counts = "open"

[[counts]]
name = "table"
path = "counts.csv"
columns = { district = "d", offence = "o", period = "p", count = "c" }
"""


def counts(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    made = rng.poisson(rng.gamma(50.0, 1.0, (SIDE * SIDE, MONTHS)))
    for district, month in CHAIN:
        made[district, month] += 60
    for district in LASTING:
        made[district, -4:] += 60
    district, month = (axis.ravel() for axis in np.indices(made.shape))
    return pd.DataFrame(
        {
            "d": [f"d{number:02}" for number in district],
            "o": "theft",
            "p": [f"{2018 + number // 12}-{number % 12 + 1:02}" for number in month],
            "c": made.ravel(),
        }
    )


def write_area(folder: Path, more: str = "") -> Path:
    cells = [
        shapely.box(60 + x / 4, 50 + y / 4, 60.25 + x / 4, 50.25 + y / 4)
        for y in range(SIDE)
        for x in range(SIDE)
    ]
    codes = [f"d{number:02}" for number in range(SIDE * SIDE)]
    frame = gpd.GeoDataFrame(
        {"code": codes, "name": [f"Place {code}" for code in codes]}, geometry=cells, crs=4326
    )
    frame.to_file(folder / "districts.geojson")
    counts(3).to_csv(folder / "counts.csv", index=False)
    (folder / "codes.csv").write_text("code,parent,name_en\nall,,All\ntheft,all,Theft\n", encoding="utf-8")
    (folder / "area.toml").write_text(AREA + more, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("own")
    pipeline.build(write_area(folder), folder / "store")
    return folder / "store"


@pytest.fixture(scope="module")
def analyst(store: Path) -> Edition:
    return open_store(store).current().edition("analyst")


@pytest.fixture(scope="module")
def client(store: Path) -> Any:
    with TestClient(
        create_app(ServerSettings(store, edition="analyst")), base_url="http://127.0.0.1:8000"
    ) as made:
        yield made


def test_the_planted_cluster_and_chain_are_rows_with_shapes(analyst: Edition) -> None:
    clusters = analyst.read("clusters", offences=["all"])
    lasting = clusters[clusters["recurrence_interval"].notna()].sort_values("p_value").iloc[0]
    assert set(json.loads(lasting["districts"])) >= {"d00", "d01", "d05"}
    assert str(lasting["last_month"])[:7] == "2022-12"
    assert lasting["ratio"] > 1.5
    paths = analyst.read("spread_paths")
    chain = paths[paths["kind"] == "chain"].sort_values("step")
    assert chain["district_from"].tolist()[:4] == ["d06", "d07", "d12", "d17"]
    stops = [part for part in json.loads(chain["evidence"].iloc[0]) if part["code"] == "path.stop"]
    assert [stop["values"]["district"] for stop in stops][:4] == ["d06", "d07", "d12", "d17"]
    assert stops[1]["values"]["month"] == "2021-06"
    assert any(stop["values"]["signal"] == "outbreak" for stop in stops)
    stored = gpd.read_parquet(analyst.path("spread_paths"))
    assert stored.crs.to_epsg() == 4326 or stored.crs == "OGC:CRS84"
    assert set(stored.geom_type) == {"LineString"}


def test_the_catalogue_says_what_a_row_is_drawn_as_and_how_long_it_lasts(analyst: Edition) -> None:
    for layer, geometry in (("clusters", "polygon"), ("spread_paths", "line")):
        entry = analyst.entry(layer)
        assert (entry["geometry"], entry["own_shapes"], entry["interval"]) == (
            geometry, True, ["first_month", "last_month"],
        )  # fmt: skip
        assert (entry["months"][0], entry["months"][-1], len(entry["months"])) == ("2018-01", "2022-12", 60)
    assert analyst.entry("clusters")["offences"] == ["all", "theft"]
    assert analyst.entry("spread_paths")["offences"] == ["theft"]


def test_nothing_of_them_reaches_the_public_edition(store: Path) -> None:
    release = open_store(store).current()
    public = release.edition("public")
    assert {"clusters", "spread_paths"}.isdisjoint(public.layer_ids)
    held = [path.relative_to(public.folder).as_posix() for path in public.folder.rglob("*") if path.is_file()]
    assert not [name for name in held if "cluster" in name or "spread" in name]
    analyst = release.edition("analyst")
    names = [*analyst.read("clusters")["cluster"], *analyst.read("spread_paths")["path"].unique()]
    for path in public.folder.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert not [name for name in names if str(name).encode() in content]
    assert release.verify() == []


@pytest.mark.parametrize("ending", [".geojson", ".gpkg", ".fgb", ".parquet"])
@pytest.mark.parametrize(("layer", "kind"), [("clusters", "Polygon"), ("spread_paths", "LineString")])
def test_files_hold_the_shapes(analyst: Edition, tmp_path: Path, layer: str, kind: str, ending: str) -> None:
    output = tmp_path / f"{layer}{ending}"
    rows = export(analyst, layer, output, month="all", offence="*")
    assert rows == analyst.entry(layer)["rows"] > 0
    frame = gpd.read_parquet(output) if ending == ".parquet" else pyogrio.read_dataframe(output)
    assert len(frame) == rows
    assert frame.geom_type.str.removeprefix("Multi").unique().tolist() == [kind]
    truth = gpd.read_parquet(analyst.path(layer))
    assert np.allclose(frame.total_bounds, truth.total_bounds, atol=1e-6)
    if ending == ".gpkg":
        with sqlite3.connect(output) as database:
            styles = database.execute("SELECT styleQML FROM layer_styles").fetchall()
        assert len(styles) == 3
        assert all(("ArrowLine" in text) == (kind == "LineString") for (text,) in styles)


def test_a_month_selects_the_rows_that_overlap_it(analyst: Edition, tmp_path: Path) -> None:
    chain = analyst.read("spread_paths").query("kind == 'chain'").sort_values("step")
    output = tmp_path / "paths.csv"
    export(analyst, "spread_paths", output, month="2021-05")
    found = pd.read_csv(output)
    held = (found["first_month"] <= "2021-05-01") & (found["last_month"] >= "2021-05-01")
    assert held.all()
    assert found.loc[found["kind"] == "chain", "step"].tolist() == chain["step"].tolist()[:1]
    assert export(analyst, "clusters", tmp_path / "newest.xlsx") > 0
    with pytest.raises(UsageError, match="no such month"):
        export(analyst, "clusters", output, month="2030-01")


def test_paths_are_a_graph_and_a_layer_without_ways_is_none(analyst: Edition, tmp_path: Path) -> None:
    rows = export(analyst, "spread_paths", tmp_path / "paths.graphml")
    graph = nx.read_graphml(tmp_path / "paths.graphml")
    assert graph.number_of_edges() == rows
    assert graph.nodes["d07"]["name"] == "Place d07"
    with pytest.raises(UsageError, match="no ways between districts"):
        export(analyst, "clusters", tmp_path / "clusters.graphml")


def test_an_archive_holds_the_tiles_that_the_server_answers(
    analyst: Edition, tmp_path: Path, client: Any
) -> None:
    rows = export(analyst, "clusters", tmp_path / "c.pmtiles", month="2022-12", offence="all")
    with (tmp_path / "c.pmtiles").open("rb") as file:
        data = Reader(MmapSource(file)).get(0, 0, 0)
    tile = client.get("/collections/clusters/tiles/WebMercatorQuad/0/0/0?datetime=2022-12")
    assert len(mapbox_vector_tile.decode(gzip.decompress(data))["clusters"]["features"]) == rows
    assert len(mapbox_vector_tile.decode(tile.content)["clusters"]["features"]) == rows


def test_items_answer_by_time_box_and_name(client: Any, analyst: Edition) -> None:
    paths = "/collections/spread_paths/items"
    whole = client.get(paths).json()
    assert whole["numberMatched"] == analyst.entry("spread_paths")["rows"]
    assert whole["features"][0]["geometry"]["type"] == "LineString"
    chains = client.get(f"{paths}?kind=chain&datetime=2021-05&offence=theft").json()["features"]
    assert [one["properties"]["district_from"] for one in chains] == ["d06"]
    name = chains[0]["id"]
    assert client.get(f"{paths}/{name}").json()["properties"]["step"] == 1
    assert client.get(f"{paths}?bbox=0,0,1,1").json()["numberMatched"] == 0
    assert client.get(f"{paths}?kind=chain&bbox=60.25,50.2,60.9,51").json()["numberMatched"] >= 1
    assert client.get(f"{paths}?filter=S_INTERSECTS(geometry,BBOX(0,0,1,1))").json()["numberMatched"] == 0
    assert client.get(f"{paths}?datetime=2021-13").status_code == 400
    assert client.get(f"{paths}?f=csv&kind=chain").text.startswith("id,path,kind,step")
    for document in ("schema", "queryables", ""):
        assert client.get(f"/collections/spread_paths/{document}".rstrip("/")).status_code == 200
    assert client.get("/styles/spread_paths").json()["layers"][0]["type"] == "line"


def test_a_tile_shows_the_month_asked_for_and_keeps_the_way_of_lines(client: Any, analyst: Edition) -> None:
    tiles = "/collections/spread_paths/tiles/WebMercatorQuad"
    tile = Tile(4, 10, 5)
    asked = client.get(f"{tiles}/4/{tile.y}/{tile.x}?datetime=2021-05&offence=theft")
    features = mapbox_vector_tile.decode(asked.content, default_options={"y_coord_down": True})[
        "spread_paths"
    ]["features"]
    chain = next(one for one in features if one["properties"]["kind"] == "chain")
    assert chain["properties"]["district_from"] == "d06"
    xy = np.array(chain["geometry"]["coordinates"])
    assert xy[0, 0] < xy[-1, 0]  # from d06 eastward to d07
    assert client.get(f"{tiles}/4/0/0").content == b""
    assert client.get(f"{tiles}?f=json").status_code == 200
    none = client.get(f"{tiles}/4/{tile.y}/{tile.x}?datetime=2021-05&offence=murder")
    assert (none.status_code, none.content) == (200, b"")


def test_a_shape_smaller_than_a_unit_is_drawn_and_a_touching_one_is_not() -> None:
    tiny_square = shapely.box(10.1, 10.1, 10.1001, 10.1001)
    assert len(Drawing([tiny_square]).cut(Tile(0, 0, 0)).pieces) == 1
    assert (
        len(Drawing([shapely.LineString([(1, 1), (1.0001, 1)])], lines=True).cut(Tile(0, 0, 0)).pieces) == 1
    )
    assert Drawing([shapely.box(0, 0, 10, 10)]).cut(Tile(1, 0, 1)).rows == []


def test_the_story_says_why_it_is_there_and_what_would_make_it_vanish(analyst: Edition, client: Any) -> None:
    path = analyst.read("spread_paths").query("kind == 'chain'")["path"].iloc[0]
    cluster = analyst.read("clusters", offences=["all"]).sort_values("p_value")["cluster"].iloc[0]
    for kind, name in (("path", path), ("cluster", cluster)):
        story = explain_found(analyst, kind, name)
        for lang in LANGUAGES:
            assert name in found_text(story, lang)
        answer = client.get(f"/explain?{kind}={name}&lang=kk").json()
        assert answer["story"]["name"] == name
        assert answer["text"] == found_text(story, "kk")
    assert "Without its strongest stop" in found_text(explain_found(analyst, "path", path))
    assert "Without its strongest month" in found_text(explain_found(analyst, "cluster", cluster))
    for bad, status in (
        ("path=none", 404),
        ("path=a/b", 400),
        ("path=x&district=d01", 400),
        ("cluster=", 400),
    ):
        assert client.get(f"/explain?{bad}").status_code == status, bad
    with pytest.raises(UsageError, match="no such path"):
        explain_found(analyst, "path", "none")


def test_the_story_of_a_cell_names_what_it_is_part_of(analyst: Edition) -> None:
    told = explain_text(explain(analyst, "d07", "theft", "2021-06"), "en")
    assert "Place d06 to Place d07" in told
    last = explain_text(explain(analyst, "d00", "theft", "2022-12"), "ru")
    assert "входит в кластер" in last


def test_who_sees_two_of_five_stops_sees_nothing_of_a_chain(
    store: Path, analyst: Edition, tmp_path: Path
) -> None:
    frame = analyst.read("spread_paths").query("kind == 'chain'").sort_values("step")
    name, stops = frame["path"].iloc[0], {*frame["district_from"], *frame["district_to"]}
    shutil.copytree(store, tmp_path / "store")
    scopes = Scope(("d06", "d07")), Scope(tuple(sorted(stops))), Scope(("d24",))
    with open_desk(tmp_path / "store") as desk:
        tokens = [
            add_token(desk, name=f"a{place}", edition="analyst", scope=scope, expires=None)[1]
            for place, scope in enumerate(scopes)
        ]
    paths = "/collections/spread_paths"
    asked = (
        f"{paths}/items?kind=chain", f"{paths}/tiles/WebMercatorQuad/0/0/0?datetime=2021-05&offence=theft",
        f"/explain?path={name}", f"{paths}/items/{name}.1", "/explain?district=d07&offence=theft&datetime=2021-06",
    )  # fmt: skip
    with TestClient(
        create_app(ServerSettings(tmp_path / "store")), base_url="http://127.0.0.1:8000"
    ) as client:

        def ask(token: str, url: str) -> Any:
            return client.get(url, headers={"Authorization": f"Bearer {token}"})

        items, tile, story, item, cell = (ask(tokens[0], url) for url in asked)
        assert [items.status_code, tile.status_code, cell.status_code] == [200, 200, 200]
        assert [story.status_code, item.status_code] == [404, 404]
        assert (items.json()["numberMatched"], tile.content) == (0, b"")
        for answer in (items, tile, story, item, cell):
            assert not [stop for stop in stops - {"d06", "d07"} if f'"{stop}"' in answer.text]
        assert name not in items.text + cell.text
        items, tile, story, item, _ = (ask(tokens[1], url) for url in asked)
        assert items.json()["numberMatched"] == len(frame)
        assert [story.status_code, item.status_code] == [200, 200]
        assert mapbox_vector_tile.decode(tile.content)["spread_paths"]["features"]
        # whoever sees no cluster gets empty tiles of them
        drawn = ask(tokens[2], "/collections/clusters/tiles/WebMercatorQuad/0/0/0")
        assert (drawn.status_code, drawn.content) == (200, b"")
        assert ask(tokens[2], "/collections/clusters/items?bbox=60,50,62,52").json()["numberMatched"] == 0


def test_an_unchanged_build_takes_up_what_was_kept(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("judged again")

    monkeypatch.setattr(clusters_stage, "judge_clusters", refuse)
    monkeypatch.setattr(spread_stage, "judge_spread", refuse)
    before = {
        name: open_store(store).current().edition("analyst").path(name).read_bytes()
        for name in ("clusters", "spread_paths")
    }
    pipeline.build(store.parent, store)
    after = open_store(store).current().edition("analyst")
    assert {name: after.path(name).read_bytes() for name in before} == before


def test_an_area_that_switches_them_off_or_asks_for_what_is_not_there_is_told(tmp_path: Path) -> None:
    write_area(tmp_path, '\n[clusters]\nenabled = false\n\n[spread]\noffences = ["nothing"]\n')
    with pytest.raises(InputError, match="searched for is not in the codebook"):
        pipeline.build(tmp_path, tmp_path / "store")


def test_shapes_of_another_kind_are_refused() -> None:
    frame = gpd.GeoDataFrame({"path": ["a"]}, geometry=[shapely.Point(0, 0)], crs=4326)
    for name in ("kind", "step", "district_from", "district_to", "offence", "lag_months", "strength"):
        frame.insert(frame.shape[1] - 1, name, None)
    judged = Judged("2020-01", "2020-02", ())
    with pytest.raises(InputError, match="is no line"):
        spread_paths_layer(frame, judged)
    with pytest.raises(InputError, match="EPSG:4326"):
        spread_paths_layer(frame.to_crs(3857), judged)
