"""OGC Styled Layer Descriptor 1.0.0, as GeoServer, QGIS, deegree and GDAL's friends read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

from .rules import DOTS, DOTTED_WIDTH, LINE_WIDTH, OUTLINE, Rule, rules

SLD, OGC = "http://www.opengis.net/sld", "http://www.opengis.net/ogc"


def sld(entry: Mapping[str, Any], lang: str) -> str:
    """Return a layer's style as SLD 1.0.0, its class names in one language."""
    ET.register_namespace("", SLD)
    ET.register_namespace("ogc", OGC)
    root = ET.Element(f"{{{SLD}}}StyledLayerDescriptor", version="1.0.0")
    named = _add(root, "NamedLayer")
    _add(named, "Name", entry["id"])
    user = _add(named, "UserStyle")
    _add(user, "Name", entry["id"])
    _add(user, "Title", entry["title"][lang])
    feature = _add(user, "FeatureTypeStyle")
    for rule in rules(entry, [lang]):
        _rule(feature, rule, lang, lines=entry["geometry"] == "line")
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _rule(parent: ET.Element, rule: Rule, lang: str, *, lines: bool) -> None:
    element = _add(parent, "Rule")
    _add(element, "Name", rule.name)
    _add(element, "Title", rule.label[lang])
    if rule.column is not None:
        _filter(element, rule)
    if lines:
        width = DOTTED_WIDTH if rule.dotted else LINE_WIDTH
        _stroke(_add(element, "LineSymbolizer"), rule.colour, str(width), dots=rule.dotted)
        return
    polygon = _add(element, "PolygonSymbolizer")
    fill = _add(polygon, "Fill")
    _add(fill, "CssParameter", rule.colour, name="fill")
    _stroke(polygon, OUTLINE, "0.4")


def _stroke(parent: ET.Element, colour: str, width: str, *, dots: bool = False) -> None:
    stroke = _add(parent, "Stroke")
    _add(stroke, "CssParameter", colour, name="stroke")
    _add(stroke, "CssParameter", width, name="stroke-width")
    if dots:  # in pixels here, where the others count in widths
        dashes = " ".join(str(part * DOTTED_WIDTH) for part in DOTS)
        _add(stroke, "CssParameter", dashes, name="stroke-dasharray")


def _filter(parent: ET.Element, rule: Rule) -> None:
    holder = ET.SubElement(parent, f"{{{OGC}}}Filter")
    if rule.missing:
        _property(ET.SubElement(holder, f"{{{OGC}}}PropertyIsNull"), rule)
        return
    tests = [
        (name, value)
        for name, value in (
            ("PropertyIsEqualTo", rule.value),
            ("PropertyIsGreaterThanOrEqualTo", rule.min),
            ("PropertyIsLessThan", rule.max),
        )
        if value is not None
    ]
    if len(tests) > 1:
        holder = ET.SubElement(holder, f"{{{OGC}}}And")
    for name, value in tests:
        test = ET.SubElement(holder, f"{{{OGC}}}{name}")
        _property(test, rule)
        ET.SubElement(test, f"{{{OGC}}}Literal").text = str(value)


def _property(parent: ET.Element, rule: Rule) -> None:
    ET.SubElement(parent, f"{{{OGC}}}PropertyName").text = rule.column


def _add(parent: ET.Element, tag: str, text: str | None = None, /, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, f"{{{SLD}}}{tag}", attributes)
    element.text = text
    return element
