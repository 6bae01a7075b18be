"""A server with a small pretended area, so that the web map is tested apart from the rest of the project.

It answers what the map asks of the real server, under a strict content security policy. It can be run by hand:
``python tests/browser/pretend_server.py [PORT] [analyst|public]``.
"""

from __future__ import annotations

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from pretend_area import Area

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "tile_server" / "web" / "dist"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".pbf": "application/x-protobuf",
    ".json": "application/json",
}


class Handler(BaseHTTPRequestHandler):
    """Answers the map's requests; anything it does not know is a 404."""

    area: Area
    ready: dict[str, tuple[bytes, str] | None]
    """Answers by address: an area never changes, and a browser asks for the same anew with every page."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        return

    def do_GET(self) -> None:
        if self.path not in self.ready:
            self.ready[self.path] = self._answer()
        answer = self.ready[self.path]
        body, kind = answer or (b"not found", "text/plain")
        self.send_response(200 if answer else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body)

    def _answer(self) -> tuple[bytes, str] | None:
        url = urlsplit(self.path)
        query = {key: found[0] for key, found in parse_qs(url.query).items()}
        path = unquote(url.path).strip("/")
        return self._data(path, query) or self._file(path or "index.html")

    def _data(self, path: str, query: dict[str, str]) -> tuple[bytes, str] | None:
        area, parts = self.area, path.split("/")
        if path.startswith("collections/districts/tiles/WebMercatorQuad/"):
            z, row, column = (int(part) for part in parts[-3:])
            return area.tile(z, row, column), "application/vnd.mapbox-vector-tile"
        if path == "catalogue":
            found: Any = area.catalogue
        elif path == "collections/districts/items":
            found = area.districts()
        elif path == "collections/offences/items":
            found = area.offences()
        elif len(parts) == 3 and parts[0] == "collections" and parts[2] == "values":
            found = area.values(parts[1], query)
        elif path in ("collections/clusters/items", "collections/spread_paths/items"):
            found = area.found(parts[1], query.get("offence"))
        elif path == "collections/safety/items":
            text = f"In district {query['district']} fewer offences are recorded than in most."
            found = {
                "type": "FeatureCollection",
                "features": [
                    {
                        "type": "Feature",
                        "geometry": None,
                        "properties": {f"text_{k}": text for k in ("en", "ru", "kk")},
                    }
                ],
            }
        elif path == "explain":
            cell = f"{query['district']}, {query['offence']}, {query['datetime']}"
            found = {"text": f"{cell}: more than its peers lead one to expect ({query['lang']})."}
        else:
            return None
        return json.dumps(found).encode(), "application/json"

    def _file(self, path: str) -> tuple[bytes, str] | None:
        folder = ROOT / "gis_layers" if path.startswith("messages/") else DIST
        file = (folder / path).resolve()
        if not file.is_relative_to(folder) or not file.is_file():
            return None
        return file.read_bytes(), TYPES.get(file.suffix, "application/octet-stream")


def serve(edition: str = "analyst", port: int = 0) -> ThreadingHTTPServer:
    """Start the server on loopback in a thread of its own; `shutdown` ends it."""
    handler = type("BoundHandler", (Handler,), {"area": Area(edition), "ready": {}})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


if __name__ == "__main__":
    running = serve(
        sys.argv[2] if len(sys.argv) > 2 else "analyst", int(sys.argv[1]) if len(sys.argv) > 1 else 8099
    )
    sys.stdout.write(f"http://127.0.0.1:{running.server_port}/\n")
    threading.Event().wait()
