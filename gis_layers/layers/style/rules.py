"""What every style is made of: one rule per class, then one for districts without data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..legend import NO_DATA
from ..texts import texts

OUTLINE = "#6b6b6b"
LINE_WIDTH = 2
"""Of lines, in pixels."""
DOTTED_WIDTH = 1
DOTS = (1, 3)
"""A dot and the gap after it, in widths of the line: of tracks, which no test has called a way."""


@dataclass(frozen=True)
class Rule:
    """One class as a style draws it; without ``column`` every feature, with ``missing`` those of null,
    ``dotted`` lines thin and in dots."""

    name: str
    label: Mapping[str, str]
    colour: str
    column: str | None = None
    value: int | str | None = None
    min: float | None = None
    max: float | None = None
    missing: bool = False
    dotted: bool = False


def rules(entry: Mapping[str, Any], languages: Sequence[str]) -> list[Rule]:
    """Return the rules of a layer's default legend, drawn in this order.

    If the layer has no legend (an area without population has no density), one rule takes every feature.
    """
    column = entry["default_column"]
    if not entry["classes"] or column is None:
        return [Rule("any", texts(languages, "class.any"), NO_DATA)]
    drawn = [
        Rule(
            str(place),
            one["label"],
            one["colour"],
            column,
            value=one.get("value"),
            min=one.get("min"),
            max=one.get("max"),
            dotted=entry["id"] == "spread_paths" and one.get("value") == "incidents",
        )
        for place, one in enumerate(entry["classes"])
    ]
    return [Rule("no-data", texts(languages, "class.no_data"), NO_DATA, column, missing=True), *drawn]
