"""`explain`: every part of a cell's story, in words of three languages, and near matches for what is not there."""

from __future__ import annotations

import json
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from rating_panels import book, clean_counts, panel_of
from shapely import box

from gis_layers.errors import UsageError
from gis_layers.explain import explain, explain_text
from gis_layers.indicators.rating import judge_rating, rating_frame

BOOK = book()


class Told:
    """An edition in memory, with an outbreak of c1l1 in d003 in 2015-11."""

    layer_ids = ("districts", "offences", "peer_groups", "rating")
    catalogue = {
        "edition": "analyst",
        "area": {"id": "x", "name": {"en": "X"}, "invented": True, "rate_per": 10_000, "period": "month"},
    }

    def __init__(self) -> None:
        rng = np.random.default_rng(7)
        counts = clean_counts(rng, np.full(len(BOOK.leaves), 30.0), 14, np.ones(22), heterogeneity=0.003)
        counts[5, 10, 3] += 60
        panel = panel_of(counts, BOOK, [0] * 10 + [1] * 12, incomplete=1)
        frame = rating_frame(judge_rating(panel, BOOK))
        self.rating = frame.astype({"district": object, "offence": object, "fired": object, "reason": object})
        codes = [str(code) for code in panel["district"].values]
        self.places = gpd.GeoDataFrame(
            {
                "district": codes,
                "name": [f"Place {number}" for number in range(22)],
                "name_ru": [f"Место {number}" for number in range(22)],
                "peer_group": panel["peer_group"].values,
            },
            geometry=[box(n, 0, n + 1, 1) for n in range(22)],
            crs=4326,
        )
        self.places.loc[21, "name"] = "Place 20"

    def districts(self) -> gpd.GeoDataFrame:
        return self.places.copy()

    def read(self, layer: str, months: Any = None, offences: Any = None, columns: Any = None) -> pd.DataFrame:
        if layer == "offences":
            nodes = BOOK.nodes.rename_axis("offence").reset_index()
            return nodes.assign(name=nodes["name_en"])
        if layer == "peer_groups":
            rule = [{"code": "rating.usual", "values": {}}]
            return pd.DataFrame({"peer_group": ["g0"], "sentence": [json.dumps(rule)]})
        rows = self.rating
        if offences is not None:
            rows = rows[rows["offence"].isin(offences)]
        if months is not None:
            month = rows["month"].to_numpy().astype("datetime64[M]")
            rows = rows[(month >= months[0]) & (month <= months[1])]
        return rows


@pytest.fixture(scope="module")
def edition() -> Told:
    return Told()


def test_the_story_of_an_outbreak(edition: Told) -> None:
    story = explain(edition, "d003", "c1", "2015-11")
    assert json.loads(json.dumps(story)) == story
    assert story["month"] == "2015-11"
    assert story["cell"]["count"] > story["cell"]["upper"]
    assert story["cell"]["p_own"] is None
    assert story["parts"][0]["offence"] == "c1l1"
    assert story["parts"][0]["fired"] == "peers"
    assert len(story["parts"]) == 4
    assert [row["month"] for row in story["history"]] == [f"2015-{month:02d}" for month in range(1, 11)]
    assert len(story["peers"]["districts"]) == 9
    assert story["reasons"][0]["code"] == "rating.high"


def test_words_in_three_languages(edition: Told) -> None:
    story = explain(edition, "d003", "c1", "2015-11")
    english, russian, kazakh = (explain_text(story, lang) for lang in ("en", "ru", "kk"))
    assert english.startswith("Place 3 (d003), c1, November 2015")
    assert russian.startswith("Место 3 (d003), c1, ноябрь 2015")
    assert "Compared with 9 similar districts: Place 0, Place 1" in english
    assert "Сравнивается с 9 похожими районами: Место 0" in russian
    assert "9 ұқсас ауданмен салыстырылады" in kazakh
    assert "Invented data" in english
    assert english.count("\n\n") >= 4


def test_by_default_the_newest_judged_month_of_all(edition: Told) -> None:
    story = explain(edition, "d001")
    assert story["offence"]["offence"] == "all"
    assert story["month"] == "2016-01"
    assert {part["offence"] for part in story["parts"]} == {"c0", "c1", "c2"}


