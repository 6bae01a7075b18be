"""Layers made of points: rasters in both editions, squares, near repeats; what they are served and exported as."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import geopandas as gpd
import httpx
import numpy as np
import pandas as pd
import pytest
import rasterio
from pointed import TRACK, pointed_area
from rio_cogeo.cogeo import cog_validate

from gis_layers import pipeline
from gis_layers.cli.app import app as audan
from gis_layers.errors import InputError, UsageError
from gis_layers.explain import explain, explain_found, explain_text, found_text
from gis_layers.export import export
from gis_layers.layers import Judged
from gis_layers.layers.style import styles
from gis_layers.places import of_tracks
from gis_layers.places.of_points import incidents_of
from gis_layers.release import Store, VerdictCache, open_store
from gis_layers.release.backup import backup_store
from gis_layers.sources import read_points
from gis_layers.spread import incident_paths
from gis_layers.spread import stage as spread_stage
from tile_server import ServerSettings, create_app

TRACK_NAME = "theft.2022-10.incidents-1"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("pointed")
    pipeline.build(pointed_area(folder / "area"), folder / "store")
    return open_store(folder / "store")


def ask(store: Store, edition: str, *calls: tuple[str, dict[str, str]]) -> list[httpx.Response]:
    async def answers() -> list[httpx.Response]:
        served = create_app(ServerSettings(Path(store.path), edition=edition))
        transport = httpx.ASGITransport(app=served, client=("127.0.0.1", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return [await client.get(path, headers=headers) for path, headers in calls]

    # in a thread of its own: a browser of another test may have left a loop running in this one
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, answers()).result()


def test_rasters_of_both_editions_are_valid_and_coarse_for_the_public(built: Store) -> None:
    release = built.current()
    for name, cell in (("analyst", 100), ("public", 1000)):
        edition = release.edition(name)
        rows = edition.read("density")
        assert set(rows["period"]) == {"rolling3", "rolling12"}
        assert edition.entry("density")["rasters"][0]["month"] == (
            "2023-02" if name == "analyst" else "2022-12"
        )
        for row in rows.itertuples():
            file = edition.raster(row.raster)
            assert cog_validate(file, strict=True, quiet=True) == (True, [], [])
            with rasterio.open(file) as raster:
                values, tags = raster.read(1), raster.tags()
                assert raster.crs.to_epsg() == 32643
                assert raster.res == (cell, cell)
            held = float(np.nansum(values)) * cell**2 / 1e6
            if name == "analyst":
                assert held == pytest.approx(row.incidents, rel=1e-4)
            else:
                assert 0.5 * row.incidents < held < 1.1 * row.incidents
            assert int(tags["incidents"]) == row.incidents >= 30
            assert row.bandwidth >= 2 * cell
    assert set(release.edition("analyst").read("density")["offence"]) == {"all", "theft", "abuse"}
    public = release.edition("public").read("density")
    assert set(public["offence"]) == {"all", "theft"}, "an offence that is sensitive has none"
    assert set(public["month"].dt.strftime("%Y-%m")) == {"2022-12"}, "a quarter and a year, not every month"
    assert (public["incidents"] % 10 == 0).all()
    assert not release.verify()
    assert any(name.endswith(".tif") for name in release.manifest["files"])


def test_a_public_raster_stays_as_published_and_holds_no_sensitive_leaf(tmp_path: Path) -> None:
    area = pointed_area(tmp_path / "area", more='[density]\noffences = ["all", "theft"]\n')
    pipeline.build(area, tmp_path / "store")
    before = open_store(tmp_path / "store").current().edition("public")
    cards = pd.read_csv(tmp_path / "area" / "cards.csv")
    late = cards[(cards["o"] == "theft") & (cards["t"].str[:7] == "2022-11")]
    pd.concat([cards, late.assign(x=late["x"] + 0.01)]).to_csv(tmp_path / "area" / "cards.csv", index=False)
    pipeline.build(area, tmp_path / "store")
    store = open_store(tmp_path / "store").current()
    after = store.edition("public")
    for name in before.read("density")["raster"]:
        assert before.raster(name).read_bytes() == after.raster(name).read_bytes(), (
            "late cards show in no raster"
        )
    pd.testing.assert_frame_equal(before.read("density"), after.read("density"))
    year = (cards["t"].str[:4] == "2022") & (cards["o"] != "abuse")
    of_all = after.read("density").set_index(["offence", "period"]).loc[("all", "rolling12"), "incidents"]
    assert abs(of_all - year.sum()) <= 10


def test_a_damaged_raster_is_found_and_a_backup_holds_it(built: Store, tmp_path: Path) -> None:
    release = built.current()
    backup_store(Path(built.path), release.id, tmp_path / "copy")
    copy = open_store(tmp_path / "copy").current()
    file = copy.edition("public").raster("density.all.rolling12.tif")
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    assert "rasters/density.all.rolling12.tif" in json.dumps([str(one) for one in copy.verify()])


def test_squares_and_near_repeats_are_the_analysts(built: Store) -> None:
    release = built.current()
    assert not {"hotspot_cells", "near_repeat"} & set(release.edition("public").layer_ids)
    edition = release.edition("analyst")
    cells = edition.read("hotspot_cells", offences=["all"])
    assert sorted(cells["month"].dt.strftime("%Y-%m").unique()) == ["2022-12", "2023-01", "2023-02"]
    assert cells["district"].isna().all()
    assert set(cells["place_kind"]) == {"cell"}
    newest = cells[cells["month"] == cells["month"].max()]
    hot = newest[newest["signal"].isin(["hot", "hot_clear"])]["place"]
    assert 1 <= len(hot) <= 60
    corners = [tuple(int(part) for part in place.split("_")[1:]) for place in hot]
    assert all(x < 503_000 and y < 4_803_000 for x, y in corners), "the hot corner and nothing else"
    near = edition.read("near_repeat")
    assert set(near["offence"]) == {"theft", "abuse", "rare"}
    block = near[(near["offence"] == "theft") & (near["metres_to"] == 0) & (near["days_to"] == 7)].iloc[0]
    assert block["observed"] == 12
    assert block["p_value"] <= 0.02
    assert str(block["first_month"])[:7] == "2022-03"


def test_what_the_server_gives_by_ranges(built: Store) -> None:
    here = "/collections/density/coverage"
    whole, part, tail, beyond, several, old = ask(
        built, "public", (here, {}), (here, {"Range": "bytes=0-15"}), (here, {"Range": "bytes=-7"}),
        (here, {"Range": "bytes=99999999-"}), (here, {"Range": "bytes=0-1,4-5"}),
        (here, {"Range": "bytes=0-15", "If-Range": '"old"'}),
    )  # fmt: skip
    raster = built.current().edition("public").raster("density.all.rolling12.tif").read_bytes()
    assert (whole.status_code, whole.content, whole.headers["accept-ranges"]) == (200, raster, "bytes")
    assert (part.status_code, part.content) == (206, raster[:16])
    assert part.headers["content-range"] == f"bytes 0-15/{len(raster)}"
    assert part.headers["etag"] == whole.headers["etag"]
    assert tail.content == raster[-7:]
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(raster)}")
    assert [several.status_code, old.status_code] == [200, 200]
    same, *refused, entry, squares, api = ask(
        built, "analyst", (here, {"If-None-Match": "*"}), (f"{here}?period=week", {}), (f"{here}?offence=rare", {}),
        (f"{here}?datetime=2019-01", {}), (f"{here}?bbox=1,2,3,4", {}), ("/collections/rating/coverage", {}),
        ("/collections/density", {}), ("/collections/hotspot_cells/items?limit=1", {}), ("/api", {}),
    )  # fmt: skip
    assert same.status_code == 304
    assert [answer.status_code for answer in refused] == [400, 404, 404, 400, 404]
    links = {link["rel"]: link for link in entry.json()["links"]}
    assert links["http://www.opengis.net/def/rel/ogc/1.0/coverage"]["type"].startswith("image/tiff")
    feature = squares.json()["features"][0]
    assert feature["geometry"]["type"] == "Polygon"
    assert feature["id"].startswith("c500_")
    assert here in api.json()["paths"]


def test_exports(built: Store, tmp_path: Path) -> None:
    edition = built.current().edition("analyst")
    export(edition, "density", tmp_path / "year.tif", offence="theft")
    export(edition, "density", tmp_path / "quarter.tif", offence="theft", period="rolling3")
    kept = edition.raster("density.theft.rolling3.tif")
    assert (
        (tmp_path / "quarter.tif").read_bytes() == kept.read_bytes() != (tmp_path / "year.tif").read_bytes()
    )
    export(edition, "density", tmp_path / "index.csv")
    assert export(edition, "near_repeat", tmp_path / "near.xlsx", offence="theft") > 4
    export(edition, "hotspot_cells", tmp_path / "cells.gpkg")
    assert gpd.read_file(tmp_path / "cells.gpkg").geom_type.unique().tolist() == ["MultiPolygon"]
    for layer, more, said in (
        ("rating", {}, "has no rasters"),
        ("density", {"offence": "*"}, "one raster"),
        ("density", {"period": "month"}, "no such raster"),
        ("rating", {"period": "month"}, "one period"),
    ):
        with pytest.raises(UsageError, match=said):
            export(edition, layer, tmp_path / "no.tif", **more)  # type: ignore[arg-type]
    assert audan is not None


def test_a_track_of_incidents_is_among_the_paths_of_analysts_alone(built: Store) -> None:
    release = built.current()
    assert "spread_paths" not in release.edition("public").layer_ids
    edition = release.edition("analyst")
    rows = edition.read("spread_paths").sort_values("step")
    assert set(rows["path"]) == {TRACK_NAME}, "the planted one, and none of those that chance makes"
    assert rows["step"].tolist() == list(range(1, TRACK))
    assert rows["district_from"].tolist() == ["d4"] * 4 + ["d5"] * 2
    assert rows["district_to"].tolist() == ["d4"] * 3 + ["d5"] * 3
    assert rows[["strength", "lower", "upper", "q_value"]].isna().all(axis=None)
    assert rows["first_month"].dt.strftime("%Y-%m").tolist() == ["2022-10"] * 3 + ["2022-11"] * 3
    entry = edition.entry("spread_paths")
    assert (entry["months"][0], entry["months"][-1]) == ("2022-03", "2023-02")
    assert entry["offences"] == ["theft", "abuse", "rare"]
    note = next(column["note"] for column in entry["columns"] if column["name"] == "kind")
    assert "were not sought" in note["en"]
    assert set(note) == {"en", "ru", "kk"}


def test_a_track_is_told_without_a_strength(built: Store) -> None:
    edition = built.current().edition("analyst")
    story = explain_found(edition, "path", TRACK_NAME)
    codes = [part["code"] for part in story["evidence"]]
    assert codes == [f"path.track{end}" for end in ("", "_around", "_chance", "_limits", "_order")]
    assert story["evidence"][0]["values"]["n"] == TRACK
    assert story["evidence"][2]["values"]["share"] <= 0.05
    assert "d4 → d5" in found_text(story)
    for lang in ("en", "ru", "kk"):
        text = found_text(story, lang)
        assert "{" not in text
        assert "nan" not in text.lower()
        assert "None" not in text
    cell = explain(edition, "d5", "theft", "2022-11")
    assert [row["path"] for row in cell["part_of"]["paths"]] == [TRACK_NAME]
    assert TRACK_NAME in explain_text(cell)
    (answer, tile) = ask(
        built, "analyst", (f"/explain?path={TRACK_NAME}", {}),
        ("/collections/spread_paths/items?filter=kind%3D%27incidents%27&f=json", {}),
    )  # fmt: skip
    assert answer.json()["text"] == found_text(story)
    assert len(tile.json()["features"]) == TRACK - 1


def test_a_track_in_files_and_not_in_a_graph_of_districts(built: Store, tmp_path: Path) -> None:
    edition = built.current().edition("analyst")
    assert export(edition, "spread_paths", tmp_path / "paths.graphml") == 0
    for ending in ("csv", "geojson", "gpkg"):
        file = tmp_path / f"paths.{ending}"
        assert export(edition, "spread_paths", file, month="all", offence="*") == TRACK - 1
    header = (tmp_path / "paths.csv").read_text().splitlines()[0]
    assert not {"card", "x", "y", "day", "committed"} & set(header.split(","))
    lines = gpd.read_file(tmp_path / "paths.gpkg", layer="spread_paths").to_crs(32643)
    assert np.allclose(lines.length, 90, atol=1)


def test_tracks_are_dotted_in_every_style(built: Store) -> None:
    edition = built.current().edition("analyst")
    entry, area = edition.entry("spread_paths"), edition.catalogue["area"]
    files = styles(entry, area)
    drawn = {one["filter"][-1]: one["paint"] for one in json.loads(files["spread_paths.json"])["layers"][1:]}
    assert [kind for kind, paint in drawn.items() if "line-dasharray" in paint] == ["incidents"]
    assert drawn["incidents"]["line-width"] < drawn["edge"]["line-width"]
    assert files["spread_paths.en.sld"].count("stroke-dasharray") == 1
    assert files["spread_paths.en.qml"].count('class="SimpleLine"') == 1


def test_chains_are_drawn_where_near_repeats_are_more_than_chance(built: Store, tmp_path: Path) -> None:
    inputs = pipeline.read(pointed_area(tmp_path), tmp_path / "spool")
    span = np.datetime64("2022-03", "M"), np.datetime64("2023-02", "M")
    points = read_points(
        tmp_path / "spool",
        offences=["theft"],
        crs="EPSG:32643",
        by="registered",
        months=span,
        districts=["d5"],
    )
    assert points is not None
    assert inputs.intake.cards == tmp_path / "spool"
    repeats = built.current().edition("analyst").read("near_repeat")
    paths = incident_paths(incidents_of(points), offence="theft", repeats=repeats, district=points.district)
    assert set(paths["kind"]) == {"incidents"}
    assert paths["district_to"].fillna("").tolist() == [""] * 3 + ["d5"] * 3
    none = repeats.assign(p_value=1.0)
    assert incident_paths(incidents_of(points), offence="theft", repeats=none).empty


def test_tracks_are_kept_and_join_the_paths_between_districts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = pipeline.read(pointed_area(tmp_path), tmp_path / "spool")
    kept = VerdictCache(tmp_path / "store")
    first = {layer.id: layer for layer in pipeline.judge(inputs, kept).layers}["spread_paths"]

    def never(*args: object, **more: object) -> object:
        raise AssertionError("found again what is kept")

    monkeypatch.setattr(of_tracks, "incident_paths", never)
    edge = first.frame.tail(1).assign(path="theft.d4.d5", kind="edge")
    between = (edge, Judged("2021-01", "2022-12", ("theft", "fraud")), ("name",))
    monkeypatch.setattr(spread_stage, "_between", lambda *_: between)
    judged = pipeline.judge(inputs, kept)
    both = {layer.id: layer for layer in judged.layers}["spread_paths"]
    assert both.frame["kind"].value_counts().to_dict() == {"incidents": TRACK - 1, "edge": 1}
    assert both.judged == Judged("2021-01", "2023-02", ("theft", "fraud", "abuse", "rare"))
    assert all(column.note is None for column in both.columns)
    assert "name" in judged.kept


@pytest.mark.parametrize(
    ("more", "code"),
    [("\n[density]\nenabled = false\n", "absent.switched_off"), ("", "absent.no_points")],
)
def test_why_there_is_nothing(more: str, code: str, tmp_path: Path) -> None:
    file = pointed_area(tmp_path, more=more, cards=40)
    if code == "absent.no_points":
        rows = (tmp_path / "cards.csv").read_text().splitlines()[1:]
        (tmp_path / "cards.csv").write_text(
            "d,o,t\n" + "\n".join("d1," + row.split(",", 2)[2] for row in rows)
        )
        file.write_text(file.read_text().replace('x = "x", y = "y"', 'district = "d"'))
    judged = pipeline.judge(pipeline.read(file, tmp_path / "spool"))
    assert {one.id: one.code for one in judged.absent if one.id in pipeline.WITH_POINTS} == dict.fromkeys(
        pipeline.WITH_POINTS, code
    )


def test_too_few_points_and_a_wrong_name_are_said(tmp_path: Path) -> None:
    file = pointed_area(tmp_path, cards=20, more='\n[density]\noffences = ["rare"]\n')
    judged = pipeline.judge(pipeline.read(file, tmp_path / "spool"))
    assert "absent.density_few" in {one.code for one in judged.absent}
    assert "density" not in {layer.id for layer in (*judged.layers, *judged.public)}
    file.write_text(file.read_text().replace("rare", "arson"))
    with pytest.raises(InputError, match="arson"):
        pipeline.judge(pipeline.read(file, tmp_path / "spool"))


def test_points_of_one_month_are_too_short_a_time(tmp_path: Path) -> None:
    file = pointed_area(tmp_path)
    cards = pd.read_csv(tmp_path / "cards.csv")
    cards[cards["t"].str[:7] == "2023-02"].to_csv(tmp_path / "cards.csv", index=False)
    judged = pipeline.judge(pipeline.read(file, tmp_path / "spool"))
    why = {one.id: (one.code, one.values) for one in judged.absent}
    assert why["density"] == ("absent.needs_months", {"n": 3})


def test_all_points_on_one_spot(tmp_path: Path) -> None:
    file = pointed_area(tmp_path, cards=200)
    rows = [row.split(",") for row in (tmp_path / "cards.csv").read_text().splitlines()]
    same = [rows[0], *([*rows[1][:2], *row[2:]] for row in rows[1:])]
    (tmp_path / "cards.csv").write_text("\n".join(",".join(row) for row in same))
    judged = {
        layer.id: layer.frame for layer in pipeline.judge(pipeline.read(file, tmp_path / "spool")).layers
    }
    assert (judged["density"]["bandwidth"] == 200).all()
    assert (judged["near_repeat"].query("metres_to > 0")["observed"] == 0).all()
    assert set(judged["hotspot_cells"]["signal"]) == {"too_few"}, "under one card a square even in a year"


def test_why_a_district_is_hot_in_three_languages(built: Store) -> None:
    edition = built.current().edition("analyst")
    rows = edition.read("hotspots", offences=["all"])
    row = rows.loc[rows["gi_star"].idxmax()]
    month = str(row["month"])[:7]
    story = explain(edition, row["district"], "all", month)
    told = story["hotspot"]
    assert told["gi_star"] == row["gi_star"]
    assert len(told["neighbours"]) in (3, 5, 8)
    assert told["neighbours"][0]["rate"] >= told["neighbours"][-1]["rate"]
    assert told["without"]["gi_star"] != told["gi_star"]
    json.dumps(story, allow_nan=False)
    for lang, word in (("en", "Gi* is"), ("ru", "Gi* равен"), ("kk", "Gi* мәні")):
        assert word in explain_text(story, lang)
