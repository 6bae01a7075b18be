"""Whether the process lives, and whether it serves a release."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .release import Current

_HEADERS = {"Cache-Control": "no-store"}


async def healthz(_: Request) -> Response:
    """Say that the process answers."""
    return JSONResponse({"status": "ok"}, headers=_HEADERS)


async def readyz(request: Request) -> Response:
    """Say which release is served, of which edition, and which one should be but cannot be (`refused`)."""
    current: Current = request.app.state.current
    made = {"status": "ready", "release": current.snapshot.release, "edition": current.settings.edition}
    if current.refused:
        made["refused"] = current.refused
    return JSONResponse(made, headers=_HEADERS)
