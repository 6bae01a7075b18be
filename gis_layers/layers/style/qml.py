"""QGIS style (QML): a rule-based renderer of simple fills or of arrows, as QGIS 3.22 and newer load it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET

from .rules import OUTLINE, Rule, rules

DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"


def qml(entry: Mapping[str, Any], lang: str) -> str:
    """Return a layer's style as QML, its class names in one language."""
    # By levels: where rows of several fields of the cards lie over each other, the most serious class is on top.
    root = ET.Element("qgis", version="3.22.0-Białowieża", styleCategories="Symbology")
    renderer = ET.SubElement(
        root, "renderer-v2", type="RuleRenderer", symbollevels="1", enableorderby="0", forceraster="0"
    )
    drawn, lines = rules(entry, [lang]), entry["geometry"] == "line"
    branch = ET.SubElement(renderer, "rules", key=_key(entry["id"], "root"))
    symbols = ET.SubElement(renderer, "symbols")
    for place, rule in enumerate(drawn):
        attributes = {"key": _key(entry["id"], rule.name), "symbol": str(place), "label": rule.label[lang]}
        if expression := _expression(rule):
            attributes["filter"] = expression
        ET.SubElement(branch, "rule", attributes)
        (_track if rule.dotted else _arrow if lines else _fill)(symbols, place, rule)
    ET.SubElement(root, "blendMode").text = "0"
    ET.SubElement(root, "featureBlendMode").text = "0"
    ET.SubElement(root, "layerGeometryType").text = "1" if lines else "2"
    ET.indent(root)
    return DOCTYPE + ET.tostring(root, encoding="unicode") + "\n"


def _key(layer: str, rule: str) -> str:
    # Stable, so that a style does not change from release to release without need.
    return "{" + str(uuid5(NAMESPACE_URL, f"audan:{layer}:{rule}")) + "}"


def _expression(rule: Rule) -> str:
    if rule.column is None:
        return ""
    column = f'"{rule.column}"'
    if rule.missing:
        return f"{column} IS NULL"
    if rule.value is not None:
        shown = rule.value if isinstance(rule.value, int) else "'" + rule.value.replace("'", "''") + "'"
        return f"{column} = {shown}"
    ends = [f"{column} >= {rule.min}"] if rule.min is not None else []
    ends += [f"{column} < {rule.max}"] if rule.max is not None else []
    return " AND ".join(ends) or f"{column} IS NOT NULL"


def _fill(parent: ET.Element, place: int, rule: Rule) -> None:
    values = {
        "color": _rgba(rule.colour),
        "joinstyle": "bevel",
        "offset": "0,0",
        "offset_unit": "MM",
        "outline_color": _rgba(OUTLINE),
        "outline_style": "solid",
        "outline_width": "0.12",
        "outline_width_unit": "MM",
        "style": "solid",
    }
    symbol = _symbol(parent, "fill", str(place))
    _layer(symbol, "SimpleFill", place, values)


def _arrow(parent: ET.Element, place: int, rule: Rule) -> None:
    """Draw a line that widens where it goes to."""
    values = {
        "arrow_start_width": "0.2",
        "arrow_start_width_unit": "MM",
        "arrow_type": "0",
        "arrow_width": "0.6",
        "arrow_width_unit": "MM",
        "head_length": "2.2",
        "head_length_unit": "MM",
        "head_thickness": "1.1",
        "head_thickness_unit": "MM",
        "head_type": "0",
        "is_curved": "0",
        "is_repeated": "0",
    }
    layer = _layer(_symbol(parent, "line", str(place)), "ArrowLine", place, values)
    inner = _symbol(layer, "fill", f"@{place}@0")
    _layer(inner, "SimpleFill", 0, {"color": _rgba(rule.colour), "style": "solid", "outline_style": "no"})


def _track(parent: ET.Element, place: int, rule: Rule) -> None:
    """Draw a thin dotted line with a dot at each incident: steps at one spot have no length to be seen by."""
    symbol = _symbol(parent, "line", str(place))
    _layer(
        symbol, "SimpleLine", place,
        {
            "line_color": _rgba(rule.colour), "line_style": "dot", "line_width": "0.3", "line_width_unit": "MM",
            "capstyle": "round",
        },
    )  # fmt: skip
    ends = _layer(symbol, "MarkerLine", place, {"placements": "FirstVertex|LastVertex", "rotate": "0"})
    inner = _symbol(ends, "marker", f"@{place}@1")
    dot = {
        "name": "circle", "color": _rgba(rule.colour), "outline_color": "255,255,255,255", "outline_width": "0.1",
        "size": "1.2", "size_unit": "MM",
    }  # fmt: skip
    _layer(inner, "SimpleMarker", 0, dot)


def _symbol(parent: ET.Element, kind: str, name: str) -> ET.Element:
    return ET.SubElement(parent, "symbol", type=kind, name=name, alpha="1", clip_to_extent="1", force_rhr="0")


def _layer(symbol: ET.Element, kind: str, level: int, values: Mapping[str, str]) -> ET.Element:
    layer = ET.SubElement(symbol, "layer", {"class": kind, "enabled": "1", "locked": "0", "pass": str(level)})
    options = ET.SubElement(layer, "Option", type="Map")
    for name, value in values.items():
        ET.SubElement(options, "Option", type="QString", name=name, value=value)
    return layer


def _rgba(colour: str) -> str:
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"{red},{green},{blue},255"
