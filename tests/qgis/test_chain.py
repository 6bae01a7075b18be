"""Algorithms of the plugin one after another in ``qgis_process``, without a window; their figures against ours."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from headless import Run, caller, runner
from hypothesis import given, settings
from hypothesis import strategies as st
from served_town import Servers

from gis_layers.layers import classify as ours

MONTH = "2022-12"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Run:
    """Run an algorithm, and return the JSON that came out."""
    return runner(tmp_path_factory.mktemp("home"), root)


@pytest.fixture(scope="module")
def cuts(root: Path) -> ModuleType:
    """The plugin's own classes, which need numpy alone."""
    path = root / "qgis_plugin" / "audan" / "processing" / "cuts.py"
    spec = importlib.util.spec_from_file_location("audan_cuts", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.timeout(300)
def test_a_slice_is_counted_and_classified(run: Run, servers: Servers, tmp_path: Path) -> None:
    cards = pd.read_csv(servers.files / "cards.csv", dtype=str)
    thefts = cards[(cards["o"] == "theft") & cards["t"].str.startswith(MONTH)]
    places = gpd.GeoSeries.from_xy(thefts["x"].astype(float), thefts["y"].astype(float), crs=4326)
    astray = gpd.GeoSeries.from_xy([10.0], [10.0], crs=4326)
    gpd.GeoDataFrame(geometry=pd.concat([places, astray])).to_file(tmp_path / "cards.gpkg")

    rating, counts, classes = (tmp_path / f"{name}.gpkg" for name in ("rating", "counts", "classes"))
    sliced = run("slice", SERVER=servers.open, LAYER="rating", MONTHS=MONTH, OFFENCES="theft", OUTPUT=rating)
    assert sliced["COUNT"] == 36
    counted = run(
        "pointsincounts", POINTS=tmp_path / "cards.gpkg", DISTRICTS=rating, SERVER=servers.open, RECORDED=1,
        OFFENCE="theft", MONTH=MONTH, OUTPUT=counts, OUTSIDE=tmp_path / "outside.gpkg",
    )  # fmt: skip
    assert (counted["POINTS_READ"], counted["INSIDE"], counted["OUTSIDE_COUNT"]) == (
        len(thefts) + 1,
        len(thefts),
        1,
    )
    classified = run("classify", INPUT=counts, FIELD="points", OUTPUT=classes)

    found = gpd.read_file(classes).set_index("district").sort_index()
    recorded = gpd.read_file(rating).set_index("district")["count"]
    assert found["points"].tolist() == found["recorded"].tolist() == recorded.sort_index().tolist()
    assert found["points"].sum() == len(thefts)
    breaks = ours.natural_breaks(found["points"])
    assert json.loads(classified["CUTS"]) == breaks.tolist()
    assert found["class"].tolist() == ours.classify(found["points"], breaks).tolist()
    assert len(set(found["class"])) == 5


@pytest.mark.timeout(300)
def test_a_table_is_joined_with_nothing_lost(run: Run, servers: Servers, tmp_path: Path) -> None:
    table = tmp_path / "posts.csv"
    table.write_text("code,posts\n01,3\n1,4\n11,5\n", encoding="utf-8")
    joined = run(
        "jointable", SERVER=servers.open, INPUT=table, FIELD="code", MONTH=MONTH, OFFENCE="assault",
        OUTPUT=tmp_path / "joined.gpkg", UNMATCHED=tmp_path / "unmatched.gpkg",
    )  # fmt: skip
    assert joined["ROWS"] == joined["JOINED"] + joined["UNMATCHED_ROWS"] == 3
    districts = gpd.read_file(tmp_path / "joined.gpkg").set_index("district")
    assert sorted(districts.index) == ["01", "11"]
    assert districts.loc["11", ["count", "posts"]].tolist() == [36, "5"]
    lost = gpd.read_file(tmp_path / "unmatched.gpkg")
    assert lost.loc[lost["side"] == "table", "problem"].tolist() == ["zeros"]
    assert (lost["side"] == "district").sum() == joined["UNMATCHED_DISTRICTS"] == 34


@pytest.mark.timeout(300)
def test_a_wrong_month_fails_with_a_sentence(run: Run, servers: Servers, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"2022-13.*2019-01"):
        run("slice", SERVER=servers.open, LAYER="rating", MONTHS="2022-13", OUTPUT=tmp_path / "none.gpkg")


# Single precision and ties decide between figures that are all but equal, or that repeat at equal distances.
figures = st.one_of(
    st.lists(st.one_of(st.integers(-50, 10_000).map(float), st.just(float("nan"))), max_size=40),
    st.lists(st.integers(1, 12).map(float), min_size=8, max_size=40),
    st.lists(st.floats(2220.44, 2220.46), min_size=8, max_size=40),
    st.lists(st.floats(1e-6, 1e7), max_size=40),
)


@given(values=figures, classes=st.integers(2, 7), logarithmic=st.booleans())
@settings(max_examples=300, deadline=None)
def test_cuts_are_those_of_the_server(
    cuts: ModuleType, values: list[float], classes: int, logarithmic: bool
) -> None:
    server = ours.natural_breaks(values, classes, logarithmic=logarithmic).tolist()
    assert cuts.natural_breaks(values, classes, logarithmic=logarithmic) == server
    shares = ours.equal_shares(values, classes)
    assert cuts.equal_shares(values, classes) == shares.tolist()
    assert np.array_equal(cuts.classify(values, shares), ours.classify(values, shares))


def test_many_figures_are_thinned_as_the_server_thins_them(cuts: ModuleType) -> None:
    values = np.random.default_rng(3).lognormal(3, 2, 1500)
    for logarithmic in (False, True):
        server = ours.natural_breaks(values, 5, logarithmic=logarithmic).tolist()
        assert cuts.natural_breaks(values, 5, logarithmic=logarithmic) == server


@pytest.mark.timeout(300)
def test_the_commands_of_the_tutorial_run(servers: Servers, root: Path, tmp_path: Path) -> None:
    call = caller(tmp_path, root)
    page = (root / "docs" / "tutorials" / "qgis.md").read_text(encoding="utf-8")
    lines = [line for line in page.splitlines() if line.startswith("qgis_process.bin ")]
    assert len(lines) == 4
    for line in lines:
        call(*line.replace("http://127.0.0.1:8000", servers.open).split()[1:], folder=tmp_path)
    classes = gpd.read_file(tmp_path / "classes.gpkg")
    assert len(classes) == 36
    assert classes["class"].ge(0).any()
    assert (tmp_path / "bulletin.pdf").read_bytes().startswith(b"%PDF")
