"""Documents that a release determines: landing page, conformance, API, collections, queryables, schemas."""

from __future__ import annotations

from typing import Any

import orjson

from ..answers import Call, json_answer
from ..cache import Answer
from ..collections import Collection
from . import bridge
from .config import BASE
from .media import GEOTIFF
from .provider import fields_of

_REL = "http://www.opengis.net/def/rel/ogc/1.0"
_SCHEMA = "application/schema+json"
_OPENAPI = "application/vnd.oai.openapi+json;version=3.0"


def _json(call: Call, value: dict[str, Any], media_type: str = "application/json") -> Answer:
    return Answer(bridge.addressed(orjson.dumps(value).decode(), call.base).encode(), media_type)


def _html(call: Call, page: str) -> Answer:
    return Answer(bridge.addressed(page, call.base).encode(), "text/html")


def _link(rel: str, kind: str, href: str, title: str, **more: str) -> dict[str, str]:
    return {"rel": rel, "type": kind, "href": href, "title": title, **more}


def landing(call: Call) -> Answer:
    """Answer machines at `/`."""
    made = call.snapshot.bridge.json(bridge.landing_page, call.lang)
    made["links"] = [
        _link("self", "application/json", f"{BASE}/?f=json", "This document"),
        _link("alternate", "text/html", f"{BASE}/?f=html", "The map"),
        _link("service-desc", _OPENAPI, f"{BASE}/api?f=json", "The OpenAPI definition"),
        _link("service-doc", "text/html", f"{BASE}/api?f=html", "The API for readers"),
        _link("conformance", "application/json", f"{BASE}/conformance", "Conformance classes"),
        _link(f"{_REL}/conformance", "application/json", f"{BASE}/conformance", "Conformance classes"),
        _link("data", "application/json", f"{BASE}/collections", "Collections"),
        _link(f"{_REL}/data", "application/json", f"{BASE}/collections", "Collections"),
        _link(f"{_REL}/styles", "application/json", f"{BASE}/styles", "Styles"),
        _link("describedby", "application/json", f"{BASE}/catalogue", "The edition's catalogue"),
    ]
    area = call.snapshot.catalogue["area"]
    made |= {
        "attribution": area.get("attribution"),
        "release": call.snapshot.release,
        "edition": call.settings.edition,
        "invented": bool(area.get("invented")),
    }
    return _json(call, made)


def conformance(call: Call) -> Answer:
    """List the conformance classes."""
    made = {"conformsTo": call.snapshot.bridge.conforms_to}
    if call.format == "html":
        return _html(call, call.snapshot.bridge.render("conformance.html", made, call.lang))
    return _json(call, made)


def api(call: Call) -> Answer:
    """Answer the OpenAPI document."""
    if call.format == "html":
        return _html(
            call, call.snapshot.bridge.render("openapi/page.html", call.snapshot.bridge.openapi, call.lang)
        )
    return _json(call, call.snapshot.bridge.openapi, _OPENAPI)


def _completed(call: Call, entry: dict[str, Any]) -> dict[str, Any]:
    """Add what pygeoapi does not know: our tiles, values, styles, CSV; and drop what we do not serve."""
    collection = call.snapshot.collections[entry["id"]]
    root, table = f"{BASE}/collections/{entry['id']}", collection.table
    links = [link for link in entry["links"] if "ld+json" not in str(link.get("type"))]
    for link in links:
        if link["rel"] == "root":
            link["href"] = f"{BASE}/?f=json" if "json" in link["type"] else f"{BASE}/?f=html"
    links.append(_link("describedby", _SCHEMA, f"{root}/schema?f=json", "Schema of the items"))
    links.append(_link("items", "text/csv", f"{root}/items?f=csv", "Items as CSV"))
    if table.has_geometry:
        tileset = f"{root}/tiles/WebMercatorQuad"
        links += [
            _link(f"{_REL}/tilesets-vector", "application/json", f"{root}/tiles", "Vector tilesets"),
            _link("describedby", "application/json", f"{tileset}?f=tilejson", "TileJSON"),
            _link(f"{_REL}/styles", "application/json", f"{BASE}/styles", "Styles"),
            _link(
                "stylesheet",
                "application/vnd.mapbox.style+json",
                f"{BASE}/styles/{table.id}?f=maplibre",
                "Style",
            ),
        ]
    else:
        entry.pop("crs", None)
        entry.pop("storageCrs", None)
    if table.meta["geometry"] == "raster":
        links += [
            _link(rel, GEOTIFF, f"{root}/coverage", "Cloud-Optimized GeoTIFF")
            for rel in (f"{_REL}/coverage", "data")
        ]
    if table.has_months and "district" in table.keys:
        links.append(_link("data", "application/json", f"{root}/values", "Columns by month and district"))
    entry["links"] = links
    entry["attribution"] = call.snapshot.catalogue["area"].get("attribution") or ""
    if table.has_months:
        entry["months"] = table.months[-1:] if collection.latest else table.months
        entry["period"] = table.period
    if table.has_offences:
        entry["offences"] = table.offences
    return entry


