"""The demo at full scale: who has an answer, what of the planted is found, how clean the clean cells are."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from gis_layers import pipeline
from gis_layers.demo import Truth, read_truth, write_demo
from gis_layers.settings import ready_area

from .planted import answered, clean_above, outbreaks_found

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, Truth]:
    folder = tmp_path_factory.mktemp("demo")
    files = write_demo(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUDAN_DEMO", str(folder))
        inputs = pipeline.read(ready_area("demo"), tmp_path_factory.mktemp("spool"))
        layers = pipeline.judge(inputs, public=False).layers
    return next(layer.frame for layer in layers if layer.id == "rating"), read_truth(Path(files.truth))


def test_nearly_every_district_has_an_answer_for_all(judged: tuple[pd.DataFrame, Truth]) -> None:
    share = answered(judged[0])
    print("\n" + share.sort_values().to_string())
    assert share["all"] >= 0.95


def test_planted_outbreaks_stand_out_beside_clean_cells(judged: tuple[pd.DataFrame, Truth]) -> None:
    table = outbreaks_found(*judged)
    clean = clean_above(*judged)
    print(
        "\n"
        + table.to_string()
        + f"\nclean leaf cells above magnitude 3: {clean:.5f} (0.001 if all were as meant)"
    )
    assert table.loc["strong", "share"] > table.loc["weak", "share"]
    assert table.loc["strong", "share"] > 50 * clean
    assert clean < 0.003
