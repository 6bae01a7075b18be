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
