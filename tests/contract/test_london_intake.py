"""London's real figures: every offence is counted in a borough or quarantined by name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from gis_layers.codes import load_codebook
from gis_layers.districts import load_districts
from gis_layers.panel import build_panel
from gis_layers.settings import AreaSettings, load_area
from gis_layers.sources import Intake, Tally, fingerprints, read_sources, refuse_if_too_many, unallocated

CITY = "E09000001"


@pytest.fixture(scope="module")
def london(root: Path, audan_data: Path) -> tuple[AreaSettings, Intake, xr.Dataset]:
    settings = load_area(root / "config" / "areas" / "london")
    districts = load_districts(settings)
    codebook = load_codebook(settings.resolve(settings.codebook.path))
    intake = read_sources(settings, districts, codebook)
    return settings, intake, build_panel(settings, intake, districts, codebook)


def test_the_ledger_balances_to_the_offence(london: tuple[AreaSettings, Intake, xr.Dataset]) -> None:
    settings, intake, _ = london
    ledger = intake.ledger.sources[0]
    assert ledger.read == Tally(931 * 155, 10_275_879)
    assert ledger.counted.offences == 10_074_183
    assert ledger.unexpected == Tally()
    assert intake.ledger.balances
    refuse_if_too_many(intake.ledger, settings.quarantine.max_share)


def test_what_is_quarantined_is_quarantined_by_name(london: tuple[AreaSettings, Intake, xr.Dataset]) -> None:
    by_name = london[1].quarantine.groupby("value")["offences"].sum()
    assert by_name.to_dict() == {"Unknown": 201_659, "London Heathrow and London City Airports": 37}


def test_the_share_unallocated_grows_as_known(london: tuple[AreaSettings, Intake, xr.Dataset]) -> None:
    table = unallocated(london[1])
    assert table["unplaced"].sum() == 201_659 + 37
    assert table["counted"].sum() == 10_074_183
    assert set(table["offence"]) == set(london[2]["offence"].values[london[2]["kind"].values == "leaf"])
    years = table.groupby("year")[["unplaced", "counted"]].sum()
    share = years["unplaced"] / years.sum(axis=1)
    assert share.min() == pytest.approx(0.011, abs=0.0006)
    assert share.max() == pytest.approx(0.038, abs=0.0012)


def test_the_panel_holds_every_offence_and_the_city_no_data(
    london: tuple[AreaSettings, Intake, xr.Dataset],
) -> None:
    panel = london[2]
    assert dict(panel.sizes) == {"district": 33, "offence": 41, "month": 155}
    for kind in ("root", "category", "leaf"):
        nodes = panel["offence"].values[panel["kind"].values == kind]
        assert panel["count"].sel(offence=nodes).sum().item() == 10_074_183
    assert np.isnan(panel["count"].sel(district=CITY).values).all()
    assert not np.isnan(panel["count"].drop_sel(district=CITY).values).any()
    assert panel["count"].sel(offence="violence-with-injury").sum().item() > 850_000
    assert not panel["incomplete"].values.any()
    assert panel["provisional"].values.sum() == 2
    assert london[1].complete_until == "2023-02"


def test_population_is_interpolated_between_the_middles_of_years(
    london: tuple[AreaSettings, Intake, xr.Dataset],
) -> None:
    people = london[2]["population"].sel(district="E09000002")
    assert people.sel(month="2010-04-01").item() == 187_418  # constant before the first estimate
    june, july = people.sel(month="2012-06-01").item(), people.sel(month="2012-07-01").item()
    assert june < 190_949 < july
    assert not np.isnan(london[2]["population"].values).any()


def test_the_inputs_are_those_that_the_readme_names(root: Path, audan_data: Path) -> None:
    for area in ("london", "chicago"):
        folder = root / "config" / "areas" / area
        readme = (folder / "README.md").read_text(encoding="utf-8")
        found = fingerprints(load_area(folder))
        own = {"area.toml", "codes.csv"}
        for name, digest in found.items():
            if name not in own:
                assert f"`{Path(name).name}`" in readme
                assert digest in readme
        assert len(found) > len(own)
