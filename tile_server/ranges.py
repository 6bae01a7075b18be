"""Parts of a file by ranges of bytes (RFC 9110, 14): what readers of Cloud-Optimized GeoTIFF ask for."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response

from .cache import Answer

RANGED = {"Accept-Ranges": "bytes"}
"""Headers of an answer that may be asked for in parts."""

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def partial(request: Request, answer: Answer, headers: dict[str, str]) -> Response | None:
    """Return the part of an answer that a request asks for, None where the whole is to be sent.

    Several ranges, another unit, a form that is none, or an `If-Range` of another version get the whole, as the
    standard allows; a range that begins behind the end is a 416.
    """
    asked, size = request.headers.get("range"), len(answer.body)
    if asked is None or "Accept-Ranges" not in headers or request.method != "GET":
        return None
    if request.headers.get("if-range", headers.get("ETag")) != headers.get("ETag"):
        return None
    found = _RANGE.fullmatch(asked.strip())
    if found is None or found.groups() == ("", ""):
        return None
    begin, end = found.groups()
    if not begin:
        first, last = max(size - int(end), 0), size - 1
    else:
        first, last = int(begin), min(int(end), size - 1) if end else size - 1
        if end and int(end) < first:
            return None
    if first >= size:
        return Response(status_code=416, headers=headers | {"Content-Range": f"bytes */{size}"})
    part = answer.body[first : last + 1]
    return Response(
        part,
        status_code=206,
        headers=headers | {"Content-Range": f"bytes {first}-{last}/{size}"},
        media_type=answer.media_type,
    )
