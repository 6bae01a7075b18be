"""Level shifts: known days tested, unknown ones found, slow change and lone outbreaks left alone."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from sources import book, settings

from gis_layers.codes import breaks_for
from gis_layers.diagnostics.levels import level_shift, pelt, shifts
from gis_layers.errors import InputError

N = 120
NUMBER = np.arange(N)


def series(rng: np.random.Generator, level: np.ndarray, phi: float = 2.0) -> np.ndarray:
    mean = level * (1 + 0.15 * np.sin(2 * np.pi * NUMBER / 12))
    drawn: np.ndarray = rng.negative_binomial(mean / (phi - 1), 1 / phi)
    return drawn.astype(float)


@pytest.mark.parametrize("width", [np.int16, np.int32, np.int64])
def test_months_may_be_integers_of_any_width(width: type[np.signedinteger[Any]]) -> None:
    count = series(np.random.default_rng(1), np.where(NUMBER < 60, 200.0, 260.0))
    assert level_shift(count, NUMBER.astype(width), 60) == level_shift(count, NUMBER, 60)


def test_a_known_step_is_measured_and_a_quiet_day_is_not() -> None:
    rng = np.random.default_rng(1)
    step = np.where(NUMBER < 60, 200.0, 260.0)
    ratios, quiet = [], []
    for _ in range(40):
        found = level_shift(series(rng, step), NUMBER, 60)
        assert found is not None
        ratios.append(found.ratio)
        none = level_shift(series(rng, np.full(N, 200.0)), NUMBER, 60)
        assert none is not None
        quiet.append(none.p)
    assert 1.22 < np.median(ratios) < 1.38
    assert np.mean(np.array(quiet) < 0.05) <= 0.15


def test_unknown_steps_are_found_within_two_months_and_clean_series_stay_whole() -> None:
    rng = np.random.default_rng(2)
    hits = false = 0
    for _ in range(40):
        found = shifts(series(rng, np.where(NUMBER < 70, 150.0, 240.0)), NUMBER)
        hits += any(abs(one.at - 70) <= 2 for one in found)
        false += len(shifts(series(rng, np.full(N, 150.0)), NUMBER))
    assert hits >= 36
    assert false <= 2


def test_a_slow_rise_and_a_lone_outbreak_are_no_breaks() -> None:
    rng = np.random.default_rng(3)
    slow = series(rng, np.linspace(100, 200, N))
    lone = series(rng, np.full(N, 150.0))
    lone[50] *= 4
    assert shifts(slow, NUMBER) == []
    assert shifts(lone, NUMBER) == []


def test_months_left_out_are_not_looked_at() -> None:
    rng = np.random.default_rng(4)
    shut = (NUMBER >= 60) & (NUMBER < 75)
    count = series(rng, np.where(shut, 30.0, 150.0))
    assert shifts(count, NUMBER, use=~shut) == []
    assert [one.ratio < 1 for one in shifts(count, NUMBER)][:1] == [True]


def test_empty_and_short_series_give_nothing() -> None:
    assert shifts(np.zeros(N), NUMBER) == []
    assert shifts(np.full(N, np.nan), NUMBER) == []
    assert level_shift(np.ones(10), np.arange(10), 5) is None


def test_pelt_is_exact() -> None:
    rng = np.random.default_rng(5)
    values = np.concatenate([rng.normal(mean, 1, 12) for mean in (0, 4, 1)])

    def cost(cuts: list[int]) -> float:
        ends = [0, *cuts, len(values)]
        parts = [values[a:b] for a, b in pairwise(ends)]
        return float(sum(((part - part.mean()) ** 2).sum() for part in parts) + 8.0 * len(cuts))

    options = [[]] + [[a] for a in range(6, 31)]
    options += [[a, b] for a in range(6, 25) for b in range(a + 6, 31)]
    assert pelt(values, 8.0) == min(options, key=cost) == [12, 24]


MONTHS = np.arange("2012-01", "2016-01", dtype="datetime64[M]")


def area(tmp_path: Any, breaks: list[dict[str, Any]], **more: Any) -> Any:
    return settings(tmp_path, area=more, breaks=[{"name": {"en": "Change"}, **one} for one in breaks])


def test_stretches_begin_anew_at_a_break_of_their_own_branch(tmp_path: Any) -> None:
    made = area(tmp_path, [{"id": "a", "offences": ["theft"], "from": "2013-02"}])
    codes = book()
    found = breaks_for(made, codes, MONTHS)
    rows = {code: found[row].tolist() for code, row in codes.row_of.items()}
    assert rows["bike"] == rows["theft"] == rows["night"] == [0] * 13 + [1] * 35
    assert set(rows["arson"]) == set(rows["all"]) == {0}


def test_a_span_is_left_out_and_a_transition_is_of_neither_level(tmp_path: Any) -> None:
    made = area(
        tmp_path,
        [
            {"id": "shut", "kind": "excluded", "from": "2014-03", "to": "2014-05"},
            {"id": "slow", "offences": ["arson"], "from": "2012-03", "to": "2012-05"},
        ],
    )
    codes = book()
    found = breaks_for(made, codes, MONTHS)
    assert found[codes.row_of["bike"]].tolist() == [0] * 26 + [-1] * 3 + [0] * 19
    assert found[codes.row_of["arson"]].tolist() == [0, 0, -1, -1, -1] + [1] * 21 + [-1] * 3 + [1] * 19
    assert (found[codes.row_of["severity-grave"]] == -1).sum() == 3


def test_breaks_of_districts_touch_those_alone_and_years_are_cut_whole(tmp_path: Any) -> None:
    made = area(tmp_path, [{"id": "a", "from": "2013-06-08", "districts": ["x"]}], period="year")
    years = np.array(["2012-01", "2013-01", "2014-01"], dtype="datetime64[M]")
    codes = book()
    found = breaks_for(made, codes, years, districts=["w", "x"])
    assert found.shape == (2, len(codes.codes), 3)
    assert found[0].max() == 0
    assert found[1, 0].tolist() == [0, -1, 1]
    assert breaks_for(made, codes, years).max() == 0


def test_breaks_name_offences_and_districts_that_exist(tmp_path: Any) -> None:
    with pytest.raises(InputError, match="no such offence"):
        breaks_for(area(tmp_path, [{"id": "a", "offences": ["fraud"], "from": "2013-02"}]), book(), MONTHS)
    made = area(tmp_path, [{"id": "a", "districts": ["q"], "from": "2013-02"}])
    with pytest.raises(InputError, match="no such district"):
        breaks_for(made, book(), MONTHS, districts=["x"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"from": "2013-13"},
        {"from": "2013-02", "to": "2013-01"},
        {"from": "2013-02", "kind": "excluded"},
        {"from": "2013-02", "kind": "boundaries"},
        {"from": "soon"},
    ],
)
def test_breaks_that_make_no_sense_are_refused(wrong: dict[str, str], tmp_path: Any) -> None:
    with pytest.raises(ValueError, match="breaks"):
        area(tmp_path, [{"id": "a", **wrong}])
