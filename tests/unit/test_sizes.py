"""Sides of cells that an area file may ask for."""

from __future__ import annotations

import contextlib

import pytest
import shapely

from gis_layers import limits
from gis_layers.errors import InputError, UsageError
from gis_layers.places import sizes
from gis_layers.places.density import kernel
from gis_layers.places.sizes import refuse_small_sides, round_side
from gis_layers.settings.places import CellSection, DensitySection

BOUNDS = (300_050.0, 4_000_050.0, 3_300_050.0, 5_600_050.0)
GROUND = 3e6 * 1.6e6


def refuse(**given: float) -> None:
    cell = CellSection(**{edition: given.get(edition) for edition in ("analyst", "public")})
    section = DensitySection(cell=cell, hotspot_cell=given.get("hotspot_cell"))
    refuse_small_sides(section, bounds=BOUNDS, ground=GROUND)


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"analyst": 1.0}, "density.cell.analyst"),
        ({"analyst": 1e-320}, "density.cell.analyst"),
        ({"analyst": 1000.0, "public": 500.0}, "density.cell.public"),
        ({"hotspot_cell": 2_000.0}, "density.hotspot_cell"),
        ({"hotspot_cell": 1e-200}, "density.hotspot_cell"),
    ],
)
def test_too_small_a_side_is_named(given: dict[str, float], key: str) -> None:
    with pytest.raises(InputError, match="larger side") as refused:
        refuse(**given)
    assert refused.value.where.key == key


def test_what_can_be_handled_is_taken() -> None:
    refuse()
    refuse(analyst=600.0, public=600.0, hotspot_cell=2_200.0)
    refuse(analyst=1e300, hotspot_cell=1e300)
    refuse(hotspot_cell=round_side(GROUND, least=500.0, most=10_000))


@pytest.mark.parametrize("side", [99.0, 100.0, 101.0, 103.0, 104.0, 106.0, 110.0, 200.0])
def test_what_is_refused_early_is_what_would_be_refused_late(
    side: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert limits.RASTER_CELLS == kernel.MOST_CELLS
    for module, name in ((kernel, "MOST_CELLS"), (sizes, "RASTER_CELLS")):
        monkeypatch.setattr(module, name, 1_000)
    area = shapely.box(-50, 30, 3_250, 3_130)
    with contextlib.ExitStack() as refused:
        if side < 105:
            refused.enter_context(pytest.raises(UsageError))
        kernel.grid_over(area, side)
    with contextlib.ExitStack() as refused:
        if side < 105:
            refused.enter_context(pytest.raises(InputError))
        density = DensitySection(cell=CellSection(analyst=side))
        refuse_small_sides(density, bounds=area.bounds, ground=area.area)
