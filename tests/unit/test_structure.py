"""Structure: the mix beside the group and the own year, who moved in it, and too few cards."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from rating_panels import book, panel_of
from scipy import stats

from gis_layers.indicators import judge_structure
from gis_layers.indicators.structure.mix import (
    LARGEST_ALPHA,
    fit_alpha,
    inflation,
    merge_rare,
    p_of_mix,
    statistic,
)
from gis_layers.indicators.structure.parts import beta_binomial_p, beta_binomial_tails, lifts
from gis_layers.indicators.structure.reference import references

BOOK = book(4, 3)
DISTRICTS = 20
GROUPS = [n // 10 for n in range(DISTRICTS)]


def leaf_counts(seed: int = 1, *, mean: float = 12, months: int = 30) -> np.ndarray:
    rng = np.random.default_rng(seed)
    means = mean * np.linspace(0.5, 1.5, len(BOOK.leaves))
    return rng.poisson(np.broadcast_to(means[:, None, None], (len(means), months, DISTRICTS)))


def judged(counts: np.ndarray, **more: object) -> xr.Dataset:
    made = panel_of(counts, BOOK, GROUPS)
    return judge_structure(made, BOOK, months=made["month"].values[-1:], **more)


def test_a_shifted_mix_is_found_and_the_part_that_moved_is_named() -> None:
    counts = leaf_counts()
    counts[0, -1, 0] += 45
    counts[3:, -1, 0] = np.round(counts[3:, -1, 0] * 0.6)
    found = judged(counts).isel(month=0)
    whole = found.sel(offence="all")
    assert whole["p_value"].values[0] < 1e-4
    assert (whole["p_value"].values[1:] > 1e-3).all()
    assert whole["imbalance"].values[0] > 3 > np.median(whole["imbalance"].values)
    first = found.sel(offence=BOOK.leaves[0])
    assert first["p_value"].values[0] < 0.01
    assert first["lift"].values[0] > 3
    assert found.sel(offence="c0")["p_value"].values[0] < 0.01


def test_shares_are_of_all_cards_and_sum_to_one() -> None:
    found = judged(leaf_counts()).isel(month=0)
    for nodes in ([f"c{n}" for n in range(4)], BOOK.leaves, ["severity-minor", "severity-grave"]):
        np.testing.assert_allclose(found["share"].sel(offence=nodes).sum("offence"), 1.0)
        np.testing.assert_allclose(found["share_peers"].sel(offence=nodes).sum("offence"), 1.0)


def test_what_the_whole_group_does_is_nobodys_imbalance() -> None:
    counts = leaf_counts(2)
    counts[0, -1] *= 3
    found = judged(counts).isel(month=0).sel(offence="all")
    assert (found["p_value"].values > 1e-3).all()


def test_few_cards_are_taken_over_three_months_then_twelve_then_not_judged() -> None:
    for mean, share in ((1.0, True), (0.3, True), (0.05, False)):
        counts = leaf_counts(mean=mean)
        found = judged(counts).isel(month=0).sel(offence="c0")["share"].values[0]
        totals = counts[:, :, 0].sum(axis=0)
        width = next((w for w in (1, 3, 12) if totals[-w:].sum() >= 30), None)
        assert (width is not None) == share
        expected = counts[:3, -width:, 0].sum() / totals[-width:].sum() if width else np.nan
        assert found == pytest.approx(expected, nan_ok=True)


def test_later_months_and_other_months_asked_change_nothing() -> None:
    counts = leaf_counts()
    made = panel_of(counts, BOOK, GROUPS)
    whole = judge_structure(made, BOOK)
    xr.testing.assert_identical(
        judge_structure(made.isel(month=slice(0, 20)), BOOK), whole.isel(month=slice(0, 20))
    )
    picked = made["month"].values[[7, 25]]
    xr.testing.assert_identical(judge_structure(made, BOOK, months=picked), whole.isel(month=[7, 25]))


def test_p_of_a_clean_mix_is_even() -> None:
    rng = np.random.default_rng(4)
    share, alpha = np.array([0.4, 0.3, 0.15, 0.1, 0.05]), 60.0
    count = np.array([rng.multinomial(120, rng.dirichlet(alpha * share)) for _ in range(1500)], dtype=float)
    mix = merge_rare(count, np.tile(share, (1500, 1)))
    size, p = p_of_mix(mix, np.full(1500, alpha), np.random.default_rng(1))
    assert 0.9 < size.mean() < 1.1
    for cut in (0.01, 0.05, 0.2):
        assert abs((p <= cut).mean() - cut) < 3.5 * np.sqrt(cut / 1500)


def test_alpha_is_found_again() -> None:
    rng = np.random.default_rng(6)
    share, alpha, mixes = np.array([0.5, 0.3, 0.2]), 40.0, 3000
    total = rng.integers(60, 300, mixes)
    count = np.array([rng.multinomial(n, rng.dirichlet(alpha * share)) for n in total], dtype=float)
    squares = statistic(count, np.tile(share, (mixes, 1)), np.full(mixes, LARGEST_ALPHA)).sum(axis=1)
    found = fit_alpha(*(np.array([part]) for part in (squares.sum(), 2.0 * total.sum(), 2.0 * mixes)))
    assert found[0] == pytest.approx(alpha, rel=0.15)
    assert inflation(np.array([100.0]), np.array([LARGEST_ALPHA]))[0] == pytest.approx(1.0, abs=1e-4)


def test_tails_are_those_of_scipy() -> None:
    rng = np.random.default_rng(8)
    total, share = rng.integers(5, 400, 200).astype(float), rng.uniform(0.02, 0.9, 200)
    alpha = np.exp(rng.uniform(1, 7, 200))
    count = np.floor(total * rng.uniform(0, 1, 200))
    lower, upper = beta_binomial_tails(count, total, share, alpha)
    law = stats.betabinom(total, alpha * share, alpha * (1 - share))
    expected = law.cdf(count) - 0.5 * law.pmf(count)
    np.testing.assert_allclose(lower, np.clip(expected, 1e-15, 1), atol=1e-9)
    np.testing.assert_allclose(lower + upper, 1.0, atol=1e-9)
    plain, _ = beta_binomial_tails(count, total, share, np.full(200, LARGEST_ALPHA))
    law = stats.binom(total, share)
    np.testing.assert_allclose(plain, np.clip(law.cdf(count) - 0.5 * law.pmf(count), 1e-15, 1), atol=1e-9)
    assert (beta_binomial_p(count, total, share, alpha) <= 1).all()


def test_lift_has_an_interval_and_survives_a_zero() -> None:
    usual = np.array([[0.4, 0.3, 0.2, 0.1]])
    found = lifts(merge_rare(np.array([[60.0, 45, 45, 0]]), usual), np.array([500.0]))
    assert np.isfinite(found.lift[0, :4]).all()
    assert found.lift[0, 3] < 0.5
    assert (found.lower[0, :4] < found.lift[0, :4]).all()
    assert (found.lift[0, :4] < found.upper[0, :4]).all()
    even = lifts(merge_rare(1000 * usual, usual), np.array([500.0]))
    np.testing.assert_allclose(even.lift[0, :4], 1.0, atol=1e-9)


def test_too_few_members_are_no_group() -> None:
    now = np.tile([30.0, 20.0], (5, 1))
    group = np.array([0, 0, 0, 1, 1])
    found = references(now, 12 * now, group, np.zeros(5, dtype=int))
    np.testing.assert_allclose(found.group, np.tile([0.6, 0.4], (5, 1)))
    lone = references(now[:3], 12 * now[:3], group[:3], np.zeros(3, dtype=int))
    assert np.isnan(lone.group).all()
    assert np.isfinite(lone.own).all()
