"""Legends: what classes a column is drawn in, their names and colours.

Colours are from ColorBrewer (Brewer & Harrower), chosen to stay apart for eyes that tell red from green
badly; a test holds their distance. Darker is more serious where there is an order from a zero; two hues that
meet in a light middle say "below and above the whole area" for `safety`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from .classify import equal_shares, natural_breaks
from .model import Column, Layer
from .texts import texts

TOO_FEW = "#b4b4b4"
NO_DATA = "#ffffff"
SERIOUS = ("#fff7dc", "#fed98e", "#fe9929", "#d95f0e", "#7f2704")
AGAINST_AREA = ("#2166ac", "#92c5de", "#f7f7f7", "#f4a582", "#b2182b")
AMOUNT = ("#edf8fb", "#b3cde3", "#8c96c6", "#8856a7", "#4d004b")

RISE, FALL, LIGHT, LIGHTEST = "#b2182b", "#2166ac", "#f7f7f7", "#e6e6e6"
AGAIN = "#6000c0"
"""Of paths taken again and again: blue would be read as "fewer" beside the outlines of clusters."""

LEVELS: dict[str, tuple[str, ...]] = {"rating": SERIOUS, "safety": AGAINST_AREA}
CUTS: dict[tuple[str, str], tuple[float, ...]] = {
    ("rating", "points_12m"): (4, 5, 7, 12),
    ("structure", "imbalance"): (2, 3, 5, 10),
    ("structure", "lift"): (0.5, 0.8, 1.25, 2),
    ("clusters", "ratio"): (0.5, 1, 1.5, 2),
}
NAMED: dict[tuple[str, str], dict[str, str]] = {
    ("dynamics", "signal"): {
        "too_few": TOO_FEW, "incomplete": "#d0d0d0", "norm_rise_only": LIGHTEST, "norm": LIGHT, "fall": FALL,
        "outbreak": RISE,
    },
    ("hotspots", "signal"): {
        "too_few": TOO_FEW, "cold_clear": AGAINST_AREA[0], "cold": AGAINST_AREA[1], "none": LIGHT,
        "hot": AGAINST_AREA[3], "hot_clear": AGAINST_AREA[4],
    },
    ("spread_paths", "kind"): {"incidents": "#404040", "edge": AGAIN, "chain": RISE},
    ("completeness", "signal"): {"too_few": TOO_FEW, "incomplete": "#d0d0d0", "norm": LIGHT, "low": SERIOUS[3]},
}  # fmt: skip
"""Columns whose texts are classes, least first."""

NAMED["hotspot_cells", "signal"] = NAMED["hotspots", "signal"]

NAMED_AS = {"hotspot_cells": "hotspots"}
"""The layer whose names of classes another has."""

PUBLIC: dict[tuple[str, str], tuple[str, ...]] = {("dynamics", "signal"): ("outbreak",)}
"""Classes that a column can have in the public edition, where those are not all."""

SHARES = (("structure", "share"),)
"""Columns whose classes are told in percent."""

NATURAL: dict[str, tuple[str, ...]] = {
    "rating": ("rate_smoothed",),
    "safety": ("rate",),
    "districts": ("density", "population"),
    "structure": ("share",),
}
LOGARITHMIC = ("density", "population")


@dataclass(frozen=True)
class Class:
    """One class of a legend: a single ``value``, or ``min <= v < max`` (None is open)."""

    colour: str
    label: dict[str, str] = field(default_factory=dict)
    value: int | str | None = None
    min: float | None = None
    max: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the class as the catalogue writes it."""
        span = {"value": self.value} if self.value is not None else {"min": self.min, "max": self.max}
        return {**span, "label": self.label, "colour": self.colour}


