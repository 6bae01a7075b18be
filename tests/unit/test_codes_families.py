"""Families: totals through a reform without weights, the same number read by its date, break lines below."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis_layers.codes import load_codebook, load_crosswalk
from gis_layers.codes.families import Families
from gis_layers.errors import InputError


@pytest.fixture(scope="module")
def kazakh(root: Path) -> pd.DataFrame:
    folder = root / "config" / "areas" / "kazakhstan"
    return load_crosswalk(folder / "crosswalk.csv", load_codebook(folder / "codes.csv"))


def test_the_kazakh_crosswalk_is_the_one_of_the_facts(kazakh: pd.DataFrame) -> None:
    families = Families(kazakh)
    assert len(kazakh) == 50
    assert kazakh["confidence"].value_counts().to_dict() == {"B": 34, "C": 13, "A": 3}
    assert kazakh[kazakh["confidence"] == "A"]["new"].tolist() == ["106", "146", "293"]
    assert families.members["188_188-1"] == (("175",), ("188", "188-1"))
    assert families.members["296_297"] == (("259",), ("296", "297"))
    assert families.members["345_345-1"] == (("296",), ("345", "345-1"))
    assert sum(len(old) == len(new) == 1 for old, new in families.members.values()) == 44
    assert kazakh.loc[kazakh["old"] == "259", "weight"].isna().all()
    assert (kazakh.loc[kazakh["old"] == "96", "weight"] == 1).all()


def test_one_number_is_two_articles(kazakh: pd.DataFrame) -> None:
    families = Families(kazakh)
    months = np.array(["2014-12", "2015-01", "2014-12", "2015-01"], dtype="datetime64[M]")
    assert families.of(["103", "103", "296", "296"], months).tolist() == [
        "106",
        "103",
        "345_345-1",
        "296_297",
    ]


def test_break_lines_stand_where_an_article_was_divided(kazakh: pd.DataFrame) -> None:
    lines = Families(kazakh).break_lines()
    assert [str(month) for month in lines["188"]] == ["2015-01", "2020-01"]
    assert "99" not in lines
    assert "297" in lines


def test_totals_of_the_reform_are_conserved_by_families(kazakh: pd.DataFrame) -> None:
    rows = [
        ("a", "175", "2014-12", 10),
        ("a", "188", "2015-01", 7),
        ("a", "188-1", "2020-02", 3),
        ("a", "259", "2014-12", 4),
    ]
    counts = pd.DataFrame(rows, columns=["district", "offence", "month", "count"])
    counts["month"] = pd.to_datetime(counts["month"])
    gathered = Families(kazakh).gather(counts)
    assert (
        gathered.groupby("month")["count"].sum().to_dict() == counts.groupby("month")["count"].sum().to_dict()
    )
    assert gathered[gathered["offence"] == "188_188-1"]["count"].tolist() == [10, 7, 3]


def changes(rows: list[tuple[str, str, float]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["old", "new", "weight"])
    return frame.assign(valid_from=pd.Timestamp("2015-01-01").date())


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from("vwxyz")), max_size=12, unique=True),
    st.lists(
        st.tuples(st.sampled_from("abcdevwxyz"), st.sampled_from(["2014-12", "2015-01"]), st.integers(0, 50)),
        min_size=1, max_size=20,
    ),
)  # fmt: skip
def test_no_table_of_changes_loses_or_invents_a_card(
    pairs: list[tuple[str, str]], rows: list[tuple[str, str, int]]
) -> None:
    families = Families(changes([(old, new, np.nan) for old, new in pairs]))
    counts = pd.DataFrame(rows, columns=["offence", "month", "count"]).assign(district="d")
    counts["month"] = pd.to_datetime(counts["month"])
    for result in (families.gather(counts), families.split(counts)):
        assert (
            result.groupby("month")["count"].sum().to_dict()
            == counts.groupby("month")["count"].sum().to_dict()
        )
    new = [code for _, news in families.members.values() for code in news]
    assert len(new) == len(set(new))


def test_known_weights_divide_and_unknown_ones_stay_on_the_family() -> None:
    families = Families(changes([("a", "x", 0.25), ("a", "y", 0.75), ("b", "v", np.nan), ("b", "w", np.nan)]))
    counts = pd.DataFrame(
        {"district": "d", "offence": ["a", "b"], "month": pd.Timestamp("2014-06-01"), "count": [8, 5]}
    )
    split = families.split(counts).set_index("offence")["count"].to_dict()
    assert split == {"x": 2.0, "y": 6.0, "v_w": 5.0}


def test_a_change_that_ends_before_it_begins_is_refused(tmp_path: Path, root: Path) -> None:
    file = tmp_path / "crosswalk.csv"
    file.write_text("old,new,valid_from,valid_to,weight\n96,99,2015-01-01,2014-01-01,\n")
    book = load_codebook(root / "config" / "areas" / "kazakhstan" / "codes.csv")
    with pytest.raises(InputError, match="row 2, column 'valid_to'"):
        load_crosswalk(file, book)
