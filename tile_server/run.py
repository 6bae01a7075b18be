"""Run the server in this process, or in several workers."""

from __future__ import annotations

import os

from starlette.applications import Starlette

from .app import create_app
from .settings import ServerSettings

_HANDED_OVER = "AUDAN_SERVER_SETTINGS"


def serve(settings: ServerSettings, *, host: str = "127.0.0.1", port: int = 8000, workers: int = 1) -> None:
    """Serve until interrupted.

    Parameters
    ----------
    settings
        What is served.
    host, port
        Where to listen.
    workers
        Processes that answer; each holds the release.
    """
    import uvicorn

    # Ten seconds let every running answer end; a keep-alive of a browser does not hold up the stop.
    common = {
        "host": host,
        "port": port,
        "log_level": "warning",
        "timeout_graceful_shutdown": 10,
        "server_header": False,
        # Whose word is taken for a client's address is decided by the guard, from the settings alone.
        "proxy_headers": False,
        "http": "tile_server.bounds.protocol:BoundedProtocol",
        "limit_concurrency": settings.bounds.connections,
        # Nothing here speaks over web sockets.
        "ws": "none",
    }
    if workers == 1:
        uvicorn.run(create_app(settings), **common)  # type: ignore[arg-type]
        return
    # Workers are new processes that import their app by name: settings reach them as a variable.
    os.environ[_HANDED_OVER] = settings.to_json()
    try:
        uvicorn.run("tile_server.run:app_of_worker", factory=True, workers=workers, **common)  # type: ignore[arg-type]
    finally:
        del os.environ[_HANDED_OVER]


def app_of_worker() -> Starlette:
    """Return the app of one worker process."""
    return create_app(ServerSettings.from_json(os.environ[_HANDED_OVER]))
