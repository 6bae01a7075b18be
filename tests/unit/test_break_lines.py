"""Break lines: what the catalogue says of declared breaks, and those that crosswalks bring."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sources import book, settings

from gis_layers.codes import Translator, break_lines, breaks_for, with_changes_of_codes
from gis_layers.codes.load import codebook_from
from gis_layers.layers.catalogue import area_entry

DAY = pd.Timestamp("2015-01-01").date()
BOOK = codebook_from(
    [{"code": "188", "parent": "theft"}, {"code": "188-1", "parent": "theft"}, {"code": "theft"}]
)


def area(folder: Path, breaks: list[dict[str, Any]]) -> Any:
    return settings(folder, breaks=[{"name": {"en": "Change", "kk": "Өзгеріс"}, **one} for one in breaks])


def test_the_catalogue_names_every_node_a_break_touches(tmp_path: Path) -> None:
    made = area(
        tmp_path,
        [
            {"id": "shut", "kind": "excluded", "from": "2014-03-20", "to": "2014-05"},
            {
                "id": "new",
                "offences": ["theft"],
                "from": "2013-02-11",
                "districts": ["01"],
                "reason": {"en": "Law"},
            },
        ],
    )
    lines = break_lines(made, book())
    assert [one["id"] for one in lines] == ["new", "shut"]
    assert lines[0] == {
        "id": "new", "kind": "level", "from": "2013-02", "to": None,
        "offences": ["theft", "bike", "shop", "night"], "districts": ["01"],
        "name": {"en": "Change", "kk": "Өзгеріс"}, "reason": {"en": "Law"},
    }  # fmt: skip
    assert lines[1]["offences"] is None
    assert lines[1]["districts"] is None
    assert lines[1]["to"] == "2014-05"
    assert area_entry(made, breaks=lines)["breaks"] == lines


def test_a_divided_article_breaks_and_its_family_does_not(tmp_path: Path) -> None:
    changes = pd.DataFrame(
        {
            "old": ["175", "175"],
            "new": ["188", "188-1"],
            "valid_from": DAY,
            "weight": np.nan,
            "confidence": "B",
        }
    )
    translator = Translator(BOOK, changes)
    plain = area(tmp_path, [])
    assert with_changes_of_codes(plain, BOOK, changes).breaks == ()
    called = translator.with_families({"188_188-1-other"})
    made = with_changes_of_codes(plain, called, changes, no_data_before={"02": np.datetime64("2018-06")})
    assert [one.id for one in made.breaks] == ["codes-2015-01", "boundaries-2018-06"]
    assert made.breaks[0].name["en"] == "Articles were divided or put together: 175 became 188, 188-1"
    assert set(made.breaks[0].name) >= {"en", "ru", "kk"}
    months = np.arange("2014-11", "2015-03", dtype="datetime64[M]")
    stretch = breaks_for(made, called, months)
    rows = {code: stretch[row].tolist() for code, row in called.row_of.items()}
    assert rows["188"] == rows["188-1"] == [0, 0, 1, 1]
    assert rows["188_188-1"] == rows["theft"] == rows["all"] == [0, 0, 0, 0]
    assert called.parent_of["188"] == "188_188-1"
    assert called.parent_of["188_188-1"] == "theft"


def test_an_article_put_together_of_two_runs_through(tmp_path: Path) -> None:
    changes = pd.DataFrame(
        {"old": ["1", "2"], "new": "188", "valid_from": DAY, "weight": 1.0, "confidence": "A"}
    )
    made = with_changes_of_codes(area(tmp_path, []), Translator(BOOK, changes).with_families(()), changes)
    assert made.breaks == ()
