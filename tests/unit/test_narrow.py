"""A release narrowed to some districts: what it keeps, what it leaves out, and layers that nobody decided on."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely
import tiny

from gis_layers.desk import Scope
from gis_layers.layers.legend import redrawn
from gis_layers.release.edition import STYLE_ENDINGS
from gis_layers.release.tables import to_frame
from tile_server import ServerSettings
from tile_server.auth.narrow import chosen, narrowed
from tile_server.collections import collections_of
from tile_server.places import Places
from tile_server.release import Current, Snapshot
from tile_server.table import Table, make_table

EDGES = pd.DataFrame(
    {
        "district_from": ["01000", "01000", "06000", None],
        "district_to": ["02000", "06000", "07000", "02000"],
        "strength": [1.0, 2.0, 3.0, 4.0],
    }
)
REGIONS = pd.DataFrame({"region": ["A", "B"], "strength": [10.0, 20.0]})


def table(name: str, keys: tuple[str, ...], frame: pd.DataFrame, codes: list[str]) -> Table:
    """Return a layer as the server holds it."""
    kinds = {
        "strength": "number",
        "q_value": "number",
        "evidence": "json",
        "size": "integer",
        "sentence": "json",
        "districts": "json",
    }
    columns = [
        {
            "name": c,
            "type": "number" if c.startswith("population") else kinds.get(c, "text"),
            "description": c,
        }
        for c in frame.columns
    ]
    meta = {"id": name, "keys": list(keys), "geometry": "none", "columns": columns, "rows": len(frame)}
    districts = Places(codes, shapely.points(np.arange(len(codes)), 0))

    def read(column: str) -> pa.Array:
        made = pa.array(frame[column], from_pandas=True)
        return made.cast(pa.string()) if pa.types.is_null(made.type) else made

    return make_table(meta, read, districts)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """A release with two layers that the server knows nothing about, and peer groups with ranges and members."""
    store = tiny.tiny_release(tmp_path_factory.mktemp("narrow") / "store")
    made = Current(ServerSettings(store.path, edition="analyst")).snapshot
    groups = pd.DataFrame(made.tables["peer_groups"].data.to_pylist()).assign(
        population_min=[1000.0, 2000.0],
        population_max=[1000.0, 256_000.0],
        districts=['["01000"]', '["02000","03000","04000","05000"]'],
    )
    codes = made.places.codes
    tables = made.tables | {
        "peer_groups": table("peer_groups", ("peer_group",), groups, codes),
        "edges": table("edges", ("district_from", "district_to"), EDGES, codes),
        "regions": table("regions", ("region",), REGIONS, codes),
    }
    catalogue = {**made.catalogue, "layers": [one.meta for one in tables.values()]}
    return replace(made, tables=tables, catalogue=catalogue, collections=collections_of(tables))


def rows(snapshot: Snapshot, layer: str) -> list[dict[str, Any]]:
    return list(snapshot.tables[layer].data.to_pylist())


def test_rows_of_several_districts_stay_only_where_all_are_seen(whole: Snapshot) -> None:
    part = narrowed(whole, chosen(whole, Scope(parents=("A",))), 1 << 20)
    assert [row["strength"] for row in rows(part, "edges")] == [1.0]
    assert {row["district"] for row in rows(part, "rating")} == {"01000", "02000", "03000", "04000"}


def added(whole: Snapshot, layer: Table) -> Snapshot:
    """Return a release with one layer more."""
    tables = whole.tables | {layer.id: layer}
    catalogue = {**whole.catalogue, "layers": [one.meta for one in tables.values()]}
    return replace(whole, tables=tables, catalogue=catalogue, collections=collections_of(tables))


def test_a_path_is_seen_whole_or_not_at_all(whole: Snapshot) -> None:
    """What it rests on is told with each of its steps."""

    def of(*districts: str | None) -> str:
        told = [{"code": "path.stop", "values": {"district": code, "count": 9}} for code in districts]
        return json.dumps(
            [{"code": "path.chain", "values": {"districts": len(told), "first": "2022-01"}}, *told]
        )

    steps = [
        ("out", "01000", "02000", 0.01, of("01000", "02000", "06000")),
        ("out", "02000", "06000", 0.01, of("01000", "02000", "06000")),
        ("in", "01000", "02000", 0.01, of("01000", "02000")),
        ("in", "02000", "03000", 0.01, of("01000", "02000")),
        ("told-of-another", "01000", "02000", 0.01, of("01000", "07000")),
        ("told-of-nobody", "01000", "02000", 0.01, of("01000", None)),
        ("named-elsewhere", "01000", "02000", 0.01, json.dumps([{"values": {"beside": ["06000"]}}])),
        ("track", "01000", "01000", None, of()),
        ("track", "01000", "02000", None, of()),
        ("track-from-nowhere", None, "01000", None, of()),
        ("track-from-nowhere", "01000", "02000", None, of()),
        ("track-nowhere", None, None, None, of()),
        ("track-away", "01000", "01000", None, of()),
        ("track-away", "01000", "06000", None, of()),
    ]
    frame = pd.DataFrame(steps, columns=["path", "district_from", "district_to", "q_value", "evidence"])
    release = added(whole, table("paths", ("path",), frame, whole.places.codes))
    part = narrowed(release, chosen(release, Scope(parents=("A",))), 1 << 20)
    assert [row["path"] for row in rows(part, "paths")] == ["in", "in", "track", "track"]


def test_squares_are_about_no_district_and_not_seen(whole: Snapshot) -> None:
    frame = pd.DataFrame({"place": ["c500_0_0", "c500_500_0"], "district": [None, None]})
    release = added(whole, table("hotspot_cells", ("place",), frame, whole.places.codes))
    part = narrowed(release, chosen(release, Scope(parents=("A",))), 1 << 20)
    assert "hotspot_cells" not in part.tables
    assert "hotspot_cells" not in part.collections
    [absent] = [entry for entry in part.catalogue["absent"] if entry["id"] == "hotspot_cells"]
    assert absent["reason"]["code"] == "absent.beyond_scope"


def test_a_layer_that_nobody_decided_on_is_withheld_and_the_catalogue_says_so(whole: Snapshot) -> None:
    part = narrowed(whole, chosen(whole, Scope(("01000",))), 1 << 20)
    assert "regions" in whole.tables
    assert "regions" not in part.tables
    assert "regions" not in part.collections
    assert {entry["id"] for entry in part.catalogue["layers"]} == set(part.tables)
    [absent] = [entry for entry in part.catalogue["absent"] if entry["id"] == "regions"]
    assert absent["reason"]["code"] == "absent.beyond_scope"
    assert set(absent["text"]) == {"en", "ru", "kk"}


def test_a_group_tells_its_rule_and_what_describes_all_members_only_to_who_sees_all(whole: Snapshot) -> None:
    part = narrowed(whole, chosen(whole, Scope(("01000", "02000"))), 1 << 20)
    city, raion = rows(part, "peer_groups")
    assert (city["population_min"], city["districts"]) == (1000.0, '["01000"]')
    assert (raion["population_min"], raion["population_max"], raion["districts"]) == (None, None, '["02000"]')
    assert (raion["sentence"], raion["size"]) == (rows(whole, "peer_groups")[1]["sentence"], 8)
    alone = narrowed(whole, chosen(whole, Scope(("01000",))), 1 << 20)
    assert [row["peer_group"] for row in rows(alone, "peer_groups")] == ["city-1"]


def test_classes_and_styles_are_made_of_the_rows_that_are_seen(whole: Snapshot) -> None:
    """A break lies between figures: those of all districts would tell a region where the others' are."""
    rating = whole.tables["rating"]
    names = [column["name"] for column in rating.meta["columns"]]
    district = rating.data.column("district").to_pylist()
    inside = [code < "05000" for code in district]
    rates = [(5.0 if seen else 7_310.0) + place % 50 for place, seen in enumerate(inside)]

    def read(name: str) -> pa.Array:
        column = rating.data.column(name).chunk(0)
        if name == "rate_smoothed":
            return pa.array(rates)
        return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column

    assert "rate_smoothed" in names
    everywhere = whole.catalogue["area"]["languages"]
    meta = redrawn({**rating.meta, "default_column": "rate_smoothed"}, frame_of(rating, rates), everywhere)
    told = {**whole.tables, "rating": make_table(meta, read, whole.places)}
    catalogue = {**whole.catalogue, "layers": [one.meta for one in told.values()]}
    part = narrowed(
        replace(whole, tables=told, catalogue=catalogue), chosen(whole, Scope(parents=("A",))), 1 << 20
    )

    def cuts(entry: dict[str, Any]) -> list[float]:
        return [one["min"] for one in entry["legends"]["rate_smoothed"] if one["min"] is not None]

    entry = next(one for one in part.catalogue["layers"] if one["id"] == "rating")
    assert max(cuts(meta)) > 1_000
    assert len(cuts(entry)) == 3
    assert max(cuts(entry)) < 55
    assert part.tables["rating"].meta["classes"] == entry["classes"] == entry["legends"]["rate_smoothed"]
    for kind in STYLE_ENDINGS:
        text = part.edition.style("rating", kind, "en")
        assert not re.search(r"(?<!\d)7\d{3}(?!\d)", text)
        assert f"{cuts(entry)[0]:g}" in text
    assert json.loads(part.edition.style("rating", "maplibre", "en"))["sources"]["rating"]["bounds"] == [
        60.0, 50.0, 61.5, 51.0,
    ]  # fmt: skip


def frame_of(rating: Table, rates: list[float]) -> pd.DataFrame:
    """Return the columns of a rating that its legends are made of."""
    wanted = dict.fromkeys([*rating.keys, *rating.meta["legends"]])
    return to_frame(rating.data.select(list(wanted))).assign(rate_smoothed=rates)


def test_everywhere_and_nowhere(whole: Snapshot) -> None:
    assert chosen(whole, Scope()).all()
    assert not chosen(whole, Scope(("99999",), ("Q",))).any()
    assert chosen(whole, Scope(("06000",), ("A",))).sum() == 5


def test_the_whole_release_is_as_it_was(whole: Snapshot, tmp_path: Path) -> None:
    before = {name: table.data.num_rows for name, table in whole.tables.items()}
    narrowed(whole, chosen(whole, Scope(("01000",))), 1 << 20)
    assert {name: table.data.num_rows for name, table in whole.tables.items()} == before
    assert len(whole.places.codes) == 9
    assert len(whole.edition.districts()) == 9
