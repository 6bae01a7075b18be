"""A release says what it says otherwise than the one before it: figures revised, verdicts changed, and why."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from gis_layers import pipeline
from gis_layers.cli.report import told_revisions
from gis_layers.release import Release, open_store

AREA = """\
[area]
id = "grid"
name = { en = "Grid" }
attribution = "nobody"
metric_crs = "EPSG:3857"
languages = ["en"]
revision_months = 2

[districts]
path = "districts.geojson"
columns = { district = "code", name = "name" }
constants = { status = "cell" }

[[counts]]
name = "table"
path = "counts-*.csv"
columns = { district = "d", offence = "o", period = "p", count = "c" }

[[population]]
path = "population.csv"
columns = { district = "d", period = "y", population = "n" }
"""
BOOK = """\
code,parent,severity,additive,reported,sensitive,public_safety,valid_from,valid_to,name_en
property,,,true,true,false,false,,,Property
theft,property,minor,true,true,false,false,,,Theft
arson,property,grave,true,true,false,false,,,Arson
"""
MONTHS = [f"{2020 + number // 12}-{number % 12 + 1:02}" for number in range(18)]
CODES = [f"{number:02}" for number in range(16)]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An area that has been published once."""
    area = tmp_path_factory.mktemp("grid")
    cells = [box(x, y, x + 1, y + 1) for y in range(4) for x in range(4)]
    shapes = gpd.GeoDataFrame({"code": CODES, "name": CODES}, geometry=cells, crs=4326)
    shapes.to_file(area / "districts.geojson")
    rng = np.random.default_rng(5)
    rows = [
        f"{code},{offence},{month},{rng.poisson(mean)}"
        for code in CODES
        for month in MONTHS
        for offence, mean in (("theft", 60), ("arson", 25))
    ]
    (area / "counts-1.csv").write_text("d,o,p,c\n" + "\n".join(rows) + "\n")
    (area / "population.csv").write_text("d,y,n\n" + "".join(f"{code},2020,9000\n" for code in CODES))
    (area / "codes.csv").write_text(BOOK)
    (area / "area.toml").write_text(AREA)
    pipeline.build(area, area / "store")
    return area


@pytest.fixture
def area(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "grid"))


def rebuilt(area: Path) -> tuple[Release, dict[str, object]]:
    built = pipeline.build(area, area / "store")
    release = open_store(area / "store").current()
    assert built.revisions == release.manifest["revisions"]
    assert not open_store(area / "store").verify(release.id)
    return release, dict(release.manifest["revisions"])


def table(release: Release, name: str) -> pd.DataFrame:
    return pd.read_parquet(release.folder / "revisions" / f"{name}.parquet")


def codes(verdicts: pd.DataFrame) -> set[str]:
    return {cause["code"] for causes in verdicts["causes"] for cause in json.loads(causes)}


def test_a_first_release_has_nothing_to_compare_with(template: Path) -> None:
    release = open_store(template / "store").current()
    assert release.manifest["revisions"]["previous"] is None
    assert len(table(release, "figures")) == len(table(release, "verdicts")) == 0
    assert set(release.manifest["verdicts"]["months"]) == set(MONTHS)
    assert told_revisions(release.revisions) == ""


def test_unchanged_input_is_published_and_says_so(area: Path) -> None:
    before = open_store(area / "store").current()
    release, told = rebuilt(area)
    assert release.id != before.id
    assert told["previous"] == before.id
    assert told["same_input"]
    assert told["figures"] == told["verdicts"] == 0
    assert "nothing has changed" in told_revisions(release.revisions)
    name = "analyst/layers/rating.parquet"
    assert (release.folder / name).read_bytes() == (before.folder / name).read_bytes()


@pytest.mark.parametrize("said", [[], {"months": {"2020-01": {}}}])
def test_a_release_that_does_not_say_what_its_verdicts_were_made_of_is_compared_whole(
    area: Path, said: object
) -> None:
    before = open_store(area / "store").current()
    manifest = json.loads((before.folder / "manifest.json").read_text("utf-8"))
    (before.folder / "manifest.json").write_text(json.dumps({**manifest, "verdicts": said}))
    told = pipeline.build(area, area / "store").revisions
    assert told is not None
    assert (told["previous"], told["figures"], told["verdicts"]) == (before.id, 0, 0)


