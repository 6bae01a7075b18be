"""The gate before every route: credentials → grant → view; and what caches and other sites may do with the answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from anyio import to_thread
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gis_layers.errors import AudanError

from ..bounds.client import client_key, is_far, is_local
from ..errors import ApiError, TryLater, error_answer, on_audan_error
from ..settings import ServerSettings
from .book import Book
from .credentials import read_credential
from .grant import Grant, Unauthorized
from .lockout import Lockout
from .oidc import Provider, looks_like_jwt
from .views import View, Views

OPEN_PATHS = ("/healthz", "/readyz")
"""Asked by machines that watch the server; they tell nothing of what is served but the release's id."""

LOGIN = "/login"
"""Always asks for credentials: where a browser gets to know that there is something to log in to."""

EVERYBODY = Grant("", "", "public", anonymous=True)
LOCAL = Grant("local", "", "analyst", anonymous=True)

EXPOSED = (
    "Accept-Ranges, Content-Range, ETag, Link, Content-Crs, Content-Language, OGC-NumberMatched, OGC-NumberReturned, "
    "Retry-After"
)
_HOST = re.compile(r"([A-Za-z0-9.\-_]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:\d{1,5})?")
_FORWARDED = (b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip", b"via")

_UNKNOWN = "?"

Watch = Callable[[Scope, Grant, int], None]


class Gate:
    """Finds out who asks and what they see; the view stands in the request's state.

    Parameters
    ----------
    app
        The routes.
    settings, views
        What is served.
    book, provider, lockout
        The desk's tokens, the identity provider's (None without), and who waits.
    watch
        Called after each answer of the analyst edition with the request's scope, the grant and the status.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        settings: ServerSettings,
        views: Views,
        book: Book,
        provider: Provider | None,
        lockout: Lockout,
        watch: Watch,
    ) -> None:
        self.app, self.settings, self.views = app, settings, views
        self.book, self.provider, self.lockout, self.watch = book, provider, lockout, watch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or path in OPEN_PATHS:
            await self.app(scope, receive, send)
            return
        if scope["method"] == "OPTIONS" and self.settings.edition == "public" and _is_preflight(scope):
            await _answer_preflight(scope, receive, send)
            return
        try:
            grant = await self._identify(scope)
            view = self.views.ready(grant)
            if view is None:
                view = await to_thread.run_sync(partial(self.views.view, grant))
        except ApiError as error:
            await error_answer(error.status, error.description, error.headers)(scope, receive, send)
            if isinstance(error, Unauthorized) and error.claimed != "?":
                self.watch(scope, Grant(error.claimed, "", "analyst"), error.status)
            return
        except AudanError as error:
            await (await on_audan_error(Request(scope), error))(scope, receive, send)
            return
        scope.setdefault("state", {})["view"] = view
        status, seen = 500, view

        async def marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _mark(MutableHeaders(scope=message), seen)
            await send(message)

        try:
            await self.app(scope, receive, marked)
        finally:
            if view.edition == "analyst":
                self.watch(scope, grant, status)

    async def _identify(self, scope: Scope) -> Grant:
        if self.book.stale:
            await to_thread.run_sync(self.book.refresh)
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        guarded = self.book.any or self.provider is not None or self.settings.require_token
        # Without any token there is nothing to check: the header is then for somebody before us, a proxy.
        credential = read_credential(given) if guarded else None
        if credential is None:
            return self._anonymous(scope, guarded)
        client = _client(scope)
        identity = self._identity(credential)
        wait = self.lockout.wait(client, identity)
        if wait and identity != _UNKNOWN:
            raise _waiting(wait)
        try:
            grant = await self._check(credential)
        except Unauthorized as error:
            # What names no token of ours waits only while it is wrong: behind one address sit many people.
            if wait:
                raise _waiting(wait) from error
            self.lockout.failed(client, identity)
            raise
        self.lockout.succeeded(client, identity)
        return grant

    def _identity(self, credential: str) -> str:
        """Return what wrong credentials are counted under: a known id, or one name for all others."""
        parts = credential.split("_", 2)
        return parts[1] if len(parts) == 3 and self.book.knows(parts[1]) else _UNKNOWN

    async def _check(self, credential: str) -> Grant:
        if self.provider is not None and looks_like_jwt(credential):
            # The provider may have to be asked for its keys, so off the event loop.
            return await to_thread.run_sync(partial(self.provider.check, credential))
        return self.book.check(credential)

    def _anonymous(self, scope: Scope, guarded: bool) -> Grant:
        if scope["path"] == LOGIN:
            raise Unauthorized("give a token: as the password, with any user name")
        if self.settings.require_token or (guarded and self.settings.edition == "analyst"):
            raise Unauthorized("this server answers with a token only")
        if self.settings.edition == "public":
            return EVERYBODY
        _require_local(scope)
        return LOCAL


def _waiting(seconds: float) -> TryLater:
    return TryLater("too many wrong credentials; wait before the next", seconds)


def _require_local(scope: Scope) -> None:
    """Refuse what did not come from this machine's own browser straight to us.

    A server without tokens trusts whoever reaches it, so it must not be reached through a proxy, nor by a page
    of another site whose name was made to point to this machine (DNS rebinding).
    """
    headers = scope["headers"]
    hosts = [value.decode("latin-1") for name, value in headers if name == b"host"]
    found = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
    if found is None:
        raise ApiError(400, "the Host header is no host")
    near = is_local(found[1].strip("[]")) and not is_far(str((scope.get("client") or ("",))[0]))
    if not near or any(name in _FORWARDED for name, _ in headers):
        raise ApiError(
            421,
            "the analyst edition is served without tokens to this machine alone; make one with `audan tokens add`",
        )


def _client(scope: Scope) -> str:
    return client_key(str((scope.get("client") or ("?",))[0]))


def _mark(headers: MutableHeaders, view: View) -> None:
    """Say who may keep and read the answer."""
    headers.add_vary_header("Authorization")
    if view.private:
        kept = headers.get("cache-control", "")
        if "no-store" not in kept:
            headers["cache-control"] = (
                kept.replace("public", "private") if "public" in kept else "private, no-cache"
            )
        headers["cross-origin-resource-policy"] = "same-origin"
        return
    headers["cross-origin-resource-policy"] = "cross-origin"
    headers["access-control-allow-origin"] = "*"
    headers["access-control-expose-headers"] = EXPOSED


def _is_preflight(scope: Scope) -> bool:
    return any(name == b"access-control-request-method" for name, _ in scope["headers"])


async def _answer_preflight(scope: Scope, receive: Receive, send: Send) -> None:
    """Let any page read the public edition; `*` never lets it send credentials."""
    headers = [
        (b"access-control-allow-origin", b"*"),
        (b"access-control-allow-methods", b"GET, HEAD"),
        (b"access-control-allow-headers", b"*"),
        (b"access-control-max-age", b"600"),
        (b"content-length", b"0"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
