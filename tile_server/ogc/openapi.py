"""Our OpenAPI document: every route with its parameters, its answers and their schemas.

It is made from our own tables rather than from pygeoapi's, which describes answers that other servers give and
points to schemas on the net; a test holds the server to every word of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gis_layers import __version__
from gis_layers.alerts import ATOM, KINDS

from ..collections import Collection
from ..places import CRS
from ..query import DEFAULT_LIMIT, MAX_LIMIT
from .config import BASE
from .media import CSV, GEOJSON, GEOTIFF, HTML, JSON, MVT, OPENAPI, SCHEMA
from .media import STYLES as MEDIA
from .openapi_schemas import ERRORS, SCHEMAS, TEXT, feature, feature_collection

Answers = dict[str, dict[str, Any]]
Parameters = list[dict[str, Any]]


def our_openapi(collections: list[Collection], catalogue: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document that `/api` answers."""
    area = catalogue["area"]
    languages = list(area["languages"])
    name = area["name"].get("en") or next(iter(area["name"].values()), area["id"])
    paths = {path: {"get": call} for path, call in _common(collections).items()}
    schemas = dict(SCHEMAS)
    for collection in collections:
        table = collection.table
        schemas[f"{collection.id}_item"] = feature(table.types, geometry=table.meta["geometry"])
        schemas[f"{collection.id}_items"] = feature_collection(f"{collection.id}_item")
        paths |= {path: {"get": call} for path, call in _collection_paths(collection).items()}
    return {
        "openapi": "3.0.3",
        "info": {
            "title": f"Audan: {name}",
            "description": f"Recorded crime by district. {area.get('attribution') or ''}".strip(),
            "version": __version__,
            "license": {"name": area.get("attribution") or "see the area's README"},
        },
        "servers": [{"url": BASE, "description": f"Audan: {name}"}],
        "tags": [
            {"name": "server", "description": "What there is"},
            {"name": "audan", "description": "Routes beside the standards"},
            *({"name": collection.id, "description": collection.title("en")} for collection in collections),
        ],
        # Without a token the public edition answers, where the server offers it.
        "security": [{}, {"bearer": []}, {"basic": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "basic": {"type": "http", "scheme": "basic", "description": "The token is the password."},
            },
            "parameters": {
                "lang": _parameter("lang", "Language of texts.", {"type": "string", "enum": languages}),
                "crs": _parameter("crs", "Coordinate system of the answer.", _CRS),
            },
            "responses": {
                status: {
                    "description": text,
                    "content": {JSON: {"schema": {"$ref": "#/components/schemas/exception"}}},
                }
                for status, text in ERRORS.items()
            },
            "schemas": schemas,
        },
    }


def _parameter(
    name: str, description: str, schema: dict[str, Any], *, place: str = "query"
) -> dict[str, Any]:
    made = {
        "name": name,
        "in": place,
        "description": description,
        "required": place == "path",
        "schema": schema,
    }
    return made | ({"style": "form", "explode": False} if place == "query" else {})


_CODE = {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}
_CRS = {"type": "string", "enum": list(CRS)}
_NUMBERS = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4}
_TEXTS = {"type": "array", "items": TEXT}
_LIMIT = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
_PERIOD = {"type": "string", "enum": ["rolling3", "rolling12"]}
_FILTER_LANG = {"type": "string", "enum": ["cql2-text", "cql2-json", "cql-text"]}
_DATETIME = "A month (2022-08), a day, or two with a slash between them; .. leaves an end open."
_SLICE = [_parameter("datetime", _DATETIME, TEXT), _parameter("offence", "Code of an offence.", TEXT)]
_FOUND = [
    _parameter(kind, f"Name of a {what}, alone.", {"type": "string", "pattern": "^[A-Za-z0-9_.-]{1,200}$"})
    for kind, what in (("cluster", "cluster"), ("path", "spread path"))
]
_ATTRIBUTE = _parameter("attribute", "An attribute of the cards; the first by default.", TEXT)
_FEED = [
    _parameter("signal", "Kind of signal.", {"type": "string", "enum": list(KINDS)}),
    _parameter("offence", "Code of an offence.", TEXT),
    _parameter("district", "Code of a district.", TEXT),
    _parameter("parent", "Code of a region.", TEXT),
    _parameter("level", "Least level of the rating.", {"type": "integer", "minimum": 0, "maximum": 5}),
]
_LANG = {"$ref": "#/components/parameters/lang"}
_TILE = [
    _parameter("tileMatrix", "Zoom.", {"type": "integer", "minimum": 0}, place="path"),
    _parameter("tileRow", "Row, from the north.", {"type": "integer", "minimum": 0}, place="path"),
    _parameter("tileCol", "Column.", {"type": "integer", "minimum": 0}, place="path"),
]
_COMPARED = {
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
}


