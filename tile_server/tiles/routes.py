"""Tilesets of a collection: what there is, TileJSON, and the vector tiles themselves."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import numpy as np

from gis_layers.tiles.figures import tile_fields, vector_layers
from gis_layers.tiles.grid import covering

from ..answers import Call, json_answer
from ..cache import Answer
from ..collections import Collection
from ..errors import bad_request, not_found
from ..query import Days, read_datetime, read_offences
from ..table import Rows, Table
from ..values import of_attribute, one_offence
from .encode import tile_of

MVT = "application/vnd.mapbox-vector-tile"
_GRID = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
_WEB_MERCATOR = "http://www.opengis.net/def/crs/EPSG/0/3857"
_REL = "http://www.opengis.net/def/rel/ogc/1.0"


def _tiled(call: Call) -> Collection:
    collection = call.snapshot.collection(call.path["layer"])
    if not collection.table.has_geometry:
        raise not_found(f"{collection.id} has no geometry, so it has no tiles")
    return collection


def _slice(call: Call, collection: Collection) -> Rows:
    """Return the rows of the one month and offence that a tile shows, the newest and `all` by default."""
    table = collection.table
    days = read_datetime(collection, call.params.get("datetime"))
    if table.has_interval:
        return table.rows(
            collection.blocks(_offences(table, call.params.get("offence")), days or _newest(table))
        )
    offence = one_offence(collection, call.params.get("offence"))
    blocks = collection.blocks(None if offence is None else [offence], days)
    if len(blocks) > 1 and days is not None and None not in days:
        raise bad_request("a tile shows one month; datetime covers several")
    rows = table.rows(blocks[:1]) if len(blocks) else np.empty(0, dtype=np.int64)
    return of_attribute(table, rows, call.params.get("attribute"))


def _offences(table: Table, text: str | None) -> list[str] | None:
    """Return the offences of a tile of rows that last: `all` by default, or every one where there is no `all`."""
    if text is None:
        return ["all"] if "all" in table.offences else None
    return read_offences(text)


def _newest(table: Table) -> Days | None:
    if not table.months:
        return None
    month = np.datetime64(table.months[-1], "M")
    return month.astype("datetime64[D]"), (month + 1).astype("datetime64[D]")


def tile(call: Call) -> Answer:
    """Answer a vector tile; empty inside the declared range, 404 outside it."""
    collection = _tiled(call)
    asked = tile_of(call.path["z"], call.path["row"], call.path["col"])
    if asked is None:
        raise not_found(
            f"tiles reach from zoom 0 to {call.snapshot.tiler.max_zoom}, rows and columns within the grid"
        )
    return Answer(call.snapshot.tiler.encode(asked, collection.table, _slice(call, collection)), MVT)


def tilesets(call: Call) -> Answer:
    """List the tilesets of a collection."""
    collection = _tiled(call)
    entry = _tileset(call, collection)
    entry["links"] = [link for link in entry["links"] if link["rel"] != "self"]
    here = f"{call.base}/collections/{collection.id}/tiles"
    entry["links"].insert(0, _link("self", "application/json", f"{here}/WebMercatorQuad", "The tileset"))
    return json_answer(
        {"tilesets": [entry], "links": [_link("self", "application/json", here, "This document")]}
    )


def tileset(call: Call) -> Answer:
    """Answer a tileset as OGC metadata or as TileJSON."""
    collection = _tiled(call)
    return json_answer(
        _tilejson(call, collection) if call.format == "tilejson" else _tileset(call, collection)
    )


def _link(rel: str, kind: str, href: str, title: str, **more: Any) -> dict[str, Any]:
    return {"rel": rel, "type": kind, "href": href, "title": title, **more}


def _tileset(call: Call, collection: Collection) -> dict[str, Any]:
    here = f"{call.base}/collections/{collection.id}/tiles/WebMercatorQuad"
    bbox = call.snapshot.places.bbox
    top = call.snapshot.tiler.max_zoom
    lines = collection.table.meta["geometry"] == "line"
    limits = []
    for z in range(top + 1):
        west, north, east, south = covering(bbox, z)
        limits.append(
            {
                "tileMatrix": str(z),
                "minTileRow": north,
                "maxTileRow": south,
                "minTileCol": west,
                "maxTileCol": east,
            }
        )
    return {
        "title": collection.title(call.lang),
        "description": collection.description(call.lang),
        "dataType": "vector",
        "crs": _WEB_MERCATOR,
        "tileMatrixSetURI": _GRID,
        "tileMatrixSetId": "WebMercatorQuad",
        "tileMatrixSetLimits": limits,
        "boundingBox": {
            "lowerLeft": bbox[:2],
            "upperRight": bbox[2:],
            "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        },
        "layers": [
            {
                "id": layer["id"],
                "dataType": "vector",
                "geometryDimension": 1 if lines or layer["id"] == "parents" else 2,
                "propertiesSchema": {
                    "type": "object",
                    "properties": {name: {"type": kind.lower()} for name, kind in layer["fields"].items()},
                },
            }
            for layer in _layers(call, collection)
        ],
        "links": [
            _link("self", "application/json", here, "This document"),
            _link("alternate", "application/json", f"{here}?f=tilejson", "TileJSON"),
            _link(f"{_REL}/tiling-scheme", "application/json", _GRID, "WebMercatorQuad"),
            _link("collection", "application/json", here.rsplit("/", 2)[0], collection.title(call.lang)),
            _link(
                "item", MVT, f"{here}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}?f=mvt", "Tiles", templated=True
            ),
        ],
    }


def _tilejson(call: Call, collection: Collection) -> dict[str, Any]:
    sliced = {"f": "mvt"} | {
        name: call.params[name] for name in ("datetime", "offence", "attribute") if name in call.params
    }
    _slice(call, collection)
    bbox = call.snapshot.places.bbox
    widest = max(bbox[2] - bbox[0], 1e-6)
    zoom = int(np.clip(np.log2(360 / widest), 0, call.snapshot.tiler.max_zoom))
    # Clients look for /{z}/{y}/{x} at the end of the template; only a slice that was asked for follows it.
    query = urlencode(sliced) if len(sliced) > 1 else ""
    address = f"{call.base}/collections/{collection.id}/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}"
    return {
        "tilejson": "3.0.0",
        "name": collection.title(call.lang),
        "description": collection.description(call.lang),
        "attribution": call.snapshot.catalogue["area"].get("attribution") or "",
        "version": "1.0.0",
        "scheme": "xyz",
        "tiles": [f"{address}?{query}" if query else address],
        "minzoom": 0,
        "maxzoom": call.snapshot.tiler.max_zoom,
        "bounds": bbox,
        "center": [(bbox[0] + bbox[2]) / 2, (bbox[1] + bbox[3]) / 2, zoom],
        "vector_layers": _layers(call, collection),
    }


def _layers(call: Call, collection: Collection) -> list[dict[str, Any]]:
    tiler, table = call.snapshot.tiler, collection.table
    has_borders = table.id == "districts" and tiler.parent_columns["parent"]
    return vector_layers(
        table.id,
        collection.description(call.lang),
        tile_fields(table.id, table.types, own_shapes=table.has_own_shapes),
        max_zoom=tiler.max_zoom,
        border_fields=list(tiler.parent_columns) if has_borders else [],
    )
