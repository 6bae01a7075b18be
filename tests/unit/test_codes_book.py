"""The codebook: a tree up to `all`, severities beside it, and refusals that name the cell."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sources import book

from gis_layers.codes import load_codebook
from gis_layers.errors import InputError


def write(folder: Path, text: str) -> Path:
    file = folder / "codes.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_nodes_stand_after_their_parents_and_know_their_kind() -> None:
    nodes = book().nodes
    assert nodes["kind"].to_dict() == {
        "all": "root",
        "theft": "category",
        "bike": "leaf",
        "shop": "leaf",
        "night": "leaf",
        "arson": "leaf",
        "severity-minor": "severity",
        "severity-grave": "severity",
    }


def test_members_ancestors_and_leaves() -> None:
    codes = book()
    assert codes.leaves == ["bike", "shop", "night", "arson"]
    assert codes.members("theft") == ["bike", "shop"]
    assert codes.members("all") == ["bike", "shop", "arson"]
    assert codes.members("severity-grave") == ["shop", "arson"]
    assert codes.members("night") == ["night"]
    assert codes.ancestors("night") == ["theft", "all"]
    assert codes.parent_of["all"] is None
    with pytest.raises(InputError, match=r"no such offence \(value 'fraud'\)"):
        codes.members("fraud")


def test_the_matrix_sums_additive_nodes_only() -> None:
    nodes, sums = book().matrix(["arson", "shop", "night"])
    assert nodes == ["all", "theft", "bike", "shop", "arson", "severity-minor", "severity-grave"]
    expected = [[1, 1, 0], [0, 1, 0], [0, 0, 0], [0, 1, 0], [1, 0, 0], [0, 0, 0], [1, 1, 0]]
    np.testing.assert_array_equal(sums, np.array(expected, dtype=bool))


def test_labels_and_codes_are_found() -> None:
    codes = book()
    assert codes.find(["theft |  Bike", "cycles", None, "bike"]).tolist() == ["bike", "bike", None, None]
    assert codes.find(["bike", "BIKE", "severity-minor"], by="code").tolist() == [
        "bike",
        None,
        "severity-minor",
    ]
    assert codes.find([]).tolist() == []


def test_remainders_stand_last_in_their_category_and_are_named_in_every_language() -> None:
    codes = book().with_remainders(["theft", "all", "bike", "nonsense"])
    assert codes.codes == [
        *("all", "theft", "bike", "shop", "night", "theft-other", "arson", "all-other"),
        *("severity-minor", "severity-grave"),
    ]
    other = codes.nodes.loc["theft-other"]
    assert (other["kind"], other["parent"], other["name_en"], other["name_ru"]) == (
        *("other", "theft", "theft: other", "theft: прочее"),
    )
    assert codes.members("theft") == ["bike", "shop", "theft-other"]
    assert codes.with_remainders(["theft"]) is codes


def test_empty_cells_take_the_value_of_the_parent(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        "code,parent,reported,sensitive,public_safety,name_en,name_ru\n"
        "drugs,,false,,true,Drugs,Наркотики\nsale,drugs,,yes,,Sale,\nuse,drugs,true,,no,,\n\n",
    )
    nodes = load_codebook(file).nodes
    assert nodes.loc["sale", ["reported", "sensitive", "public_safety"]].tolist() == [False, True, True]
    assert nodes.loc["use", ["reported", "sensitive", "public_safety"]].tolist() == [True, False, False]
    assert nodes.loc["sale", ["name_ru", "name_kk"]].tolist() == ["Sale", "Sale"]
    assert nodes.loc["use", "name_en"] == "use"
    assert nodes.loc["all", "name_kk"] == "Барлық құқық бұзушылықтар"


def test_a_severity_delivered_as_a_total_is_not_summed(tmp_path: Path) -> None:
    file = write(
        tmp_path, "code,severity,additive,name_en\ntheft,grave,,Theft\nseverity-grave,,false,Grave crimes\n"
    )
    codes = load_codebook(file)
    assert codes.nodes.loc["severity-grave", ["kind", "name_en"]].tolist() == ["severity", "Grave crimes"]
    assert codes.children("severity-grave") == []
    assert "severity-grave" not in codes.matrix(codes.leaves)[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("parent\nall\n", "a column is missing .*column 'code'"),
        ("code,kind\na,b\n", "unknown column .*column 'kind'"),
        ("code\nст. 188\n", r"not a code .*row 2, column 'code', value 'ст. 188'"),
        ("code\na\nb\na\n", "the code stands twice .*row 4, .*value 'a'.*first in row 2"),
        ("code\na-other\n", "are made for remainders"),
        ("code,parent\na,b\n", "the parent is no code of the codebook .*row 2, column 'parent', value 'b'"),
        ("code,parent\na,b\nb,c\nc,a\n", "its own ancestor .*a > b > c > a"),
        ("code,parent\nall,a\na,\n", "this node has no parent .*row 2"),
        ("code,parent,severity\na,,grave\nb,a,\n", "only a leaf has a severity .*row 2"),
        ("code,severity\na,очень тяжкое\n", "not a severity of a leaf"),
        ("code,additive\na,maybe\n", "neither true nor false .*column 'additive', value 'maybe'"),
        ("code,valid_from\na,01.02.2020\n", "not a date .*column 'valid_from'"),
        ("code,valid_from,valid_to\na,2020-01-01,2019-01-01\n", "valid_to is before valid_from"),
        ("code,labels\na,X;Y\nb,y\n", "the label already names 'a' .*row 3"),
        ("code,parent,additive\na,,false\nb,a,\n", "below one that is not summed .*row 3"),
        ("code,name_en\na,Murder, and attempts\n", "has 3 cells where the header has 2 .*row 2"),
        ("code,name_en\na\n", "has 1 cells where the header has 2 .*row 2"),
    ],
)
def test_what_is_no_codebook_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_codebook(write(tmp_path, text))


def test_a_missing_or_unreadable_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such codebook"):
        load_codebook(tmp_path / "codes.csv")
    file = tmp_path / "codes.csv"
    file.write_bytes("code\nмя".encode("cp1251"))
    with pytest.raises(InputError, match="save it as CSV"):
        load_codebook(file)


@pytest.mark.parametrize(("area", "leaves", "categories"), [("london", 28, 12), ("chicago", 31, 6)])
def test_the_codebooks_of_the_ready_areas(root: Path, area: str, leaves: int, categories: int) -> None:
    nodes = load_codebook(root / "config" / "areas" / area / "codes.csv").nodes
    assert (nodes["kind"] == "leaf").sum() == leaves
    assert (nodes["kind"] == "category").sum() == categories
    named = nodes[["name_en", "name_ru", "name_kk"]]
    assert named.map(len).gt(2).all(axis=None)
    assert not named["name_ru"].str.contains("[a-zA-Z]").any()
    assert named.apply(lambda names: names.is_unique).all()
    assert nodes["sensitive"][["homicide", "arson"]].tolist() == [True, False]