def collections(call: Call) -> Answer:
    """List the collections."""
    if call.format == "html":
        return _html(call, call.snapshot.bridge.html(bridge.describe_collections, call.lang))
    made = call.snapshot.bridge.json(bridge.describe_collections, call.lang)
    made["collections"] = [_completed(call, entry) for entry in made["collections"]]
    made["links"] = [link for link in made["links"] if "ld+json" not in link["type"]]
    return _json(call, made)


def collection(call: Call) -> Answer:
    """Describe one collection."""
    name = call.snapshot.collection(call.path["layer"]).id
    if call.format == "html":
        entry = _completed(call, call.snapshot.bridge.json(bridge.describe_collections, call.lang, name))
        entry["collections_path"] = f"{BASE}/collections"
        return _html(call, call.snapshot.bridge.render("collections/collection.html", entry, call.lang))
    return _json(
        call, _completed(call, call.snapshot.bridge.json(bridge.describe_collections, call.lang, name))
    )


def queryables(call: Call) -> Answer:
    """List the columns that a filter may name."""
    made = call.snapshot.collection(call.path["layer"])
    if call.format == "html":
        return _html(call, call.snapshot.bridge.html(bridge.collection_queryables, call.lang, made.id))
    document = call.snapshot.bridge.json(bridge.collection_queryables, call.lang, made.id)
    document["$id"] = f"{BASE}/collections/{made.id}/queryables"
    document["$schema"] = "https://json-schema.org/draft/2019-09/schema"
    document["additionalProperties"] = False
    return _json(call, _described(document, made), _SCHEMA)


def schema(call: Call) -> Answer:
    """Describe the columns of a collection."""
    made = call.snapshot.collection(call.path["layer"])
    if call.format == "html":
        return _html(call, call.snapshot.bridge.html(bridge.collection_schema, call.lang, made.id))
    document = call.snapshot.bridge.json(bridge.collection_schema, call.lang, made.id)
    document["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    document["properties"] |= {name: dict(kind) for name, kind in fields_of(made).items()}
    return _json(call, _described(document, made), _SCHEMA)


def _described(document: dict[str, Any], collection: Collection) -> dict[str, Any]:
    """Add the catalogue's descriptions and units; a collection without shapes has no geometry."""
    known = document["properties"]
    if not collection.table.has_geometry:
        known.pop("geometry", None)
    for number, column in enumerate(collection.table.meta["columns"]):
        if column["name"] in known:
            known[column["name"]] |= {"title": column["name"], "description": column["description"] or ""}
            known[column["name"]] |= {"x-ogc-propertySeq": number + 1}
            if column.get("unit"):
                known[column["name"]]["x-ogc-unit"] = column["unit"]
    return document


def catalogue(call: Call) -> Answer:
    """Answer the edition's catalogue, and what the web map needs beside it."""
    return json_answer(
        {
            **call.snapshot.catalogue,
            "release": call.snapshot.release,
            "edition": call.settings.edition,
            "languages": call.snapshot.languages,
            "basemap": call.settings.basemap,
            "tiles": {"minzoom": 0, "maxzoom": call.snapshot.tiler.max_zoom},
        }
    )
