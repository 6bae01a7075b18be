"""Our OpenAPI document: pygeoapi's for the standard's routes, with our own routes, and without writing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..collections import Collection
from ..query import DEFAULT_LIMIT, MAX_LIMIT

_DATETIME = "A month (2022-08), a day, or two with a slash between them; .. leaves an end open."


def our_openapi(
    document: dict[str, Any], collections: list[Collection], catalogue: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the document that `/api` answers."""
    languages = list(catalogue["area"]["languages"])
    paths = {
        path: {method: call for method, call in calls.items() if method == "get"}
        for path, calls in document["paths"].items()
        if not path.startswith(("/openapi", "/processes", "/jobs", "/TileMatrixSets", "/admin"))
    }
    for path, calls in paths.items():
        if path.endswith(("/queryables", "/schema")):
            calls["get"]["parameters"] = [
                {"$ref": f"#/components/parameters/{name}"} for name in ("f", "lang")
            ]
    paths["/api"] = {"get": _call("This document", "getApi", [], "server")}
    for collection in collections:
        paths |= _collection_paths(collection)
    for path, (summary, parameters) in _OTHERS.items():
        name = "get" + "".join(
            part.capitalize() for part in path.strip("/").replace("{", "").replace("}", "").split("/")
        )
        paths[path] = {"get": _call(summary, name.replace(".json", ""), parameters, "audan")}
    document["paths"] = dict(sorted(paths.items()))
    document["components"]["parameters"]["lang"]["schema"] = {"type": "string", "enum": languages}
    document["components"]["parameters"]["f"]["schema"] = {"type": "string", "enum": ["json", "html"]}
    document["tags"] = [*document["tags"], {"name": "audan", "description": "Routes beside the standards"}]
    return document


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


_TEXT = {"type": "string"}
_LIMIT = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
_FILTER_LANG = {"type": "string", "enum": ["cql2-text", "cql2-json", "cql-text"]}
_SLICE = [_parameter("datetime", _DATETIME, _TEXT), _parameter("offence", "Code of an offence.", _TEXT)]
_TILE = [
    _parameter("tileMatrix", "Zoom.", _TEXT, place="path"),
    _parameter("tileRow", "Row, from the north.", _TEXT, place="path"),
    _parameter("tileCol", "Column.", _TEXT, place="path"),
]
_OTHERS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "/catalogue": ("The edition's catalogue", []),
    "/styles": ("Styles of all layers", []),
    "/styles/{layer}": (
        "A style as MapLibre JSON, SLD or QML",
        [_parameter("layer", "Layer.", _TEXT, place="path"), _parameter("f", "maplibre, sld or qml", _TEXT)],
    ),
    "/explain": (
        "The whole story of a cell",
        [_parameter("district", "Code of a district.", _TEXT) | {"required": True}, *_SLICE],
    ),
    "/messages/{lang}.json": (
        "Sentences of a language",
        [_parameter("lang", "Language.", _TEXT, place="path")],
    ),
    "/healthz": ("Whether the process lives", []),
    "/readyz": ("Whether a release is served", []),
}


def _call(summary: str, name: str, parameters: list[dict[str, Any]], tag: str) -> dict[str, Any]:
    known = (
        [] if any(p["name"] in ("f", "lang") for p in parameters) else [{"$ref": "#/components/parameters/f"}]
    )
    return {
        "summary": summary,
        "description": summary,
        "tags": [tag],
        "operationId": name,
        "parameters": known + parameters,
        "responses": {
            "200": {"description": "The answer"},
            "304": {"description": "Nothing changed since If-None-Match"},
            "400": {"description": "The request is at fault"},
            "404": {"description": "There is no such thing"},
        },
    }


def _collection_paths(collection: Collection) -> dict[str, Any]:
    table, name = collection.table, collection.id
    root = f"/collections/{name}"
    slice_ = [
        p
        for p in _SLICE
        if (p["name"] == "datetime" and table.has_months) or (p["name"] == "offence" and table.has_offences)
    ]
    own = [
        _parameter(column["name"], column["description"] or "", _schema(column["type"]))
        for column in table.meta["columns"]
        if column["type"] != "json" and column["name"] != "offence"
    ]
    spatial = [
        _parameter(
            "bbox",
            "Corners west, south, east, north.",
            {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6},
        ),
        _parameter("bbox-crs", "Coordinate system of bbox.", {"type": "string", "format": "uri"}),
        _parameter("crs", "Coordinate system of the answer.", {"type": "string", "format": "uri"}),
        _parameter(
            "filter-crs", "Coordinate system of shapes in the filter.", {"type": "string", "format": "uri"}
        ),
    ]
    paging = [
        _parameter("limit", "Most items of the answer.", _LIMIT),
        _parameter("offset", "Items left out before the first.", {"type": "integer", "minimum": 0}),
        _parameter("sortby", "Columns with + or -.", {"type": "array", "items": {"type": "string"}}),
        _parameter("properties", "Columns wanted.", {"type": "array", "items": {"type": "string"}}),
        _parameter("filter", "A CQL2 condition.", _TEXT),
        _parameter("filter-lang", "Language of the filter.", _FILTER_LANG),
    ]  # fmt: skip
    form = _parameter("f", "Format.", {"type": "string", "enum": ["json", "csv", "html"]})
    lang = {"$ref": "#/components/parameters/lang"}
    made = {
        f"{root}/items": {
            "get": _call(
                f"Items of {name}", f"get{name.title()}Features",
                [form, lang, *(spatial if table.has_geometry else []), *slice_, *paging, *own], name,
            )
        }
    }  # fmt: skip
    if table.has_geometry:
        tiles = f"{root}/tiles"
        made[tiles] = {"get": _call(f"Tilesets of {name}", f"get{name.title()}Tilesets", [], name)}
        made[f"{tiles}/WebMercatorQuad"] = {
            "get": _call(f"The tileset of {name}", f"get{name.title()}Tileset", [], name)
        }
        made[f"{tiles}/WebMercatorQuad/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"] = {
            "get": _call(f"A vector tile of {name}", f"get{name.title()}Tile", [*_TILE, *slice_], name)
        }
    if table.has_months and "district" in table.keys:
        made[f"{root}/values"] = {
            "get": _call(
                f"Columns of {name} by month and district", f"get{name.title()}Values",
                [*slice_, _parameter("columns", "Columns wanted, with commas.", _TEXT)], name,
            )
        }  # fmt: skip
    return made


def _schema(kind: str) -> dict[str, Any]:
    return {"integer": {"type": "integer"}, "number": {"type": "number"}, "boolean": {"type": "boolean"}}.get(
        kind, _TEXT
    )