def _form(*names: str) -> dict[str, Any]:
    return _parameter("f", f"Format, {names[0]} unless asked for.", {"type": "string", "enum": list(names)})


def _json(schema: str, media_type: str = JSON) -> dict[str, dict[str, Any]]:
    return {media_type: {"$ref": f"#/components/schemas/{schema}"}}


_PAGE: Answers = {HTML: TEXT}
_WEB = [_form("json", "html"), _LANG]


def _common(collections: list[Collection]) -> dict[str, dict[str, Any]]:
    """Return the routes that are about no single collection."""
    plain = [_form("json"), _LANG]
    calls = {
        "/": ("The map for people, the landing page for machines", "getLandingPage", _WEB, _json("landing") | _PAGE),
        "/conformance": ("Conformance classes", "getConformance", _WEB, _json("conformance") | _PAGE),
        "/api": (
            "This document", "getApi", _WEB, {OPENAPI.partition(";")[0]: {"type": "object"}} | _PAGE,
        ),
        "/collections": ("Collections", "getCollections", _WEB, _json("collections") | _PAGE),
        "/catalogue": ("The edition's catalogue", "getCatalogue", plain, _json("catalogue")),
        "/styles": ("Styles of all layers", "getStyles", plain, _json("styles")),
        "/styles/{layer}": (
            "A style as MapLibre JSON, SLD or QML", "getStyle",
            [_parameter("layer", "Layer.", _CODE, place="path"), _form(*MEDIA), _LANG],
            {
                MEDIA["maplibre"]: {"$ref": "#/components/schemas/style"},
                MEDIA["sld"].partition(";")[0]: TEXT,
                MEDIA["qml"]: TEXT,
            },
        ),
        "/messages/{language}.json": (
            "Sentences of a language", "getMessages",
            [_parameter("language", "Language.", {"type": "string", "enum": ["en", "ru", "kk"]}, place="path"), *plain],
            _json("messages"),
        ),
        "/healthz": ("Whether the process lives", "getHealth", [], _json("health")),
        "/readyz": ("Which release is served", "getReady", [], _json("ready")),
        "/explain": (
            "The whole story of a cell, or of a cluster or a spread path", "getExplanation",
            [_parameter("district", "Code of a district; or", _CODE), *_FOUND, *_SLICE, *plain],
            _json("story"),
        ),
        "/feeds/signals.atom": (
            "New signals as a feed", "getSignalsAtom", [*_FEED, _form("atom"), _LANG], {ATOM: TEXT},
        ),
        "/feeds/signals.geojson": (
            "New signals as points", "getSignalsGeoJson", [*_FEED, *plain], _json("signals", GEOJSON),
        ),
    }  # fmt: skip
    standard = ("/", "/conformance", "/api", "/collections")
    made = {
        path: _call(summary, name, parameters, "server" if path in standard else "audan", answers)
        for path, (summary, name, parameters, answers) in calls.items()
    }
    if "rating" not in {collection.id for collection in collections}:
        # Nothing to explain: the address is there and says so.
        del made["/explain"]
    return made


def _call(summary: str, name: str, parameters: Parameters, tag: str, answers: Answers) -> dict[str, Any]:
    return {
        "summary": summary,
        "description": summary,
        "tags": [tag],
        "operationId": name,
        "parameters": parameters,
        "responses": {
            "200": {
                "description": "The answer",
                "content": {kind: {"schema": schema} for kind, schema in answers.items()},
            },
            "304": {"description": "Nothing changed since If-None-Match"},
            **{status: {"$ref": f"#/components/responses/{status}"} for status in ERRORS},
        },
    }


