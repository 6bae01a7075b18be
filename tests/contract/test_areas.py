"""The ready areas on the real data, from the command line to files: the figures that the sources must give."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from kept_verdicts import KeptVerdicts

from gis_layers.release import Edition, open_store

pytestmark = pytest.mark.timeout(600)


def audan(*arguments: str | Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    run = subprocess.run(
        [sys.executable, "-m", "gis_layers.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == code, run.stderr
    assert "Traceback" not in run.stderr
    return run


def built(area: str, root: Path, store: Path) -> dict[str, Any]:
    run = audan("build", root / "config" / "areas" / area / "area.toml", "--store", store, "--json")
    return json.loads(run.stdout)  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def london(
    root: Path, audan_data: Path, tmp_path_factory: pytest.TempPathFactory, london_verdicts: KeptVerdicts
) -> tuple[dict[str, Any], Path]:
    store = tmp_path_factory.mktemp("london")
    london_verdicts.take_up(store)
    told = built("london", root, store)
    london_verdicts.keep(store)
    return told, store


@pytest.fixture(scope="module")
def analyst(london: tuple[dict[str, Any], Path]) -> Edition:
    return open_store(london[1]).current().edition("analyst")


def test_london_accounts_for_every_offence(london: tuple[dict[str, Any], Path]) -> None:
    ledger = london[0]["ledger"]
    recorded = ledger["sources"][0]
    assert ledger["balances"]
    assert recorded["read"]["offences"] == 10_275_879
    assert recorded["counted"]["offences"] == 10_074_183
    assert sum(tally["offences"] for tally in recorded["quarantined"].values()) == 201_659 + 37
    assert recorded["unexpected"]["rows"] == 0


def test_check_names_what_london_sets_aside_and_prints_shares(root: Path, audan_data: Path) -> None:
    run = audan("check", root / "config" / "areas" / "london")
    assert re.search(r"Unknown.*201,659", run.stderr)
    assert re.search(r"Heathrow.*37 ", run.stderr)
    assert re.search(r"robbery-personal.*4\.9", run.stderr)


def test_the_city_of_london_has_no_data_rather_than_zero(analyst: Edition) -> None:
    city = analyst.read("rating", offences=["all"]).query("district == 'E09000001'")
    assert len(city) == 155
    assert city["count"].isna().all()
    assert city["level"].isna().all()
    others = analyst.read("rating", offences=["all"]).query("district != 'E09000001'")
    assert others["count"].notna().all()


def test_counts_of_the_release_are_those_of_the_file(analyst: Edition, audan_data: Path) -> None:
    raw = pd.read_csv(next((audan_data / "london").glob("mps_*.csv")))
    westminster = raw[(raw["BoroughName"] == "Westminster") & (raw["MajorText"] == "ROBBERY")]["202208"].sum()
    row = analyst.read("rating", offences=["robbery"], months=("2022-08", "2022-08"))
    assert row.set_index("district")["count"]["E09000033"] == westminster == 276


def test_explaining_the_most_unusual_cell_reads_sensibly(
    analyst: Edition, london: tuple[dict[str, Any], Path]
) -> None:
    rating = analyst.read("rating", columns=["district", "offence", "month", "p_peers", "count"])
    cell = rating.loc[rating["p_peers"].astype(float).idxmin()]
    month = pd.Timestamp(cell["month"]).strftime("%Y-%m")
    told = audan(
        "explain", cell["district"], "--store", london[1], "--month", month, "--offence", cell["offence"]
    ).stdout
    assert "expected of a district like this" in told
    assert "Compared with" in told
    assert f"{int(cell['count']):,}" in told


@pytest.mark.parametrize("ending", ["geojson", "gpkg", "fgb", "parquet", "csv", "xlsx"])
def test_every_export_opens_again_with_the_same_values(
    ending: str, london: tuple[dict[str, Any], Path], analyst: Edition, tmp_path: Path
) -> None:
    output = tmp_path / f"rating.{ending}"
    select = ("--month", "2022-08", "--offence", "*", "--edition", "analyst", "--output", output)
    audan("export", "rating", "--store", london[1], *select)
    if ending == "csv":
        opened = pd.read_csv(output)
    elif ending == "xlsx":
        opened = pd.read_excel(output, sheet_name=0)
    elif ending == "parquet":
        opened = gpd.read_parquet(output)
    else:
        opened = gpd.read_file(output)
    expected = analyst.read("rating", months=("2022-08", "2022-08"))
    keys = ["district", "offence"]
    opened, expected = (
        frame.astype(dict.fromkeys(keys, str)).sort_values(keys).reset_index(drop=True)
        for frame in (opened, expected)
    )
    assert len(opened) == len(expected) == 33 * 41
    for column in ("count", "expected", "p_peers", "magnitude", "level", "points_12m"):
        np.testing.assert_allclose(opened[column].astype(float), expected[column].astype(float), rtol=1e-12)
    if isinstance(opened, gpd.GeoDataFrame):
        assert opened.geometry.is_valid.all()
        assert opened.crs.to_epsg() == 4326


def test_the_public_edition_holds_the_rating_that_the_source_itself_publishes(
    london: tuple[dict[str, Any], Path], tmp_path: Path
) -> None:
    public, analyst = (open_store(london[1]).current().edition(name) for name in ("public", "analyst"))
    assert sorted(public.layer_ids) == [
        "districts", "dynamics", "hotspots", "offences", "peer_groups", "rating", "safety", "structure",
    ]  # fmt: skip
    shown, known = (edition.read("rating", offences=["all"])["count"] for edition in (public, analyst))
    assert shown.equals(known)
    audan("export", "rating", "--store", london[1], "--output", tmp_path / "rating.csv")
    assert len((tmp_path / "rating.csv").read_text(encoding="utf-8").splitlines()) > 200_000


def test_chicago_counts_points_and_says_why_there_are_no_rates(
    root: Path, audan_data: Path, tmp_path: Path
) -> None:
    result = built("chicago", root, tmp_path)
    incidents = result["ledger"]["sources"][0]
    assert incidents["read"]["rows"] == 156_385
    assert incidents["quarantined"] == {"outside every district": {"rows": 437, "offences": 437}}
    assert incidents["counted"]["rows"] == 155_948
    edition = open_store(tmp_path).current().edition("analyst")
    rating = edition.read("rating", offences=["all"])
    assert rating["count"].sum() == 155_948
    assert rating["level"].isna().all()
    assert rating["rate"].isna().all()
    absent = {layer["id"]: layer["text"]["en"] for layer in edition.catalogue["absent"]}
    assert "population" in absent["safety"].lower() or "resident" in absent["safety"].lower()
    assert edition.catalogue["area"]["complete_until"] == "2018-07"


def test_kazakhstan_has_fourteen_groups_whose_sentence_is_their_rule(
    root: Path, audan_data: Path, tmp_path: Path
) -> None:
    built("kazakhstan", root, tmp_path)
    edition = open_store(tmp_path).current().edition("public")
    groups = edition.read("peer_groups")
    assert len(edition.districts()) == 218
    assert len(groups) == 14
    assert groups["size"].min() >= 8
    assert groups["size"].sum() == 218
    assert groups["text_en"].nunique() == 14
    absent = {layer["id"] for layer in edition.catalogue["absent"]}
    assert absent == {
        "rating", "dynamics", "structure", "completeness", "safety",
        "hotspots", "clusters", "spread_paths", "hotspot_cells", "density", "near_repeat",
    }  # fmt: skip
