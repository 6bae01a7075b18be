"""Files of the web map and messages: listed first, found by name in the list, never by a path."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from gis_layers.messages import __file__ as _messages

from .answers import Call
from .cache import Answer
from .errors import not_found
from .ogc import bridge, documents

DIST = Path(__file__).parent / "web" / "dist"
MESSAGES = Path(_messages).parent

_TYPES = {
    ".pbf": "application/x-protobuf",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}


@dataclass
class Listed:
    """The files under a folder, by their path from it with slashes."""

    folder: Path
    pattern: str = "**/*"
    _stamp: float = field(default=-1.0, repr=False)

    @cached_property
    def _paths(self) -> dict[str, Path]:
        return {}

    def _files(self) -> dict[str, Path]:
        # A map that is built anew beside a running server is seen by its index.
        index = self.folder / "index.html"
        stamp = index.stat().st_mtime if index.is_file() else 0.0
        if stamp != self._stamp or not self._paths:
            self._paths.clear()
            for path in self.folder.glob(self.pattern) if self.folder.is_dir() else []:
                if path.is_file():
                    self._paths[path.relative_to(self.folder).as_posix()] = path
            self._stamp = stamp
        return self._paths

    def read(self, name: str, cache: str) -> Answer:
        """Answer a listed file.

        Parameters
        ----------
        name
            Name in the list; anything else is a 404.
        cache
            Value of Cache-Control.
        """
        path = self._files().get(name)
        if path is None:
            raise not_found("there is no such file")
        kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return Answer(path.read_bytes(), kind, {"Cache-Control": cache})


WEB = Listed(DIST)
TEXTS = Listed(MESSAGES, "*.json")


def landing(call: Call) -> Answer:
    """Answer `/`: the map for people, the landing page of the API for machines."""
    if call.format == "json":
        return documents.landing(call)
    if "index.html" in WEB._files():
        return WEB.read("index.html", "no-cache")
    page = call.snapshot.bridge.html(bridge.describe_collections, call.lang)
    return Answer(bridge.addressed(page, call.base).encode(), "text/html", {"Cache-Control": "no-cache"})


def asset(call: Call) -> Answer:
    """Answer a file of the map; its name holds a hash, so it never changes."""
    return WEB.read(f"assets/{call.path['name']}", "public, max-age=31536000, immutable")


def glyphs(call: Call) -> Answer:
    """Answer a range of glyphs; of several fonts the first that we have."""
    for font in call.path["fontstack"].split(",")[:8]:
        name = f"glyphs/{font.strip()}/{call.path['range']}.pbf"
        if name in WEB._files():
            return WEB.read(name, "public, max-age=86400")
    raise not_found("there are no such glyphs")


def messages(call: Call) -> Answer:
    """Answer the sentences of a language."""
    return TEXTS.read(f"{call.path['language']}.json", "public, max-age=300")


def icon(call: Call) -> Answer:
    """Answer an icon or a manifest that lies beside the map's page."""
    return WEB.read(call.route.strip("/"), "public, max-age=86400")
