"""The one table from errors to HTTP answers, in the form of OGC API exceptions."""

from __future__ import annotations

import logging
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gis_layers.errors import AudanError, InputError, SystemFault, UsageError

LOGGER = logging.getLogger(__name__)

CODES = {
    400: "InvalidParameterValue",
    404: "NotFound",
    405: "MethodNotAllowed",
    406: "NotAcceptable",
    414: "UriTooLong",
    500: "NoApplicableCode",
    503: "ServiceUnavailable",
}

STATUS: dict[type[AudanError], int] = {UsageError: 400, InputError: 500, SystemFault: 503}


class ApiError(Exception):
    """An error with its HTTP status and a sentence for the caller."""

    def __init__(self, status: int, description: str) -> None:
        self.status = status
        self.description = description
        super().__init__(description)


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


def _answer(status: int, description: str) -> Response:
    headers = {"Cache-Control": "no-store", **({"Retry-After": "1"} if status == 503 else {})}
    return Response(exception_body(status, description), status, headers, media_type="application/json")


async def on_api_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return _answer(error.status, error.description)


async def on_audan_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, AudanError)
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
    if status >= 500:
        # The text may name files of this machine: it belongs in the log, not in the answer.
        LOGGER.error("%s", error)
        return _answer(status, "the server cannot answer now")
    return _answer(status, str(error))


async def on_http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    texts = {404: "there is nothing at this address", 405: "this address answers GET and HEAD"}
    return _answer(error.status_code, texts.get(error.status_code, error.detail))


async def on_any_error(_: Request, error: Exception) -> Response:
    # Starlette raises the error again after this answer, and uvicorn logs it.
    del error
    return _answer(500, "the server made an error; it is in its log")


HANDLERS: dict[Any, Any] = {
    ApiError: on_api_error,
    AudanError: on_audan_error,
    HTTPException: on_http_error,
    Exception: on_any_error,
}
