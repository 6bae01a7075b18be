"""The null: clean negative binomial counts pass magnitude 3 about once in a thousand, at leaves and above."""

from __future__ import annotations

import numpy as np
import pytest
from rating_panels import book, clean_counts, panel_of

from gis_layers.indicators.rating import judge_rating
from gis_layers.indicators.rating.cauchy import combine
from gis_layers.indicators.rating.funnel import peer_half

BOOK = book(4, 5)
SIZES = [8, 8, 10, 12, 14, 18, 22, 30]


@pytest.fixture(scope="module")
def clean():  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(20)
    groups = np.repeat(np.arange(len(SIZES)), SIZES)
    people = np.exp(rng.normal(10.5, 0.4, len(groups)))
    means = rng.permutation(np.geomspace(2, 120, len(BOOK.leaves)))
    counts = clean_counts(rng, means, 60, people, heterogeneity=0.02)
    population = np.repeat(people[:, None], 60, axis=1)
    return judge_rating(panel_of(counts, BOOK, groups.tolist(), population=population), BOOK)


@pytest.mark.parametrize("kind", ["leaf", "category", "root", "severity"])
def test_magnitudes_have_their_frequency(clean, kind: str) -> None:  # type: ignore[no-untyped-def]
    codes = [code for code in clean["offence"].values if BOOK.nodes["kind"][code] == kind]
    size = clean["magnitude"].sel(offence=codes).values.ravel()
    assert 0.07 < (size >= 1).mean() < 0.13
    assert 0.006 < (size >= 2).mean() < 0.016
    assert 0.0003 < (size >= 3).mean() < 0.0025


def test_points_of_a_year_have_their_mean(clean) -> None:  # type: ignore[no-untyped-def]
    points = clean["points_12m"].values
    assert 1.1 < np.nanmean(points) < 1.6
    assert (points[~np.isnan(points)] >= 12).mean() < 0.001


def test_signals_are_rare(clean) -> None:  # type: ignore[no-untyped-def]
    leaves = clean["fired"].sel(offence=BOOK.leaves).values
    families = leaves.any(axis=(0, 2))
    assert families.mean() < 0.25
    assert (leaves == 1).mean() < 2e-4


@pytest.mark.parametrize("mean", [0.5, 5, 50, 300])
@pytest.mark.parametrize("heterogeneity", [0.0, 0.04])
def test_groups_of_eight_keep_the_level(mean: float, heterogeneity: float) -> None:
    rng = np.random.default_rng(8)
    people = np.exp(rng.normal(0, 0.4, (12, 8)))
    exposure = people / people.mean()
    count = clean_counts(rng, np.full(2500, mean), 12, exposure[0], heterogeneity=heterogeneity).astype(float)
    zeros = np.zeros(8, dtype=np.intp)
    lags = tuple(range(12))
    found = peer_half(count, np.repeat(exposure[:1], 12, axis=0), zeros, zeros, lags=lags)
    p = found.p_rise[:, -1]
    assert (p <= 0.01).mean() < 0.016
    assert (p <= 0.001).mean() < 0.0024


def test_combination_holds_its_level_with_many_rare_and_correlated_leaves() -> None:
    rng = np.random.default_rng(9)
    shared = rng.standard_normal((1, 200_000))
    z = np.sqrt(0.1) * shared + np.sqrt(0.9) * rng.standard_normal((30, 200_000))
    from scipy.stats import norm

    p = norm.sf(z)
    total = norm.sf(z.sum(axis=0) / np.sqrt(30 + 30 * 29 * 0.1))
    joined = combine(total, p)
    assert (joined <= 0.01).mean() == pytest.approx(0.01, abs=0.003)
    assert (joined <= 0.001).mean() == pytest.approx(0.001, abs=0.0004)


def test_one_sharp_leaf_is_not_drowned_among_thirty() -> None:
    leaves = np.full((30, 1), 0.5)
    leaves[4] = 1e-6
    assert combine(np.array([0.4]), leaves)[0] < 1e-4
    leaves[5] = 1 - 1e-12
    assert combine(np.array([0.4]), leaves)[0] < 1e-4
