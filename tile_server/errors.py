"""The one table from errors to HTTP answers, in the form of OGC API exceptions."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gis_layers.errors import AudanError, InputError, SystemFault, UsageError

LOGGER = logging.getLogger(__name__)

CODES = {
    400: "InvalidParameterValue",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    406: "NotAcceptable",
    413: "ContentTooLarge",
    414: "UriTooLong",
    421: "MisdirectedRequest",
    429: "TooManyRequests",
    431: "RequestHeaderFieldsTooLarge",
    500: "NoApplicableCode",
    503: "ServiceUnavailable",
}

STATUS: dict[type[AudanError], int] = {UsageError: 400, InputError: 500, SystemFault: 503}


class ApiError(Exception):
    """An error with its HTTP status and a sentence for the caller."""

    def __init__(
        self, status: int, description: str, headers: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self.status = status
        self.description = description
        self.headers = headers or {}
        super().__init__(description)


class TryLater(ApiError):
    """Asked too often (429)."""

    def __init__(self, description: str, seconds: float) -> None:
        super().__init__(429, description, {"Retry-After": (str(max(1, int(seconds + 0.999))),)})


def bad_request(description: str) -> ApiError:
    """Say that the request is at fault (400)."""
    return ApiError(400, description)


def not_found(description: str) -> ApiError:
    """Say that there is no such thing (404)."""
    return ApiError(404, description)


def exception_body(status: int, description: str) -> bytes:
    """Return the body of an OGC API exception."""
    code = CODES.get(status, "NoApplicableCode")
    return orjson.dumps({"code": code, "type": code, "status": status, "description": description})


def error_answer(
    status: int, description: str, headers: Mapping[str, Sequence[str]] | None = None
) -> Response:
    """Return an answer with an OGC API exception; a header may stand several times."""
    own = {"Cache-Control": "no-store", **({"Retry-After": "1"} if status == 503 else {})}
    answer = Response(exception_body(status, description), status, own, media_type="application/json")
    for name, values in (headers or {}).items():
        for value in values:
            answer.headers.append(name, value)
    return answer


async def on_api_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return error_answer(error.status, error.description, error.headers)


async def on_audan_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, AudanError)
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
    if status >= 500:
        # The text may name files of this machine: it belongs in the log, not in the answer.
        LOGGER.error("%s", error)
        return error_answer(status, "the server cannot answer now")
    return error_answer(status, str(error))


async def on_http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    texts = {404: "there is nothing at this address", 405: "this address answers GET and HEAD"}
    headers = {name: (value,) for name, value in (error.headers or {}).items()}
    return error_answer(error.status_code, texts.get(error.status_code, error.detail), headers)


async def on_any_error(_: Request, error: Exception) -> Response:
    # Starlette raises the error again after this answer, and uvicorn logs it.
    del error
    return error_answer(500, "the server made an error; it is in its log")


HANDLERS: dict[Any, Any] = {
    ApiError: on_api_error,
    AudanError: on_audan_error,
    HTTPException: on_http_error,
    Exception: on_any_error,
}
