"""What is told, and when: months of a thin layer, pooled signals, one rise once, and the sentences of an alert."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from alerting import alerting_release

from gis_layers.alerts import Signal, find_signals, heading, sentences
from gis_layers.messages import LANGUAGES


@dataclasses.dataclass
class Held:
    """A release in memory, as much of one as alerts are read from."""

    layers: dict[str, pd.DataFrame]
    complete_until: str | None = None

    @property
    def catalogue(self) -> dict[str, Any]:
        entries = [
            {
                "id": name,
                "period": "month",
                "months": sorted(set(frame["month"])),
                "columns": [{"name": column} for column in frame.columns],
            }
            for name, frame in self.layers.items()
        ]
        return {"layers": entries, "area": {"id": "x", "complete_until": self.complete_until}}

    @property
    def layer_ids(self) -> tuple[str, ...]:
        return tuple(self.layers)

    def districts(self) -> pd.DataFrame:
        return pd.DataFrame({"district": ["1", "2"], "parent": ["A", None]})

    def read(
        self, layer: str, months: Any = None, offences: Sequence[str] | None = None, columns: Any = None
    ) -> pd.DataFrame:
        frame = self.layers[layer]
        if months is not None:
            frame = frame[(frame["month"] >= str(months[0])) & (frame["month"] <= str(months[1]))]
        if offences is not None:
            frame = frame[frame["offence"].isin(offences)]
        return frame[list(columns)] if columns is not None else frame


def rating(*rows: tuple[Any, ...]) -> pd.DataFrame:
    made = pd.DataFrame(rows, columns=["district", "month", "offence", "count", "fired", "reason"])
    made["expected"], made["lower"], made["upper"], made["level"] = 5.0, 1.0, 9.0, 4
    return made.assign(standing=False, provisional=False, suppressed=False)


def dynamics(*rows: tuple[Any, ...]) -> pd.DataFrame:
    made = pd.DataFrame(rows, columns=["district", "month", "offence", "signal", "evidence"])
    return made.assign(expected=5.0, lower=1.0, upper=9.0)


def keys(held: Held, edition: str = "analyst", **options: Any) -> list[str]:
    return [one.key for one in find_signals(held, edition, **options)]


def reasons(code: str, **values: Any) -> str:
    return json.dumps([{"code": code, "values": values}])


POOLED = reasons("dynamics.pooled", period="rolling3", count=12, expected=1.5)
POOLED_RATING = reasons("rating.pooled_signal", period="rolling3", count=12, expected=1.5, fired="peers")


def test_an_old_outbreak_is_no_news_because_its_layer_has_nothing_newer() -> None:
    """The public `dynamics` holds rows of outbreaks alone: its newest month is that of the last one."""
    held = Held(
        {
            "rating": rating(*(("1", month, "theft", 4, "none", "[]") for month in ("2022-11", "2022-12"))),
            "dynamics": dynamics(("1", "2022-11", "theft", "outbreak", None)),
        }
    )
    assert keys(held, "public") == []
    assert keys(held, "public", months=2) == ["outbreak.1.theft.2022-11"]


def test_what_is_not_complete_is_not_told() -> None:
    months = ("2022-11", "2022-12")
    held = Held({"rating": rating(*(("1", month, "theft", 40, "both", "[]") for month in months))}, "2022-11")
    assert keys(held) == ["rating.1.theft.2022-11"]


@pytest.mark.parametrize("edition", ["public", "analyst"])
def test_months_taken_together_are_told_when_they_begin(edition: str) -> None:
    def held(before: str, evidence: str | None, count: Any) -> Held:
        rows = [("1", "2022-11", "theft", before, evidence), ("1", "2022-12", "theft", "outbreak", evidence)]
        counts = [("1", month, "theft", count, "none", "[]") for month in ("2022-11", "2022-12")]
        return Held({"rating": rating(*counts), "dynamics": dynamics(*rows)})

    told = ["outbreak.1.theft.2022-12"]
    assert keys(held("norm", POOLED, 0), edition) == told
    assert keys(held("outbreak", POOLED, 0), edition) == []
    # Without evidence the figures say it: the month alone is as expected.
    assert keys(held("outbreak", None, 4), edition) == []
    # A month that is a signal by itself is news each time; so is one of which it cannot be known.
    assert keys(held("outbreak", None, 40), edition) == told
    assert keys(held("outbreak", None, np.nan), edition) == told


def test_a_pooled_rating_is_told_when_it_begins() -> None:
    def held(before: str, reason: str) -> Held:
        return Held(
            {
                "rating": rating(
                    ("1", "2022-11", "theft", 0, before, reason),
                    ("1", "2022-12", "theft", 0, "peers", reason),
                )
            }
        )

    assert keys(held("none", POOLED_RATING)) == ["rating.1.theft.2022-12"]
    assert keys(held("peers", POOLED_RATING)) == []
    assert keys(held("peers", reasons("rating.usual"))) == ["rating.1.theft.2022-12"]


def test_one_rise_is_told_once() -> None:
    """`own` of the rating and an outbreak are one finding; beside similar districts is another."""
    layers = {
        "rating": rating(
            ("1", "2022-12", "theft", 40, "own", "[]"), ("2", "2022-12", "theft", 40, "both", "[]")
        ),
        "dynamics": dynamics(*((code, "2022-12", "theft", "outbreak", None) for code in ("1", "2"))),
    }
    assert keys(Held(layers)) == [
        "outbreak.1.theft.2022-12", "outbreak.2.theft.2022-12", "rating.2.theft.2022-12",
    ]  # fmt: skip
    del layers["dynamics"]
    assert keys(Held(layers)) == ["rating.1.theft.2022-12", "rating.2.theft.2022-12"]


def test_a_public_outbreak_has_no_evidence_whatever_the_layer_holds() -> None:
    held = Held({"dynamics": dynamics(("1", "2022-12", "theft", "outbreak", POOLED))})
    assert find_signals(held, "public")[0].reasons == ()
    assert find_signals(held, "analyst")[0].reasons != ()


def test_a_mix_says_what_is_out_of_line_in_it() -> None:
    structure = pd.DataFrame(
        {
            "district": "1", "month": "2022-12", "offence": ["all", "theft", "fraud", "drugs"],
            "imbalance": [7.16, 9.0, 1.0, 4.0], "p_value": [1.6e-4, 1e-6, 0.8, 0.01],
            "share": [1.0, 0.4, 0.1, 0.2], "share_peers": [np.nan, 0.0853, 0.1, np.nan],
        }
    )  # fmt: skip
    (found,) = find_signals(Held({"structure": structure}), "analyst")
    names = {"theft": "Theft"}
    assert sentences(found, "en", lambda _, code: names.get(code, code)) == (
        "Its mix of offences is 7.2 times as far out as chance makes one (p 0.00016). "
        "Theft: 40% of all, 8.5% in similar districts."
    )


def outbreak(count: float | None, *told: dict[str, Any]) -> Signal:
    values = {"count": count, "expected": 1.64, "lower": 0.0, "upper": 6.0, "provisional": False}
    return Signal("outbreak", "dynamics", "01000", "A", "2022-12", "theft", values=values, reasons=told)


def plain(_: str, code: str) -> str:
    return {"01000": "Aidar", "theft": "Theft"}.get(code, code)


def test_an_alert_says_what_an_analyst_wants() -> None:
    aside = {
        "code": "dynamics.instability",
        "values": {"robust_cv": 0, "von_neumann": 0.4, "relative": 13.3, "p": 1e-9},
    }
    assert heading(outbreak(17), "en", plain) == "Outbreak: Aidar (01000), Theft, December 2022"
    assert sentences(outbreak(17, aside), "en", plain) == "17 recorded, 1.6 expected (95% interval 0 to 6)."
    # Nothing is told where nothing is known.
    assert sentences(outbreak(None), "en", plain) == ""


def test_months_taken_together_come_before_the_month_alone() -> None:
    pooled = json.loads(POOLED)[0]
    assert sentences(outbreak(0, pooled), "en", plain) == (
        "It is a signal over three months: 12 recorded, 1.5 expected. "
        "In the month alone: 0 recorded, 1.6 expected (95% interval 0 to 6)."
    )
    # The public edition does not say over which.
    assert sentences(outbreak(0), "en", plain) == (
        "What stands out is a longer period, or offences taken together. "
        "In the month alone: 0 recorded, 1.6 expected (95% interval 0 to 6)."
    )
    usual = dataclasses.replace(outbreak(0, {"code": "rating.usual", "values": {}}), kind="rating")
    assert "Usual" not in sentences(usual, "en", plain)


def test_every_signal_of_a_release_is_told_in_every_language(tmp_path: Path) -> None:
    edition = alerting_release(tmp_path / "store").current().edition("analyst")
    found = find_signals(edition, "analyst")
    assert len(found) == 6
    for lang in LANGUAGES:
        for one in found:
            assert heading(one, lang, plain)
            text = sentences(one, lang, plain)
            assert "{" not in text
            assert one.kind != "outbreak" or "84" in text
