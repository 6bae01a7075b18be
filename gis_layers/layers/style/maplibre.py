"""MapLibre style: one fill or line per class, each with a filter and a constant colour.

`step`, `case` and `interpolate` on a property would be shorter and are silently lost when QGIS reads it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ...tiles.grid import MAX_ZOOM
from .rules import DOTS, DOTTED_WIDTH, LINE_WIDTH, OUTLINE, Rule, rules

TILES = "{base}/collections/{layer}/tiles/WebMercatorQuad/{z}/{y}/{x}?f=mvt"


def maplibre(entry: Mapping[str, Any], area: Mapping[str, Any]) -> str:
    """Return a layer's MapLibre style (version 8) as JSON text.

    ``{base}`` in the source's tile address stands for the server's root address without a slash at its end;
    whoever serves the style fills it in.
    """
    layer, languages = entry["id"], area["languages"]
    west, south, east, north = area["bbox"]
    lines = entry["geometry"] == "line"
    classes = [_class(layer, rule, lines=lines) for rule in rules(entry, languages)]
    outline = {
        "id": f"{layer}-outline",
        "type": "line",
        "source": layer,
        "source-layer": layer,
        "paint": {"line-color": OUTLINE, "line-width": 0.5},
    }
    style = {
        "version": 8,
        "name": entry["title"][languages[0]],
        "metadata": {
            "audan:layer": layer,
            "audan:column": entry["default_column"],
            "audan:title": entry["title"],
        },
        "center": [round((west + east) / 2, 5), round((south + north) / 2, 5)],
        "sources": {
            layer: {
                "type": "vector",
                "tiles": [TILES.replace("{layer}", layer)],
                "maxzoom": MAX_ZOOM,  # beyond it a map enlarges these tiles; the server has none
                "bounds": [west, south, east, north],
                "attribution": area["attribution"],
            }
        },
        "layers": classes if lines else [*classes, outline],
    }
    return json.dumps(style, ensure_ascii=False, indent=1) + "\n"


def _class(layer: str, rule: Rule, *, lines: bool) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": f"{layer}-{rule.name}",
        "type": "line" if lines else "fill",
        "source": layer,
        "source-layer": layer,
        "metadata": {"audan:label": dict(rule.label)},
    }
    if rule.column is not None:
        made["filter"] = _filter(rule)
    if lines:
        if rule.dotted:
            paint = {"line-color": rule.colour, "line-width": DOTTED_WIDTH, "line-dasharray": list(DOTS)}
            return {**made, "paint": paint}
        return {**made, "paint": {"line-color": rule.colour, "line-width": LINE_WIDTH}}
    return {**made, "paint": {"fill-color": rule.colour, "fill-opacity": 0.85}}


def _filter(rule: Rule) -> list[Any]:
    column = rule.column
    if rule.missing:
        return ["!", ["has", column]]
    if rule.value is not None:
        return ["==", ["get", column], rule.value]
    # `has` first: comparing an absent property with a number is an error that MapLibre would log per feature.
    ends: list[list[Any]] = [["has", column]]
    if rule.min is not None:
        ends.append([">=", ["get", column], rule.min])
    if rule.max is not None:
        ends.append(["<", ["get", column], rule.max])
    return ["all", *ends]
