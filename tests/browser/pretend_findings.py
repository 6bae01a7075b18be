"""Clusters and spread paths of the pretended area: few enough to know each of them."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from shapely.geometry import LineString, Polygon, mapping
from shapely.ops import unary_union

from gis_layers.layers.legend import NAMED
from gis_layers.spread.lines import bent

CHAIN = ((40, "2022-03"), (41, "2022-04"), (42, "2022-05"), (54, "2022-07"))
"""Districts of a chain of thefts, by onset."""
EDGES = ((60, 61), (61, 60))
"""Thefts that go again and again, there and back."""
CLUSTERS = (
    ("all-1", "all", (13, 14, 25), "2022-01", "2022-05", 210, 120.5, 0.001),
    ("all-2", "all", (80, 81), "2022-03", "2022-04", 20, 61.0, 0.021),
    ("theft-1", "theft", (30, 31), "2021-05", "2021-08", 90, 41.0, 0.004),
)
"""Clusters: name, offence, districts, first and last month, count, expected, p."""
COLOURS = NAMED["spread_paths", "kind"]
_COLUMNS = {
    "clusters": "cluster offence first_month last_month districts count expected ratio log_likelihood_ratio p_value"
    " recurrence_interval evidence",
    "spread_paths": "path kind step district_from district_to offence lag_months strength lower upper q_value"
    " first_month last_month evidence",
}


def layers(months: list[str]) -> list[dict[str, Any]]:
    """Return what the catalogue says of them."""
    titles = {
        "clusters": ("Clusters", "Кластеры", "Кластерлер"),
        "spread_paths": ("Spread paths", "Пути", "Жолдар"),
    }
    kinds = [{"value": kind, "label": {"en": f"Kind {kind}"}, "colour": one} for kind, one in COLOURS.items()]
    return [
        {
            "id": name,
            "title": dict(zip(("en", "ru", "kk"), titles[name], strict=True)),
            "geometry": "polygon" if name == "clusters" else "line",
            "keys": ["cluster"] if name == "clusters" else ["path", "step"],
            "columns": [{"name": column, "type": "text"} for column in _COLUMNS[name].split()],
            "months": months,
            "offences": ["all", "theft"] if name == "clusters" else ["theft", "robbery", "assault"],
            "default_column": "ratio" if name == "clusters" else "kind",
            "classes": [] if name == "clusters" else kinds,
        }
        for name in _COLUMNS
    ]


def items(
    layer: str, codes: list[str], shapes: list[Polygon], months: list[str], wanted: str | None
) -> dict[str, Any]:
    """Return the rows of some offences, of all where none is named."""
    rows = _clusters(codes, shapes) if layer == "clusters" else _paths(codes, shapes, months)
    kept = [(row, shape) for row, shape in rows if wanted is None or row["offence"] in wanted.split(",")]
    features = [{"type": "Feature", "properties": row, "geometry": mapping(shape)} for row, shape in kept]
    return {"type": "FeatureCollection", "features": features}


def _clusters(codes: list[str], shapes: list[Polygon]) -> list[tuple[dict[str, Any], Any]]:
    return [
        (
            {
                "cluster": name,
                "offence": offence,
                "first_month": f"{first}-01",
                "last_month": f"{last}-01",
                "districts": [codes[place] for place in places],
                "count": count,
                "expected": expected,
                "ratio": count / expected,
                "log_likelihood_ratio": 12.5,
                "p_value": p,
                "recurrence_interval": None,
                "evidence": [
                    {"code": "cluster.chance", "values": {"p": p, "below": "no", "n": 999, "tail": "no"}}
                ],
            },
            unary_union([shapes[place] for place in places]),
        )
        for name, offence, places, first, last, count, expected, p in CLUSTERS
    ]


def _paths(codes: list[str], shapes: list[Polygon], months: list[str]) -> list[tuple[dict[str, Any], Any]]:
    def row(
        path: str, kind: str, step: int, of: int, to: int, first: str, last: str
    ) -> tuple[dict[str, Any], Any]:
        at = [(shapes[place].centroid.x, shapes[place].centroid.y) for place in (of, to)]
        told = [{"code": "path.chance", "values": {"p": 0.001, "q": 0.02, "cut": 0.05}}]
        values = {
            "path": path,
            "kind": kind,
            "step": step,
            "district_from": codes[of],
            "district_to": codes[to],
            "offence": "theft",
            "lag_months": 1,
            "strength": 0.4 * step,
            "lower": 0.1,
            "upper": 2.0,
            "q_value": 0.02,
            "first_month": f"{first}-01",
            "last_month": f"{last}-01",
            "evidence": json.dumps(told),  # text here and a list there: both are read
        }
        return values, LineString(bent(*at))

    chain = [
        row("theft.2022-03", "chain", step, *(one[0] for one in pair), *(one[1] for one in pair))
        for step, pair in enumerate(pairwise(CHAIN), start=1)
    ]
    return [*chain, *(row(f"theft.{of}.{to}", "edge", 1, of, to, months[0], months[-1]) for of, to in EDGES)]
