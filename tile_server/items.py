"""`/collections/{layer}/items`: pages of features and single features."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import numpy as np
import orjson

from .answers import Call
from .cache import Answer
from .collections import Collection
from .errors import bad_request, not_found
from .features import csv_text, geojson_features, properties
from .ogc.bridge import addressed
from .places import CRS84, known_crs
from .query import ItemsQuery, read_columns, read_items_query, read_offences
from .select import Page, select

GEOJSON = "application/geo+json"


def items(call: Call) -> Answer:
    """Answer a page of a collection as GeoJSON, CSV or a web page."""
    collection = call.snapshot.collection(call.path["layer"])
    query = read_items_query(collection, call.params)
    page = select(collection, query)
    spoken = (call.lang, call.snapshot.names) if call.asked_lang else None
    links = _links(call, collection, query, page)
    headers = _headers(collection, query.crs, links)
    if call.format == "csv":
        headers["OGC-NumberMatched"], headers["OGC-NumberReturned"] = str(page.matched), str(len(page.rows))
        headers["Content-Disposition"] = f'attachment; filename="{collection.id}.csv"'
        return Answer(csv_text(collection, page.rows, query.columns, spoken), "text/csv", headers)
    if call.format == "html":
        return _page(call, collection, query, page, links)
    features = geojson_features(collection, page.rows, query.columns, query.crs, spoken)
    body = b'{"type":"FeatureCollection","numberMatched":%d,"numberReturned":%d,"links":%s,"features":[' % (
        page.matched,
        len(features),
        orjson.dumps(links),
    )
    return Answer(body + b",".join(features) + b"]}", GEOJSON, headers)


def item(call: Call) -> Answer:
    """Answer one feature by its id."""
    collection = call.snapshot.collection(call.path["layer"])
    table = collection.table
    known = (
        "properties",
        *(("crs",) if table.has_geometry else ()),
        *(("offence",) if collection.latest else ()),
    )
    if unknown := [name for name in call.params if name not in known]:
        raise bad_request(f"unknown parameter {unknown[0][:64]!r}; an item takes f, lang, {', '.join(known)}")
    crs = known_crs(call.params.get("crs", CRS84))
    columns = read_columns(call.params.get("properties"), table.types, tuple(table.types))
    offences = (
        read_offences(call.params["offence"]) if "offence" in call.params and table.has_offences else None
    )
    row = collection.find(call.path["item"], offences)
    if row is None:
        raise not_found(f"{collection.id} has no item {call.path['item'][:200]!r}")
    rows = np.array([row], dtype=np.int64)
    here = f"{call.base}/collections/{collection.id}"
    links = [
        {"rel": "self", "type": GEOJSON, "href": _address(f"{here}/items/{call.path['item']}", call.params)},
        {"rel": "collection", "type": "application/json", "href": here},
    ]
    spoken = (call.lang, call.snapshot.names) if call.asked_lang else None
    if call.format == "html":
        data = {
            "id": collection.ids(rows)[0],
            "title": collection.title(call.lang),
            "collection": here,
            "properties": _shown(properties(collection, rows, columns, (call.lang, call.snapshot.names)))[0],
        }
        text = call.snapshot.bridge.render("collections/items/item.html", data, call.lang)
        return Answer(addressed(text, call.base).encode(), "text/html")
    feature = geojson_features(collection, rows, columns, crs, spoken)[0]
    body = feature[:-1] + b',"links":' + orjson.dumps(links) + b"}"
    return Answer(body, GEOJSON, _headers(collection, crs, links))


def _headers(collection: Collection, crs: str, links: list[dict[str, str]]) -> dict[str, str]:
    paging = [link for link in links if link["rel"] in ("next", "prev")]
    headers = (
        {"Link": ", ".join(f'<{link["href"]}>; rel="{link["rel"]}"' for link in paging)} if paging else {}
    )
    return headers | ({"Content-Crs": f"<{crs}>"} if collection.table.has_geometry else {})


def _address(path: str, params: dict[str, str], **changed: str) -> str:
    query = urlencode(params | changed, safe="/:,*")
    return f"{path}?{query}" if query else path


def _links(call: Call, collection: Collection, query: ItemsQuery, page: Page) -> list[dict[str, str]]:
    here = f"{call.base}/collections/{collection.id}"
    kinds = {"json": GEOJSON, "csv": "text/csv", "html": "text/html"}
    asked = call.params | ({"lang": call.lang} if call.asked_lang else {})
    links = [
        {
            "rel": "self" if form == call.format else "alternate",
            "type": kind,
            "title": f"This page as {form}",
            "href": _address(f"{here}/items", asked, f=form),
        }
        for form, kind in kinds.items()
    ]
    kind = kinds[call.format]
    turn = {"f": call.format, "limit": str(query.limit)}
    if query.offset + len(page.rows) < page.matched and len(page.rows):
        href = _address(f"{here}/items", asked, **turn, offset=str(query.offset + query.limit))
        links.append({"rel": "next", "type": kind, "title": "Next page", "href": href})
    if query.offset:
        href = _address(f"{here}/items", asked, **turn, offset=str(max(0, query.offset - query.limit)))
        links.append({"rel": "prev", "type": kind, "title": "Page before", "href": href})
    links.append(
        {"rel": "collection", "type": "application/json", "title": collection.title(call.lang), "href": here}
    )
    return links


def _page(
    call: Call, collection: Collection, query: ItemsQuery, page: Page, links: list[dict[str, str]]
) -> Answer:
    data = {
        "title": collection.title(call.lang),
        "collection": f"{call.base}/collections/{collection.id}",
        "links": links,
        "first": query.offset + 1,
        "last": query.offset + len(page.rows),
        "matched": page.matched,
        "ids": collection.ids(page.rows),
        "columns": list(query.columns),
        "rows": _shown(properties(collection, page.rows, query.columns)),
    }
    text = call.snapshot.bridge.render("collections/items/index.html", data, call.lang)
    return Answer(addressed(text, call.base).encode(), "text/html")


def _shown(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Write JSON columns as text for a page."""
    return [
        {
            name: orjson.dumps(value).decode() if isinstance(value, orjson.Fragment) else value
            for name, value in row.items()
        }
        for row in rows
    ]
