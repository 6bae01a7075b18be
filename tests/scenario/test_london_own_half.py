"""Walk-forward coverage of the own half on London: 50, 80 and 95 % as meant."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from gis_layers import pipeline
from gis_layers.indicators.norm import judge_own
from gis_layers.indicators.norm.tails import heterogeneity_of, interval
from gis_layers.panel import build_panel, panel_codebook
from gis_layers.settings import ready_area

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_coverage_on_london(audan_data: Path, tmp_path: Path) -> None:
    read = pipeline.read(ready_area("london"), tmp_path)
    panel = build_panel(read.settings, read.intake, read.districts, read.codebook, read.groups)
    found = judge_own(panel, panel_codebook(panel, read.codebook))
    leaf = np.isin(panel["kind"].values, ("leaf", "other"))
    count = panel["count"].transpose("district", "offence", "month").values[:, leaf]
    expected, phi, p_rise, p_fall = (
        found[name].values[:, leaf] for name in ("expected", "phi", "p_rise", "p_fall")
    )
    known = ~np.isnan(p_rise)
    spread = heterogeneity_of(expected, phi)
    y, mean, wide = count[known], expected[known], spread[known]
    size = 1 / np.where(wide > 0, wide, 1.0)
    mass = np.where(wide > 0, stats.nbinom.pmf(y, size, size / (size + mean)), stats.poisson.pmf(y, mean))
    # ranks are spread over the chance of the count itself, or discreteness would flatter the coverage
    rank = p_fall[known] + (np.random.default_rng(0).random(len(y)) - 0.5) * mass
    cover = {share: float((abs(rank - 0.5) < share / 2).mean()) for share in (0.5, 0.8, 0.95)}
    low, high = interval(mean, wide)
    closed = float(((y >= low) & (y <= high)).mean())
    rates = {cut: float((p_rise[known] <= cut).mean()) for cut in (0.001, 0.005, 0.05)}
    print(f"\n{known.sum()} cells; covered {cover}, both ends in: {closed:.3f}; p_own at most {rates}")
    assert cover[0.5] == pytest.approx(0.508, abs=0.02)
    assert cover[0.8] == pytest.approx(0.803, abs=0.02)
    assert cover[0.95] == pytest.approx(0.946, abs=0.012)
