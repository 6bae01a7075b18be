"""Rates and their intervals against formulas computed one by one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from gis_layers.rates import crude, empirical_bayes, empirical_bayes_global


def test_crude_rates_are_annual_and_their_interval_is_garwoods() -> None:
    found = crude([7, 0], [50_000, 10_000], 10_000, years=1 / 12)
    assert found.rate.tolist() == pytest.approx([7 / 50_000 * 1e4 * 12, 0])
    scale = 1e4 * 12 / 50_000
    assert found.lower[0] == pytest.approx(stats.chi2.ppf(0.025, 14) / 2 * scale)
    assert found.upper[0] == pytest.approx(stats.chi2.ppf(0.975, 16) / 2 * scale)
    assert found.lower[1] == 0
    assert found.upper[1] == pytest.approx(-np.log(0.025) * 12)


def test_rates_are_the_same_without_their_intervals() -> None:
    count, people = [0.0, 7, np.nan, 40], [900.0, 1_000, 1_000, 5_000]
    plain = crude(count, people, 10_000, interval=False)
    np.testing.assert_array_equal(plain.rate, crude(count, people, 10_000).rate)
    assert np.isnan(plain.lower).all()
    group = ["g"] * 4
    smooth = empirical_bayes(count, people, 10_000, group=group, interval=False)
    np.testing.assert_array_equal(smooth.rate, empirical_bayes(count, people, 10_000, group=group).rate)
    assert np.isnan(smooth.upper).all()


def test_crude_interval_covers_at_least_its_level() -> None:
    rng = np.random.default_rng(1)
    for mean in (0.5, 3.0, 40.0):
        found = crude(rng.poisson(mean, 4000), 1.0, 1.0)
        assert ((found.lower <= mean) & (mean <= found.upper)).mean() >= 0.945


@pytest.mark.parametrize(("count", "exposure"), [(np.nan, 5.0), (3, np.nan), (3, 0), (3, -1), (-1, 5)])
def test_what_is_not_known_has_no_crude_rate(count: float, exposure: float) -> None:
    found = crude(count, exposure, 10_000)
    assert np.isnan([found.rate, found.lower, found.upper]).all()


def one_by_one(count: np.ndarray, people: np.ndarray, labels: list[str], row: int) -> tuple[float, float]:
    """Mean and variance of the prior of one district, from the definition, itself left out."""
    others = [place for place in range(len(count)) if labels[place] == labels[row] and place != row]
    cases, n = count[others], people[others]
    b = cases.sum() / n.sum()
    a = (n * (cases / n - b) ** 2).sum() / n.sum() - b / n.mean()
    return b, a


def test_posterior_is_the_gamma_of_the_others_in_the_group() -> None:
    rng = np.random.default_rng(2)
    labels = ["x"] * 10 + ["y"] * 8
    people = rng.integers(5_000, 90_000, 18).astype(float)
    count = rng.poisson(people * 0.004 * rng.gamma(4, 1 / 4, 18)).astype(float)
    found = empirical_bayes(count, people, 10_000, group=labels)
    assert set(found.prior) == {"group"}
    for row in range(18):
        b, a = one_by_one(count, people, labels, row)
        posterior = stats.gamma(count[row] + b**2 / a, scale=1 / (people[row] + b / a))
        assert found.rate[row] == pytest.approx(1e4 * posterior.mean())
        assert found.lower[row] == pytest.approx(1e4 * posterior.ppf(0.025))
        assert found.upper[row] == pytest.approx(1e4 * posterior.ppf(0.975))


def test_an_outlier_does_not_move_its_own_norm() -> None:
    count = np.array([20.0, 24, 16, 22, 18, 20])
    wild = count.copy()
    wild[0] = 900
    people = np.full(6, 10_000.0)
    calm = empirical_bayes(count, people, 10_000, group=["g"] * 6)
    shaken = empirical_bayes(wild, people, 10_000, group=["g"] * 6)
    assert shaken.mean[0] == calm.mean[0]
    assert shaken.mean[1] > calm.mean[1]


def test_further_dimensions_are_independent_problems() -> None:
    rng = np.random.default_rng(3)
    count = rng.poisson(12, (9, 4, 3)).astype(float)
    count[2, 1, 0] = np.nan
    people = rng.integers(3_000, 9_000, (9, 1, 3)).astype(float)
    labels = list("aaaaabbbb")
    whole = empirical_bayes(count, people, 10_000, group=labels, years=1 / 12)
    for offence in range(4):
        for month in range(3):
            alone = empirical_bayes(
                count[:, offence, month], people[:, 0, month], 10_000, group=labels, years=1 / 12
            )
            for name in ("rate", "lower", "upper", "mean", "cv"):
                np.testing.assert_allclose(getattr(whole, name)[:, offence, month], getattr(alone, name))
            assert whole.prior[:, offence, month].tolist() == alone.prior.tolist()


def test_without_a_spread_in_the_group_the_status_then_the_category_then_the_floor_is_taken() -> None:
    people = np.full(12, 1_000.0)
    count = np.array([10.0] * 6 + [2, 60, 5, 40, 90, 1])
    group = ["even"] * 6 + ["wild"] * 6
    by_status = empirical_bayes(count, people, 1_000, group=group, status=["one"] * 12)
    assert set(by_status.prior[:6]) == {"status"}
    assert set(by_status.prior[6:]) == {"group"}
    assert (by_status.mean[:6] == 10.0).all()
    alone = empirical_bayes(count, people, 1_000, group=group)
    assert set(alone.prior[:6]) == {"floor"}
    assert (alone.cv[:6] == 0.1).all()
    category = empirical_bayes(count, people, 1_000, group=group, category_cv=0.4)
    assert set(category.prior[:6]) == {"category"}
    assert (category.cv[:6] == 0.4).all()


def test_where_only_one_district_recorded_anything_its_rate_is_as_counted() -> None:
    found = empirical_bayes([3.0, 0, 0, 0], [1_000.0] * 4, 1_000, group=["g"] * 4)
    exact = crude([3.0], [1_000.0], 1_000)
    assert found.prior.tolist()[0] == "none"
    assert found.rate[0] == exact.rate[0]
    assert found.upper[0] == exact.upper[0]
    assert 0 < found.rate[1] < 1


def test_a_district_without_group_leans_on_the_area() -> None:
    count = np.array([10.0, 12, 8, 11, 30])
    found = empirical_bayes(count, [1_000.0] * 5, 1_000, group=["g"] * 4 + [None])
    assert found.mean[4] == pytest.approx(10.25)
    assert np.isfinite(found.rate).all()


def test_missing_counts_and_exposures_stay_missing_and_teach_nothing() -> None:
    count = np.array([10.0, np.nan, 8, 11, 30, 9])
    people = np.array([1_000.0, 1_000, 1_000, np.nan, 1_000, 0])
    found = empirical_bayes(count, people, 1_000, group=["g"] * 6)
    assert np.isnan(found.rate).tolist() == [False, True, False, True, False, True]
    assert found.prior.tolist()[1] == ""
    rest = empirical_bayes([10.0, 8, 30], [1_000.0] * 3, 1_000, group=["g"] * 3)
    np.testing.assert_allclose(found.rate[[0, 2, 4]], rest.rate)


def test_intervals_cover_the_true_rates() -> None:
    rng = np.random.default_rng(5)
    people = rng.integers(5_000, 60_000, 200).astype(float)
    true = 0.003 * rng.gamma(6, 1 / 6, (200, 30))
    count = rng.poisson(people[:, None] * true)
    found = empirical_bayes(count, people, 1.0, group=["g"] * 200)
    inside = (found.lower <= true) & (true <= found.upper)
    assert 0.93 < inside.mean() < 0.97


def test_the_global_formula_without_excess_variance_gives_the_mean() -> None:
    found = empirical_bayes_global([10, 10, 10], [100, 100, 100])
    assert found.a == 0
    assert found.rate.tolist() == [0.1, 0.1, 0.1]
    nothing = empirical_bayes_global([np.nan], [np.nan])
    assert np.isnan(nothing.b)
