"""The own half: walk-forward, by the history rules, blind to later months and to past outbreaks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from rating_panels import book, clean_counts, panel_of

from gis_layers.indicators.norm import Break, OwnPast, judge_own
from gis_layers.indicators.norm.irls import fit_counts
from gis_layers.indicators.norm.season import fit_seasons
from gis_layers.indicators.norm.tails import mid_p

BOOK = book(2, 2)
LEAVES = BOOK.leaves
DISTRICTS = 16
GROUPS = [n // 8 for n in range(DISTRICTS)]


def counts_of(months: int = 60, *, mean: float = 40, seed: int = 1, heterogeneity: float = 0.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    means = mean * np.array([1.0, 0.5, 0.2, 1.5])
    return clean_counts(rng, means, months, np.ones(DISTRICTS), heterogeneity=heterogeneity)


def panel(counts: np.ndarray, **more: int) -> xr.Dataset:
    return panel_of(counts, BOOK, GROUPS, **more)


def same(one: xr.Dataset, other: xr.Dataset) -> bool:
    return one.drop_attrs(deep=False).identical(other.drop_attrs(deep=False))


def test_judging_the_newest_month_is_judging_it_in_the_whole_history() -> None:
    whole = judge_own(panel(counts_of()), BOOK)
    assert same(judge_own(panel(counts_of()), BOOK, months=slice(-1, None)), whole.isel(month=[-1]))
    assert same(judge_own(panel(counts_of()), BOOK, months=[30, 47]), whole.isel(month=[30, 47]))


def test_pooled_halves_are_the_same_whichever_months_are_asked_for() -> None:
    widths = (1, 3, 12)
    whole = OwnPast(panel(counts_of()), BOOK).halves(np.arange(60), widths=widths)
    past = OwnPast(panel(counts_of()), BOOK)
    for months in (np.array([59]), np.arange(36, 48)):
        for width, half in past.halves(months, widths=widths).items():
            for name in ("expected", "phi", "p_rise", "p_fall"):
                made, expected = getattr(half, name), getattr(whole[width], name)[:, months]
                assert np.array_equal(made, expected, equal_nan=True), (width, name)


def test_later_months_change_nothing() -> None:
    counts = counts_of()
    changed = counts.copy()
    changed[:, 50:] = 7
    upto = slice(0, 50)
    whole = judge_own(panel(counts), BOOK, months=upto)
    assert same(judge_own(panel(changed), BOOK, months=upto), whole)
    assert same(judge_own(panel(counts).isel(month=upto), BOOK), whole)


def test_history_decides_from_when_it_is_judged() -> None:
    counts = counts_of().astype(float)
    found = judge_own(panel(counts), BOOK)
    judged = found["expected"].notnull().values.all(axis=(0, 1))
    assert judged.tolist() == [False] * 24 + [True] * 36
    told = found["reason"].attrs["categories"]
    assert told[int(found["reason"].values[0, 0, 3])] == "own.short_history"


def test_season_is_the_groups_until_a_series_has_three_years() -> None:
    rng = np.random.default_rng(5)
    wave = 1 + 0.5 * np.sin(2 * np.pi * np.arange(60) / 12)
    mean = np.full((4, 60, DISTRICTS), 200.0)
    mean[:, :, 0] *= wave
    found = judge_own(panel(rng.poisson(mean)), BOOK)["expected"].sel(offence=LEAVES[0]).values
    swing = [np.ptp(found[0, year]) / found[0, year].mean() for year in (slice(24, 36), slice(48, 60))]
    assert swing[0] < 0.45 < 0.7 < swing[1]


def test_a_break_begins_the_past_anew() -> None:
    counts = counts_of()
    counts[0, 30:, 2] *= 4
    one = Break(np.datetime64("2017-07"), district="d002", offence=LEAVES[0])
    found = judge_own(panel(counts), BOOK, breaks=[one]).sel(offence=LEAVES[0], district="d002")
    assert found["expected"].isnull().values[30:54].all()
    assert found["expected"].notnull().values[24:30].all()
    assert found["expected"].values[54] == pytest.approx(160, rel=0.1)
    other = judge_own(panel(counts), BOOK, breaks=[one]).sel(offence=LEAVES[0], district="d003")
    assert other["expected"].notnull().values[24:].all()


def test_stretches_of_the_panel_begin_the_past_anew_and_leave_spans_out() -> None:
    counts = counts_of()
    counts[0, 30:] *= 4
    cube = panel(counts)
    row = cube["offence"].values.tolist().index(LEAVES[0])
    stretch = np.zeros((cube.sizes["offence"], 60), dtype=np.int16)
    stretch[row, 30:] = 1
    found = judge_own(cube.assign(stretch=(("offence", "month"), stretch)), BOOK)
    told = judge_own(cube, BOOK, breaks=[Break(np.datetime64("2017-07"), offence=LEAVES[0])])
    assert found.identical(told)
    wide = np.repeat(stretch[None], DISTRICTS, axis=0)
    assert judge_own(cube.assign(stretch=(("district", "offence", "month"), wide)), BOOK).identical(told)

    counts = counts_of()
    counts[:, 40:44] *= 9
    cube = panel(counts)
    shut = np.zeros((cube.sizes["offence"], 60), dtype=np.int16)
    shut[:, 40:44] = -1
    found = judge_own(cube.assign(stretch=(("offence", "month"), shut)), BOOK)
    assert found["p_own"].isnull().values[:, :, 40:44].all()
    assert found["expected"].isnull().values[:, :, 40:44].all()
    assert set(found["reason"].values[:, :, 40:44].ravel()) == {4}
    assert found["expected"].notnull().values[:, :, 44:].all()
    level = found["expected"].sel(offence=LEAVES[0]).values
    assert level[:, 44:].mean() == pytest.approx(level[:, 30:40].mean(), rel=0.1)


def test_months_not_collected_or_incomplete_are_neither_judged_nor_used() -> None:
    counts = counts_of(50)
    cube = panel(counts, incomplete=1)
    gap = {"offence": LEAVES[0], "district": "d001"}
    cube["count"].loc[gap | {"month": "2018-06-01"}] = np.nan
    wild = cube.copy(deep=True)
    wild["count"].loc[{"month": cube["month"].values[-1]}] = 9999.0
    found, same_past = judge_own(cube, BOOK), judge_own(wild, BOOK)
    assert found["p_rise"].isel(month=-1).isnull().all()
    assert found["expected"].isel(month=-1).notnull().all()
    np.testing.assert_array_equal(found["expected"].values, same_past["expected"].values)
    told = found["reason"].attrs["categories"]
    assert told[int(found["reason"].isel(month=-1).values[0, 0])] == "own.incomplete"
    missing = found.sel(gap | {"month": "2018-06-01"})
    assert told[int(missing["reason"])] == "own.not_collected"
    assert np.isnan(missing["p_rise"])


def test_an_outbreak_and_a_fall_are_seen_and_soon_forgotten() -> None:
    counts = counts_of()
    counts[3, 48, 4], counts[3, 48, 5] = 130, 20
    found = judge_own(panel(counts), BOOK).sel(offence=LEAVES[3])
    at = {"month": "2019-01-01"}
    assert float(found["p_own"].sel(at | {"district": "d004"})) < 1e-6
    assert float(found["p_fall"].sel(at | {"district": "d005"})) < 1e-4
    quiet = judge_own(panel(counts_of()), BOOK).sel(offence=LEAVES[3], district="d004")
    after = found.sel(district="d004")
    later = slice("2019-04-01", "2019-08-01")
    ratio = after["expected"].sel(month=later) / quiet["expected"].sel(month=later)
    assert (abs(ratio - 1) < 0.12).all()
    assert (abs(ratio[1:] - 1) < 0.015).all()
    assert (after["phi"].sel(month=later) < 2).all()


def test_an_even_series_is_tested_as_poisson_and_keeps_its_dispersion() -> None:
    counts = np.full((4, 60, DISTRICTS), 30.0)
    last = judge_own(panel(counts), BOOK, months=[59]).sel(offence=LEAVES[0], district="d000").isel(month=0)
    assert float(last["phi"]) < 0.3
    count = np.array([30.0])
    plain, _ = mid_p(count, np.array([float(last["expected"])]), np.zeros(1))
    assert float(last["p_rise"]) == pytest.approx(float(plain[0]))


@pytest.mark.parametrize("mean", [0.3, 4, 60])
def test_clean_counts_pass_a_cut_as_often_as_they_should(mean: float) -> None:
    counts = counts_of(110, mean=mean, seed=3, heterogeneity=0.5 / mean)
    p = judge_own(panel(counts), BOOK).sel(offence=LEAVES)["p_own"].values.ravel()
    p = p[~np.isnan(p)]
    assert (p <= 0.05).mean() == pytest.approx(0.05, abs=0.02)
    assert (p <= 0.005).mean() < 0.011


def test_coverage_is_as_meant() -> None:
    counts = counts_of(110, mean=80, seed=4, heterogeneity=0.01)
    found = judge_own(panel(counts), BOOK).sel(offence=LEAVES)
    count = panel(counts)["count"].sel(offence=LEAVES)
    judged = found["expected"].notnull().values
    inside = ((count >= found["lower"]) & (count <= found["upper"])).transpose(*found["lower"].dims).values
    assert 0.93 < inside[judged].mean() < 0.985


def test_no_card_anywhere_and_the_first_cards_are_judged() -> None:
    counts = np.zeros((4, 50, DISTRICTS))
    counts[:, 49] = 50
    found = judge_own(panel(counts), BOOK, months=[30, 49])["p_own"].sel(offence=LEAVES)
    assert (found.isel(month=0) > 0.4).all()
    assert (found.isel(month=1) < 0.001).all()


def test_no_exposure_is_needed() -> None:
    bare = panel(counts_of()).drop_vars(["population", "peer_group", "status"])
    assert judge_own(bare, BOOK, months=[59])["p_own"].notnull().all()


def test_quarters_and_years_have_an_own_half() -> None:
    for period, rows, step in (("quarter", 32, 3), ("year", 10, 12)):
        cube = panel(counts_of(rows)).assign_attrs(period=period)
        months = (
            pd.date_range("2010-01-01", periods=rows, freq=f"{step}MS").to_numpy().astype("datetime64[s]")
        )
        found = judge_own(cube.assign_coords(month=months), BOOK)
        assert found["p_own"].isel(month=-1).notnull().all(), period
        assert found["p_own"].isel(month=24 // step - 1).isnull().all(), period


def test_regression_equals_its_closed_form() -> None:
    rng = np.random.default_rng(2)
    count = rng.poisson(20, (50, 36)).astype(float)
    offset = np.log(rng.uniform(0.5, 2, count.shape))
    weights = rng.uniform(0.1, 1, count.shape)
    fit = fit_counts(count, np.ones((36, 1)), weights=weights, offset=offset)
    exact = (weights * count).sum(axis=1) / (weights * np.exp(offset)).sum(axis=1)
    assert np.exp(fit.coef[:, 0]) == pytest.approx(exact, rel=1e-9)
    assert fit.converged.all()


def test_seasons_come_back_and_are_shrunk_where_cards_are_few() -> None:
    rng = np.random.default_rng(6)
    months = np.arange(60)
    own = np.zeros(30)
    own[:15] = np.linspace(-0.3, 0.3, 15)
    wave = 0.3 * np.cos(2 * np.pi * months / 12)[None] + own[:, None] * np.sin(2 * np.pi * months / 12)[None]
    mean = np.vstack([100 * np.exp(wave[:15]), 0.3 * np.exp(wave[15:])])
    labels = {"offence": np.repeat([0, 1], 15), "status": np.zeros(30, dtype=int)}
    found = fit_seasons(
        rng.poisson(mean).astype(float), months, months, group=np.zeros(30, dtype=int), **labels
    )
    assert np.log(found.district[:15]) == pytest.approx(wave[:15], abs=0.15)
    spread = np.log(found.district[15:]) - np.log(found.group[15:])
    assert np.abs(spread).max() < 0.15