def legend(
    layer: Layer, column: str, languages: Sequence[str], *, natural: bool = True, edition: str = "analyst"
) -> tuple[Class, ...]:
    """Return the classes of a layer's column, least first; none for a column that is not drawn.

    Levels have fixed classes 0 (too few to judge) to 5; signals one class each; points have fixed cuts; rates,
    densities and populations are cut at natural breaks of the newest month (`all` offences), so that the classes of a
    release do not follow each map that is drawn.

    Parameters
    ----------
    layer
        The layer, with its rows.
    column
        The column to draw.
    languages
        Languages of the labels.
    natural
        Whether cuts lie at natural breaks; else each class has as many rows.
    edition
        ``public`` leaves out classes that the public edition never has.
    """
    if column == "level" and layer.id in LEVELS:
        codes = [f"class.{layer.id}.{level}" for level in range(6)]
        colours = (TOO_FEW, *LEVELS[layer.id])
        return tuple(
            Class(colour, texts(languages, code), value=level)
            for level, (code, colour) in enumerate(zip(codes, colours, strict=True))
        )
    if cuts := CUTS.get((layer.id, column)):
        return _ranges(cuts, AGAINST_AREA if column in ("lift", "ratio") else SERIOUS, languages)
    if named := NAMED.get((layer.id, column)):
        if edition == "public" and (layer.id, column) in PUBLIC:
            named = {value: named[value] for value in PUBLIC[layer.id, column]}
        prefix = "signal" if layer.id == "dynamics" else f"class.{NAMED_AS.get(layer.id, layer.id)}"
        return tuple(
            Class(colour, texts(languages, f"{prefix}.{value}"), value=value)
            for value, colour in named.items()
        )
    if column in (*NATURAL.get(layer.id, ()), layer.default_column):
        newest = _newest(layer, column)
        breaks = (
            natural_breaks(newest, logarithmic=column in LOGARITHMIC) if natural else equal_shares(newest)
        )
        return _ranges(breaks.tolist(), AMOUNT, languages, share=(layer.id, column) in SHARES)
    return ()


def redrawn(entry: Mapping[str, Any], frame: pd.DataFrame, languages: Sequence[str]) -> dict[str, Any]:
    """Return a layer's entry in the catalogue with the classes that other rows of it would have.

    Cuts lie between figures of the rows they were made of, so whoever sees some of the rows gets cuts of those: into
    equal shares, because natural breaks take a server seconds to get ready.

    Parameters
    ----------
    entry
        The layer's entry.
    frame
        Rows; the keys and the columns that have a legend are enough.
    languages
        Languages of the labels.
    """
    wanted = list(dict.fromkeys([*entry["keys"], *entry["legends"]]))
    columns = tuple(Column(name, "text", "") for name in wanted)
    layer = Layer(
        entry["id"], entry["geometry"], tuple(entry["keys"]), columns, frame[wanted],
        default_column=entry["default_column"],
    )  # fmt: skip
    legends = {
        column: entry["legends"][column]
        if (entry["id"], column) in NAMED
        else [one.as_dict() for one in legend(layer, column, languages, natural=False)]
        for column in entry["legends"]
    }
    return {**entry, "legends": legends, "classes": legends.get(entry["default_column"] or "", [])}


def columns_with_legend(layer: Layer) -> tuple[str, ...]:
    """Return the columns of a layer that have a legend, the default one first."""
    present = [column.name for column in layer.columns]
    candidates = [
        layer.default_column,
        *(["level"] if layer.id in LEVELS else []),
        *(column for owner, column in NAMED if owner == layer.id),
        *(column for owner, column in CUTS if owner == layer.id),
        *NATURAL.get(layer.id, ()),
    ]
    return tuple(
        dict.fromkeys(name for name in candidates if name in present and layer.frame[name].notna().any())
    )


def _newest(layer: Layer, column: str) -> pd.Series:
    frame = layer.frame
    if "offence" in layer.keys and (frame["offence"] == "all").any():
        frame = frame[frame["offence"] == "all"]
    known = frame[frame[column].notna()]
    if "month" in layer.keys and len(known):
        known = known[known["month"] == known["month"].max()]
    return known[column]


def _ranges(
    cuts: Sequence[float], colours: Sequence[str], languages: Sequence[str], *, share: bool = False
) -> tuple[Class, ...]:
    ends: list[float | None] = [None, *(float(cut) for cut in cuts), None]
    # Fewer classes than colours: spread over the whole ramp, so that the ends stay light and dark.
    step = (len(colours) - 1) / max(len(ends) - 2, 1)
    chosen = [colours[round(place * step)] for place in range(len(ends) - 1)]
    return tuple(
        Class(colour, _range_label(low, high, languages, share), min=low, max=high)
        for colour, low, high in zip(chosen, ends[:-1], ends[1:], strict=True)
    )


def _range_label(
    low: float | None, high: float | None, languages: Sequence[str], share: bool
) -> dict[str, str]:
    if low is None and high is None:
        return texts(languages, "class.any")
    values = {"low": _short(low), "high": _short(high)}
    code = "class.below" if low is None else "class.from" if high is None else "class.between"
    return texts(languages, f"{code}_share" if share else code, values)


def _short(number: float | None) -> float | int:
    """Return a cut without the dust of floating point; how it is written is the language's."""
    short = float(f"{number or 0:.6g}")
    return int(short) if short.is_integer() else short
