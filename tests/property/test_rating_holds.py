"""What holds of the rating whatever the counts."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rating_panels import book, panel_of
from scipy import stats

from gis_layers.indicators.norm.tails import interval, mid_p
from gis_layers.indicators.rating import judge_rating, rating_frame
from gis_layers.indicators.rating.cauchy import combine
from gis_layers.indicators.rating.fdr import bh_adjust, two_stage

BOOK = book(2, 2)
probabilities = st.floats(0, 1, allow_nan=False)


@given(arrays(np.float64, (6, 4, 9), elements=st.one_of(st.integers(0, 60).map(float), st.just(np.nan))))
@settings(max_examples=25, deadline=None)
def test_every_row_keeps_the_contract(found: np.ndarray) -> None:
    leaves = np.moveaxis(found[:, :4], 0, 1)
    frame = rating_frame(judge_rating(panel_of(leaves, BOOK, [0] * 9), BOOK))
    assert len(frame) == 9 * 6 * len(BOOK.codes)
    level = frame["level"]
    known = level.notna()
    assert (known == frame["count"].notna()).all()
    assert level[known].between(0, 5).all()
    assert (frame["points"][known] == (level[known] - 1).clip(lower=0)).all()
    assert (frame["fired"].notna() == known).all()
    fired = (frame["fired"] == "peers").to_numpy()
    assert (frame["q_value"][fired] <= 0.05).all()
    size = frame["magnitude"].dropna()
    assert size.between(0, 9).all()
    assert frame["reason"].notna().all()
    expected = frame.dropna(subset=["expected"])
    assert (expected["lower"] <= expected["upper"]).all()
    judged = frame[known & (level > 0)]
    assert (judged["level"] == np.minimum(judged["magnitude"], 4).astype(int) + 1).all()


@given(
    st.integers(0, 400),
    st.floats(0.01, 300),
    st.one_of(st.just(0.0), st.floats(1e-4, 2.0)),
)
def test_tails_are_those_of_scipy(count: int, mean: float, spread: float) -> None:
    rise, fall = mid_p(np.array([float(count)]), np.array([mean]), np.array([spread]))
    law = stats.poisson(mean) if spread == 0 else stats.nbinom(1 / spread, 1 / (1 + spread * mean))
    assert np.isclose(rise[0], max(law.sf(count) + 0.5 * law.pmf(count), 1e-300), rtol=1e-6, atol=1e-300)
    assert np.isclose(rise[0] + fall[0], 1)
    low, high = interval(np.array([mean]), np.array([spread]))
    assert law.cdf(high[0]) >= 0.975 - 1e-9
    assert law.cdf(low[0] - 1) < 0.025 + 1e-9


@given(st.integers(0, 200), st.floats(0.1, 100), st.floats(0, 1))
def test_more_cards_are_never_less_unusual(count: int, mean: float, spread: float) -> None:
    y = np.array([count, count + 1.0])
    rise, _ = mid_p(y, np.full(2, mean), np.full(2, spread))
    assert rise[1] <= rise[0]


@given(arrays(np.float64, 12, elements=probabilities), st.floats(0.01, 0.3))
def test_two_stages_never_reject_what_one_family_with_one_category_would_not(p: np.ndarray, q: float) -> None:
    one = two_stage(p[None], np.zeros(12, dtype=np.intp), q=q)[0]
    assert np.allclose(one, bh_adjust(p))
    many = two_stage(p[None], np.repeat(np.arange(3), 4), q=q)[0]
    assert ((many >= p - 1e-12) & (many <= 1)).all()


@given(arrays(np.float64, (5, 3), elements=probabilities), arrays(np.float64, 3, elements=probabilities))
def test_a_sharper_leaf_never_lowers_the_node(leaves: np.ndarray, total: np.ndarray) -> None:
    sharper = leaves.copy()
    sharper[0] /= 10
    assert (combine(total, sharper) <= combine(total, leaves) + 1e-12).all()