def test_an_incomplete_month_is_told_without_a_verdict(edition: Told) -> None:
    story = explain(edition, "d001", "all", "2016-02")
    assert story["cell"]["level"] is None
    assert "shown, not judged" in explain_text(story)


def test_severities_are_made_of_leaves(edition: Told) -> None:
    parts = explain(edition, "d001", "severity-grave")["parts"]
    assert {part["offence"] for part in parts} == {f"c{c}l{n}" for c in range(3) for n in (0, 2)}
    assert explain(edition, "d001", "c0l0")["parts"] == []


def test_a_name_is_taken_where_it_is_unique(edition: Told) -> None:
    assert explain(edition, "место 4")["district"]["district"] == "d004"
    with pytest.raises(UsageError, match=r"several districts.*d020, d021"):
        explain(edition, "Place 20")


@pytest.mark.parametrize(
    ("call", "near"),
    [
        (("d03",), "d003"),
        (("Plaice 7",), r"d007 \(Place 7\)"),
        (("d001", "c1l"), "c1l0"),
        (("d001", "all", "2031-01"), "2015-01 to 2016-02"),
        (("d001", "all", "2031"), "YYYY-MM"),
    ],
)
def test_what_is_not_there_names_what_is_near(edition: Told, call: tuple[str, ...], near: str) -> None:
    with pytest.raises(UsageError, match=near):
        explain(edition, *call)


BREAKS = [
    {"id": "reform", "kind": "level", "from": "2015-06", "to": None, "offences": ["c1", "c1l1"], "districts": None,
     "name": {"en": "Reform", "ru": "Реформа"}, "reason": {"en": "Article 7.", "ru": "Статья 7"}},
    {"id": "span", "kind": "excluded", "from": "2015-02", "to": "2015-04", "offences": None, "districts": ["d003"],
     "name": {"en": "Floods"}, "reason": None},
    {"id": "later", "kind": "level", "from": "2016-01", "to": None, "offences": None, "districts": None,
     "name": {"en": "Later"}, "reason": None},
]  # fmt: skip


class Broken(Told):
    """The same, with breaks, and layers of change."""

    layer_ids = (*Told.layer_ids, "dynamics", "structure", "completeness")

    def __init__(self) -> None:
        super().__init__()
        self.catalogue = {**Told.catalogue, "area": {**Told.catalogue["area"], "breaks": BREAKS}}  # type: ignore[dict-item]

    def read(self, layer: str, months: Any = None, offences: Any = None, columns: Any = None) -> pd.DataFrame:
        when = pd.Timestamp("2015-11-01")
        if layer == "dynamics":
            row = {
                "district": "d003", "offence": "c1", "month": when, "expected": 120.4, "lower": 90.0, "upper": 150.0,
                "p_rise": 1e-6, "p_fall": 1.0, "signal": "outbreak", "change_month": 0.5, "change_year": None,
                "ytd": 40, "ytd_last_year": 9, "change_ytd": None,
                "evidence": json.dumps([{"code": "dynamics.short", "values": {}}]),
            }  # fmt: skip
            return pd.DataFrame([row])
        if layer == "structure":
            row = {
                "district": "d003", "offence": "c1", "month": when, "imbalance": 2.0, "p_value": 0.01, "share": 0.5,
                "share_peers": 0.25,
            }  # fmt: skip
            return pd.DataFrame([row])
        if layer == "completeness":
            rows = [
                {"district": "d003", "attribute": name, "month": when, "cards": 80, "filled": filled,
                 "share_filled": filled / 80, "expected_share": 0.9, "signal": signal}
                for name, filled, signal in (("method", 20, "low"), ("place", 72, "norm"))
            ]  # fmt: skip
            return pd.DataFrame(rows)
        return super().read(layer, months, offences, columns)


@pytest.fixture(scope="module")
def broken() -> Broken:
    return Broken()


