"""The public edition as files: whatever format, nothing withheld, and enough for a server on its own."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import mapbox_vector_tile
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
from guarded import guarded_area
from starlette.testclient import TestClient

from gis_layers import pipeline
from gis_layers.disclosure.attack import attack, read_rows, read_totals, together
from gis_layers.disclosure.relations import tree_of
from gis_layers.disclosure.withhold import KEPT
from gis_layers.errors import SystemFault
from gis_layers.explain import explain, explain_text
from gis_layers.export import export
from gis_layers.release import Store, open_store
from gis_layers.scratch import scratch

KEYS = ["district", "offence", "month"]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("guarded")
    pipeline.build(guarded_area(folder), folder / "store")
    return open_store(folder / "store")


def _rows(store: Store, edition: str) -> pd.DataFrame:
    return store.current().edition(edition).read("rating")


def test_withheld_rows_are_the_same_in_no_column_as_the_analysts(store: Store) -> None:
    public, analyst = _rows(store, "public"), _rows(store, "analyst")
    assert len(public) == len(analyst)
    withheld = public["suppressed"].fillna(False).to_numpy(dtype=bool)
    assert 0.2 < withheld.mean() < 0.9
    assert not analyst["suppressed"].any()
    for name in public.columns:
        if name not in KEYS and name not in KEPT:
            assert public.loc[withheld, name].isna().all(), name
    pd.testing.assert_series_equal(public.loc[~withheld, "count"], analyst.loc[~withheld, "count"])
    small = analyst["count"].between(1, 4)
    assert withheld[small.to_numpy(dtype=bool)].all()


def _analyst_only(store: Store) -> set[float]:
    """Return figures of withheld rows that no published row has: distinct enough to be looked for anywhere."""
    public, analyst = _rows(store, "public"), _rows(store, "analyst")
    withheld = public["suppressed"].fillna(False).to_numpy(dtype=bool)
    telling = ["rate", "rate_smoothed", "p_peers", "magnitude", "expected", "lower", "upper", "q_value"]
    found: set[float] = set()
    for name in telling:
        found |= set(analyst.loc[withheld, name].dropna().astype(float).tolist())
    for frame in (public, analyst[~withheld]):
        for name in frame.columns:
            if pd.api.types.is_numeric_dtype(frame[name].dtype):
                found -= set(frame[name].dropna().astype(float).tolist())
    return {value for value in found if len(f"{value:.12g}".replace(".", "")) >= 6}


def _spelled(secret: set[float]) -> set[str]:
    """Return how figures may be written; what comes out short (0.14) is anybody's."""
    found = {f"{value:.{digits}g}" for value in secret for digits in (6, 8, 17)}
    found |= {repr(value) for value in secret}
    return {text for text in found if len(text.lstrip("-0.").partition("e")[0].replace(".", "")) >= 5}


def test_no_byte_of_the_public_edition_holds_an_analysts_figure(store: Store) -> None:
    secret = _analyst_only(store)
    assert len(secret) > 500
    patterns = np.array(sorted(secret))
    folder = store.current().folder / "public"
    texts = _spelled(secret)
    checked = 0
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        checked += 1
        raw = path.read_bytes()
        _no_doubles(raw, patterns, path)
        if path.suffix == ".parquet":
            table = pq.read_table(path)
            for column in table.column_names:
                values = table[column].to_pylist()
                told = {
                    float(one) for one in values if isinstance(one, int | float) and not isinstance(one, bool)
                }
                assert not told & secret, (path.name, column)
                _no_texts("\n".join(str(one) for one in values if isinstance(one, str)), texts, path)
        elif path.suffix == ".fgb":
            frame = pyogrio.read_dataframe(path, read_geometry=False)
            assert set(frame.columns) <= {"district", "parent", "other"}
        else:
            _no_texts(raw.decode("utf-8"), texts, path)
    assert checked >= 10


