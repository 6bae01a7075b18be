"""Hotspots where little or nothing can be said, patterns by Esri's definitions, and false discoveries."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse

from gis_layers.errors import InputError, UsageError
from gis_layers.explain.hotspot import CUT, hotspot_text, own_limit
from gis_layers.indicators.rating.fdr import bh_adjust
from gis_layers.places.hotspots import (
    PATTERNS,
    cell_counts,
    cell_links,
    cube_states,
    emerging_patterns,
    gi_star,
    grid_cells,
    join_islands,
    judge_hotspots,
    local_moran,
    mann_kendall,
    permutation_p,
    signalled,
)
from gis_layers.places.hotspots import cells as cells_module
from gis_layers.places.of_points import judge_cells
from gis_layers.sources import Points


def board(side: int) -> sparse.csr_array:
    x, y = np.divmod(np.arange(side * side), side)
    near = (abs(x[:, None] - x) <= 1) & (abs(y[:, None] - y) <= 1)
    return sparse.csr_array(near & ~np.eye(side * side, dtype=bool))


def panel_of(count: np.ndarray, people: np.ndarray | None = None) -> xr.Dataset:
    places, offences, months = count.shape
    when = pd.date_range("2020-01-01", periods=months, freq="MS").astype("datetime64[s]")
    variables = {"count": (("district", "offence", "month"), count.astype(float))}
    if people is not None:
        variables["population"] = (("district", "month"), np.tile(people[:, None], months))
    coords = {
        "district": [f"d{n}" for n in range(places)],
        "offence": [f"o{n}" for n in range(offences)],
        "month": when,
    }
    return xr.Dataset(variables, coords=coords)


@settings(deadline=None, max_examples=15)
@given(
    arrays(float, (16, 3), elements=st.floats(-50, 50)),
    st.floats(0.1, 100),
    st.floats(-100, 100),
    st.permutations(range(16)),
)
def test_unit_zero_and_order_do_not_matter(
    values: np.ndarray, scale: float, shift: float, order: list[int]
) -> None:
    values = np.round(values, 3)
    links = board(4)
    mixed = sparse.csr_array(links.toarray()[np.ix_(order, order)])
    for statistic in (gi_star, local_moran):
        before = statistic(values, links)
        after = statistic((values * scale + shift)[order], mixed)
        sure = (np.ptp(values, axis=0) > 0.01) & (np.abs(values - values.mean(axis=0)) > 1e-6)
        np.testing.assert_allclose(after.z[sure[order]], before.z[order][sure[order]], atol=1e-4)
        known = before.p[np.isfinite(before.p)]
        assert ((known >= 0) & (known <= 1)).all()


def test_unknown_places_are_as_if_they_were_not_there() -> None:
    values = np.random.default_rng(1).normal(size=25)
    values[[3, 12]] = np.nan
    here = np.flatnonzero(np.isfinite(values))
    links = board(5)
    fewer = sparse.csr_array(links[here][:, here])
    for whole, part in (
        (gi_star(values, links), gi_star(values[here], fewer)),
        (gi_star(values, links, itself=False), gi_star(values[here], fewer, itself=False)),
        (local_moran(values, links), local_moran(values[here], fewer)),
    ):
        np.testing.assert_allclose(whole.z[here], part.z)
        np.testing.assert_allclose(whole.p[here], part.p)
        assert np.isnan(whole.z[[3, 12]]).all()
    p = permutation_p(values, links, rng=np.random.default_rng(1), finest=None)
    q = permutation_p(values[here], fewer, rng=np.random.default_rng(1), finest=None)
    assert (p[here] == q).all()


@pytest.mark.parametrize("values", [[3.0], [3.0, 4.0], [0.0] * 9, [7.5] * 9, [np.nan] * 9])
def test_nothing_to_compare_with(values: list[float]) -> None:
    links = (
        board(3) if len(values) == 9 else sparse.csr_array(np.ones((len(values),) * 2) - np.eye(len(values)))
    )
    assert np.isnan(gi_star(values, links).z).all()
    assert np.isnan(local_moran(values, links).p).all()
    assert np.isnan(permutation_p(values, links, rng=np.random.default_rng(1))).all()


def test_island() -> None:
    links = board(3).toarray()
    links[0], links[:, 0] = False, False
    alone = sparse.csr_array(links)
    values = np.array([9.0, 1, 2, 1, 3, 1, 2, 1, 2])
    assert np.isnan(local_moran(values, alone).z[0])
    assert gi_star(values, alone).z[0] == pytest.approx((values[0] - values.mean()) / values.std())
    x, y = np.divmod(np.arange(9), 3)
    joined = join_islands(alone, np.stack([x, y], axis=1))
    assert joined[[0]].sum() == 1
    assert (joined != joined.T).nnz == 0
    assert np.isfinite(local_moran(values, joined).z).all()
    assert join_islands(sparse.csr_array((1, 1), dtype=bool), [[0, 0]]).nnz == 0


def test_wrong_neighbours_are_refused() -> None:
    with pytest.raises(UsageError, match="not those of the values"):
        gi_star([1.0, 2, 3], board(2))
    with pytest.raises(UsageError, match="its own neighbour"):
        gi_star([1.0, 2, 3, 4], sparse.csr_array(np.eye(4)))


def history(*states: float) -> str:
    """Name the pattern of states, NaN for a step that was not judged."""
    steps = np.array(states, dtype=float)
    z = np.where(steps == 0, 0.1, steps * 3.0)
    return (*PATTERNS, "")[emerging_patterns(z, np.nan_to_num(steps).astype(int))]


@pytest.mark.parametrize("sign", [1, -1])
def test_patterns(sign: int) -> None:
    kind = "hot" if sign > 0 else "cold"
    s = sign
    assert history(*[0] * 12) == "none"
    assert history(*[0] * 11, s) == f"new_{kind}"
    assert history(*[0] * 9, s, s, s) == f"consecutive_{kind}"
    assert history(0, s, *[0] * 8, s, s) == f"sporadic_{kind}"
    assert history(0, -s, 0, s, *[0] * 7, s) == f"oscillating_{kind}"
    assert history(*[s] * 11, 0) == f"historical_{kind}"
    assert history(*[s] * 12) == f"persistent_{kind}"
    steps = np.full(12, s)
    rising = s * np.linspace(2, 5, 12)
    assert PATTERNS[emerging_patterns(rising, steps)] == f"intensifying_{kind}"
    assert PATTERNS[emerging_patterns(rising[::-1], steps)] == f"diminishing_{kind}"
    assert emerging_patterns(rising[:9], steps[:9]) == -1
    assert emerging_patterns(np.where(np.arange(12) == 11, np.nan, rising), steps) == -1


@pytest.mark.parametrize("sign", [1, -1])
def test_patterns_over_a_step_that_was_not_judged(sign: int) -> None:
    kind = "hot" if sign > 0 else "cold"
    s, gap = sign, np.nan
    assert history(*[0] * 10, gap, s) == f"new_{kind}"
    assert history(*[0] * 8, s, s, gap, s) == f"consecutive_{kind}", "a gap does not break a run"
    assert history(*[0] * 8, s, 0, gap, s) == f"sporadic_{kind}", "nor does it mend one"
    assert history(*[s] * 5, gap, *[s] * 6) == f"persistent_{kind}"
    assert history(*[s] * 5, gap, 0, *[s] * 5) == f"persistent_{kind}", "10 of the 11 that were judged"
    assert history(*[s] * 5, gap, gap, *[s] * 4, 0) == f"historical_{kind}"
    assert history(*[s] * 5, gap, gap, gap, *[s] * 4) == "", "nine steps are too few"


@pytest.mark.parametrize("sign", [1, -1])
def test_a_pattern_is_named_after_what_the_place_is_now(sign: int) -> None:
    now = "hot" if sign > 0 else "cold"
    s = sign
    assert history(*[-s] * 11, s) == f"new_{now}"
    assert history(*[-s] * 18, s, s) == f"consecutive_{now}"
    assert history(s, *[-s] * 18, s) == f"oscillating_{now}"


def test_mann_kendall_with_ties_and_gaps() -> None:
    z, p = mann_kendall([[1.0] * 12, [np.nan, *range(11)], [3, 3, 2, 2, 1, 1, 1, 0, 0, 0, 0, 0]])
    assert z[0] == 0
    assert p[0] == 1
    assert z[1] == pytest.approx(54 / np.sqrt(11 * 10 * 27 / 18))
    # S = -51, Var = (12·11·29 − 2·(2·1·9) − 3·2·11 − 5·4·15) / 18
    assert z[2] == pytest.approx(-50 / np.sqrt((12 * 11 * 29 - 36 - 66 - 300) / 18))


def test_cube_without_a_neighbouring_step_is_one_map() -> None:
    values = np.random.default_rng(1).normal(size=(25, 1))
    z, _ = cube_states(values, board(5))
    np.testing.assert_allclose(z[:, 0], gi_star(values[:, 0], board(5)).z)


def test_judge_without_exposure_or_counts() -> None:
    with pytest.raises(UsageError, match="need an exposure"):
        judge_hotspots(panel_of(np.ones((9, 1, 3))), board(3))
    found = judge_hotspots(panel_of(np.zeros((9, 2, 3)), np.full(9, 100.0)), board(3))
    assert all(pd.isna(found[name].values).all() for name in found)
    alone = judge_hotspots(panel_of(np.ones((1, 1, 1)) * 5, np.full(1, 100.0)), sparse.csr_array((1, 1)))
    assert all(pd.isna(alone[name].values).all() for name in alone)
    month = judge_hotspots(
        panel_of(np.random.default_rng(1).poisson(9, (9, 1, 1)), np.full(9, 100.0)), board(3)
    )
    assert np.isfinite(month["gi_star"].values).sum() >= 8
    assert pd.isna(month["pattern"].values).all()


def test_a_later_month_changes_nothing_before_it() -> None:
    count = np.random.default_rng(1).poisson(12, (25, 2, 20))
    people = np.full(25, 1_000.0)
    whole = judge_hotspots(panel_of(count, people), board(5), months=["2020-12-01"])
    part = judge_hotspots(panel_of(count[..., :12], people), board(5), months=["2020-12-01"])
    xr.testing.assert_identical(whole, part)


@pytest.mark.parametrize("mean", [1.0, 5.0, 40.0])
def test_few_hotspots_where_there_are_none(mean: float) -> None:
    rng = np.random.default_rng(2)
    people = rng.lognormal(0, 0.7, 196)
    level = mean * people / people.mean()
    size = 10.0  # rates of places differ by a third, neighbours or not
    count = rng.poisson(level[:, None, None] * rng.gamma(size, 1 / size, (196, 1, 300)))
    found = judge_hotspots(panel_of(count, people), board(14), patterns=False)
    for q in ("q_value", "q_moran"):
        any_at_all = (found[q].values <= 0.05).any(axis=-1).mean()
        assert any_at_all <= 0.10, (q, any_at_all)


def test_grid() -> None:
    cells = grid_cells(shapely.Point(0, 0).buffer(1_000), 500, "EPSG:32616")
    assert len(cells) == 16
    assert "c500_m500_m500" in cells.codes
    assert cell_links(cells).sum(axis=1).max() == 8
    points = np.random.default_rng(1).uniform(-400, 400, (2, 500))
    counted = cell_counts(cells, *points, np.arange(500) % 3, 3)
    assert counted.sum() == 500
    assert counted.shape == (16, 3)
    assert cell_counts(cells, [np.nan, 1e9], [0, 0], [0, 0], 3).sum() == 0
    one_spot = cell_counts(cells, np.full(50, 10.0), np.full(50, 10.0), np.zeros(50), 1)
    assert sorted(one_spot[:, 0])[-2:] == [0, 50]


def test_the_sea_between_islands_is_not_cut_up() -> None:
    far = 1_000_000
    islands = [shapely.box(at + 50, at, at + 1_950, at + 1_500) for at in (0, far)]
    codes = grid_cells(shapely.union_all(islands), 500, "EPSG:32616").codes
    assert len(codes) == len(set(codes)) == 2 * 4 * 3
    assert codes == [code for one in islands for code in grid_cells(one, 500, "EPSG:32616").codes]
    assert codes[:5] == ["c500_0_0", "c500_500_0", "c500_1000_0", "c500_1500_0", "c500_0_500"]
    ring = shapely.Point(0, 0).buffer(3_000).difference(shapely.Point(0, 0).buffer(2_950))
    cells = grid_cells(ring, 50, "EPSG:32616")
    assert all(shapely.relate_pattern(cells.geometry, ring, "T********"))
    assert shapely.area(shapely.intersection(cells.geometry, ring)).sum() == pytest.approx(ring.area)


@pytest.mark.parametrize("side", [1.0, 1e-200])
def test_more_squares_than_can_be_handled_are_refused_before_they_are_made(side: float) -> None:
    with pytest.raises(InputError, match="larger ones") as refused:
        grid_cells(shapely.box(0, 0, 12_000, 12_000), side, "EPSG:32616")
    assert refused.value.where.key == "density.hotspot_cell"


def test_squares_along_a_border_count_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thin area has far more squares than its ground would fill."""
    monkeypatch.setattr(cells_module, "SQUARES", 900)
    thin = shapely.box(0, 0, 10_000, 1)
    assert len(grid_cells(thin, 12, "EPSG:32616")) == 834
    with pytest.raises(InputError, match="more than 900"):
        grid_cells(thin, 10, "EPSG:32616")


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:2272"])
def test_grid_needs_metres(crs: str) -> None:
    with pytest.raises(UsageError, match="projected CRS in metres"):
        grid_cells(shapely.box(0, 0, 1, 1), 500, crs)


