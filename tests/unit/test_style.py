"""Styles and colours: what three programs read, and what eyes that tell red from green badly see."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from missing import WEB, missing
from tiny import tiny_release

from gis_layers.layers.legend import AGAINST_AREA, AMOUNT, NAMED, NO_DATA, SERIOUS, TOO_FEW
from gis_layers.release import Edition

SLD = "{http://www.opengis.net/sld}"
OGC = "{http://www.opengis.net/ogc}"
POLYGONS = ("districts", "rating", "safety")

# Machado, Oliveira & Fernandes (2009), severity 1.0, on linear RGB.
_SEEN_AS = {
    "usual": np.eye(3),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
}
_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def _linear(colour: str) -> np.ndarray[Any, Any]:
    srgb = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def _lab(colour: str, eyes: str) -> np.ndarray[Any, Any]:
    """Return CIE L*a*b* (D65) of a colour as these eyes see it."""
    seen = np.clip(_SEEN_AS[eyes] @ _linear(colour), 0, 1)
    xyz = _XYZ @ seen / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def _apart(one: str, other: str, eyes: str) -> float:
    return float(np.linalg.norm(_lab(one, eyes) - _lab(other, eyes)))


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return tiny_release(tmp_path_factory.mktemp("style")).current().edition("analyst")


def test_the_measure_of_colours_is_right() -> None:
    # CIE L*a*b* of sRGB red under D65, from the definition (Lindbloom's calculator: 53.24, 80.09, 67.20).
    assert _lab("#ff0000", "usual") == pytest.approx([53.24, 80.09, 67.20], abs=0.02)
    assert _apart("#ff0000", "#008000", "deuteranopia") < _apart("#ff0000", "#008000", "usual") / 2


@pytest.mark.parametrize("eyes", list(_SEEN_AS))
@pytest.mark.parametrize("ramp", [SERIOUS, AGAINST_AREA, AMOUNT], ids=["serious", "against_area", "amount"])
def test_all_classes_are_told_apart(ramp: tuple[str, ...], eyes: str) -> None:
    for one, other in itertools.combinations(ramp, 2):
        assert _apart(one, other, eyes) > 12, (one, other, eyes)
    for one, other in itertools.pairwise(ramp):
        assert _apart(one, other, eyes) > 12, (one, other, eyes)


@pytest.mark.parametrize("eyes", list(_SEEN_AS))
def test_too_few_looks_like_no_class_of_a_level(eyes: str) -> None:
    for colour in (*SERIOUS, *AGAINST_AREA, NO_DATA):
        assert _apart(TOO_FEW, colour, eyes) > 12, (colour, eyes)


def _contrast(one: str, other: str) -> float:
    """Return the ratio of contrast of WCAG 2."""
    more, less = sorted((_XYZ[1] @ _linear(colour) + 0.05 for colour in (one, other)), reverse=True)
    return float(more / less)


def _drawn(root: Path) -> dict[str, str]:
    """Return the colours in which the map draws the outlines of clusters and the halo of lines."""
    text = (root / "tile_server/web/src/findings-style.ts").read_text(encoding="utf-8")
    return dict(re.findall(r'const (HIGH|LOW|PAPER) = "(#[0-9a-f]{6})"', text))


@pytest.mark.parametrize("eyes", list(_SEEN_AS))
def test_a_path_taken_again_is_not_read_as_more_or_fewer(root: Path, eyes: str) -> None:
    drawn, kinds = _drawn(root), NAMED["spread_paths", "kind"]
    for other in (drawn["HIGH"], drawn["LOW"], kinds["chain"], kinds["incidents"], *AGAINST_AREA):
        assert _apart(kinds["edge"], other, eyes) > 25, (other, eyes)


def test_a_path_taken_again_is_seen_on_every_class(root: Path) -> None:
    halo, edge = _drawn(root)["PAPER"], NAMED["spread_paths", "kind"]["edge"]
    assert _contrast(edge, halo) >= 3
    named = (
        colour for (layer, _), some in NAMED.items() if layer != "spread_paths" for colour in some.values()
    )
    for colour in {*SERIOUS, *AGAINST_AREA, *AMOUNT, *named, NO_DATA, TOO_FEW}:
        # On a dark class it is the halo that stands out.
        assert max(_contrast(edge, colour), _contrast(halo, colour)) >= 3, colour


@pytest.mark.parametrize("ramp", [SERIOUS, AMOUNT])
def test_more_is_darker(ramp: tuple[str, ...]) -> None:
    light = [_lab(colour, "usual")[0] for colour in ramp]
    assert all(one - other > 5 for one, other in itertools.pairwise(light))


def test_safety_is_lightest_in_its_middle() -> None:
    light = [_lab(colour, "usual")[0] for colour in AGAINST_AREA]
    assert light[2] == max(light)
    assert light[0] < light[1] < light[2] > light[3] > light[4]


def _walk(value: Any) -> set[str]:
    if isinstance(value, list):
        return {item for part in value for item in _walk(part)} | (
            {value[0]} if value and isinstance(value[0], str) else set()
        )
    if isinstance(value, dict):
        return {item for part in value.values() for item in _walk(part)}
    return set()


@pytest.mark.parametrize("layer", POLYGONS)
def test_maplibre_has_a_layer_per_class_and_constant_colours(edition: Edition, layer: str) -> None:
    text = edition.style(layer, "maplibre")
    style = json.loads(text)
    assert style["version"] == 8
    fills = [one for one in style["layers"] if one["type"] == "fill"]
    assert len(fills) == len(edition.entry(layer)["classes"]) + 1
    for fill in fills:
        assert re.fullmatch("#[0-9a-f]{6}", fill["paint"]["fill-color"])
        assert set(fill["metadata"]["audan:label"]) == {"en", "ru", "kk"}
        assert not _walk(fill["filter"]) & {"step", "case", "interpolate", "match", "coalesce"}
    colours = [one["paint"]["fill-color"] for one in fills]
    assert colours == [NO_DATA, *(one["colour"] for one in edition.entry(layer)["classes"])]
    source = style["sources"][layer]
    assert source["tiles"] == [f"{{base}}/collections/{layer}/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}?f=mvt"]
    assert source["attribution"] == edition.catalogue["area"]["attribution"]
    assert len({one["id"] for one in style["layers"]}) == len(style["layers"])
    assert "http" not in text


def _holds(rule: list[Any], row: dict[str, Any]) -> bool:
    """Evaluate the filters that the styles use, as MapLibre's specification has it."""
    operator, *parts = rule
    if operator == "all":
        return all(_holds(part, row) for part in parts)
    if operator == "!":
        return not _holds(parts[0], row)
    if operator == "has":
        return row.get(parts[0]) is not None
    value, wanted = row.get(parts[0][1]), parts[1]
    if operator == "==":
        return bool(value == wanted)
    return bool(value >= wanted if operator == ">=" else value < wanted)


