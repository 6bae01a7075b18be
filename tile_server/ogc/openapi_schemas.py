"""What our answers look like, for the OpenAPI document: schemas that every answer is held against in the tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
INTEGER: Schema = {"type": "integer"}
ANY: Schema = {}

_CODES: Schema = {"type": "array", "items": TEXT}
_LINKS: Schema = {"type": "array", "items": {"$ref": "#/components/schemas/link"}}
_COLUMN: Mapping[str, Schema] = {
    "integer": {"type": "integer", "nullable": True},
    "number": {"type": "number", "nullable": True},
    "boolean": {"type": "boolean", "nullable": True},
    "date": {"type": "string", "format": "date", "nullable": True},
    "text": {"type": "string", "nullable": True},
    "json": ANY,
}


_SHAPES = {"polygon": ["Polygon", "MultiPolygon"], "line": ["LineString", "MultiLineString"]}


def record(required: Mapping[str, Schema], *, closed: bool = False, **optional: Schema) -> Schema:
    """Return the schema of an object: names that it must have, and names that it may have."""
    made: Schema = {"type": "object", "properties": {**required, **optional}}
    if required:
        made["required"] = sorted(required)
    if closed:
        made["additionalProperties"] = False
    return made


def listed(items: Schema, **more: Any) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": items, **more}


def feature(types: Mapping[str, str], *, geometry: str) -> Schema:
    """Return the schema of a layer's feature: its columns and nothing else.

    Parameters
    ----------
    types
        Type of each column by name.
    geometry
        What the layer is drawn as, as the catalogue has it.
    """
    columns = {name: _COLUMN[kind] for name, kind in types.items()}
    shape: Schema = {"type": "object", "nullable": True}
    if kinds := _SHAPES.get(geometry):
        shape = record({"type": {"type": "string", "enum": kinds}, "coordinates": listed(ANY)}) | shape
    return record(
        {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": TEXT,
            "geometry": shape,
            "properties": record({}, closed=True, **columns, text=_COLUMN["text"]),
        },
        closed=True,
        links=_LINKS,
    )


def feature_collection(of: str) -> Schema:
    """Return the schema of a page of features."""
    return record(
        {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "numberMatched": {"type": "integer", "minimum": 0},
            "numberReturned": {"type": "integer", "minimum": 0},
            "links": _LINKS,
            "features": listed({"$ref": f"#/components/schemas/{of}"}),
        },
        closed=True,
    )


SCHEMAS: dict[str, Schema] = {
    "link": record({"href": TEXT, "rel": TEXT}, type=TEXT, title=TEXT, hreflang=TEXT),
    "exception": record({"code": TEXT, "type": TEXT, "status": INTEGER, "description": TEXT}, closed=True),
    "landing": record(
        {
            "title": TEXT,
            "links": _LINKS,
            "release": TEXT,
            "edition": {"type": "string", "enum": ["public", "analyst"]},
            "invented": {"type": "boolean"},
        }
    ),
    "conformance": record({"conformsTo": _CODES}, closed=True),
    "collection": record({"id": TEXT, "title": TEXT, "links": _LINKS, "extent": record({})}),
    "collections": record(
        {"collections": listed({"$ref": "#/components/schemas/collection"}), "links": _LINKS}
    ),
    "columns": record({"type": {"type": "string", "enum": ["object"]}, "properties": record({})}),
    "catalogue": record(
        {"area": record({"id": TEXT}), "layers": listed(record({"id": TEXT})), "release": TEXT}
    ),
    "tilesets": record({"tilesets": listed({"$ref": "#/components/schemas/tileset"}), "links": _LINKS}),
    "tileset": record({"tileMatrixSetURI": TEXT, "crs": TEXT, "dataType": TEXT, "links": _LINKS}),
    "tilejson": record(
        {
            "tilejson": TEXT,
            "tiles": _CODES,
            "vector_layers": listed(record({"id": TEXT})),
            "bounds": listed(ANY),
        }
    ),
    "values": record(
        {
            "release": TEXT,
            "layer": TEXT,
            "offence": {"type": "string", "nullable": True},
            "period": {"type": "string", "nullable": True},
            "months": _CODES,
            "districts": _CODES,
            "columns": {"type": "object", "additionalProperties": listed(listed(ANY))},
        },
        closed=True,
    ),
    "styles": record({"styles": listed(record({"id": TEXT, "links": _LINKS})), "links": _LINKS}, closed=True),
    "style": record({"version": INTEGER, "sources": record({}), "layers": listed(record({"id": TEXT}))}),
    "story": record({"release": TEXT, "story": record({"cell": record({})}), "text": TEXT}, closed=True),
    "signals": record(
        {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "title": TEXT,
            "edition": {"type": "string", "enum": ["public", "analyst"]},
            "updated": TEXT,
            "features": listed(record({"type": TEXT, "id": TEXT, "properties": {"type": "object"}})),
        }
    ),
    "messages": {"type": "object", "additionalProperties": TEXT},
    "health": record({"status": TEXT}, closed=True),
    "ready": record({"status": TEXT, "release": TEXT, "edition": TEXT}, closed=True, refused=TEXT),
}

ERRORS: dict[str, str] = {
    "400": "The request is at fault: an unknown parameter, or a value that it cannot have",
    "401": "No token where one is needed, or one that does not hold",
    "403": "The token opens nothing that this server holds",
    "404": "There is no such thing, or not for this caller",
    "413": "The body is too large",
    "414": "The path or the query is too long",
    "421": "The analyst edition is served without tokens to this machine alone",
    "429": "Asked too often, or with wrong credentials too often; see Retry-After",
    "431": "The headers are too large",
    "503": "No answer in time, or no release to answer from; see Retry-After",
}