def test_a_revised_count_is_listed_with_what_follows_from_it(area: Path) -> None:
    old = open_store(area / "store").current().edition("analyst").read("rating")
    (area / "counts-2.csv").write_text("d,o,p,c\n03,theft,2021-02,160\n")
    release, told = rebuilt(area)
    figures = table(release, "figures")
    assert figures[["district", "offence", "source", "file"]].values.tolist() == [
        ["03", "theft", "table", "counts-2.csv"]
    ]
    assert figures["now"].tolist() == [160]
    verdicts = table(release, "verdicts")
    assert told["figures"] == 1
    assert told["verdicts"] == len(verdicts) > 0
    assert told["causes"] == ["revision.figures"]
    assert verdicts["month"].min() == pd.Timestamp("2021-02-01")
    cell = verdicts[(verdicts["district"] == "03") & (verdicts["offence"] == "theft")].iloc[0]
    assert cell["answer"]
    assert cell["level_now"] > cell["level_was"]
    assert [cause["code"] for cause in json.loads(cell["causes"])] == ["revision.count", "revision.figures"]
    assert json.loads(cell["causes"])[1]["values"] == {"month": "2021-02"}
    # everything that is not listed is as it was
    new = release.edition("analyst").read("rating")
    keys = ["district", "offence", "month"]
    listed = pd.MultiIndex.from_frame(verdicts[keys])
    for name in ("level", "fired", "standing", "p_peers", "q_value", "magnitude", "points_12m", "expected"):
        a, b = (frame.set_index(keys)[name].drop(listed) for frame in (old, new))
        assert (a.eq(b) | (a.isna() & b.isna())).all(), name
    early = (frame[frame["month"] < "2021-02-01"].reset_index(drop=True) for frame in (old, new))
    pd.testing.assert_frame_equal(*early)
    assert "1 figure revised" in told_revisions(release.revisions)


def test_a_new_month_revises_nothing(area: Path) -> None:
    rows = "".join(f"{code},{offence},2021-07,40\n" for code in CODES for offence in ("theft", "arson"))
    (area / "counts-2.csv").write_text("d,o,p,c\n" + rows)
    release, told = rebuilt(area)
    assert told["verdicts"] == told["figures"] == 0
    assert not told["same_input"]
    assert "every verdict of the months that both hold stands" in told_revisions(release.revisions)
    rating = release.edition("analyst").read("rating", offences=["all"])
    assert rating.groupby("month")["provisional"].all().tolist() == [False] * 17 + [True] * 2


def test_other_settings_are_named_as_the_cause(area: Path) -> None:
    (area / "area.toml").write_text(AREA + "\n[rating]\ngate = 50\n")
    release, told = rebuilt(area)
    assert told["figures"] == 0
    assert told["answers"]
    assert told["causes"] == ["revision.settings"]
    assert codes(table(release, "verdicts")) == {"revision.settings"}


def test_names_revise_nothing(area: Path) -> None:
    (area / "area.toml").write_text(AREA.replace("nobody", "somebody").replace('"Grid"', '"Net"'))
    (area / "codes.csv").write_text(BOOK.replace(",Theft", ",Stealing"))
    _, told = rebuilt(area)
    assert told["verdicts"] == 0


def test_weights_of_harm_change_harm_alone(area: Path) -> None:
    harm = '\n[rating.harm]\nweights = { minor = 1, grave = 10 }\nsource = { en = "invented" }\n'
    (area / "area.toml").write_text(AREA + harm)
    release, told = rebuilt(area)
    assert told["verdicts"]
    assert told["answers"] == 0
    edition = release.edition("analyst")
    rating = edition.read("rating", offences=["arson"])
    np.testing.assert_allclose(rating["harm"], 10 * (rating["count"].astype(float) - rating["expected"]))
    notes = {column["name"]: column.get("note") for column in edition.entry("rating")["columns"]}
    assert notes["harm"] == {"en": "invented"}
    assert notes["level"] is None


def test_without_weights_the_catalogue_says_why(template: Path) -> None:
    entry = open_store(template / "store").current().edition("analyst").entry("rating")
    note = next(column["note"] for column in entry["columns"] if column["name"] == "harm")
    assert "weight" in note["en"]


def test_a_release_that_did_not_say_is_compared_by_its_verdicts(area: Path) -> None:
    store = area / "store"
    manifest = open_store(store).current().folder / "manifest.json"
    told = json.loads(manifest.read_text())
    for name in ("verdicts", "revisions"):
        told.pop(name)
    manifest.write_text(json.dumps(told))
    (area / "counts-2.csv").write_text("d,o,p,c\n03,theft,2021-02,160\n")
    release, summary = rebuilt(area)
    assert summary["figures"] == 1
    assert summary["causes"] == ["revision.method"]
    assert release.revisions is not None


def test_pruning_releases_lets_go_of_their_verdicts(area: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (area / "counts-2.csv").write_text("d,o,p,c\n03,theft,2021-02,160\n")
    rebuilt(area)
    store = open_store(area / "store")
    kept = sorted((area / "store" / "cache" / "verdicts").glob("*.parquet"))
    assert len(kept) == 4 * (18 + 5) + 2, (
        "rating, dynamics, structure and hotspots by month, clusters at once"
    )
    monkeypatch.setattr("gis_layers.release.verdicts.VerdictCache.prune.__kwdefaults__", {"older_than": -1.0})
    store.prune(keep=1)
    assert len(sorted((area / "store" / "cache" / "verdicts").glob("*.parquet"))) == 4 * 18 + 1
    shutil.rmtree(area / "store" / "cache" / "verdicts")
    _, told = rebuilt(area)
    assert told["verdicts"] == 0
