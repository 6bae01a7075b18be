"""Benjamini & Hochberg 1995, section 3.2: fifteen p-values, of which BH rejects four and Bonferroni three."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from gis_layers.indicators.rating.fdr import bh_adjust

PAPER = np.array([1, 4, 19, 95, 201, 278, 298, 344, 459, 3240, 4262, 5719, 6528, 7590, 10000]) / 10_000


def test_paper_rejects_four() -> None:
    shuffled = np.random.default_rng(1).permutation(len(PAPER))
    q = bh_adjust(PAPER[shuffled])
    assert (q <= 0.05).sum() == 4
    assert set(PAPER[shuffled][q <= 0.05]) == set(PAPER[:4])
    assert (0.05 / len(PAPER) >= PAPER).sum() == 3


def test_equals_scipy_row_by_row() -> None:
    p = np.random.default_rng(2).random((20, 60)) ** 3
    assert bh_adjust(p) == pytest.approx(false_discovery_control(p, axis=1), abs=1e-12)


def test_missing_is_not_in_the_family() -> None:
    holed = np.insert(PAPER, [0, 5, 9], np.nan)
    q = bh_adjust(holed)
    assert np.isnan(q[np.isnan(holed)]).all()
    assert q[~np.isnan(holed)] == pytest.approx(bh_adjust(PAPER))
