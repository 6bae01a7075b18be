"""Layers: described, classified, in the contract's order and words."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import mapclassify
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from tiny import AREA, LANGUAGES, layers, rating, shapes

from gis_layers import messages
from gis_layers.codes import load_codebook
from gis_layers.disclosure import PUBLIC, editions
from gis_layers.disclosure.allow import CUT_DOWN
from gis_layers.districts import Districts, peer_groups_of
from gis_layers.errors import InputError
from gis_layers.layers import (
    Absent,
    counts_layer,
    districts_layer,
    offences_layer,
    peer_groups_layer,
    rating_layer,
    safety_layer,
)
from gis_layers.layers.classify import classify, natural_breaks
from gis_layers.layers.describe import COLUMNS, describe
from gis_layers.layers.legend import columns_with_legend, legend
from gis_layers.layers.model import Layer
from gis_layers.settings import AreaSettings
from gis_layers.settings.area import DisclosureSection

# PostgreSQL 17: pg_get_keywords() of category R (reserved) and T (reserved, can be function or type).
POSTGRESQL = """
all analyse analyze and any array as asc asymmetric authorization binary both case cast check
collate collation column concurrently constraint create cross current_catalog current_date
current_role current_schema current_time current_timestamp current_user default deferrable desc
distinct do else end except false fetch for foreign freeze from full grant group having ilike in
initially inner intersect into is isnull join lateral leading left like limit localtime
localtimestamp natural not notnull null offset on only or order outer overlaps placing primary
references returning right select session_user similar some symmetric system_user table tablesample
then to trailing true union unique user using variadic verbose when where window with
"""
# https://www.sqlite.org/lang_keywords.html, the whole list.
SQLITE = """
abort action add after all alter always analyze and as asc attach autoincrement before begin between
by cascade case cast check collate column commit conflict constraint create cross current
current_date current_time current_timestamp database default deferrable deferred delete desc detach
distinct do drop each else end escape except exclude exclusive exists explain fail filter first
following for foreign from full generated glob group groups having if ignore immediate in index
indexed initially inner insert instead intersect into is isnull join key last left like limit match
materialized natural no not nothing notnull null nulls of offset on or order others outer over
partition plan pragma preceding primary query raise range recursive references regexp reindex
release rename replace restrict returning right rollback row rows savepoint select set table temp
temporary then ties to transaction trigger unbounded union unique update using vacuum values view
virtual when where window with without
"""


@pytest.mark.parametrize("layer", list(COLUMNS))
def test_no_column_is_a_reserved_word(layer: str) -> None:
    reserved = set(POSTGRESQL.split()) | set(SQLITE.split())
    assert {"select", "order", "user"} <= reserved
    assert not reserved & {name.lower() for name in COLUMNS[layer]}
    assert all(name == name.lower() and len(name) <= 63 for name in COLUMNS[layer])


def test_rating_has_the_columns_of_the_contract() -> None:
    contract = """district offence month period count population rate rate_smoothed expected lower upper
        p_peers p_own q_value fired standing magnitude level points points_12m months_judged harm
        pooled_period pooled_offence provisional suppressed reason"""
    assert list(COLUMNS["rating"]) == contract.split()
    assert list(COLUMNS["safety"]) == ["district", "month", "level", "rate", "lower", "upper"]


def test_every_description_is_a_sentence() -> None:
    for layer, columns in COLUMNS.items():
        for name, (_, description, _) in columns.items():
            assert description.endswith("."), (layer, name)
            assert 8 < len(description) < 110, (layer, name)


def test_what_is_described_nowhere_is_not_published() -> None:
    with pytest.raises(InputError, match="'offender' of layer 'rating'"):
        describe("rating", ["district", "offender"])
    assert describe("districts", ["parent_name_kk"])[0].description == "Name of the region in Kazakh."


def test_natural_breaks_are_those_of_mapclassify_on_its_own_example() -> None:
    values = mapclassify.load_example()
    oracle = mapclassify.FisherJenks(values, k=5)
    assert oracle.bins.round(2).tolist() == [75.29, 192.05, 370.5, 722.85, 4111.45]
    cuts = natural_breaks(values, 5)
    assert np.bincount(classify(values, cuts)).tolist() == [49, 3, 4, 1, 1] == oracle.counts.tolist()
    assert classify(values, cuts).tolist() == oracle.yb.tolist()


@pytest.mark.parametrize(
    ("values", "cuts"),
    [([], []), ([np.nan], []), ([7, 7, 7], []), ([1, 2], [2]), ([3, 1, 2, np.nan], [2, 3])],
)
def test_natural_breaks_of_few_values(values: list[float], cuts: list[float]) -> None:
    assert natural_breaks(values).tolist() == cuts


def test_many_values_are_thinned_and_keep_their_ends() -> None:
    values = np.random.default_rng(7).lognormal(3, 1, 5_000)
    cuts = natural_breaks(values, 5)
    assert len(cuts) == 4
    assert (np.diff(cuts) > 0).all()
    assert values.min() < cuts[0]
    assert (np.bincount(classify(values, cuts)) > 0).all()


@pytest.mark.parametrize(
    "layer", [one for one in layers() if one.geometry == "polygon"], ids=lambda one: one.id
)
def test_every_value_falls_in_one_class(layer: Layer) -> None:
    for column in columns_with_legend(layer):
        classes = legend(layer, column, LANGUAGES)
        for value in layer.frame[column].dropna().unique():
            holding = [
                one
                for one in classes
                if one.value == value
                or (
                    one.value is None
                    and (one.min is None or value >= one.min)
                    and (one.max is None or value < one.max)
                )
            ]
            assert len(holding) == 1, (column, value)


def test_points_have_the_cuts_of_the_method() -> None:
    figures = next(layer for layer in layers() if layer.id == "rating")
    classes = legend(figures, "points_12m", ["en"])
    assert [(one.min, one.max) for one in classes] == [(None, 4), (4, 5), (5, 7), (7, 12), (12, None)]


def test_every_text_is_worded_in_every_language() -> None:
    codes = [f"layer.{layer}.{part}" for layer in COLUMNS for part in ("title", "description")]
    codes += [f"class.{layer}.{level}" for layer in ("rating", "safety") for level in range(6)]
    codes += ["class.no_data", "class.any", "source.invented", "source.recorded", "absent.no_exposure"]
    folder = Path(__file__).resolve().parents[2] / "gis_layers" / "messages"
    for lang in LANGUAGES:
        known = json.loads((folder / f"{lang}.json").read_text(encoding="utf-8"))
        assert not [code for code in codes if code not in known]
    assert messages.render("en", "class.between", {"low": 10, "high": 12.5}) == "10 to below 12.5"
    assert messages.render("ru", "class.below", {"high": 12.5}) == "меньше 12,5"


def test_an_absent_layer_says_why() -> None:
    made = Absent("rating", "absent.other_edition", {"edition": "analyst"}).as_dict(["en"])
    assert made["text"] == {"en": "Only the analyst edition holds this layer."}
    assert made["reason"] == {"code": "absent.other_edition", "values": {"edition": "analyst"}}
    own = Absent("safety", "absent.no_exposure", text={"en": "The city counts no residents."})
    assert own.as_dict(["en"])["text"] == {"en": "The city counts no residents."}


def _districts() -> Districts:
    made = shapes().drop(columns=["population", "density", "peer_group"])
    made["valid_from"] = None
    # Boxes that touch are a coverage; the island of the last one stays.
    return Districts(made, "EPSG:3857")


def test_districts_layer() -> None:
    districts = _districts()
    population = pd.DataFrame(
        {
            "district": ["01000", "01000", "02000"],
            "month": pd.to_datetime(["2022-01-01", "2022-02-01", "2022-01-01"]),
            "population": [900.0, 990.0, np.nan],
        }
    )
    layer = districts_layer(districts, None, population, visitors=["02000"])
    frame = layer.frame.set_index("district")
    assert frame.loc["01000", "population"] == 990
    assert frame.loc["01000", "density"] == pytest.approx(0.5)
    assert np.isnan(frame.loc["02000", "population"])
    assert frame["visitors"].tolist() == [False, True] + [False] * 7
    names = [column.name for column in layer.columns]
    assert names[:5] == ["district", "name", "name_en", "name_kk", "name_ru"]
    assert names.index("parent_name_en") == names.index("parent") + 1
    assert layer.default_column == "density"
    assert districts_layer(districts).default_column is None


def test_peer_groups_layer() -> None:
    districts = _districts()
    population = pd.DataFrame(
        {
            "district": districts.frame["district"],
            "month": pd.Timestamp("2022-01-01"),
            "population": 1000.0 * 2.0 ** np.arange(9),
        }
    )
    groups = peer_groups_of(districts, population, groups=3, min_size=3)
    layer = peer_groups_layer(groups, LANGUAGES)
    frame = layer.frame
    assert frame["size"].sum() == 9
    assert sorted(code for members in frame["districts"] for code in json.loads(members)) == sorted(
        districts.frame["district"]
    )
    for lang in LANGUAGES:
        assert frame[f"text_{lang}"].is_unique
        assert frame[f"text_{lang}"].str.len().min() > 10


def test_offences_layer(tmp_path: Path) -> None:
    (tmp_path / "codes.csv").write_text(
        "code,parent,severity,name_en,name_ru\nproperty,,,Property,Имущество\ntheft,property,minor,Theft,Кража\n"
    )
    layer = offences_layer(load_codebook(tmp_path / "codes.csv"))
    assert layer.frame["offence"].tolist()[:3] == ["all", "property", "theft"]
    assert layer.frame.set_index("offence").loc["theft", "name"] == "Theft"
    assert layer.keys == ("offence",)
    assert "labels" not in layer.frame


def test_rating_layer_fills_what_is_not_there() -> None:
    layer = rating_layer(rating().drop(columns=["p_own", "suppressed", "harm"]))
    assert [column.name for column in layer.columns] == list(COLUMNS["rating"])
    assert layer.frame["p_own"].isna().all()
    assert not layer.frame["suppressed"].any()
    with pytest.raises(InputError, match="described nowhere"):
        rating_layer(rating().assign(offender="someone"))


def test_safety_layer() -> None:
    made = next(layer for layer in layers() if layer.id == "safety")
    layer = safety_layer(
        made.frame[["text_kk", "month", "level", "district", "rate", "lower", "upper", "text_en"]]
    )
    assert [column.name for column in layer.columns] == [
        "district",
        "month",
        "level",
        "rate",
        "lower",
        "upper",
        "text_en",
        "text_kk",
    ]
    assert layer.period == "rolling12"
    empty = safety_layer(made.frame.iloc[:0])
    assert columns_with_legend(empty) == ()


def test_an_area_without_exposure_has_counts_alone() -> None:
    panel = xr.Dataset(
        {
            "count": (("district", "offence", "month"), [[[1.0, np.nan], [2.0, 3.0]]]),
            "provisional": ("month", [False, True]),
        },
        coords={
            "district": ["01"],
            "offence": ["all", "theft"],
            "month": np.array(["2022-01", "2022-02"], dtype="datetime64[ns]"),
        },
        attrs={"period": "month"},
    )
    layer = counts_layer(panel)
    assert layer.default_column == "count"
    assert layer.frame["count"].tolist()[2:] == [2.0, 3.0]
    assert layer.frame["count"].isna().tolist() == [False, True, False, False]
    assert layer.frame["provisional"].tolist() == [False, True, False, True]
    assert layer.frame["level"].isna().all()
    assert json.loads(layer.frame["reason"][0])[0]["code"] == "rating.no_exposure"
    assert columns_with_legend(layer) == ("count",)
    assert [(one.min, one.max) for one in legend(layer, "count", ["en"])] == [(None, None)]


@pytest.mark.parametrize("counts", ["protected", "open"])
def test_the_public_edition_is_an_allow_list(counts: str) -> None:
    settings = AreaSettings.model_construct(disclosure=DisclosureSection(counts=counts))
    stranger = Layer(
        "warnings", "none", ("district",), describe("districts", ["district"]), shapes()[["district"]]
    )
    made = editions([*layers(), stranger], settings)
    shown = ["districts", "offences", "peer_groups", *(["rating"] if counts == "open" else []), "safety"]
    assert [layer.id for layer in made["public"]] == shown
    assert set(PUBLIC) == {"districts", "offences", "peer_groups", "rating", "hotspots", "safety", *CUT_DOWN}
    assert [layer.id for layer in made["analyst"]] == [*(layer.id for layer in layers()), "warnings"]
    for layer in made["public"]:
        if layer.id != "rating":
            assert not {"count", "expected", "cards"} & set(layer.frame.columns)


def test_a_layer_with_counts_is_public_only_as_disclosure_made_it() -> None:
    settings = AreaSettings.model_construct(disclosure=DisclosureSection())
    rating = next(layer for layer in layers() if layer.id == "rating")
    hidden = replace(rating, frame=rating.frame.assign(count=np.nan))
    made = editions(layers(), settings, protected=[hidden])
    assert next(layer for layer in made["public"] if layer.id == "rating") is hidden
    assert next(layer for layer in made["analyst"] if layer.id == "rating").frame["count"].notna().any()


def test_the_area_entry_has_what_the_catalogue_promises() -> None:
    assert set(AREA) == {
        "id",
        "name",
        "invented",
        "attribution",
        "languages",
        "bbox",
        "rate_per",
        "period",
        "metric_crs",
        "complete_until",
    }


def test_one_city_does_not_leave_the_rest_in_one_class() -> None:
    density = np.concatenate([np.geomspace(0.2, 40, 60), np.geomspace(500, 12_000, 8)])
    spread = np.bincount(classify(density, natural_breaks(density, logarithmic=True)))
    assert len(spread) == 5
    assert spread.max() < 30
    assert np.bincount(classify(density, natural_breaks(density))).max() > 55
    assert natural_breaks([0, -1, 5, 7], logarithmic=True).tolist() == [6]
