"""φ of an offence: found in clustered counts, absent in chance alone, never from later months."""

from __future__ import annotations

import numpy as np
import pytest

from gis_layers.indicators.rating.dispersion import dispersion
from gis_layers.indicators.rating.funnel import peer_half


@pytest.mark.parametrize("phi", [1.0, 1.5, 3.0])
@pytest.mark.parametrize("mean", [0.05, 0.5, 3.0])
def test_finds_the_dispersion_of_rare_counts(phi: float, mean: float) -> None:
    rng = np.random.default_rng(3)
    shape = (1, 48, 1500)
    count = rng.poisson(mean, shape) if phi == 1 else rng.negative_binomial(mean / (phi - 1), 1 / phi, shape)
    assert dispersion(count.astype(float))[0, -1] == pytest.approx(phi, rel=0.12)


def test_a_verdict_uses_no_later_month() -> None:
    rng = np.random.default_rng(4)
    count = rng.poisson(0.5, (2, 40, 30)).astype(float)
    changed = count.copy()
    changed[:, 30:] *= 10
    np.testing.assert_array_equal(dispersion(count)[:, :30], dispersion(changed)[:, :30])


def test_nothing_measurable_is_chance_alone() -> None:
    assert (dispersion(np.full((1, 5, 3), np.nan)) == 1).all()
    assert (dispersion(np.ones((1, 5, 3))) == 1).all()


def test_clean_clustered_rare_counts_reach_magnitude_three_one_time_in_a_thousand() -> None:
    rng = np.random.default_rng(5)
    count = rng.negative_binomial(0.3 / 0.5, 1 / 1.5, (20, 60, 120)).astype(float)
    zeros = np.repeat(np.arange(6), 20)
    exposure = np.ones((60, 120))
    blind = peer_half(count, exposure, zeros, np.zeros_like(zeros), lags=tuple(range(12)))
    seeing = peer_half(
        count, exposure, zeros, np.zeros_like(zeros), lags=tuple(range(12)), phi=dispersion(count)
    )
    tail = [(found.p_rise[:, 24:] < 1e-3).mean() for found in (blind, seeing)]
    assert tail[1] < 0.0013
    assert tail[0] > 1.5 * tail[1]
