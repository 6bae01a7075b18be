"""A tiny invented area, published: nine districts on a grid, four offences, fourteen months.

``tiny_release(folder)`` writes it and returns the opened store. Every figure follows from its place, so that
a test can say beforehand what a row must hold.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis_layers.layers.describe import describe
from gis_layers.layers.model import Layer
from gis_layers.release import Store, open_store, publish
from gis_layers.sources.ledger import QUARANTINE_COLUMNS, Ledger, SourceLedger, Tally

MONTHS = pd.date_range("2021-11-01", periods=14, freq="MS", unit="s")
OFFENCES = ("all", "property", "theft", "burglary")
DISTRICTS = tuple(f"0{number}000" for number in range(1, 10))
LANGUAGES = ("en", "ru", "kk")

AREA: dict[str, Any] = {
    "id": "tiny",
    "name": {"en": "Tiny", "ru": "Крошечный край", "kk": "Кішкентай өлке"},
    "invented": True,
    "attribution": "Invented figures of the Audan tests",
    "languages": list(LANGUAGES),
    "bbox": None,
    "rate_per": 10_000,
    "period": "month",
    "metric_crs": "EPSG:3857",
    "complete_until": "2022-12",
}


def shapes() -> gpd.GeoDataFrame:
    """Return the nine districts: a grid of half degrees from 60° E 50° N, the last with an island."""
    cells = [
        shapely.box(60 + x / 2, 50 + y / 2, 60.5 + x / 2, 50.5 + y / 2) for y in range(3) for x in range(3)
    ]
    cells[8] = shapely.MultiPolygon([cells[8], shapely.box(62, 51.4, 62.1, 51.5)])
    return gpd.GeoDataFrame(
        {
            "district": list(DISTRICTS),
            "name": [f"Ауданы {number}" for number in range(1, 10)],
            "name_en": [f"District {number}" for number in range(1, 10)],
            "name_ru": [f"Район {number}" for number in range(1, 10)],
            "name_kk": [f"Аудан Әғқңөұүһі {number}" for number in range(1, 10)],
            "parent": ["A"] * 4 + ["B"] * 5,
            "parent_name_en": ["Region A"] * 4 + ["Region B"] * 5,
            "parent_name_ru": ["Область А"] * 4 + ["Область Б"] * 5,
            "status": ["city", *["raion"] * 8],
            "population": [1000.0 * 2**number for number in range(9)],
            "area_km2": [1980.0] * 9,
            "density": [1000.0 * 2**number / 1980 for number in range(9)],
            "peer_group": ["city-1", *["raion-1"] * 8],
            "valid_from": [pd.Timestamp("2020-01-01")] * 8 + [pd.NaT],
        },
        geometry=cells,
        crs=4326,
    )


def parents(districts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the regions' outlines as lines."""
    regions = districts[["parent", "geometry"]].dissolve("parent").reset_index()
    return regions.set_geometry(regions.boundary)


def _usual(row: int) -> str:
    return json.dumps([{"code": "rating.usual", "values": {"row": row}}])


def rating(districts: int = 9, months: int = 14) -> pd.DataFrame:
    """Return rating-like rows. District 2 was not collected in the first month."""
    offence, month, district = (
        axis.ravel()
        for axis in np.meshgrid(range(len(OFFENCES)), range(months), range(districts), indexing="ij")
    )
    count = ((district + 1) * (month + 1) * (4 - offence)).astype(float)
    missing = (district == 1) & (month == 0)
    count[missing] = np.nan
    level = (district + month + offence) % 6
    population = 1000.0 * 2.0**district
    return pd.DataFrame(
        {
            "district": np.array(DISTRICTS)[district],
            "offence": np.array(OFFENCES)[offence],
            "month": MONTHS.to_numpy()[month],
            "period": "month",
            "count": count,
            "population": population,
            "rate": count * 12 / population * 10_000,
            "rate_smoothed": (count + 5) * 12 / (population + 5000) * 10_000,
            "expected": np.where(missing, np.nan, 20.25 + offence),
            "lower": np.where(missing, np.nan, 11.5),
            "upper": np.where(missing, np.nan, 31.5),
            "p_peers": np.where(missing, np.nan, 10.0 ** -(level - 0.5)).clip(None, 0.9),
            "p_own": np.nan,
            "q_value": np.where(missing, np.nan, 10.0 ** -(level - 1.0)).clip(None, 1.0),
            "fired": np.where(level >= 3, "peers", "none"),
            "standing": level == 5,
            "magnitude": np.where(missing, np.nan, np.maximum(level - 0.5, 0.0)),
            "level": np.where(missing, np.nan, level),
            "points": np.where(missing, np.nan, np.maximum(level - 1, 0)),
            "points_12m": np.where(month >= 9, 12.0 * (district % 5) / 5, np.nan),
            "months_judged": np.minimum(month + 1, 12),
            "harm": np.nan,
            "pooled_period": None,
            "pooled_offence": None,
            "provisional": month >= months - 2,
            "suppressed": False,
            "reason": [_usual(row) for row in range(len(count))],
        }
    )


