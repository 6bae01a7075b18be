"""No withheld count can be computed back; and what would happen without each of the rules."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import xarray as xr
from guarded import attacked, guarded_area, public_file, some_of
from scipy.optimize import linprog

from gis_layers import pipeline
from gis_layers.codes import Codebook
from gis_layers.demo import write_demo
from gis_layers.disclosure import Earlier, Protection, protect, read_earlier
from gis_layers.disclosure.protect import Decided, estimates
from gis_layers.disclosure.relations import MARGINS, Tree, equations, with_total
from gis_layers.errors import InputError
from gis_layers.panel import panel_codebook
from gis_layers.settings import ready_area


def _read(area: Path) -> tuple[xr.Dataset, Codebook, pd.Series]:
    inputs = pipeline.check(area)
    panel = pipeline.panel_of(inputs)
    assert panel is not None
    return panel, panel_codebook(panel, inputs.codebook), inputs.districts.frame["parent"]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[xr.Dataset, Codebook, pd.Series]:
    return _read(guarded_area(tmp_path_factory.mktemp("guarded")))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[xr.Dataset, Codebook, pd.Series]:
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder, seed=1, scale=0.2)
    os.environ["AUDAN_DEMO"] = str(folder)
    panel, book, parents = _read(ready_area("demo"))
    return (*_cut(panel, book, parents, 1, slice(60, 66)),)


def _cut(
    panel: xr.Dataset, book: Codebook, parents: pd.Series, regions: int, months: slice
) -> tuple[xr.Dataset, Codebook, pd.Series]:
    kept, of = some_of(panel, parents, regions, months)
    return kept, book, of


@pytest.fixture(scope="module")
def london(audan_data: Path) -> tuple[xr.Dataset, Codebook, pd.Series]:
    panel, book, parents = _read(ready_area("london"))
    return panel.isel(month=slice(60, 61)), book, parents


@pytest.mark.parametrize("area", ["small", "demo", "london"])
def test_nothing_withheld_is_recovered(area: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    panel, book, parents = request.getfixturevalue(area)
    protection = protect(panel, book, parents)
    found = attacked([protection], [public_file(protection, book, tmp_path / "rating.parquet")], tmp_path)
    assert len(found.cells) == protection.hidden.sum() > 100
    assert found.recovered.empty


@pytest.mark.parametrize("area", ["small", "demo", "london"])
def test_without_complementary_suppression_counts_are_recovered(
    area: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    panel, book, parents = request.getfixturevalue(area)
    panel = panel.isel(month=[0])
    protection = protect(panel, book, parents, complementary=False)
    found = attacked([protection], [public_file(protection, book, tmp_path / "rating.parquet")], tmp_path)
    assert len(found.recovered) > 10


def test_one_column_left_in_withheld_rows_gives_the_counts_away(
    small: tuple[xr.Dataset, Codebook, pd.Series], tmp_path: Path
) -> None:
    panel, book, parents = small
    panel = panel.isel(month=slice(0, 2))
    protection = protect(panel, book, parents)
    careless = replace(protection, panel=panel)
    file = public_file(careless, book, tmp_path / "rating.parquet", leave=("rate",))
    found = attacked([protection], [file], tmp_path).recovered
    assert len(found) > 0.9 * protection.hidden.sum()
    true = panel["count"].to_series().rename("true")
    names = {
        "district": found["district"],
        "offence": found["offence"],
        "month": pd.to_datetime(found["month"]),
    }
    at = pd.MultiIndex.from_frame(pd.DataFrame(names))
    assert (
        true.reorder_levels(["district", "offence", "month"])[at].to_numpy() == found["low"].to_numpy()
    ).all()


@pytest.mark.parametrize("forgotten", MARGINS)
def test_a_forgotten_margin_gives_counts_away(
    forgotten: str, demo: tuple[xr.Dataset, Codebook, pd.Series], tmp_path: Path
) -> None:
    panel, book, parents = demo
    minded = tuple(margin for margin in MARGINS if margin != forgotten)
    protection = protect(panel, book, parents, margins=minded)
    found = attacked([protection], [public_file(protection, book, tmp_path / "rating.parquet")], tmp_path)
    assert len(found.recovered) > 0


def test_every_column_of_a_withheld_row_is_empty(
    small: tuple[xr.Dataset, Codebook, pd.Series], tmp_path: Path
) -> None:
    panel, book, parents = small
    protection = protect(panel, book, parents)
    rows = pd.read_parquet(public_file(protection, book, tmp_path / "rating.parquet"))
    withheld = rows[rows["suppressed"]]
    assert len(withheld) == protection.hidden.sum()
    told = {name for name in withheld.columns if withheld[name].notna().any()}
    assert told == {
        "district",
        "offence",
        "month",
        "period",
        "population",
        "level",
        "provisional",
        "suppressed",
        "reason",
    }
    assert (withheld["level"] == 0).all()
    assert set(withheld["reason"]) == {'[{"code":"rating.suppressed","values":{}}]'}
    assert rows.loc[~rows["suppressed"], "count"].notna().all()
    shown = rows["expected"].dropna()
    assert all(float(f"{value:.1e}") == value for value in shown)


def test_other_withheld_counts_give_the_same_public_figures(
    small: tuple[xr.Dataset, Codebook, pd.Series],
) -> None:
    """Whatever the public edition computes is made of published figures: it cannot tell one truth from another."""
    panel, book, parents = small
    protection = protect(panel, book, parents)
    truth, totals = protection.truth.copy(), protection.totals.copy()
    rng = np.random.default_rng(0)
    for number, region in enumerate(protection.regions):
        for month in range(panel.sizes["month"]):
            values = np.concatenate([truth[region.districts, :, month], totals[None, number, :, month]])
            why = np.concatenate(
                [protection.why[region.districts, :, month], protection.why_regions[None, number, :, month]]
            )
            table = _another(values, why > 0, protection.tree, rng)
            truth[region.districts, :, month], totals[number, :, month] = table[:-1], table[-1]
    assert ((truth != protection.truth) & (protection.why > 0)).sum() > 500
    lie = Decided(truth, protection.why, totals, protection.why_regions, protection.frozen)
    honest = Decided(
        protection.truth, protection.why, protection.totals, protection.why_regions, protection.frozen
    )
    one = estimates(panel, protection.tree, protection.regions, honest)
    other = estimates(panel, protection.tree, protection.regions, lie)
    np.testing.assert_array_equal(one[0], protection.shown)
    np.testing.assert_array_equal(one[0], other[0])


def _another(values: np.ndarray, hidden: np.ndarray, tree: Tree, rng: np.random.Generator) -> np.ndarray:
    """Return another table that agrees with everything published."""
    sums = equations(np.isfinite(values), tree, values=values)
    at = np.flatnonzero(hidden.ravel())
    part, flat = sums[:, at], values.ravel().copy()
    found = linprog(
        rng.normal(size=len(at)), A_eq=part, b_eq=part @ flat[at], bounds=(0, 2000), method="highs"
    )
    assert found.x is not None
    if np.allclose(found.x, found.x.round()):
        flat[at] = found.x.round()
    return flat.reshape(values.shape)


def _revise(
    panel: xr.Dataset, book: Codebook, cells: list[tuple[str, str, int, int]]
) -> tuple[xr.Dataset, list[tuple[str, str, str]]]:
    """Change leaves (district, leaf, month, by) with all they add into; return the cells that changed."""
    made = panel.copy(deep=True)
    moved = []
    for district, leaf, month, by in cells:
        severity = book.nodes["severity"].get(leaf)
        for code in [leaf, *book.ancestors(leaf), f"severity-{severity}"]:
            made["count"].loc[{"district": district, "offence": code, "month": made["month"][month]}] += by
            moved.append((district, code, str(made["month"].values[month])[:7]))
        if bool(book.nodes["public_safety"][leaf]):
            moved.append((district, "safety", str(made["month"].values[month])[:7]))
    return made, moved


def test_a_later_release_does_not_tell_what_an_earlier_one_withheld(
    small: tuple[xr.Dataset, Codebook, pd.Series], tmp_path: Path
) -> None:
    panel, book, parents = (small[0].isel(month=slice(0, 3)), *small[1:])
    first = protect(panel, book, parents)
    earlier = _recorded(first, tmp_path)
    same = protect(panel, book, parents, earlier=earlier)
    np.testing.assert_array_equal(same.why, first.why)
    np.testing.assert_array_equal(same.shown, first.shown)
    changes = [
        ("12", "robbery", 0, 11),
        ("01", "assault", 0, 11),
        ("11", "theft-shop", 0, 6),
        ("15", "robbery", 0, 2),
        ("07", "theft-car", 0, 13),
    ]
    revised, moved = _revise(panel, book, changes)
    second = protect(revised, book, parents, earlier=earlier)
    assert (second.why[:, :, 1:] == first.why[:, :, 1:]).all()
    files = [public_file(one, book, tmp_path / f"{at}.parquet") for at, one in enumerate([first, second])]
    frozen = {second.regions[at].code for at in np.flatnonzero(second.frozen[:, 0])}
    shown = [cell for cell in moved if f"R{int(cell[0]) // 6}" not in frozen]
    found = attacked([first, second], files, tmp_path, revised=shown, months=["2020-01"])
    assert found.recovered.empty
    careless = protect(revised, book, parents)
    files[1] = public_file(careless, book, tmp_path / "careless.parquet")
    found = attacked([first, careless], files, tmp_path, revised=moved, months=["2020-01"])
    assert len(found.recovered) > 0


def _recorded(found: Protection, folder: Path) -> Earlier:
    pq.write_table(found.record(), folder / "disclosure.parquet")
    return read_earlier(folder / "disclosure.parquet")


def test_a_district_that_moves_or_joins_does_not_tell_what_was_withheld(
    small: tuple[xr.Dataset, Codebook, pd.Series], tmp_path: Path
) -> None:
    panel, book, parents = (small[0].isel(month=slice(0, 2)), *small[1:])
    fewer = panel.isel(district=slice(0, 17))
    first = protect(fewer, book, parents[:17])
    earlier = _recorded(first, tmp_path)
    moved = parents.copy()
    moved[3] = "R1"
    second = protect(panel, book, moved, earlier=earlier)
    before = first.why > 0
    assert (second.why[:17][before] > 0).all()
    assert second.regions[0].districts.tolist() == [0, 1, 2, 3, 4, 5]
    # the district that joined is protected with the others of its region
    months = [str(month)[:7] for month in panel["month"].values]
    files = [public_file(one, book, tmp_path / f"{at}.parquet") for at, one in enumerate([first, second])]
    for release, protection in ((0, first), (1, second)):
        found = attacked([protection], [files[release]], tmp_path)
        assert found.recovered.empty
    joined = [("17", code, month) for code in second.tree.codes for month in months]
    found = attacked([second, second], [files[1], files[1]], tmp_path, revised=joined)
    assert found.recovered.empty


def test_a_district_that_is_gone_is_refused(
    small: tuple[xr.Dataset, Codebook, pd.Series], tmp_path: Path
) -> None:
    panel, book, parents = (small[0].isel(month=slice(0, 1)), *small[1:])
    earlier = _recorded(protect(panel, book, parents), tmp_path)
    with pytest.raises(InputError, match="05"):
        protect(panel.drop_isel(district=5), book, parents.drop(5).reset_index(drop=True), earlier=earlier)


def test_the_region_is_the_sum_of_its_districts() -> None:
    assert with_total(np.array([[1.0, np.nan], [2, np.nan]])).tolist()[2][0] == 3
