"""Chicago's real points: wall time as written, each point in one community area or named as outside."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gis_layers.codes import load_codebook
from gis_layers.districts import Districts, load_districts
from gis_layers.panel import build_panel
from gis_layers.settings import load_area
from gis_layers.sources import Intake, Tally, read_sources, read_spool, refuse_if_too_many

BY_MONTH = [20009, 17033, 20807, 20639, 24069, 23438, 24177, 6213]


@pytest.fixture(scope="module")
def chicago(
    root: Path, audan_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Intake, Districts, xr.Dataset]:
    settings = load_area(root / "config" / "areas" / "chicago")
    districts = load_districts(settings)
    codebook = load_codebook(settings.resolve(settings.codebook.path))
    intake = read_sources(settings, districts, codebook, spool=tmp_path_factory.mktemp("spool"))
    refuse_if_too_many(intake.ledger, settings.quarantine.max_share)
    return intake, districts, build_panel(settings, intake, districts, codebook)


def test_every_point_is_counted_or_named_as_outside(chicago: tuple[Intake, Districts, xr.Dataset]) -> None:
    ledger = chicago[0].ledger.sources[0]
    assert ledger.read == Tally(156_385, 156_385)
    assert ledger.quarantined == {"outside every district": Tally(437, 437)}
    assert ledger.counted == Tally(155_948, 155_948)
    assert ledger.unexpected == Tally()
    assert chicago[2]["count"].sel(offence="all").sum().item() == 155_948


def test_months_are_wall_time(chicago: tuple[Intake, Districts, xr.Dataset]) -> None:
    intake = chicago[0]
    both = pd.concat([intake.counts, intake.unplaced])
    assert both.groupby("month")["count"].sum().tolist() == BY_MONTH


def test_august_is_incomplete(chicago: tuple[Intake, Districts, xr.Dataset]) -> None:
    intake, _, panel = chicago
    assert intake.complete_until == "2018-07"
    assert panel["incomplete"].values.tolist() == [False] * 7 + [True]


def test_there_is_no_population(chicago: tuple[Intake, Districts, xr.Dataset]) -> None:
    assert chicago[0].population is None
    assert "population" not in chicago[2]


def test_the_spool_agrees_with_a_spatial_join(chicago: tuple[Intake, Districts, xr.Dataset]) -> None:
    intake, districts, _ = chicago
    assert intake.cards is not None
    cards = pd.concat([batch.to_pandas() for batch in read_spool(intake.cards)], ignore_index=True)
    assert len(cards) == 155_948
    points = gpd.GeoSeries.from_xy(cards["x"], cards["y"], crs=4326).to_frame("geometry")
    joined = points.sjoin(districts.frame[["district", "geometry"]], predicate="intersects")
    alone = ~joined.index.duplicated(keep=False)
    # A point on a border touches several areas; there any of them may have it.
    assert (joined["district"][alone] == cards["district"].reindex(joined.index[alone])).all()
    assert joined.groupby(level=0)["district"].agg(set).reindex(cards.index).notna().all()
    assert np.isin(["arrest", "domestic", "place_type"], list(cards["attributes"].iloc[0])).all()