def layers() -> list[Layer]:
    """Return the five layers of the tiny area."""
    districts = shapes()
    offences = pd.DataFrame(
        {
            "offence": list(OFFENCES),
            "parent": [None, "all", "property", "property"],
            "kind": ["root", "category", "leaf", "leaf"],
            "name": ["All offences", "Property", "Theft", "Burglary"],
            "name_en": ["All offences", "Property", "Theft", "Burglary"],
            "name_ru": ["Все преступления", "Против собственности", "Кража", "Кража со взломом"],
            "name_kk": ["Барлық қылмыстар", "Меншікке қарсы", "Ұрлық", "Бұзып кіріп ұрлау"],
            "additive": True,
            "public_safety": [False, False, True, True],
        }
    )
    groups = pd.DataFrame(
        {
            "peer_group": ["city-1", "raion-1"],
            "size": [1, 8],
            "status": ["city", "raion"],
            "sentence": [_rule("city"), _rule("raion")],
            "text_en": ["the city", "all raions"],
            "text_ru": ["город", "все районы"],
            "text_kk": ["қала", "барлық аудандар"],
        }
    )
    month, district = np.indices((3, 9)).reshape(2, -1)
    month += 11
    level = (district + month) % 6
    safety = pd.DataFrame(
        {
            "district": np.array(DISTRICTS)[district],
            "month": MONTHS.to_numpy()[month],
            "level": level,
            "rate": np.where(level == 0, np.nan, 100.0 + 10 * district),
            "lower": np.where(level == 0, np.nan, 80.0 + 10 * district),
            "upper": np.where(level == 0, np.nan, 120.0 + 10 * district),
            "text_en": [f"Level {number}" for number in level],
            "text_ru": [f"Уровень {number}" for number in level],
            "text_kk": [f"Деңгей {number}" for number in level],
        }
    )
    return [
        _layer("districts", "polygon", ("district",), districts, None, "density"),
        _layer("offences", "none", ("offence",), offences, None, None),
        _layer("peer_groups", "none", ("peer_group",), groups, None, None),
        _layer("rating", "polygon", ("district", "offence", "month"), rating(), "month", "level"),
        _layer("safety", "polygon", ("district", "month"), safety, "rolling12", "level"),
    ]


def _rule(status: str) -> str:
    values = {"status": status, "population_rule": "any", "density_rule": "any"}
    return json.dumps([{"code": "peer_group.rule", "values": values}])


def _layer(
    name: str, geometry: Any, keys: tuple[str, ...], frame: pd.DataFrame, period: Any, default: Any
) -> Layer:
    return Layer(name, geometry, keys, describe(name, frame.columns), frame, period, default)


def tiny_release(
    store: Path, *, area: dict[str, Any] | None = None, only: int | None = None, more: Sequence[Layer] = ()
) -> Store:
    """Publish the tiny area into a store and return it opened.

    Parameters
    ----------
    store
        Folder of the store.
    area
        Entries of the catalogue's area to replace.
    only
        Keep this many of the months (of the first ones), so that a second release differs.
    more
        Further layers of the analysts.
    """
    made = layers()
    if only is not None:
        made = [
            layer
            if layer.id != "rating"
            else _layer(
                layer.id, layer.geometry, layer.keys, rating(months=only), layer.period, layer.default_column
            )
            for layer in made
        ]
    source = SourceLedger("cards", read=Tally(100, 100), counted=Tally(97, 97))
    source.quarantine("unknown district", 3, 3, expected=True)
    publish(
        store,
        area={**AREA, **(area or {})},
        editions={"public": [layer for layer in made if layer.id != "rating"], "analyst": [*made, *more]},
        ledger=Ledger((source,)),
        quarantine=quarantine(("cards", "cards.csv", 7, "district", "99", "unknown district", 3, 3)),
        inputs={"cards.csv": "0" * 64},
        settings={"area": {"id": "tiny"}},
        parents=parents(made[0].frame),  # type: ignore[arg-type]
    )
    return open_store(store)


def quarantine(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Return a quarantine of some rows."""
    return pd.DataFrame(list(rows), columns=list(QUARANTINE_COLUMNS))
