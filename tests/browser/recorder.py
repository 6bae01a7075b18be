"""A recorder between a browser and a server: everything that passes is kept, also what workers ask for."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

_HOP = {
    "connection",
    "transfer-encoding",
    "content-encoding",
    "content-length",
    "keep-alive",
    "date",
    "server",
}


class Recorder:
    """What passed: address, media type, body as the server meant it (unpacked)."""

    def __init__(self, target: str) -> None:
        self.passed: list[tuple[str, str, bytes]] = []
        recorder, client = self, httpx.Client(base_url=target)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                answer = client.get(self.path, headers=dict(self.headers.items()))
                recorder.passed.append((self.path, answer.headers.get("content-type", ""), answer.content))
                self.send_response(answer.status_code)
                for name, value in answer.headers.multi_items():
                    if name not in _HOP:
                        self.send_header(name, value)
                self.send_header("content-length", str(len(answer.content)))
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(answer.content)

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/"


@contextlib.contextmanager
def recording(target: str) -> Iterator[Recorder]:
    """Run a recorder before a server."""
    made = Recorder(target)
    threading.Thread(target=made.server.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()
