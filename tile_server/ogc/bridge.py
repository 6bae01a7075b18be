"""pygeoapi inside: its `API` class describes a release, each document is answered from memory afterwards."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import orjson
import pygeoapi.api as core
from pygeoapi.api import API, APIRequest, itemtypes
from pygeoapi.util import render_j2_template

from ..collections import Collection
from ..errors import ApiError
from ..places import Places
from .config import BASE, make_config
from .openapi import our_openapi
from .registry import Source, register

# pygeoapi's /conformance appends to a list of the module on every call: one call at a time, and undone.
_LOCK = threading.Lock()

_FEATURES = "http://www.opengis.net/spec/ogcapi-features"
_TILES = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf"
OURS = [
    f"{_FEATURES}-3/1.0/conf/{name}"
    for name in ("filter", "features-filter", "queryables", "queryables-query-parameters")
] + [
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
    "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions",
    f"{_TILES}/core",
    f"{_TILES}/tileset",
    f"{_TILES}/tilesets-list",
    f"{_TILES}/geodata-tilesets",
    f"{_TILES}/mvt",
    "http://www.opengis.net/spec/ogcapi-styles-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-styles-1/1.0/conf/mapbox-styles",
    "http://www.opengis.net/spec/ogcapi-styles-1/1.0/conf/sld-10",
]


class Bridge:
    """pygeoapi over the collections of one snapshot.

    Every document that a release determines is made here, with `BASE` for the server's address.
    """

    def __init__(
        self,
        release: str,
        catalogue: Mapping[str, Any],
        collections: Mapping[str, Collection],
        places: Places,
    ) -> None:
        self._source = Source(collections)
        config = make_config(register(self._source, release), catalogue, collections, places)
        with _LOCK:
            self.openapi = our_openapi(list(collections.values()), catalogue)
            self.api = API(config, self.openapi)
        self.conforms_to = self._conformance()

    def json(self, function: Callable[..., Any], lang: str, *arguments: str) -> dict[str, Any]:
        """Call a function of pygeoapi and return its JSON document."""
        return dict(orjson.loads(self._call(function, "json", lang, *arguments)))

    def html(self, function: Callable[..., Any], lang: str, *arguments: str) -> str:
        """Call a function of pygeoapi and return its page."""
        return self._call(function, "html", lang, *arguments)

    def render(self, template: str, data: Mapping[str, Any], lang: str) -> str:
        """Return a page of a template with our own data."""
        places = self.api.config["server"]["templates"]
        return str(render_j2_template(self.api.tpl_config, places, template, data, lang))

    def _call(self, function: Callable[..., Any], form: str, lang: str, *arguments: str) -> str:
        asked = SimpleNamespace(query_params={"f": form, "lang": lang}, headers={}, scope={"path": "/"})
        request = APIRequest(asked, self.api.locales)
        with _LOCK:
            kept = len(core.CONFORMANCE_CLASSES)
            try:
                _, status, content = function(self.api, request, *arguments)
            finally:
                del core.CONFORMANCE_CLASSES[kept:]
        if status >= 400:
            said = str(orjson.loads(content)["description"]) if form == "json" else "there is no such page"
            raise ApiError(int(status), said)
        return content if isinstance(content, str) else bytes(content).decode()

    def _conformance(self) -> list[str]:
        listed = self.json(core.conformance, self.api.config["server"]["languages"][0])["conformsTo"]
        # Part 4 is for writing, which no route here does.
        kept = [name for name in listed if "ogcapi-features-4" not in name]
        return sorted({*kept, *OURS})


def addressed(text: str, base: str) -> str:
    """Put the server's address into what was rendered."""
    return text.replace(BASE, base)


describe_collections = core.describe_collections
landing_page = core.landing_page
conformance_page = core.conformance
collection_schema = core.get_collection_schema
collection_queryables = itemtypes.get_collection_queryables
