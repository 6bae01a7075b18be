"""What holds of dynamics and structure whatever the counts: kept, frozen, relabelled, and their bounds."""

from __future__ import annotations

import ast
import hashlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from rating_panels import book, clean_counts, panel_of

import gis_layers
from gis_layers.indicators import (
    Clues,
    OwnPast,
    judge_dynamics,
    judge_dynamics_kept,
    judge_frozen,
    judge_structure,
    judge_structure_kept,
)
from gis_layers.indicators.dynamics.frozen import METHOD as DYNAMICS
from gis_layers.indicators.dynamics.signals import SIGNALS
from gis_layers.indicators.structure.frozen import METHOD as STRUCTURE
from gis_layers.settings.area import RatingSection

BOOK = book(2, 2)
DISTRICTS, MONTHS = 10, 42
SETTINGS = RatingSection.model_validate({})
JUDGED_BY = {"dynamics": (2, "e334be278cafedcf"), "structure": (1, "c145eef51b202824")}
"""Each method's version, and the hash of the code that judges by it."""


class Memory:
    """Verdicts kept in memory."""

    def __init__(self) -> None:
        self.tables: dict[str, pa.Table] = {}

    def load(self, name: str) -> pa.Table | None:
        return self.tables.get(name)

    def save(self, name: str, table: pa.Table) -> None:
        self.tables[name] = table


def panel(seed: int = 1, months: int = MONTHS) -> xr.Dataset:
    rng = np.random.default_rng(seed)
    size = np.linspace(0.5, 2.0, DISTRICTS)
    counts = clean_counts(rng, np.array([0.4, 9.0, 30.0, 60.0]), months, size, heterogeneity=0.02).astype(
        float
    )
    counts[1, 7, 3] = np.nan
    counts[3, 38, 4] *= 3
    counts[3, 39, 9] = 10
    return panel_of(counts, BOOK, [0] * 5 + [1] * 5, incomplete=1).assign_attrs(unsettled=2)


PANEL = panel()
CHANGES = judge_dynamics(PANEL, BOOK, SETTINGS)
MIX = judge_structure(PANEL, BOOK)


def test_kept_verdicts_are_those_that_were_given() -> None:
    kept = Memory()
    past = OwnPast(PANEL, BOOK)
    _, marks = judge_frozen(PANEL, BOOK, SETTINGS, kept, past=past)
    for _ in range(2):
        changes, names = judge_dynamics_kept(PANEL, BOOK, SETTINGS, marks, kept, past=past)
        mix, more = judge_structure_kept(PANEL, BOOK, marks, kept)
        xr.testing.assert_identical(changes, CHANGES)
        xr.testing.assert_identical(mix, MIX)
    assert set(names) | set(more) | {mark.hash for mark in marks.months.values()} == set(kept.tables)


def test_a_new_month_is_judged_alone_and_the_old_ones_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Memory()
    older = PANEL.isel(month=slice(0, MONTHS - 2))
    for one in (older, PANEL):
        past = OwnPast(one, BOOK)
        _, marks = judge_frozen(one, BOOK, SETTINGS, kept, past=past)
        asked: list[int] = []
        monkeypatch.setattr(
            "gis_layers.indicators.dynamics.frozen.judge_dynamics",
            lambda *args, asked=asked, **more: (
                asked.append(len(more["months"])),
                judge_dynamics(*args, **more),
            )[1],
        )
        found, _ = judge_dynamics_kept(one, BOOK, SETTINGS, marks, kept, past=past)
    xr.testing.assert_identical(found, CHANGES)
    assert asked == [2]


def test_other_clues_are_another_verdict() -> None:
    kept = Memory()
    _, marks = judge_frozen(PANEL, BOOK, SETTINGS, kept)
    cards = np.ones((len(BOOK.codes), MONTHS, DISTRICTS))
    later = cards.copy()
    later[0, 30, 0] = 2
    plain, other = (
        judge_dynamics_kept(PANEL, BOOK, SETTINGS, marks, clues=Clues(cards=part))[1]
        for part in (cards, later)
    )
    assert plain[:30] == other[:30]
    assert not set(plain[30:]) & set(other[30:])


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 1000))
def test_later_months_change_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    changed = PANEL.copy(deep=True)
    changed["count"].values[:, :, 36:] = rng.poisson(20, changed["count"].values[:, :, 36:].shape)
    for judge, whole in ((judge_dynamics, CHANGES), (judge_structure, MIX)):
        found = judge(changed, BOOK).isel(month=slice(0, 36))
        before = whole.isel(month=slice(0, 36))
        for name in found.data_vars:
            if "categories" not in found[name].attrs:
                np.testing.assert_array_equal(found[name].values, before[name].values, err_msg=str(name))


@settings(max_examples=5, deadline=None)
@given(st.permutations(range(DISTRICTS)))
def test_the_order_of_the_districts_changes_no_dynamics(order: list[int]) -> None:
    found = judge_dynamics(PANEL.isel(district=order), BOOK).sel(district=PANEL["district"])
    for name in ("signal", "p_rise", "p_fall", "change_year", "instability"):
        np.testing.assert_allclose(found[name].values, CHANGES[name].values, rtol=1e-6, err_msg=name)


def test_bounds_of_the_columns() -> None:
    for name in ("p_rise", "p_fall", "q_value"):
        known = CHANGES[name].values[~np.isnan(CHANGES[name].values)]
        assert ((known >= 0) & (known <= 1)).all(), name
    signal, rise, fall = (CHANGES[name].values for name in ("signal", "p_rise", "p_fall"))
    assert (CHANGES["expected"].values[signal == SIGNALS.index("fall")] >= SETTINGS.fall_gate).all()
    assert (CHANGES["expected"].values[signal == SIGNALS.index("norm")] >= SETTINGS.fall_gate).all()
    told = ~np.isnan(rise) & ~np.isnan(fall)
    np.testing.assert_allclose(rise[told] + fall[told], 1.0, atol=1e-6)
    assert (CHANGES["lower"].values <= CHANGES["upper"].values)[told].all()
    share = MIX["share"].values
    assert ((share[~np.isnan(share)] >= 0) & (share[~np.isnan(share)] <= 1)).all()
    p = MIX["p_value"].values
    assert ((p[~np.isnan(p)] > 0) & (p[~np.isnan(p)] <= 1)).all()
    for name in ("imbalance", "lift"):
        assert (MIX[name].values[~np.isnan(MIX[name].values)] >= 0).all(), name


def code(text: str) -> list[str]:
    """Return the lines of a module that do something: words change, and no verdict with them."""
    said: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            said |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    lines = enumerate(text.splitlines(), start=1)
    return [
        line.rstrip()
        for n, line in lines
        if n not in said and line.strip() and not line.strip().startswith("#")
    ]


@pytest.mark.parametrize("indicator", ["dynamics", "structure"])
def test_a_change_of_the_judging_code_is_not_forgotten(indicator: str) -> None:
    text: list[str] = []
    for path in sorted((Path(gis_layers.__file__).parent / "indicators" / indicator).glob("*.py")):
        if path.name not in ("frozen.py", "gather.py", "__init__.py"):
            text += code(path.read_text("utf-8"))
    found = (
        {"dynamics": DYNAMICS, "structure": STRUCTURE}[indicator],
        hashlib.sha256("".join(text).encode()).hexdigest()[:16],
    )
    assert found == JUDGED_BY[indicator], (
        f"the code that judges {indicator} has changed. If any row can be another one now, raise METHOD in its "
        f"frozen.py; then let JUDGED_BY of it be {found}"
    )
