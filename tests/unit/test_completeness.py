"""Completeness of cards: beside the group for the same offences, downward, and read from the spool."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import xarray as xr

from gis_layers.indicators.completeness import completeness_frame, judge_completeness
from gis_layers.indicators.completeness.judge import SIGNALS
from gis_layers.sources import Near, read_fields
from gis_layers.sources.spool import Spool, spool_schema

DISTRICTS, MONTHS = 20, 24


def panel(districts: int = DISTRICTS, months: int = MONTHS, *, incomplete: int = 0) -> xr.Dataset:
    late = np.arange(months) >= months - incomplete
    return xr.Dataset(
        {"incomplete": ("month", late)},
        coords={
            "district": [f"d{n:02}" for n in range(districts)],
            "month": pd.date_range("2020-01-01", periods=months, freq="MS")
            .to_numpy()
            .astype("datetime64[s]"),
            "status": ("district", ["raion"] * districts),
            "peer_group": ("district", [f"g{n // 10}" for n in range(districts)]),
        },
    )


def cards(seed: int = 1, mean: float = 40) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    made = rng.poisson(mean, (2, MONTHS, DISTRICTS))
    return made, rng.binomial(made, np.array([0.9, 0.4])[:, None, None])


def test_empty_cards_are_found_and_the_others_left_alone() -> None:
    made, filled = cards()
    filled[0, -1, 3] = 12
    found = judge_completeness(panel(), ["method"], made, filled[None])
    low = found["signal"].values[0] == SIGNALS.index("low")
    assert low[-1, 3]
    assert low.sum() <= 2


def test_what_is_expected_follows_the_offences() -> None:
    made, filled = cards(2)
    made[1, -1, 5], filled[1, -1, 5] = 400, 160  # many cards of the offence whose field is mostly empty
    found = judge_completeness(panel(), ["method"], made, filled[None]).isel(month=-1, attribute=0)
    assert found["share_filled"].values[5] < 0.5
    assert found["signal"].values[5] == SIGNALS.index("norm")
    assert found["expected_share"].values[5] == pytest.approx(found["share_filled"].values[5], abs=0.06)


def test_a_field_empty_everywhere_is_nobodys_fault() -> None:
    made, filled = cards(3)
    found = judge_completeness(panel(), ["camera"], made, np.zeros((1, *filled.shape), dtype=int))
    assert (found["signal"].values == SIGNALS.index("norm")).all()


def test_few_cards_and_open_months_are_not_judged() -> None:
    made, filled = cards(4, mean=5)
    found = judge_completeness(panel(incomplete=1), ["method"], made, filled[None])["signal"].values[0]
    assert (found[:-1] == SIGNALS.index("too_few")).all()
    assert (found[-1] == SIGNALS.index("incomplete")).all()


def test_the_newest_month_alone_is_the_newest_of_all() -> None:
    made, filled = cards(5)
    whole = judge_completeness(panel(), ["method"], made, filled[None])
    alone = judge_completeness(panel(), ["method"], made, filled[None], months=panel()["month"].values[-1:])
    xr.testing.assert_identical(alone, whole.isel(month=[-1]))
    frame = completeness_frame(whole)
    assert list(frame.columns) == [
        "district", "attribute", "month", "cards", "filled", "share_filled", "expected_share", "signal",
    ]  # fmt: skip
    assert frame["filled"].sum() == filled.sum()
    assert (frame["filled"] <= frame["cards"]).all()


def test_fields_are_counted_from_the_spool(tmp_path: Path) -> None:
    rows = [
        ("a", "petty", "2020-01-01", "29.5", "open"), ("a", "petty", "2020-01-01", "10", ""),
        ("a", "theft", "2020-02-01", "45", None), ("b", "petty", "2020-02-01", "27,1", "open"),
        ("b", "petty", "2020-02-01", "much", "  "), ("x", "petty", "2020-02-01", "29", "open"),
    ]  # fmt: skip
    table = pa.table(
        {
            **{
                name: pa.nulls(len(rows), kind.type) for name, kind in ((f.name, f) for f in spool_schema([]))
            },
            "district": pa.array([row[0] for row in rows]),
            "offence": pa.array([row[1] for row in rows]),
            "month": pa.array([dt.date.fromisoformat(row[2]) for row in rows], pa.date32()),
            "attributes": pa.array([{"damage": row[3], "method": row[4]} for row in rows]),
        }
    )
    with Spool(tmp_path, "cards", ["damage", "method"]) as spool:
        spool.write(table.select(spool_schema(["damage", "method"]).names))
        spool.finish(np.ones(len(rows), dtype=bool))
    months = np.array(["2020-01", "2020-02"], dtype="datetime64[M]")
    near = Near("damage", "petty", 30.0, 0.1)
    found = read_fields(
        tmp_path, offences=["theft", "petty"], months=months, districts=["a", "b"], thresholds=[near]
    )
    assert found is not None
    assert found.attributes == ("damage", "method")
    assert found.cards.sum() == 5
    assert found.cards[1, 0, 0] == 2
    assert found.filled[1].sum() == 2, "blank is empty"
    close, under = found.near[near]
    assert close.tolist() == [[1, 0], [0, 1]]
    assert under.tolist() == [[2, 0], [0, 1]]
    assert read_fields(tmp_path / "none", offences=[], months=months, districts=[]) is None
