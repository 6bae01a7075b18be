"""A server of the tiny area in a process of its own, as real clients meet it."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from tile_server import ServerSettings

ROOT = Path(__file__).resolve().parent.parent

_PROGRAM = "import sys; from tile_server import ServerSettings, serve; "
_PROGRAM += "serve(ServerSettings.from_json(sys.argv[1]), port=int(sys.argv[2]), workers=int(sys.argv[3]))"


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def live(settings: ServerSettings, workers: int = 1) -> Iterator[str]:
    """Run a server and give its address; stop it at the end."""
    port = free_port()
    command = [sys.executable, "-c", _PROGRAM, settings.to_json(), str(port), str(workers)]
    # The server must not share our interpreter: GDAL holds its lock while it waits for an answer.
    with subprocess.Popen(command, cwd=ROOT) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            # one client: each would read the certificates of the world anew
            with httpx.Client() as probe:
                for _ in range(300):
                    with contextlib.suppress(httpx.HTTPError):
                        if probe.get(f"{address}/readyz").status_code == 200:
                            break
                    assert process.poll() is None, "the server ended at once"
                    time.sleep(0.1)
            yield address
        finally:
            process.terminate()
            process.wait(20)


@contextlib.contextmanager
def calling(settings: ServerSettings) -> Iterator[httpx.Client]:
    """Run a server and give a client of it."""
    with live(settings) as address, httpx.Client(base_url=address) as made:
        yield made