def test_the_breaks_of_the_series_are_told_up_to_the_month(broken: Broken) -> None:
    story = explain(broken, "d003", "c1", "2015-11")
    assert [one["id"] for one in story["breaks"]] == ["reform", "span"]
    assert [one["id"] for one in explain(broken, "d004", "c1", "2015-11")["breaks"]] == ["reform"]
    assert explain(broken, "d004", "c0", "2015-11")["breaks"] == []
    assert [one["id"] for one in explain(broken, "d004", "c0", "2016-01")["breaks"]] == ["later"]
    told = explain_text(story)
    assert "  June 2015: Reform. Article 7.\n  February 2015 to April 2015: Floods." in told
    assert "Реформа. Статья 7." in explain_text(story, "ru")


def test_what_changed_from_how_small_a_base(broken: Broken) -> None:
    story = explain(broken, "d003", "c1", "2015-11")
    assert story["dynamics"]["bases"] == {"month": story["history"][-1]["count"], "year": None, "ytd": 9}
    told = explain_text(story)
    assert "On the month before: 50%.\n" in told
    assert story["dynamics"]["across"] == ["year", "ytd"]
    story["dynamics"]["across"] = ["month"]
    assert "On the month before: 50%. A break of the series lies between the two." in explain_text(story)
    assert "In the year so far, on last year: no change is given, as 9 is too small a base" in told
    assert "On the same month of last year" not in told
    assert "слишком малая база" in explain_text(story, "ru")
    assert "тым шағын негіз" in explain_text(story, "kk")


def test_a_short_base_is_said_and_its_interval_is_no_norm(broken: Broken) -> None:
    story = explain(broken, "d003", "c1", "2015-11")
    assert "own.short_history" in [part["code"] for part in story["reasons"]]
    told = explain_text(story)
    assert "too short a base for a comparison with its own past" in told
    assert "its history is short" in told.lower()
    assert "Its own past lets" not in told
    story["reasons"] = [part for part in story["reasons"] if not part["code"].startswith("own.")]
    assert "Its own past lets 120 be expected (95% interval 90 to 150)." in explain_text(story)


def test_the_share_of_the_offence_is_told_by_its_name(broken: Broken) -> None:
    assert "c1: 50% of all, 25% in similar districts" in explain_text(
        explain(broken, "d003", "c1", "2015-11")
    )


def test_empty_fields_are_told_of_everything_alone(broken: Broken) -> None:
    assert explain(broken, "d003", "c1", "2015-11")["completeness"] == []
    story = explain(broken, "d003", "all", "2015-11")
    assert [one["attribute"] for one in story["completeness"]] == ["method"]
    assert "The field method is filled on 25% of 80 cards" in explain_text(story)


def test_drill_down_by_severity_to_the_articles(edition: Told) -> None:
    story = explain(edition, "d003", "all", "2015-11")
    grades = {one["offence"]: one for one in story["severities"]}
    assert len(grades) == 2
    assert sum(one["count"] for one in grades.values()) == story["cell"]["count"]
    # c1l1 broke out: it stands first within its severity
    first = next(one for one in grades.values() if any(part["offence"] == "c1l1" for part in one["articles"]))
    assert first["articles"][0]["offence"] == "c1l1"
    assert all(len(one["articles"]) == min(one["n"], 5) for one in grades.values())
    assert "By severity:" in explain_text(story)
    inside = explain(edition, "d003", "c1", "2015-11")["severities"]
    assert sum(one["count"] for one in inside) == explain(edition, "d003", "c1", "2015-11")["cell"]["count"]


def test_a_severity_with_a_withheld_article_gives_no_sum(edition: Told) -> None:
    class Withheld(Told):
        def read(self, layer: str, *args: Any, **options: Any) -> pd.DataFrame:
            rows = super().read(layer, *args, **options)
            if layer != "rating":
                return rows
            return rows.assign(count=rows["count"].mask(rows["offence"] == "c1l1"))

    inside = explain(Withheld(), "d003", "c1", "2015-11")["severities"]
    hidden = [one for one in inside if one["count"] is None]
    assert len(hidden) == 1
    assert "c1l1" not in [part["offence"] for part in hidden[0]["articles"]]
