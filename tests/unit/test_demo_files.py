"""The files of the demo: the same bytes for the same seed, cards that sum to the counts, inputs that can be read."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gis_layers.codes import load_codebook
from gis_layers.demo import DemoCounts, DemoFiles, Plants, demo_counts, read_truth, write_demo
from gis_layers.demo.attributes import PETTY_THRESHOLD
from gis_layers.demo.backdrop import visited
from gis_layers.demo.factors import IDLE, JUMP
from gis_layers.demo.geography import METRIC_CRS, country
from gis_layers.demo.offences import codebook_rows, crosswalk_rows
from gis_layers.demo.plants.reactions import JUMPS
from gis_layers.settings import load_area

SEED, SCALE = 11, 0.1


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> DemoFiles:
    return write_demo(tmp_path_factory.mktemp("demo"), seed=SEED, scale=SCALE)


@pytest.fixture(scope="module")
def cards(files: DemoFiles) -> pd.DataFrame:
    frame = pd.concat([pd.read_parquet(file) for file in files.cards], ignore_index=True)
    frame["committed"] = pd.to_datetime(frame["committed"])
    frame["registered"] = pd.to_datetime(frame["registered"])
    return frame


@pytest.fixture(scope="module")
def demo() -> DemoCounts:
    return demo_counts(SEED, SCALE)


def mapped(cards: pd.DataFrame) -> pd.DataFrame:
    """Name cards by today's districts and today's articles."""
    now = {row["old"]: row["new"] for row in crosswalk_rows()}
    land = country()
    new = land.frame["district"].iloc[land.merged]
    return pd.DataFrame(
        {
            "district": cards["district"].replace(dict.fromkeys(land.old_codes, new)),
            "offence": (cards["article"] + "-" + cards["part"]).replace(now),
            "month": cards["registered"].dt.to_period("M").dt.start_time.astype("datetime64[s]"),
        }
    )


def test_cards_sum_to_the_counts(cards: pd.DataFrame, demo: DemoCounts) -> None:
    counted = mapped(cards).groupby(["district", "offence", "month"]).size()
    wanted = demo.frame().set_index(["district", "offence", "month"])["count"]
    wanted = wanted[wanted > 0]
    assert counted.sort_index().to_dict() == wanted.sort_index().to_dict()
    assert len(cards) == demo.counts.sum()


def test_the_same_seed_gives_the_same_bytes(files: DemoFiles, tmp_path: Path) -> None:
    again = write_demo(tmp_path / "again", seed=SEED, scale=SCALE)
    assert not again.reused
    for file in sorted(files.folder.rglob("*.*")):
        other = again.folder / file.relative_to(files.folder)
        digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (file, other)]
        assert digests[0] == digests[1], file.name


def test_a_folder_that_holds_this_demo_is_kept(files: DemoFiles) -> None:
    before = files.cards[0].stat().st_mtime_ns
    assert write_demo(files.folder, seed=SEED, scale=SCALE).reused
    assert files.cards[0].stat().st_mtime_ns == before


def test_a_folder_of_another_demo_or_with_a_broken_file_is_written_anew(tmp_path: Path) -> None:
    small = {"scale": 0.02, "plants": Plants.none()}
    first = write_demo(tmp_path, seed=1, **small)
    one = first.population.read_bytes(), first.factors.read_bytes()
    second = write_demo(tmp_path, seed=2, **small)
    assert not second.reused
    assert second.factors.read_bytes() != one[1]
    second.factors.write_text("month\n")
    third = write_demo(tmp_path, seed=2, **small)
    assert not third.reused
    assert len(third.factors.read_text().splitlines()) == 121
    third_newest = third.cards[-1].read_bytes()
    few = write_demo(tmp_path, seed=2, years=2, **small)
    assert not few.reused
    assert sorted(tmp_path.glob("cards-*.parquet")) == list(few.cards)
    assert [file.name for file in few.cards] == ["cards-2024.parquet", "cards-2025.parquet"]
    assert few.cards[1].read_bytes() == third_newest


def test_points_lie_in_their_district(cards: pd.DataFrame) -> None:
    land = country()
    rows = pd.Series(range(210), index=land.frame["district"])
    row = cards["district"].map(rows).fillna(land.merged).astype(int)
    shapes = land.frame.geometry.to_numpy()
    shapely.prepare(shapes)
    assert shapely.contains_xy(shapes[row], cards["x"].to_numpy(), cards["y"].to_numpy()).all()


def test_dates(cards: pd.DataFrame) -> None:
    assert (cards["committed"] <= cards["registered"]).all()
    assert cards["registered"].min() >= pd.Timestamp("2016-01-01")
    assert cards["registered"].max() <= pd.Timestamp("2025-12-31")
    delay = (cards["registered"] - cards["committed"]).dt.days
    fraud = cards["article"].isin(["31", "131"])
    assert delay[fraud].mean() > 2 * delay[~fraud].mean()


def test_codes_change_on_their_days(cards: pd.DataFrame) -> None:
    early = cards["registered"] < "2020-01-01"
    assert (cards.loc[early, "article"].str.len() == 2).all()
    assert (cards.loc[~early, "article"].str.len() == 3).all()
    land = country()
    old = cards["district"].isin(land.old_codes)
    assert cards.loc[old, "registered"].max() < pd.Timestamp("2021-07-01")
    assert set(cards.loc[old, "district"]) == set(land.old_codes)
    new = cards["district"] == land.frame["district"].iloc[land.merged]
    assert cards.loc[new, "registered"].min() >= pd.Timestamp("2021-07-01")


def test_cards_are_empty_here_and_there_and_name_nobody(cards: pd.DataFrame) -> None:
    assert list(cards.columns) == [
        "card", "district", "article", "part", "severity", "committed", "registered", "x", "y", "place_type",
        "time_of_day", "method", "offender_sex", "offender_age", "offender_status", "offender_prior",
        "offender_alcohol", "victim_sex", "victim_age", "victim_status", "damage", "camera",
    ]  # fmt: skip
    assert cards["card"].is_unique
    assert cards["camera"].isna().all()
    for field in ("place_type", "time_of_day", "method"):
        assert cards[field].notna().mean() == pytest.approx(0.90, abs=0.01)
    theft, driving = cards["article"].isin(["21", "121"]), cards["article"].isin(["51", "151"])
    assert cards.loc[theft, "offender_sex"].notna().mean() < cards.loc[driving, "offender_sex"].notna().mean()
    petty = cards["article"].isin(["22", "122"])
    assert cards.loc[petty, "damage"].max() <= PETTY_THRESHOLD
    assert cards.loc[theft & (cards["part"] == "1"), "damage"].min() >= PETTY_THRESHOLD


def test_marks_on_cards_show() -> None:
    from gis_layers.demo.cards import draw_year

    demo = demo_counts(1)
    event = next(e for e in demo.events if e.kind == "completeness" and e.size == "strong")
    year = 2016 + event.cells[0].month // 12
    table = draw_year(demo, year).to_pandas()
    months = [cell.month % 12 + 1 for cell in event.cells if cell.month // 12 == event.cells[0].month // 12]
    inside = (table["district"] == demo.districts[event.cells[0].district]) & pd.to_datetime(
        table["registered"]
    ).dt.month.isin(months)
    assert table.loc[inside, event.detail["attribute"]].notna().mean() == pytest.approx(0.45, abs=0.12)

    spot = next(e for e in demo.events if e.detail.get("place_kind") == "point" and e.size == "strong")
    year = 2016 + spot.cells[0].month // 12
    months = [cell.month % 12 + 1 for cell in spot.cells if cell.month // 12 == spot.cells[0].month // 12]
    table = draw_year(demo, year).to_pandas()
    code = demo.offences[spot.cells[0].offence].split("-")[0]
    old = {row["new"].split("-")[0]: row["old"].split("-")[0] for row in crosswalk_rows()}
    hot = (
        (table["district"] == demo.districts[spot.cells[0].district])
        & table["article"].isin([code, old[code]])
        & pd.to_datetime(table["registered"]).dt.month.isin(months)
    )
    points = gpd.GeoSeries.from_xy(table.loc[hot, "x"], table.loc[hot, "y"], crs=4326).to_crs(METRIC_CRS)
    xy = np.column_stack([points.x, points.y])
    near = (np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)) < 300).mean(axis=1)
    assert near.max() > 0.2


def test_tables_of_the_folder(files: DemoFiles) -> None:
    polygons = gpd.read_file(files.districts)
    assert len(polygons) == 210
    assert shapely.coverage_is_valid(polygons.geometry.to_numpy())
    people = pd.read_csv(files.population, dtype={"district": str})
    assert people.groupby("year")["population"].sum().between(17e6, 21e6).all()
    walk = pd.read_csv(files.districts_crosswalk, dtype=str)
    assert walk["old"].tolist() == list(country().old_codes)
    assert set(walk["new"]) <= set(polygons["district"])
    factors = pd.read_csv(files.factors)
    assert list(factors.columns) == ["month", "exchange_rate", *IDLE]
    steps = np.diff(np.log(factors["exchange_rate"]))
    assert sorted(np.argsort(steps)[-6:] + 1) == list(JUMPS)
    assert np.sort(steps)[-6:].min() > JUMP - 0.05
    calls = pd.read_csv(files.calls, dtype={"district": str})
    assert calls.groupby("offence").size().eq(210 * 120).all()
    assert read_truth(files.truth).seed == SEED


def test_the_area_file_reads_the_folder(
    files: DemoFiles, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUDAN_DEMO", str(files.folder))
    settings = load_area(root / "config" / "areas" / "demo")
    assert settings.area.invented
    assert settings.area.metric_crs == METRIC_CRS
    assert settings.area.count_by == "registered"
    assert settings.disclosure.counts == "protected"
    assert settings.districts.visitors == tuple(country().frame["district"].iloc[visited()])
    named = {settings.cards[0].columns.attributes[key] for key in settings.cards[0].columns.attributes}
    assert named <= set(pd.read_parquet(files.cards[0]).columns)
    assert set(settings.factors[0].columns.values()) == {"exchange_rate", *IDLE}


@pytest.mark.parametrize(
    ("file", "rows"), [("codes.csv", codebook_rows()), ("crosswalk.csv", crosswalk_rows())]
)
def test_the_shipped_codes_are_those_of_the_generator(
    root: Path, file: str, rows: list[dict[str, str]]
) -> None:
    with (root / "config" / "areas" / "demo" / file).open(encoding="utf-8", newline="") as table:
        assert list(csv.DictReader(table)) == rows


def test_every_card_finds_its_offence(root: Path, cards: pd.DataFrame) -> None:
    book = load_codebook(root / "config" / "areas" / "demo" / "codes.csv")
    labels = (cards["article"] + "-" + cards["part"]).drop_duplicates().tolist()
    found = book.find(labels)
    now = {row["old"]: row["new"] for row in crosswalk_rows()}
    assert found.tolist() == [now.get(label, label) for label in labels]
    assert len(book.leaves) == 34
