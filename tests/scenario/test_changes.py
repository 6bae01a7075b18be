"""The demo at full scale: planted outbreaks, falls, mixes and empty cards found by size class, and what is false."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gis_layers import pipeline
from gis_layers.demo import read_truth, write_demo
from gis_layers.indicators import (
    OwnPast,
    gather_clues,
    judge_completeness,
    judge_dynamics,
    judge_structure,
)
from gis_layers.panel import panel_codebook
from gis_layers.settings import ready_area

from .changes import (
    Judged,
    clean_leaves,
    empty_found,
    evidence_found,
    false_signals,
    mixes_found,
    signals_found,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

SEEDS = (None, *range(101, 121))
"""The default seed, and twenty others."""


@pytest.fixture(
    scope="module", params=SEEDS, ids=["default" if seed is None else str(seed) for seed in SEEDS]
)
def judged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    folder = tmp_path_factory.mktemp("demo")
    files = write_demo(folder) if request.param is None else write_demo(folder, seed=request.param)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUDAN_DEMO", str(folder))
        inputs = pipeline.read(ready_area("demo"), tmp_path_factory.mktemp("spool"))
        panel = pipeline.panel_of(inputs)
        assert panel is not None
        fields = pipeline.read_fields(inputs, panel)
        assert fields is not None
        clues = gather_clues(panel, inputs.settings.dynamics, inputs.intake.proxies, fields)
        book = panel_codebook(panel, inputs.codebook)
        return Judged(
            judge_dynamics(panel, book, inputs.settings.rating, past=OwnPast(panel, book), clues=clues),
            judge_structure(panel, book),
            judge_completeness(panel, fields.attributes, fields.cards, fields.filled),
            [str(kind) for kind in panel["kind"].values],
            read_truth(Path(files.truth)),
        )


def test_outbreaks_and_falls(judged: Judged) -> None:
    rises, falls = signals_found(judged, "outbreak"), signals_found(judged, "fall")
    false = false_signals(judged)
    for table in (rises, falls, false):
        print("\n" + table.round(3).to_string())
    assert rises.loc["strong", "sharp"] >= 0.70
    assert rises.loc["strong", "found"] > rises.loc["weak", "found"]
    assert falls.loc["strong", "found"] >= 0.85
    assert falls.loc["too_few", "found"] == 0, "nobody can tell where fifteen are expected"
    assert false["outbreak"] <= 3
    assert false["fall"] <= 0.5


def test_every_trace_of_a_fall_that_is_told_is_found(judged: Judged) -> None:
    table = evidence_found(judged)
    print("\n" + table.to_string())
    for trace, test in (
        ("threshold_bunching", "bunching"), ("lesser_rise", "lesser_rise"), ("under_dispersion", "too_smooth"),
        ("proxy_not_shared", "proxy"), ("completeness_drop", "completeness"),
    ):  # fmt: skip
        assert table.loc[trace, test] >= 0.7 * table.loc[trace, "falls"], trace
    assert table.loc["genuine", [name for name in ("proxy", "bunching") if name in table]].sum() <= 1


def test_shifted_mixes_and_empty_cards(judged: Judged) -> None:
    mixes, empty = mixes_found(judged), empty_found(judged)
    print("\n" + mixes.round(3).to_string() + "\n" + empty.round(3).to_string())
    assert mixes.loc["strong", "found"] >= 0.8 > mixes.loc["weak", "found"]
    assert mixes.loc["false a month", "found"] <= 0.01 * mixes.loc["false a month", "events"]
    assert empty.loc["strong", "found"] >= 0.9
    assert empty.loc["medium", "found"] >= 0.8
    assert empty.loc["false a month", "found"] <= 1


def test_what_is_low_without_a_plant_is_as_rare_as_it_should_be(judged: Judged) -> None:
    large = clean_leaves(judged) & (judged.dynamics["expected"].values >= 37)
    rates = pd.Series(
        {name: np.nanmean(judged.dynamics[name].values[large] <= 0.005) for name in ("p_rise", "p_fall")}
    )
    print("\n" + rates.to_string())
    assert (rates <= 0.02).all()
