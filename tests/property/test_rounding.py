"""Rounding instead of withholding: right on average, additive, stable, and it tells no count."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from guarded import guarded_area

from gis_layers import pipeline
from gis_layers.codes import Codebook
from gis_layers.disclosure import Protection, round_counts
from gis_layers.disclosure.attack import attack_rounded
from gis_layers.disclosure.relations import cube_of
from gis_layers.disclosure.rounding import bases
from gis_layers.errors import InputError
from gis_layers.panel import panel_codebook
from gis_layers.release import open_store

KEY = bytes(range(32))


@pytest.fixture(scope="module")
def area(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return guarded_area(tmp_path_factory.mktemp("rounded"))


@pytest.fixture(scope="module")
def panel(area: Path) -> tuple[xr.Dataset, Codebook, pd.Series]:
    inputs = pipeline.check(area)
    made = pipeline.panel_of(inputs)
    assert made is not None
    return made, panel_codebook(made, inputs.codebook), inputs.districts.frame["parent"]


@pytest.fixture(scope="module")
def rounded(panel: tuple[xr.Dataset, Codebook, pd.Series]) -> Protection:
    return round_counts(*panel, key=KEY)


def _leaves(found: Protection) -> np.ndarray:
    totals = {one.total for one in found.tree.sums}
    return np.array([node for node in range(len(found.tree.codes)) if node not in totals])


def test_leaves_are_multiples_near_the_truth_and_right_on_average(rounded: Protection) -> None:
    leaves, base = _leaves(rounded), bases(rounded.tree)[None, :, None]
    off = (rounded.shown - rounded.truth)[:, leaves]
    assert (np.abs(off) < base[:, leaves]).all()
    assert (rounded.shown[:, leaves] % base[:, leaves] == 0).all()
    assert (rounded.shown[rounded.truth == 0] == 0).all()
    # 1,512 draws of a standard deviation of at most 2.5 (5 for one leaf of six)
    assert abs(off.mean()) < 4 * 3 / np.sqrt(off.size)
    assert (off != 0).mean() > 0.6


def test_totals_are_the_sums_of_rounded_parts(rounded: Protection) -> None:
    for one in rounded.tree.sums:
        np.testing.assert_array_equal(
            rounded.shown[:, one.total], rounded.shown[:, list(one.parts)].sum(axis=1)
        )


def test_a_total_apart_from_its_parts_is_rounded_by_itself(
    panel: tuple[xr.Dataset, Codebook, pd.Series],
) -> None:
    made = panel[0].copy(deep=True)
    made["count"].loc[{"offence": "theft"}] = 10_003.0
    found = round_counts(made, *panel[1:], key=KEY)
    at = found.tree.codes.index("theft")
    assert set(np.unique(found.shown[:, at])) == {10_000.0, 10_005.0}


def test_the_same_count_is_rounded_the_same_way_again_but_only_with_the_secret(
    panel: tuple[xr.Dataset, Codebook, pd.Series], rounded: Protection
) -> None:
    later = round_counts(panel[0].isel(month=slice(3, None)), *panel[1:], key=KEY)
    np.testing.assert_array_equal(later.shown, rounded.shown[:, :, 3:])
    other = round_counts(*panel, key=KEY[::-1])
    assert (other.shown != rounded.shown).mean() > 0.2


def test_the_attack_recovers_nothing(rounded: Protection) -> None:
    reach = np.full((7, len(rounded.tree.codes)), np.inf)
    leaves = _leaves(rounded)
    reach[:-1, leaves] = bases(rounded.tree)[leaves] - 1
    for region, month in ((0, 0), (1, 5)):
        low, high, recovered = attack_rounded(_block(rounded, region, month), reach, rounded.tree)
        true = rounded.truth[rounded.regions[region].districts, :, month]
        assert ((low[:-1] <= true) & (true <= high[:-1])).all()
        assert not recovered.any()


def test_totals_rounded_by_themselves_would_tell_counts(rounded: Protection) -> None:
    rng = np.random.default_rng(8)
    base = bases(rounded.tree)
    reach = np.tile(base - 1, (7, 1))
    recovered = 0
    for month in range(4):
        shown = _block(rounded, 0, month)
        true = rounded.truth[rounded.regions[0].districts, :, month]
        for one in rounded.tree.sums:
            of = base[one.total]
            shown[:-1, one.total] = of * np.floor((true[:, one.total] + of * rng.random(len(true))) / of)
        low, high, found = attack_rounded(shown, reach, rounded.tree)
        assert ((low[:-1] <= true) & (true <= high[:-1])).all()
        recovered += int(found.sum())
    assert recovered > 0


def test_rounding_to_the_nearest_would_tell_small_counts(rounded: Protection) -> None:
    nearest = 5 * np.round(rounded.truth[rounded.regions[0].districts, :, 0] / 5)
    shown = np.concatenate([nearest, np.full((1, nearest.shape[1]), np.nan)])
    _, _, recovered = attack_rounded(shown, np.full(shown.shape, 2.0), rounded.tree)
    assert recovered.any()


def test_a_release_of_rounded_counts_holds_no_true_one_and_keeps_its_secret(
    area: Path, tmp_path: Path
) -> None:
    text = area.read_text()
    area = guarded_area(tmp_path / "area")
    area.write_text(text.replace('counts = "protected"', 'counts = "protected"\nmethod = "round"'))
    store = tmp_path / "store"
    first = pipeline.build(area, store)
    key = (store / "rounding.key").read_bytes()
    assert len(key) == 32
    assert (store / "rounding.key").stat().st_mode & 0o077 == 0
    release = open_store(store).current()
    assert not (release.folder / "disclosure.parquet").exists()
    public, analyst = (release.edition(name).read("rating") for name in ("public", "analyst"))
    assert not public["suppressed"].any()
    assert first.protection is not None
    assert first.protection.rounded
    leaf = public["offence"].isin(["theft-home", "assault"])
    assert (public.loc[leaf, "count"] % 5 == 0).all()
    assert (public["count"].to_numpy() != analyst["count"].to_numpy()).mean() > 0.5
    note = next(one for one in release.edition("public").catalogue["layers"] if one["id"] == "rating")[
        "columns"
    ]
    assert "rounded" in next(one for one in note if one["name"] == "count")["note"]["en"]
    pipeline.build(area, store)
    again = open_store(store).current().edition("public").read("rating")
    np.testing.assert_array_equal(again["count"], public["count"])
    assert (store / "rounding.key").read_bytes() == key


@pytest.mark.parametrize(("before", "after"), [("round", "suppress"), ("suppress", "round")])
def test_a_store_keeps_to_one_method(tmp_path: Path, before: str, after: str) -> None:
    area = guarded_area(tmp_path / "area", months=2)
    text = area.read_text()
    for method in (before, after):
        area.write_text(text + f'method = "{method}"\n')
        if method == before:
            pipeline.build(area, tmp_path / "store")
    with pytest.raises(InputError, match="would tell some"):
        pipeline.build(area, tmp_path / "store")


def _block(found: Protection, region: int, month: int) -> np.ndarray:
    shown = found.shown[found.regions[region].districts, :, month]
    return np.concatenate([shown, np.full((1, shown.shape[1]), np.nan)])


def test_the_cube_of_the_public_panel_is_what_is_shown(rounded: Protection) -> None:
    np.testing.assert_array_equal(cube_of(rounded.panel, rounded.tree), rounded.shown)