def _no_doubles(raw: bytes, patterns: np.ndarray, path: Path) -> None:
    for shift in range(8):
        part = raw[shift : shift + (len(raw) - shift) // 8 * 8]
        if part:
            assert not np.isin(np.frombuffer(part, dtype="<f8"), patterns).any(), path


def _no_texts(text: str, texts: set[str], path: Path) -> None:
    assert not set(re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", text)) & texts, path


def test_the_record_of_what_is_withheld_lies_in_no_edition(store: Store) -> None:
    folder = store.current().folder
    assert (folder / "disclosure.parquet").is_file()
    assert {path.parent for path in folder.rglob("disclosure*")} == {folder}
    catalogue = json.loads((folder / "public" / "catalogue.json").read_text())
    assert next(one for one in catalogue["layers"] if one["id"] == "rating")["rows"] == len(
        _rows(store, "public")
    )


@pytest.mark.parametrize("ending", ["csv", "geojson", "gpkg", "fgb", "parquet", "xlsx"])
def test_no_export_tells_a_withheld_count(store: Store, ending: str, tmp_path: Path) -> None:
    file = tmp_path / f"rating.{ending}"
    export(store.current().edition("public"), "rating", file, month="2020-03", offence="*")
    told = read_rows(file).set_index(KEYS)["count"]
    public = _rows(store, "public")
    at_month = public[public["month"] == "2020-03-01"].assign(month="2020-03").set_index(KEYS)["count"]
    assert len(told) == len(at_month)
    pd.testing.assert_series_equal(
        told.sort_index(), at_month.astype(float).sort_index(), check_names=False, check_index_type=False
    )


def test_all_exports_together_are_attacked(store: Store, tmp_path: Path) -> None:
    release = store.current()
    edition = release.edition("public")
    files = []
    for ending in ("csv", "geojson", "parquet"):
        files.append(tmp_path / f"rating.{ending}")
        export(edition, "rating", files[-1], month="2020-03..2020-04", offence="*")
    rows = together([*(read_rows(file) for file in files), read_rows(edition.path("rating"))])
    book = pipeline.codes.load_codebook(release.folder.parents[2] / "codes.csv")
    tree = tree_of(list(dict.fromkeys(_rows(store, "public")["offence"])), book)
    places = edition.districts()
    found = attack(
        [rows], tree, dict(zip(places["district"], places["parent"], strict=True)),
        totals=[read_totals(release.folder / "disclosure.parquet")], months=["2020-03", "2020-04"],
        rng=np.random.default_rng(1),
    )  # fmt: skip
    assert len(found.cells) > 50
    assert found.recovered.empty


def test_a_server_with_the_public_folder_alone_works(store: Store, tmp_path: Path) -> None:
    from tile_server import ServerSettings, create_app

    release = store.current()
    alone = tmp_path / "alone"
    shutil.copytree(release.folder / "public", alone / "releases" / release.id / "public")
    shutil.copy(store.path / "current", alone / "current")
    with TestClient(create_app(ServerSettings(store=alone, edition="public"))) as client:
        items = client.get("/collections/rating/items", params={"offence": "all", "limit": 50}).json()
        assert items["features"]
        for feature in items["features"]:
            if feature["properties"]["suppressed"]:
                assert feature["properties"]["count"] is None
        values = client.get(
            "/collections/rating/values", params={"datetime": "2020-03/2020-03", "offence": "rape"}
        )
        assert values.status_code == 200
        (tmp_path / "values.json").write_bytes(values.content)
    public = _rows(store, "public")
    at = public[(public["month"] == "2020-03-01") & (public["offence"] == "rape")]
    answer = values.json()
    if "count" in answer["columns"]:
        shown = dict(zip(answer["districts"], answer["columns"]["count"][0], strict=True))
        for _, row in at.iterrows():
            assert shown[row["district"]] == (None if row["suppressed"] else row["count"])


def test_no_answer_of_a_public_server_holds_an_analysts_figure(store: Store) -> None:
    """As on the disk: every route that a map or a desktop asks, tiles unpacked and decoded."""
    from tile_server import ServerSettings, create_app

    secret = _analyst_only(store)
    texts = _spelled(secret)
    rating, tiles = "/collections/rating", "/collections/rating/tiles/WebMercatorQuad"
    addresses = [
        "/catalogue", rating, "/collections/rating_latest/items", f"{tiles}?f=tilejson", f"{rating}/schema",
        *(f"{rating}/items?limit=10000&datetime={month}&f={form}" for month in MONTHS for form in ("json", "csv")),
        *(f"{rating}/items?limit=500&datetime=2020-03&f=html&offence={code}" for code in OFFENCES),
        *(f"{rating}/values?offence={code}" for code in OFFENCES),
        *(f"{tiles}/{at}?datetime=2020-03&offence={code}" for at in PLACES for code in OFFENCES),
        *(f"/styles/rating?f={kind}" for kind in ("maplibre", "sld", "qml")),
        *(f"/explain?district={at:02}&offence={code}&datetime=2020-03" for at in range(0, 18, 5) for code in OFFENCES),
    ]  # fmt: skip
    # the search is no blind one: these do hold them in the other edition
    holding = [
        f"{rating}/items?limit=10000&datetime=2020-03&f=json", f"{rating}/items?limit=10000&datetime=2020-03&f=csv",
        f"{rating}/values?offence=rape", f"{tiles}/0/0/0?datetime=2020-03&offence=rape",
        f"{rating}/items?limit=500&datetime=2020-03&f=html&offence=rape",
    ]  # fmt: skip
    assert set(holding) <= set(addresses)
    suppressed = found = 0
    for edition, wanted in (("public", addresses), ("analyst", holding)):
        with TestClient(
            create_app(ServerSettings(store.path, edition=edition, reload_seconds=0)),  # type: ignore[arg-type]
            base_url="http://127.0.0.1", client=("127.0.0.1", 1),
        ) as client:  # fmt: skip
            for address in wanted:
                answer = client.get(address)
                assert answer.status_code == 200, address
                told = _decoded(answer.content, answer.headers["content-type"])
                numbers = set(re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", told))
                if edition == "public":
                    assert not (both := numbers & texts), (address, both)
                    suppressed += "suppressed" in told
                else:
                    found += bool(numbers & texts)
    assert suppressed > 20
    assert found == len(holding)


MONTHS, OFFENCES = ("2020-03", "2021-02"), ("all", "theft", "theft-car", "rape", "severity-grave")
PLACES = ("0/0/0", "4/7/8")


def _decoded(body: bytes, media_type: str) -> str:
    return repr(mapbox_vector_tile.decode(body)) if "vector-tile" in media_type else body.decode("utf-8")


def test_the_story_of_a_withheld_cell_says_so_and_no_more(store: Store) -> None:
    edition = store.current().edition("public")
    public = _rows(store, "public")
    row = public[public["suppressed"].fillna(False) & (public["offence"] == "robbery")].iloc[-1]
    story = explain(edition, row["district"], "robbery", str(row["month"])[:7])
    told = explain_text(story)
    assert "Withheld to protect persons." in told
    assert "Too few to judge" not in told
    assert {name for name, value in story["cell"].items() if value is not None} <= {*KEYS, *KEPT}


def test_a_build_that_did_not_mind_the_newest_release_is_not_published(tmp_path: Path) -> None:
    """Of two builds at once each would withhold as if the other did not exist, and both would be public."""
    area, folder = guarded_area(tmp_path / "area", months=2), tmp_path / "store"
    with scratch() as spool:
        inputs = pipeline.read(area, spool)
        slow = pipeline.judge(inputs, store=folder)
        first = pipeline.publish(folder, inputs, pipeline.judge(inputs, store=folder))
        with pytest.raises(SystemFault, match="another build has published meanwhile"):
            pipeline.publish(folder, inputs, slow)
        assert open_store(folder).releases() == [first]
        again = pipeline.publish(folder, inputs, pipeline.judge(inputs, store=folder))
    assert open_store(folder).current().id == again
