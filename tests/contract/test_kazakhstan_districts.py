"""Kazakhstan's real layers: cleaned, counted, and grouped as the statistics say."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gis_layers.codes import load_codebook
from gis_layers.districts import (
    Districts,
    PeerGroups,
    clean_coverage,
    islands,
    load_districts,
    neighbours,
    parent_borders,
    peer_groups_of,
    stability,
)
from gis_layers.districts.peers import assign, columns_of
from gis_layers.messages import LANGUAGES, render
from gis_layers.settings import AreaSettings, load_area
from gis_layers.sources.places import Places


@pytest.fixture(scope="module")
def area(audan_data: Path, root: Path) -> AreaSettings:
    return load_area(root / "config" / "areas" / "kazakhstan")


@pytest.fixture(scope="module")
def districts(area: AreaSettings) -> Districts:
    return load_districts(area)


@pytest.fixture(scope="module")
def population(audan_data: Path) -> pd.DataFrame:
    units = gpd.read_file(
        audan_data / "kazakhstan/population/kz_units_2023_harmonised.geojson", engine="pyogrio"
    )
    residents = {"district": units["unit_2023"], "population": units["pop_2023"].astype(float)}
    return pd.DataFrame(residents).assign(month=np.datetime64("2023-01-01", "s"))


@pytest.fixture(scope="module")
def peers(districts: Districts, population: pd.DataFrame) -> PeerGroups:
    return peer_groups_of(districts, population)


@pytest.mark.parametrize(
    ("year", "units", "invalid_edges", "repaired", "moved", "links"),
    [(2024, 224, 39, ["623800000"], [], 1094), (2018, 216, 75, [], ["614600000"], None)],
)
def test_both_layers_of_boundaries_become_clean_coverages(
    audan_data: Path, area: AreaSettings, year: int, units: int, invalid_edges: int, repaired: list[str],
    moved: list[str], links: int | None,
) -> None:  # fmt: skip
    layer = gpd.read_file(audan_data / f"kazakhstan/boundaries/kaz_admbnda_adm2_{year}.shp", engine="pyogrio")
    shapes = layer.geometry.to_numpy()
    edges = shapely.coverage_invalid_edges(shapely.make_valid(shapes))
    assert (len(layer), int((~shapely.is_empty(edges)).sum())) == (units, invalid_edges)
    codes = layer["KATO"].tolist()
    clean = clean_coverage(shapes, codes, crs=layer.crs, metric_crs=area.area.metric_crs, tolerance=50)
    assert shapely.coverage_is_valid(clean.geometry)
    assert shapely.is_valid(clean.geometry).all()
    assert (
        shapely.get_num_interior_rings(shapely.get_parts(shapely.coverage_union_all(clean.geometry))).sum()
        == 0
    )
    assert clean.repaired["district"].tolist() == repaired
    assert clean.moved["district"].tolist() == moved
    before = shapely.area(shapely.make_valid(layer.to_crs("EPSG:6933").geometry.to_numpy())) / 1e6
    np.testing.assert_allclose(clean.area_km2.sum(), before.sum(), rtol=1e-5)
    if moved:
        assert clean.moved["area_change_km2"][0] == pytest.approx(-15.39, abs=0.01)
    if links is not None:
        frame = layer.assign(district=codes, name=codes, parent=None, status=None, valid_from=None)
        frame = frame.assign(area_km2=clean.area_km2).set_geometry(list(clean.geometry), crs="EPSG:4326")
        whole = Districts(frame.sort_values("district", ignore_index=True), area.area.metric_crs)
        assert neighbours(whole).nnz == links
        assert islands(whole) == []


def test_the_units_of_2023_carry_names_in_three_languages_and_a_status(districts: Districts) -> None:
    assert len(districts) == 218
    assert districts.frame["status"].value_counts().to_dict() == {
        "raion": 164,
        "city": 38,
        "city_district": 16,
    }
    names = districts.frame[
        ["name_en", "name_ru", "name_kk", "parent_name_en", "parent_name_ru", "parent_name_kk"]
    ]
    assert names.notna().all(axis=None)
    assert districts.frame["parent"].nunique() == 20
    assert districts.codes[0] == "101000000"
    assert shapely.coverage_is_valid(districts.geometry)
    assert islands(districts) == []


def test_areas_agree_with_those_published_beside_the_population(
    districts: Districts, audan_data: Path
) -> None:
    units = gpd.read_file(
        audan_data / "kazakhstan/population/kz_units_2023_harmonised.geojson", engine="pyogrio"
    )
    published = units.set_index("unit_2023")["area_km2"].loc[districts.codes]
    np.testing.assert_allclose(districts.frame["area_km2"], published, rtol=0.01)


def test_touching_units_are_neighbours_and_no_others(districts: Districts) -> None:
    left, right = shapely.STRtree(districts.geometry).query(districts.geometry, predicate="intersects")
    expected = {(one, other) for one, other in zip(left, right, strict=True) if one != other}
    links = neighbours(districts).tocoo()
    assert set(zip(links.row, links.col, strict=True)) == expected


def test_region_borders_are_the_outlines_of_the_regions(districts: Districts) -> None:
    borders = parent_borders(districts)
    outlines = districts.frame.dissolve("parent").geometry.boundary
    for parent in ("KZ10", "KZ75"):
        mine = borders[(borders["parent"] == parent) | (borders["other"] == parent)]
        assert shapely.length(mine.geometry.to_numpy()).sum() == pytest.approx(outlines[parent].length)


def test_there_are_14_peer_groups_of_8_to_42(peers: PeerGroups) -> None:
    assert len(peers.table) == 14
    assert (peers.table["size"].min(), peers.table["size"].max()) == (8, 42)
    assert peers.table["size"].sum() == 218


def test_each_rule_gives_back_exactly_its_members(
    districts: Districts, population: pd.DataFrame, peers: PeerGroups
) -> None:
    residents = population.set_index("district")["population"].loc[districts.codes].to_numpy()
    frame = districts.frame.assign(population=residents, density=residents / districts.frame["area_km2"])
    member = assign(list(peers.rules.values()), *columns_of(frame))
    again = {code: frame["district"][member == place].tolist() for place, code in enumerate(peers.rules)}
    assert again == dict(zip(peers.table["peer_group"], peers.table["members"], strict=True))
    agreement = stability(frame, draws=40, rng=np.random.default_rng(1))
    assert agreement.adjusted_rand > 0.6


def test_each_group_is_said_in_a_sentence_of_its_rule(peers: PeerGroups) -> None:
    said = [row["sentence"][0] for row in peers.table.to_dict("records")]
    for lang in LANGUAGES:
        sentences = [render(lang, one["code"], one["values"]) for one in said]
        assert len(set(sentences)) == 14
        assert not any("{" in sentence for sentence in sentences)
    assert "Raions with 22,890 to below 46,400 residents, fewer than 2 per km²." in {
        render("en", one["code"], one["values"]) for one in said
    }
    raions = [one["values"] for one in said if one["values"]["status"] == "raion"]
    assert len(raions) == 9
    assert all(one["population_rule"] != "any" or one["density_rule"] != "any" for one in raions)


def test_the_codebook_has_severities_and_names_in_three_languages(area: AreaSettings) -> None:
    book = load_codebook(area.resolve(area.codebook.path))
    leaves = book.nodes[book.nodes["kind"] == "leaf"]
    assert set(leaves["severity"].dropna()) == {
        "misdemeanour",
        "minor",
        "medium",
        "grave",
        "especially-grave",
    }
    assert leaves["severity"].notna().mean() > 0.9
    assert (book.nodes["name_ru"] != book.nodes["name_en"]).all()
    same = book.nodes[book.nodes["name_kk"] == book.nodes["name_ru"]]
    assert same.index.tolist() == ["268"]  # бандитизм, in both languages
    assert book.ancestors("188-p3") == ["188", "ch06", "all"]


def test_the_crosswalk_leads_from_the_code_of_1997_to_nodes_of_the_codebook(area: AreaSettings) -> None:
    book = load_codebook(area.resolve(area.codebook.path))
    walk = pd.read_csv(area.resolve(area.codebook.crosswalk or ""), dtype=str)
    assert set(walk["confidence"]) == {"A", "B", "C"}
    assert set(walk["new"]) <= set(book.codes)
    assert walk.groupby("old")["new"].nunique().loc[["175", "259"]].tolist() == [2, 2]


def test_counts_of_earlier_years_follow_their_ground_to_new_codes(districts: Districts) -> None:
    places = Places(districts)
    months = np.array(["2020-01", "2023-01"], dtype="datetime64[M]")
    kept, renamed = (
        districts.codes[places.place(np.zeros(2, dtype=np.int64), [code], months, by="code")].tolist()
        for code in ("191000000", "632800000")
    )
    assert kept == ["331000000", "191000000"]  # Taldykorgan, then Konaev under the same code
    assert renamed == ["101000000", "101000000"]
