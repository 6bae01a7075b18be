"""Spread paths: chains and edges that were planted, shocks that are none, lines, graphs and degenerate areas."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
import xarray as xr
from scipy import sparse

from gis_layers.districts import Districts
from gis_layers.errors import InputError, UsageError
from gis_layers.spread import bent_lines, judge_spread, write_edges, write_graphml
from gis_layers.spread.chains import find_chains
from gis_layers.spread.edges import follows

SIDE = 6
STEPS = ((7, 40), (8, 41), (14, 43), (20, 44), (21, 46))
REGION = [f"r{n // 18}" for n in range(SIDE * SIDE)]


def links(side: int = SIDE) -> sparse.csr_array:
    row, column = np.divmod(np.arange(side * side), side)
    near = np.maximum(abs(row[:, None] - row), abs(column[:, None] - column)) == 1
    return sparse.csr_array(near)


def panel_of(count: np.ndarray, **more: object) -> xr.Dataset:
    districts, offences, months = count.shape
    return xr.Dataset(
        {"count": (("district", "offence", "month"), count.astype(float))},
        coords={
            "district": [f"d{n:02d}" for n in range(districts)],
            "offence": [f"o{n}" for n in range(offences)],
            "month": pd.date_range("2018-01-01", periods=months, freq="MS").astype("datetime64[s]"),
        },
        attrs=more,
    )


def clean(seed: int, *, mean: float = 50, offences: int = 3, months: int = 72) -> np.ndarray:
    rng = np.random.default_rng(seed)
    shape = (SIDE * SIDE, offences, months)
    season = 1 + 0.2 * np.cos(np.arange(months) * np.pi / 6)
    return rng.poisson(rng.gamma(mean * season / 0.5, 0.5, shape))


def test_a_chain_is_found_in_the_order_of_its_onsets_and_told_step_by_step() -> None:
    count = clean(1)
    for district, month in STEPS:
        count[district, 1, month] += 50
    found = judge_spread(panel_of(count), links(), REGION)
    chain = found.paths[found.paths["kind"] == "chain"]
    assert chain["offence"].unique().tolist() == ["o1"]
    assert chain["path"].unique().tolist() == ["o1.2021-05.d07"]
    places = [*chain["district_from"], chain["district_to"].iloc[-1]]
    assert chain["step"].tolist() == list(range(1, len(places)))
    assert places[:4] == ["d07", "d08", "d14", "d20"]  # chance may bend the end
    assert chain["lag_months"].tolist()[:3] == [1, 2, 1]
    assert (chain["q_value"] <= 0.05).all()
    assert (chain["lower"] < chain["strength"]).all()
    assert (chain["strength"] < chain["upper"]).all()
    assert chain["lower"].head(3).lt(1).all()  # as many came on as went out
    assert chain["upper"].head(3).gt(1).all()
    assert found.stops["count"].tolist()[:4] == [count[district, 1, month] for district, month in STEPS[:4]]


def test_stops_say_what_dynamics_says_of_them() -> None:
    count = clean(1)
    for district, month in STEPS:
        count[district, 1, month] += 50
    panel = panel_of(count)
    signal = np.zeros(count.shape, dtype=np.int8)
    signal[8, 1, 41] = 1
    signal[14, 1, 43] = -1
    told = xr.Dataset({"signal": (("district", "offence", "month"), signal)}, coords=panel.coords)
    told["signal"].attrs["categories"] = ["norm", "outbreak"]
    found = judge_spread(panel, links(), REGION, dynamics=told)
    told_of = dict(zip(found.stops["district"], found.stops["signal"], strict=True))
    assert (told_of["d07"], told_of["d08"]) == ("norm", "outbreak")
    assert pd.isna(told_of["d14"])


def test_the_same_again_is_the_same() -> None:
    count = clean(2)
    for district, month in STEPS:
        count[district, 0, month] += 45
    one, two = (judge_spread(panel_of(count), links(), REGION) for _ in range(2))
    pd.testing.assert_frame_equal(one.paths, two.paths)


@pytest.mark.parametrize("wide", ["nation", "region"])
def test_shocks_that_many_share_are_no_paths(wide: str) -> None:
    count = clean(3)
    rng = np.random.default_rng(8)
    for month in range(30, 70, 3):
        members = slice(None) if wide == "nation" else slice(0, 18)
        count[members, 0, month] = rng.poisson(count[members, 0, month] * 2.0)
        count[members, 0, month + 1] = rng.poisson(count[members, 0, month + 1] * 1.6)
    found = judge_spread(panel_of(count), links(), REGION)
    assert found.paths.empty


def test_an_endemic_edge_is_found_with_its_lag_and_its_strength() -> None:
    rng = np.random.default_rng(5)
    count = clean(5, months=120)
    extra = rng.poisson(rng.gamma(0.6, 40, 120))
    count[14, 2] += extra
    count[15, 2, 2:] += rng.binomial(extra[:-2], 0.8)
    found = judge_spread(panel_of(count), links(), REGION)
    edges = found.paths[found.paths["kind"] == "edge"]
    assert edges[["district_from", "district_to", "offence", "lag_months"]].values.tolist() == [
        ["d14", "d15", "o2", 2]
    ]
    # the noise of the source, of variance 75 or so beside the 984 of what is passed on, has no followers
    assert edges["lower"].iloc[0] < 0.8 * 984 / (984 + 75) < edges["upper"].iloc[0]
    assert found.edges_tested == 3 * links().nnz


def test_the_interval_of_an_edge_holds_the_slope_of_recorded_cards() -> None:
    held = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        outbreak = rng.poisson(rng.gamma(0.6, 40, 120))
        source = outbreak - 24 + rng.normal(0, 10, 120)
        target = np.r_[0.0, rng.binomial(outbreak[:-1], 0.5) - 12 + rng.normal(0, 10, 119)]
        _, lower, upper = follows(source, target, np.full(120, 100.0), 1)
        held.append(lower < 0.5 * 984 / (984 + 100) < upper)
    assert 0.9 <= np.mean(held) <= 0.99


def test_a_chain_of_three_does_not_stay_without_its_strongest_stop() -> None:
    rng = np.random.default_rng(4)
    row = sparse.csr_array(np.eye(30, k=1) + np.eye(30, k=-1))
    field = np.where(rng.random((30, 1, 80)) < 0.03, rng.exponential(0.4, (30, 1, 80)), 0.0)
    for step, height in enumerate((4.3, 4.5, 4.4)):
        field[10 + step, 0, 40 + step] = height
    (chain,) = find_chains(field, row, np.random.default_rng(1))
    assert (chain.path.districts, chain.strongest, chain.q_without) == ((10, 11, 12), 1, 1.0)
    for step in range(3, 6):
        field[10 + step, 0, 40 + step] = 4.4
    field[10, 0, 40] = 4.6
    (longer,) = find_chains(field, row, np.random.default_rng(1))
    assert longer.strongest == 0
    assert longer.q_value < longer.q_without < 0.05


def test_fields_that_are_all_alike_have_a_tail() -> None:
    field = np.zeros((30, 1, 80))
    field[:, 0, ::4] = 0.5
    field[10:14, 0, 41] = 0.0
    row = sparse.csr_array(np.eye(30, k=1) + np.eye(30, k=-1))
    for step in range(4):
        field[10 + step, 0, 41 + step] = 4.5
    assert all(0 < chain.p_value <= 1 for chain in find_chains(field, row, np.random.default_rng(1)))


def test_without_neighbours_or_months_or_cards_it_says_too_few() -> None:
    none = sparse.csr_array((SIDE * SIDE, SIDE * SIDE), dtype=bool)
    cases = [
        judge_spread(panel_of(clean(1)[:1]), sparse.csr_array((1, 1), dtype=bool), ["r"]),
        judge_spread(panel_of(clean(1)), none, REGION),
        judge_spread(panel_of(np.zeros((SIDE * SIDE, 2, 60))), links(), REGION),
        judge_spread(panel_of(clean(1)[:, :, :1]), links(), REGION),
        judge_spread(panel_of(np.full((SIDE * SIDE, 1, 40), np.nan)), links(), REGION),
    ]
    for found in cases:
        assert found.paths.empty
        assert set(found.offences["answer"]) == {"too_few"}


def test_an_island_has_no_paths_and_does_not_hinder_others() -> None:
    count = clean(1)
    for district, month in STEPS:
        count[district, 1, month] += 50
    near = links().toarray()
    near[35], near[:, 35] = False, False
    found = judge_spread(panel_of(count), sparse.csr_array(near), REGION)
    assert found.paths["path"].unique().tolist() == ["o1.2021-05.d07"]


def test_months_that_are_incomplete_are_not_judged() -> None:
    count = clean(1)
    for district, month in STEPS:
        count[district, 1, month + 25] += 60  # the first in month 65, the others beyond the last complete one
    panel = panel_of(count)
    panel["incomplete"] = ("month", np.arange(72) >= 66)
    found = judge_spread(panel, links(), REGION)
    assert (found.stops["month"].to_numpy() < np.datetime64("2023-07")).all()


def test_quarters_are_refused() -> None:
    with pytest.raises(UsageError, match="monthly"):
        judge_spread(panel_of(clean(1), period="quarter"), links(), REGION)


def squares() -> Districts:
    shapes = [shapely.box(70 + n, 45, 71 + n, 46) for n in range(3)]
    frame = gpd.GeoDataFrame(
        {
            "district": list("abc"), "name": list("abc"), "parent": "r", "status": "s", "valid_from": None,
            "area_km2": 1.0,
        },
        geometry=shapes, crs=4326,
    )  # fmt: skip
    return Districts(frame, "EPSG:32643")


def steps(ways: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "path": f"p{n}", "kind": "chain", "step": 1, "district_from": way[0], "district_to": way[1],
                "offence": "theft", "lag_months": 1, "strength": 0.5, "lower": 0.2, "upper": np.nan,
                "q_value": 0.01, "first_month": pd.Timestamp("2024-01-01"),
                "last_month": pd.Timestamp("2024-02-01"),
            }
            for n, way in enumerate(ways)
        ]
    )  # fmt: skip


def test_both_directions_and_repeats_can_be_told_apart() -> None:
    lines = bent_lines(steps(["ab", "ba", "ab"]), squares()).geometry
    middle = [line.interpolate(0.5, normalized=True) for line in lines]
    straight = shapely.LineString([(70.5, 45.5), (71.5, 45.5)])
    assert middle[0].y > straight.interpolate(0.5).y > middle[1].y
    assert middle[2].y > middle[0].y
    assert not lines[0].intersects(lines[1])
    assert lines[0].coords[0][0] < lines[0].coords[-1][0]
    assert lines[1].coords[0][0] > lines[1].coords[-1][0]
    with pytest.raises(InputError, match="not there"):
        bent_lines(steps(["ax"]), squares())
    assert bent_lines(steps([]).reindex(columns=steps(["ab"]).columns), squares()).empty


def test_graphs_are_read_by_others(tmp_path: Path) -> None:
    write_graphml(steps(["ab", "bc", "ab"]), tmp_path / "paths.graphml", names={"a": "Ақмола"})
    graph = nx.read_graphml(tmp_path / "paths.graphml", force_multigraph=True)
    assert graph.is_directed()
    assert sorted((u, v) for u, v, _ in graph.edges(keys=True)) == [("a", "b"), ("a", "b"), ("b", "c")]
    assert graph.nodes["a"]["name"] == "Ақмола"
    edge = next(iter(graph.get_edge_data("b", "c").values()))
    assert (edge["strength"], edge["lag_months"], edge["first_month"]) == (0.5, 1, "2024-01-01")
    assert "upper" not in edge
    write_edges(steps(["ab", "bc"]), tmp_path / "paths.csv")
    table = pd.read_csv(tmp_path / "paths.csv")
    assert table.columns[:2].tolist() == ["source", "target"]
    assert table["first_month"].tolist() == ["2024-01-01"] * 2
