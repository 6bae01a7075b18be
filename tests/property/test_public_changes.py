"""Dynamics and structure in the public edition: outbreaks and shares of categories, of published figures alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from guarded import guarded_area

from gis_layers import pipeline
from gis_layers.disclosure import public_dynamics, public_structure
from gis_layers.indicators import judge_dynamics, judge_structure
from gis_layers.layers import dynamics_layer
from gis_layers.panel import panel_codebook
from gis_layers.places.hotspots import links_of, signalled
from gis_layers.release import Store, open_store

KEYS = ["district", "offence", "month"]


@pytest.fixture(scope="module", params=["protected", "open"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp(request.param)
    pipeline.build(guarded_area(folder, months=40, counts=request.param), folder / "store")
    return open_store(folder / "store")


def rows(store: Store, edition: str, layer: str) -> pd.DataFrame:
    return store.current().edition(edition).read(layer)


def test_the_public_edition_has_outbreaks_without_evidence_and_no_falls(store: Store) -> None:
    public, analyst = rows(store, "public", "dynamics"), rows(store, "analyst", "dynamics")
    assert {"fall", "norm_rise_only", "too_few"} & set(analyst["signal"].dropna())
    assert set(public["signal"].dropna()) <= {"outbreak"}
    assert public["p_fall"].isna().all()
    assert public["evidence"].isna().all()
    assert len(public) < len(analyst) / 10


def test_the_public_edition_has_shares_of_categories_alone(store: Store) -> None:
    public = rows(store, "public", "structure")
    assert set(public["offence"]) <= {"theft", "harm"}
    assert len(public)
    for name in ("imbalance", "p_value", "share_own_year", "lift"):
        assert public[name].isna().all(), name
    assert public["share"].between(0, 1).all()
    assert "all" in set(rows(store, "analyst", "structure")["offence"])


def test_completeness_is_in_no_edition_of_an_area_without_cards(store: Store) -> None:
    for edition in ("public", "analyst"):
        absent = store.current().edition(edition).catalogue["absent"]
        assert "completeness" in {one["id"] for one in absent}


def test_no_row_of_a_withheld_count_is_public(store: Store) -> None:
    rating = rows(store, "public", "rating")
    withheld = set(
        rating.loc[rating["suppressed"].fillna(False).astype(bool), KEYS].itertuples(index=False, name=None)
    )
    for layer in ("dynamics", "structure"):
        shown = set(rows(store, "public", layer)[KEYS].itertuples(index=False, name=None))
        assert not shown & withheld, layer


def test_no_file_of_the_public_edition_speaks_of_falls(store: Store) -> None:
    folder = store.current().folder / "public"
    for path in (folder / "layers").glob("*.parquet"):
        raw = path.read_bytes()
        assert b"evidence." not in raw, path
        assert b"norm_rise_only" not in raw, path


def test_other_withheld_counts_give_the_same_rows(tmp_path: Path) -> None:
    """What the public rows are made of is the protected panel, whatever lies beneath it."""
    inputs = pipeline.read(guarded_area(tmp_path, months=40), tmp_path / "spool")
    panel = pipeline.panel_of(inputs)
    assert panel is not None
    protection = pipeline.protect(inputs, panel)
    assert protection is not None
    book = panel_codebook(panel, inputs.codebook)
    shown = protection.panel
    changes, mix = judge_dynamics(shown, book), judge_structure(shown, book)
    frame, shares = public_dynamics(changes, protection), public_structure(mix, shown, book, protection)
    hidden = protection.hidden
    published = np.where(hidden, -1, panel["count"].values)
    np.testing.assert_array_equal(published, np.where(hidden, -1, shown["count"].values))
    assert len(shares)
    # a sum of the year so far is the sum of published counts, or null
    count = panel["count"].to_series().rename("count").reset_index()
    for row in frame.dropna(subset=["ytd"]).itertuples():
        one = count[(count["district"] == row.district) & (count["offence"] == row.offence)]
        year = one[(one["month"].dt.year == row.month.year) & (one["month"] <= row.month)]
        assert row.ytd == year["count"].sum()
    layer = dynamics_layer(frame)
    assert json.dumps([column.name for column in layer.columns])[:12] == '["district",'


def test_public_hotspots_are_made_of_published_figures_alone(tmp_path: Path) -> None:
    """The rows are those of the protected panel, whatever lies beneath it, and empty where a count is withheld."""
    file = guarded_area(tmp_path, months=12)
    inputs = pipeline.read(file, tmp_path / "spool")
    panel = pipeline.panel_of(inputs)
    assert panel is not None
    judged = pipeline.judge(inputs)
    assert judged.protection is not None
    hidden = judged.protection.hidden
    frame = {layer.id: layer.frame for layer in judged.public}["hotspots"]
    links = links_of(inputs.districts.geometry, inputs.districts.metric_crs)
    seen = signalled(judged.protection.panel, links)
    told = seen.assign(hidden=(("district", "offence", "month"), hidden)).transpose(
        "offence", "month", "district"
    )
    told = told.sortby(["offence", "month", "district"])
    withheld = told["hidden"].values.ravel()
    assert withheld.any()
    columns = [name for name in frame.columns if name in seen.data_vars]
    assert len(columns) == 9
    assert frame.loc[withheld, columns].isna().all(axis=None)
    np.testing.assert_array_equal(
        frame["gi_star"].to_numpy()[~withheld], told["gi_star"].values.ravel()[~withheld]
    )
    assert frame["gi_star"].notna().any()


@pytest.mark.parametrize("months", [6, 30])
def test_changes_that_reach_back_to_a_withheld_count_are_null(months: int, tmp_path: Path) -> None:
    inputs = pipeline.read(guarded_area(tmp_path, months=months), tmp_path / "spool")
    panel = pipeline.panel_of(inputs)
    assert panel is not None
    protection = pipeline.protect(inputs, panel)
    assert protection is not None
    changes = judge_dynamics(protection.panel, panel_codebook(panel, inputs.codebook))
    outbreak = changes["signal"].attrs["categories"].index("outbreak")
    whole = changes.assign(signal=changes["signal"].copy(data=np.full(changes["signal"].shape, outbreak)))
    whole["signal"].attrs = changes["signal"].attrs
    frame = public_dynamics(whole, protection)
    assert len(frame) == int((~protection.hidden).sum())
    months = pd.DatetimeIndex(panel["month"].values)
    place = {str(code): at for at, code in enumerate(panel["district"].values)}
    kind = {str(code): at for at, code in enumerate(panel["offence"].values)}
    checked = 0
    for row in frame.itertuples():
        at = months.get_loc(row.month)
        series = protection.hidden[place[row.district], kind[row.offence]]
        if at and series[at - 1]:
            assert np.isnan(row.change_month)
            checked += 1
        if series[at - row.month.month + 1 : at + 1].any():
            assert pd.isna(row.ytd)
    assert checked > 10