def _collection_paths(collection: Collection) -> dict[str, Any]:
    table, name = collection.table, collection.id
    root, title = f"/collections/{name}", "".join(part.title() for part in name.split("_"))
    slice_ = [
        p
        for p in _SLICE
        if (p["name"] == "datetime" and table.has_months) or (p["name"] == "offence" and table.has_offences)
    ]
    if "attribute" in table.keys:
        slice_ = [*slice_, _ATTRIBUTE]
    own_crs = [{"$ref": "#/components/parameters/crs"}] if table.has_geometry else []
    item = [
        _parameter("featureId", "Id of an item.", TEXT, place="path"),
        _form("json", "html"),
        _LANG,
        *own_crs,
    ]
    item += [_parameter("properties", "Columns wanted.", _TEXTS)]
    if collection.latest and table.has_offences:
        item.append(_SLICE[1])
    calls: dict[str, tuple[str, str, Parameters, Answers]] = {
        root: (f"What {name} is", "Collection", _WEB, _json("collection") | _PAGE),
        f"{root}/queryables": (
            f"What {name} may be filtered by", "Queryables", _WEB, _json("columns", SCHEMA) | _PAGE,
        ),
        f"{root}/schema": (
            f"The columns of {name}", "Schema", _WEB, _json("columns", SCHEMA) | _PAGE,
        ),
        f"{root}/items": (
            f"Items of {name}", "Features", _items_parameters(collection, slice_),
            _json(f"{name}_items", GEOJSON) | {CSV: TEXT} | _PAGE,
        ),
        f"{root}/items/{{featureId}}": (
            f"One item of {name}", "Feature", item, _json(f"{name}_item", GEOJSON) | _PAGE,
        ),
    }  # fmt: skip
    if table.has_geometry:
        tiles, plain = f"{root}/tiles", [_form("json"), _LANG]
        calls |= {
            tiles: (f"Tilesets of {name}", "Tilesets", plain, _json("tilesets")),
            f"{tiles}/WebMercatorQuad": (
                f"The tileset of {name}", "Tileset", [_form("json", "tilejson"), _LANG, *slice_],
                {JSON: {"oneOf": [{"$ref": f"#/components/schemas/{one}"} for one in ("tileset", "tilejson")]}},
            ),
            f"{tiles}/WebMercatorQuad/{{tileMatrix}}/{{tileRow}}/{{tileCol}}": (
                f"A vector tile of {name}", "Tile", [*_TILE, _form("mvt"), _LANG, *slice_],
                {MVT: {"type": "string", "format": "binary"}},
            ),
        }  # fmt: skip
    if table.has_months and "district" in table.keys:
        columns = [_parameter("columns", "Columns wanted.", _TEXTS), _form("json"), _LANG]
        calls[f"{root}/values"] = (
            f"Columns of {name} by month and district", "Values", [*slice_, *columns], _json("values"),
        )  # fmt: skip
    if table.meta["geometry"] == "raster":
        period = _parameter("period", "Months that it covers, the longest by default.", _PERIOD)
        calls[f"{root}/coverage"] = (
            f"A raster of {name}", "Coverage", [*slice_, period, _form("geotiff"), _LANG],
            {GEOTIFF.partition(";")[0]: {"type": "string", "format": "binary"}},
        )  # fmt: skip
    return {
        path: _call(summary, f"get{title}{kind}", parameters, name, answers)
        for path, (summary, kind, parameters, answers) in calls.items()
    }


def _items_parameters(collection: Collection, slice_: Parameters) -> Parameters:
    table = collection.table
    own = [
        _parameter(column["name"], column["description"] or "", _COMPARED.get(column["type"], TEXT))
        for column in table.meta["columns"]
        if column["type"] != "json" and not (column["name"] == "offence" and table.has_offences)
    ]
    spatial = [
        _parameter("bbox", "Corners west, south, east, north.", _NUMBERS),
        _parameter("bbox-crs", "Coordinate system of bbox.", _CRS),
        {"$ref": "#/components/parameters/crs"},
        _parameter("filter-crs", "Coordinate system of shapes in the filter.", _CRS),
    ]
    return [
        _form("json", "csv", "html"),
        _LANG,
        *(spatial if table.has_geometry else []),
        *slice_,
        _parameter("limit", "Most items of the answer.", _LIMIT),
        _parameter("offset", "Items left out before the first.", {"type": "integer", "minimum": 0}),
        _parameter("sortby", "Columns with + or -.", _TEXTS),
        _parameter("properties", "Columns wanted.", _TEXTS),
        _parameter("filter", "A CQL2 condition.", TEXT),
        _parameter("filter-lang", "Language of the filter.", _FILTER_LANG),
        *own,
    ]