@pytest.mark.parametrize("layer", POLYGONS)
def test_every_row_is_drawn_by_one_class(edition: Edition, layer: str) -> None:
    fills = [one for one in json.loads(edition.style(layer, "maplibre"))["layers"] if one["type"] == "fill"]
    column = edition.entry(layer)["default_column"]
    frame = edition.read(layer)
    for value in frame[column].drop_duplicates():
        row = {} if pd.isna(value) else {column: float(value)}
        assert sum(_holds(fill["filter"], row) for fill in fills) == 1, value


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
@pytest.mark.parametrize("layer", POLYGONS)
def test_sld_is_in_the_order_of_its_schema(edition: Edition, layer: str, lang: str) -> None:
    root = ET.fromstring(edition.style(layer, "sld", lang))
    assert root.tag == f"{SLD}StyledLayerDescriptor"
    assert root.get("version") == "1.0.0"
    classes = edition.entry(layer)["classes"]
    rules = root.findall(f"{SLD}NamedLayer/{SLD}UserStyle/{SLD}FeatureTypeStyle/{SLD}Rule")
    assert len(rules) == len(classes) + 1
    for rule, drawn in zip(rules[1:], classes, strict=True):
        # StyledLayerDescriptor.xsd 1.0.0: a rule is the sequence Name, Title, Filter, Symbolizer.
        assert [child.tag for child in rule] == [
            f"{SLD}Name",
            f"{SLD}Title",
            f"{OGC}Filter",
            f"{SLD}PolygonSymbolizer",
        ]
        assert rule.findtext(f"{SLD}Title") == drawn["label"][lang]
        polygon = rule.find(f"{SLD}PolygonSymbolizer")
        assert polygon is not None
        assert [child.tag for child in polygon] == [f"{SLD}Fill", f"{SLD}Stroke"]
        assert polygon.findtext(f"{SLD}Fill/{SLD}CssParameter") == drawn["colour"]
        literals = [literal.text for literal in rule.iter(f"{OGC}Literal")]
        wanted = [drawn[key] for key in ("value", "min", "max") if drawn.get(key) is not None]
        assert [float(text or "nan") for text in literals] == wanted
    assert rules[0].find(f"{OGC}Filter/{OGC}PropertyIsNull/{OGC}PropertyName") is not None


