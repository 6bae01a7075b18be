"""pygeoapi's configuration of a release, made from its catalogue."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gis_layers import __version__

from ..collections import Collection
from ..places import CRS, CRS84, Places
from ..query import DEFAULT_LIMIT, MAX_LIMIT

BASE = "http://server.audan.invalid"
"""Stands for the server's address in what pygeoapi renders; each answer has it replaced."""

TEMPLATES = Path(__file__).parent / "templates"


def make_config(
    key: str, catalogue: Mapping[str, Any], collections: Mapping[str, Collection], places: Places
) -> dict[str, Any]:
    """Return the configuration that pygeoapi's `API` is built from."""
    area = catalogue["area"]
    languages = list(area["languages"])
    name = area["name"]
    description = {
        lang: f"{name.get(lang, area['id'])}. {area.get('attribution') or ''}".strip() for lang in languages
    }
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": 0},
            "url": BASE,
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "languages": languages,
            "pretty_print": False,
            "limits": {"default_items": DEFAULT_LIMIT, "max_items": MAX_LIMIT, "on_exceed": "throttle"},
            "map": {"url": "", "attribution": ""},
            "templates": {"path": str(TEMPLATES), "static": str(TEMPLATES)},
            "api_rules": {"api_version": __version__, "strict_slashes": True},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {
                "title": {lang: f"Audan: {name.get(lang, area['id'])}" for lang in languages},
                "description": description,
                "keywords": {lang: ["crime", "districts", "statistics"] for lang in languages},
                "keywords_type": "theme",
                "terms_of_service": "",
                "url": BASE,
            },
            "license": {"name": area.get("attribution") or "see the area's README", "url": BASE},
            "provider": {"name": "Audan", "url": BASE},
            "contact": {"name": "Audan", "url": BASE},
        },
        "resources": {
            collection.id: _resource(key, collection, languages, places)
            for collection in collections.values()
        },
    }


def _resource(key: str, collection: Collection, languages: list[str], places: Places) -> dict[str, Any]:
    table = collection.table
    extents: dict[str, Any] = {"spatial": {"bbox": list(places.bbox), "crs": CRS84}}
    if months := table.months:
        first = months[-1] if collection.latest else months[0]
        extents["temporal"] = {
            "begin": dt.date.fromisoformat(f"{first}-01"),
            "end": _last_day(months[-1], table.span),
        }
    return {
        "type": "collection",
        "title": {lang: collection.title(lang) for lang in languages},
        "description": {lang: collection.description(lang) for lang in languages},
        "keywords": {lang: [collection.layer] for lang in languages},
        "links": [],
        "extents": extents,
        "providers": [
            {
                "type": "feature",
                "name": "tile_server.ogc.provider.LayerProvider",
                "data": key,
                "collection": collection.id,
                "id_field": "district" if collection.latest else None,
                "time_field": table.time_column,
                "crs": list(CRS) if table.has_geometry else [CRS84],
                "storage_crs": CRS84,
            }
        ],
    }


def _last_day(month: str, span: int) -> dt.date:
    number = int(month[:4]) * 12 + int(month[5:]) - 1 + span
    return dt.date(number // 12, number % 12 + 1, 1) - dt.timedelta(days=1)
