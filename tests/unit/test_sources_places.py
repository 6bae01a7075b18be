"""Districts by code and by name; changed codes follow their ground, divided ones are not placed."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from sources import squares

from gis_layers.sources.places import AMBIGUOUS, DIVIDED, EMPTY, UNKNOWN, Places

CHANGE = dt.date(2020, 6, 1)


def crosswalk(*rows: tuple[str, str, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["old", "new", "weight"])
    return frame.assign(valid_from=CHANGE)[["old", "new", "valid_from", "weight"]]


def place(places: Places, code: str, *months: str) -> list[int]:
    kinds = np.zeros(len(months), dtype=np.int64)
    return places.place(kinds, [code], np.array(months, dtype="datetime64[M]"), by="code").tolist()


def test_codes_and_names() -> None:
    districts = squares()
    districts.frame["name_ru"] = ["Абай ауданы", "Абай ауданы", "Есиль"]
    places = Places(districts)
    assert places.match(["02", "2", None], by="code").tolist() == [1, UNKNOWN, EMPTY]
    names = [" square  03", "абай ауданы", "ЕСИЛЬ", "Square"]
    assert places.match(names, by="name").tolist() == [2, AMBIGUOUS, 2, UNKNOWN]


def test_a_merger_follows_the_new_code_before_and_after() -> None:
    places = Places(squares(crosswalk=crosswalk(("08", "01", 1), ("09", "01", 1))))
    assert place(places, "08", "2020-05", "2020-06", "2021-01") == [0, 0, 0]
    assert place(places, "01", "2020-05", "2020-06") == [0, 0]
    assert places.no_data_before == {}


def test_a_division_is_no_data_before() -> None:
    places = Places(squares(crosswalk=crosswalk(("01", "01", 0.7), ("01", "02", 0.3), ("09", "02", 1))))
    assert place(places, "01", "2020-05", "2020-06") == [DIVIDED, 0]
    # 09 went whole into 02, but before the change it was only a part of what 02 is now.
    assert place(places, "09", "2020-05", "2020-07") == [DIVIDED, DIVIDED]
    assert place(places, "03", "2020-05") == [2]
    assert places.no_data_before == {0: np.datetime64("2020-06"), 1: np.datetime64("2020-06")}


def test_a_change_without_a_date_holds_always() -> None:
    table = crosswalk(("08", "01", 1)).assign(valid_from=None)
    assert place(Places(squares(crosswalk=table)), "08", "1990-01", "2030-01") == [0, 0]


@pytest.mark.parametrize("months", [[], ["2020-01"]])
def test_chains_of_changes_end(months: list[str]) -> None:
    table = crosswalk(("07", "08", 1), ("08", "07", 1))
    table["new"] = ["08", "07"]
    districts = squares()
    object.__setattr__(districts, "crosswalk", table)
    assert place(Places(districts), "07", *months) == [UNKNOWN] * len(months)
