"""Small areas for the tests of sources: settings, districts and a codebook without any file of real data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from gis_layers.codes import Codebook
from gis_layers.codes.load import codebook_from
from gis_layers.districts import Districts
from gis_layers.settings import AreaSettings

CODES = (
    {"code": "theft", "labels": "THEFT", "public_safety": "true"},
    {"code": "bike", "parent": "theft", "severity": "minor", "labels": "THEFT | BIKE;CYCLES"},
    {"code": "shop", "parent": "theft", "severity": "grave", "labels": "THEFT | SHOP"},
    {"code": "arson", "severity": "grave", "labels": "ARSON"},
    {"code": "night", "parent": "theft", "additive": "false", "labels": "OF WHICH AT NIGHT"},
)


def book(rows: Sequence[dict[str, str]] = CODES) -> Codebook:
    """Return a codebook of two branches, two severities and one line that is not summed."""
    return codebook_from(rows)


def squares(codes: Sequence[str] = ("01", "02", "03"), crosswalk: pd.DataFrame | None = None) -> Districts:
    """Return districts: unit squares in a row from 60° E 50° N, named `Square 01`, ..."""
    frame = gpd.GeoDataFrame(
        {
            "district": list(codes),
            "name": [f"Square {code}" for code in codes],
            "parent": None,
            "status": "raion",
            "valid_from": None,
            "area_km2": 100.0,
        },
        geometry=[shapely.box(60 + place, 50, 61 + place, 51) for place in range(len(codes))],
        crs="EPSG:4326",
    )
    return Districts(frame, "EPSG:3857", **({} if crosswalk is None else {"crosswalk": crosswalk}))


def settings(folder: Path, **sections: Any) -> AreaSettings:
    """Return the settings of an area in a folder; `area` is merged into what an area needs."""
    area = {"id": "squares", "name": {"en": "Squares"}, "attribution": "Invented", "metric_crs": "EPSG:3857"}
    polygons = {"path": "squares.gpkg", "columns": {"district": "district", "name": "name"}}
    return AreaSettings.model_validate(
        {**sections, "area": area | sections.get("area", {}), "districts": polygons, "folder": folder}
    )


def long_counts(path: str | list[str] = "counts.csv", **more: Any) -> dict[str, Any]:
    """Return a section of counts for tables `district,offence,month,count`."""
    columns = {"district": "district", "offence": "offence", "period": "month", "count": "count"}
    return {"name": "counts", "path": path, "columns": columns} | more


def cards(path: str | list[str] = "cards.csv", **more: Any) -> dict[str, Any]:
    """Return a section of cards for tables `card,district,offence,committed,registered`."""
    columns = {
        "card": "card",
        "district": "district",
        "offence": "offence",
        "committed": "committed",
        "registered": "registered",
    }
    return {"name": "cards", "path": path, "columns": columns} | more
