"""The guard before the gate: who asks, how often, how much and how long; and headers on every answer."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..errors import ApiError, TryLater, error_answer
from ..settings import ServerSettings
from .client import client_address, client_key, is_in, is_local, read_networks
from .policy import security_headers
from .rate import Buckets


class Guard:
    """Refuses what passes the bounds before anything is done for it.

    Parameters
    ----------
    app
        The gate and the routes behind it.
    settings
        The server's settings.
    buckets
        How often each client may ask; made from the settings by default.
    """

    def __init__(self, app: ASGIApp, *, settings: ServerSettings, buckets: Buckets | None = None) -> None:
        self.app, self.bounds = app, settings.bounds
        self.trusted = read_networks(settings.trusted_proxies)
        self.buckets = buckets or Buckets(self.bounds.rate, self.bounds.burst)
        self.headers = security_headers(
            settings.basemap,
            embeddable=settings.edition == "public",
            https=(settings.base_url or "").startswith("https://"),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def headed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = [*message.get("headers", []), *self.headers]
            await send(message)

        try:
            self._admit(scope)
            async with asyncio.timeout(self.bounds.seconds):
                await self.app(scope, self._bounded(scope, receive), headed)
        except ApiError as error:
            await error_answer(error.status, error.description, error.headers)(scope, receive, headed)
        except TimeoutError:
            if started:
                raise
            late = f"no answer within {self.bounds.seconds:g} seconds; ask for less"
            await error_answer(503, late, {"Connection": ("close",)})(scope, receive, headed)
        except Exception:
            # Starlette's own answer to an error would lack the headers; the error goes on to the log.
            if not started:
                with suppress(Exception):
                    await error_answer(500, "the server made an error; it is in its log")(
                        scope, receive, headed
                    )
            raise

    def _admit(self, scope: Scope) -> None:
        bounds, headers = self.bounds, scope["headers"]
        self._find_client(scope)
        if (
            len(headers) > bounds.headers
            or sum(len(name) + len(value) for name, value in headers) > bounds.header_bytes
        ):
            raise ApiError(431, "the headers are too many or too large")
        if len(scope["path"]) > bounds.path_length:
            raise ApiError(414, f"the path is longer than {bounds.path_length} characters")
        query = scope.get("query_string", b"")
        if len(query) > bounds.query_length:
            raise ApiError(414, f"the query is longer than {bounds.query_length} characters")
        if query.count(b"&") >= bounds.parameters:
            raise ApiError(400, f"there are more than {bounds.parameters} parameters")
        length = next((value for name, value in headers if name == b"content-length"), b"0")
        if length.isdigit() and int(length[:15]) > bounds.body_bytes:
            raise ApiError(
                413, f"the body is larger than {bounds.body_bytes} bytes", {"Connection": ("close",)}
            )
        client = scope["client"][0]
        # A proxy on this machine that is not declared would share one bucket among all its clients.
        if not is_local(client) and (wait := self.buckets.take(client_key(client))):
            raise TryLater("too many requests; wait before the next", wait)

    def _find_client(self, scope: Scope) -> None:
        """Put the client's own address and scheme in the place of a trusted proxy's."""
        peer, port = scope.get("client") or ("?", 0)
        headers = scope["headers"]
        named = [value.decode("latin-1") for name, value in headers if name == b"x-forwarded-for"]
        scope["client"] = (client_address(peer, named, self.trusted), port)
        if is_in(peer, self.trusted):
            schemes = [value for name, value in headers if name == b"x-forwarded-proto"]
            if schemes and schemes[-1] in (b"http", b"https"):
                scope["scheme"] = schemes[-1].decode()

    def _bounded(self, scope: Scope, receive: Receive) -> Receive:
        """Refuse a body that grows beyond the bound without having said so."""
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self.bounds.body_bytes:
                raise ApiError(413, f"the body is larger than {self.bounds.body_bytes} bytes")
            return message

        return counted