def test_own_limit_is_where_a_hotspot_vanishes_if_its_p_alone_rises() -> None:
    rng = np.random.default_rng(1)
    listed = 0
    for run in range(40):
        p = rng.beta(0.3, [1, 4, 12][run % 3], 20) ** 2
        p[rng.random(20) < 0.1] = np.nan
        rungs = np.r_[np.unique(p[np.isfinite(p)]) * (1 + 1e-9), CUT * np.arange(1, 41) / 1000, 1.0]
        for at in range(20):
            limit = own_limit(p, at)
            assert (limit is None) == (not bh_adjust(p)[at] <= CUT)
            if limit is None:
                continue
            listed += 1
            assert p[at] <= limit
            for rung in np.r_[rungs, limit * (1 - 1e-9), limit * (1 + 1e-9)]:
                again = p.copy()
                again[at] = rung
                assert (bh_adjust(again)[at] <= CUT) == (rung <= limit), (run, at, rung, limit)
    assert listed > 100


def test_a_square_that_touches_no_other_is_joined_to_the_nearest() -> None:
    main = shapely.box(0, 0, 5_000, 4_000)
    islet = shapely.box(8_000, 8_000, 8_500, 8_500)
    rng = np.random.default_rng(1)
    x, y = rng.uniform(0, 5_000, 400), rng.uniform(0, 4_000, 400)
    x, y = np.r_[x, np.full(200, 8_250.0)], np.r_[y, np.full(200, 8_250.0)]
    day = np.full(600, np.datetime64("2022-03-05", "s"))
    none = np.zeros(600, dtype=np.int16)
    points = Points(x, y, day, none, none.astype(np.int32), ("theft",), ("d",), "EPSG:32643")
    ground = shapely.union(main, islet)
    cells = judge_cells(points, {"theft": ["theft"]}, ground, np.datetime64("2022-03", "M"), side=500)
    assert len(cells) == 81
    assert cells[["p_value", "q_value", "p_moran"]].notna().all(axis=None)
    found = cells.set_index("place")
    alone, nearest = found.loc["c500_8000_8000"], found.loc["c500_4500_3500"]
    assert alone["gi_star"] > 5
    assert alone["signal"] == "none", "one square is no neighbourhood: the one it is joined to has the usual"
    assert nearest["gi_star"] > 3, "and counts it in its own"
    assert nearest["p_value"] < 0.05 < found["p_value"].drop(nearest.name).median()


