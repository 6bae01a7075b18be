"""Adaptive density: what goes in comes out, narrow where thick, and files that rio-cogeo calls valid."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from rio_cogeo.cogeo import cog_validate

from gis_layers.errors import InputError, UsageError
from gis_layers.places.density import adaptive_density, coarse, density_rasters, grid_over, write_cog
from gis_layers.spread import Incidents

UTM = "EPSG:32643"
TOWN = shapely.Point(10_000, 10_000).buffer(8_000)


def around(x: float, y: float, sd: float, n: int, seed: int = 1) -> Incidents:
    rng = np.random.default_rng(seed)
    day = np.datetime64("2024-06-30", "D") - rng.integers(0, 365, n)
    return Incidents(rng.normal(x, sd, n), rng.normal(y, sd, n), day, UTM)


def test_the_raster_holds_every_incident_also_at_the_border() -> None:
    grid = grid_over(TOWN, 100)
    edge = around(17_500, 10_000, 400, 400)
    found = adaptive_density(edge, grid)
    assert found.incidents + found.outside == 400
    assert found.outside > 0
    assert np.nansum(found.values) * 0.01 == pytest.approx(found.incidents)
    assert np.isnan(found.values[~grid.inside]).all()
    assert (found.values[grid.inside] >= 0).all()


def test_it_is_narrower_where_incidents_are_many() -> None:
    thick, thin = around(8_000, 10_000, 150, 900), around(13_000, 10_000, 1_500, 100, seed=2)
    both = Incidents(np.r_[thick.x, thin.x], np.r_[thick.y, thin.y], np.r_[thick.day, thin.day], UTM)
    grid = grid_over(TOWN, 100)
    adaptive = adaptive_density(both, grid, bandwidth=600)
    true = 900 / (2 * np.pi * 0.15**2)  # per km² in the middle of the thick part
    row, column = int((grid.north - 10_000) / 100), int((8_000 - grid.west) / 100)
    fixed = 900 / (2 * np.pi * (0.15**2 + 0.6**2))
    assert fixed * 1.3 < adaptive.values[row, column] < true


def test_the_formula_of_abramson_on_two_spots() -> None:
    # nine incidents at one spot, one at another far off: pilots 9:1, so bandwidths 1:3 about their geometric mean
    grid = grid_over(shapely.box(0, 0, 60_000, 20_000), 100)
    x = np.r_[np.full(9, 15_050.0), 45_050.0]
    ten = Incidents(x, np.full(10, 10_050.0), np.full(10, "2024-01-01", "datetime64[D]"), UTM)
    found = adaptive_density(ten, grid, bandwidth=1000, least=1)
    middle = 9**0.9
    for place, many in ((15_050, 9), (45_050, 1)):
        own = np.sqrt(middle / many)  # km
        peak = found.values[99 + 1 - 1, place // 100]
        assert peak == pytest.approx(many / (2 * np.pi * own**2), rel=0.01)


def test_all_on_one_spot_is_one_bump_and_nothing_is_zero() -> None:
    grid = grid_over(TOWN, 100)
    spot = Incidents(
        np.full(50, 9_050.0), np.full(50, 9_050.0), np.full(50, "2024-01-01", "datetime64[D]"), UTM
    )
    found = adaptive_density(spot, grid)
    assert found.bandwidth == 200
    assert np.nansum(found.values) * 0.01 == pytest.approx(50)
    none = adaptive_density(around(90_000, 0, 10, 40), grid)
    assert (none.incidents, none.outside, float(np.nanmax(none.values))) == (0, 40, 0.0)


def test_a_cog_is_valid_and_says_what_it_is(tmp_path: Path) -> None:
    grid = grid_over(TOWN, 25)
    density = adaptive_density(around(10_000, 10_000, 1_000, 200), grid)
    file = tmp_path / "density.tif"
    write_cog(density, grid, file, crs=UTM, tags={"offence": "burglary"})
    valid, errors, warnings = cog_validate(file, strict=True, quiet=True)
    assert (valid, errors, warnings) == (True, [], [])
    with rasterio.open(file) as raster:
        assert raster.crs.to_epsg() == 32643
        assert raster.overviews(1)
        tags = raster.tags()
        assert (tags["incidents"], tags["offence"], tags["unit"]) == ("200", "burglary", "incidents per km2")
        assert float(tags["bandwidth_m"]) == pytest.approx(density.bandwidth, abs=0.1)
        values = raster.read(1)
        assert np.isnan(raster.nodata)
        np.testing.assert_allclose(values, density.values, rtol=1e-6)


@pytest.mark.parametrize("few", [1, 2, 3, 4])
def test_fewer_than_five_show_nowhere_in_public_rasters_also_at_borders(few: int) -> None:
    city, strip = shapely.box(0, 0, 20_000, 20_000), shapely.box(60_000, 0, 61_000, 40_000)
    exclave = shapely.box(40_000, 0, 41_000, 1_000)
    rng = np.random.default_rng(few)
    x = np.concatenate([rng.uniform(0, 20_000, 400), np.full(few, 40_500.0), np.full(few, 60_500.0)])
    y = np.concatenate([rng.uniform(0, 20_000, 400), np.full(few, 500.0), np.full(few, 20_500.0)])
    points = Incidents(x, y, np.full(len(x), "2024-01-01", "datetime64[D]"), UTM)
    grid = grid_over(shapely.union_all([city, strip, exclave]), 1000)
    fine = adaptive_density(points, grid, spilt=True)
    shown = coarse(fine, grid)
    beyond = grid.x > 30_000
    assert np.nanmax(fine.values[:, beyond]) > 0
    assert np.isnan(shown.values[:, beyond]).all()
    inside = shown.values[:, ~beyond]
    assert 0.9 * 400 < np.nansum(inside) < 1.1 * 400
    shown_values = inside[np.isfinite(inside)]
    np.testing.assert_allclose(shown_values, [float(f"{value:.2g}") for value in shown_values], rtol=1e-12)
    assert shown.incidents % 10 == 0
    with pytest.raises(UsageError, match="spilt"):
        coarse(adaptive_density(points, grid), grid)


def test_trailing_periods_and_too_few(tmp_path: Path) -> None:
    points = around(10_000, 10_000, 1_500, 400)
    codes = np.where(np.arange(400) < 380, "burglary", "arson")
    made = density_rasters(
        points, codes, TOWN, tmp_path, offences={"all": ["burglary", "arson"], "arson": ["arson"]},
        month="2024-06", cell=200,
    )  # fmt: skip
    by = {(raster.offence, raster.period): raster for raster in made}
    assert {key for key, raster in by.items() if raster.answer == "too_few"} == {
        ("arson", "rolling3"), ("arson", "rolling12"),
    }  # fmt: skip
    quarter = int(((points.month >= (2024 - 1970) * 12 + 3) & (points.month <= (2024 - 1970) * 12 + 5)).sum())
    assert by["all", "rolling3"].incidents == quarter
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "density.all.rolling12.tif",
        "density.all.rolling3.tif",
    ]


def test_what_cannot_be_drawn_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="larger cells"):
        grid_over(TOWN, 0.5)
    with pytest.raises(InputError, match="no extent"):
        grid_over(shapely.Polygon(), 100)
    grid = grid_over(TOWN, 500)
    density = adaptive_density(around(10_000, 10_000, 1_000, 50), grid)
    with pytest.raises(UsageError, match="project the points"):
        write_cog(density, grid, tmp_path / "x.tif", crs="EPSG:4326")