@pytest.mark.parametrize("layer", POLYGONS)
def test_qml_has_a_symbol_for_every_rule(edition: Edition, layer: str) -> None:
    text = edition.style(layer, "qml", "ru")
    assert text.startswith("<!DOCTYPE qgis")
    root = ET.fromstring(text.split("\n", 1)[1])
    assert root.tag == "qgis"
    renderer = root.find("renderer-v2")
    assert renderer is not None
    assert renderer.get("type") == "RuleRenderer"
    rules = renderer.findall("rules/rule")
    symbols = {symbol.get("name"): symbol for symbol in renderer.findall("symbols/symbol")}
    classes = edition.entry(layer)["classes"]
    assert [rule.get("label") for rule in rules[1:]] == [one["label"]["ru"] for one in classes]
    assert {rule.get("symbol") for rule in rules} == set(symbols)
    for rule, drawn in zip(rules[1:], classes, strict=True):
        assert f'"{edition.entry(layer)["default_column"]}"' in (rule.get("filter") or "")
        options = symbols[rule.get("symbol")].findall("layer/Option/Option")
        colour = {option.get("name"): option.get("value") for option in options}["color"]
        assert colour is not None
        red, green, blue, alpha = (int(part) for part in colour.split(","))
        assert f"#{red:02x}{green:02x}{blue:02x}" == drawn["colour"]
        assert alpha == 255


def test_styles_are_the_same_from_release_to_release(tmp_path: Path) -> None:
    one = tiny_release(tmp_path / "one").current().edition("public")
    other = tiny_release(tmp_path / "other").current().edition("public")
    for kind in ("maplibre", "sld", "qml"):
        assert one.style("safety", kind) == other.style("safety", kind)  # type: ignore[arg-type]


def test_an_area_without_figures_is_drawn_plain(tmp_path: Path) -> None:
    from gis_layers.layers.style import styles

    entry = {
        "id": "districts",
        "title": {"en": "Districts"},
        "geometry": "polygon",
        "default_column": None,
        "classes": [],
    }
    area = {"languages": ["en"], "bbox": [0, 0, 1, 1], "attribution": "x"}
    made = styles(entry, area)
    assert set(made) == {"districts.json", "districts.en.sld", "districts.en.qml"}
    fills = [one for one in json.loads(made["districts.json"])["layers"] if one["type"] == "fill"]
    assert len(fills) == 1
    assert "filter" not in fills[0]
    assert styles({**entry, "geometry": "none"}, area) == {}


def test_maplibre_styles_pass_its_own_validator(edition: Edition, root: Path, tmp_path: Path) -> None:
    package = root / "tile_server" / "web" / "node_modules" / "@maplibre" / "maplibre-gl-style-spec"
    validator = package / "dist" / "gl-style-validate.mjs"
    node = shutil.which("node")
    if node is None or not validator.is_file():
        missing("Node or the style specification of MapLibre is not installed", WEB)
    for layer in POLYGONS:
        path = tmp_path / f"{layer}.json"
        path.write_text(
            edition.style(layer, "maplibre").replace("{base}", "http://localhost"), encoding="utf-8"
        )
        checked = subprocess.run([node, validator, path], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stdout + checked.stderr