def test_what_has_no_q_is_too_few_and_not_unremarkable() -> None:
    count = np.full((25, 1, 1), 5)
    count[0] = 200
    count[1] = 7
    links = board(5).toarray()
    links[0], links[:, 0] = False, False
    panel = panel_of(count, np.full(25, 1_000.0))
    found = signalled(panel, sparse.csr_array(links), patterns=False, rng=np.random.default_rng(1))
    names = np.array(found["signal"].attrs["categories"])[found["signal"].values.ravel()]
    assert found["gi_star"].values[0, 0, 0] > 4
    assert np.isnan(found["q_value"].values[0, 0, 0])
    assert names[0] == "too_few"
    assert "too_few" not in names[1:]


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", ("p under 0.0001", "q 0.012", "above 0.0025", "new cold spot", "q under 0.0001")),
        ("ru", ("p меньше 0,0001", "q 0,012", "больше 0,0025", "новое холодное место", "q меньше 0,0001")),
        ("kk", ("p 0,0001-ден аз", "q 0,012", "p 0,0025", "жаңа суық орын", "q 0,0001-ден аз")),
    ],
)
def test_a_cold_spot_in_words(lang: str, said: tuple[str, ...]) -> None:
    told = {
        "signal": "cold", "gi_star": -5.1, "p_value": 3e-12, "q_value": 0.012, "pattern": "new_cold", "rate": 3.0,
        "neighbours": [{"district": "d1", "names": {}, "rate": 2.0}], "cut": 0.0025,
        "without": {"gi_star": -4.9, "q_value": 2e-9, "still": True},
    }  # fmt: skip
    text = hotspot_text(told, lang)
    for part in said:
        assert part in text, (part, text)
