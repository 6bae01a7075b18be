"""The server: settings → snapshot → routes → one table of errors. Reading this file is reading the server.

store ──> Current ──> Snapshot (tables, shapes, pygeoapi's documents, ready answers)
request ──> Guard (bounds) ──> Gate: credentials ──> grant ──> view of an edition, narrowed to a scope
        ──> Hot route: checked call ──> handler(call) ──> Answer ──> tag, packing, 304
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from . import static
from .answers import Hot
from .auth.book import Book
from .auth.gate import LOGIN, Gate
from .auth.lockout import Lockout
from .auth.login import logged_in
from .auth.oidc import Provider
from .auth.trace import Trace
from .auth.views import Views
from .bounds.guard import Guard
from .coverage import coverage
from .errors import HANDLERS
from .explain import explain
from .feeds import FILTERS, signals_atom, signals_geojson
from .health import healthz, readyz
from .items import item, items
from .ogc import documents
from .settings import ServerSettings
from .styles import style, styles
from .tiles.routes import tile, tileset, tilesets
from .values import values

_SLICE = ("datetime", "offence")
_TILED = (*_SLICE, "attribute")
_LAYER = "/collections/{layer}"
_GRID = _LAYER + "/tiles/WebMercatorQuad"
_PAGE = ("json", "html")

HOT = (
    Hot("/", static.landing, _PAGE, people_first=True),
    Hot("/conformance", documents.conformance, _PAGE),
    Hot("/api", documents.api, _PAGE),
    Hot("/catalogue", documents.catalogue),
    Hot("/collections", documents.collections, _PAGE),
    Hot(_LAYER, documents.collection, _PAGE),
    Hot(_LAYER + "/queryables", documents.queryables, _PAGE),
    Hot(_LAYER + "/schema", documents.schema, _PAGE),
    Hot(_LAYER + "/items", items, ("json", "csv", "html"), params=None),
    Hot(_LAYER + "/items/{item}", item, _PAGE, params=None),
    Hot(_LAYER + "/values", values, params=(*_TILED, "columns", "properties")),
    Hot(_LAYER + "/coverage", coverage, ("geotiff",), params=(*_SLICE, "period")),
    Hot(_LAYER + "/tiles", tilesets),
    Hot(_GRID, tileset, ("json", "tilejson"), params=_TILED),
    Hot(_GRID + "/{z}/{row}/{col}", tile, ("mvt",), params=_TILED),
    Hot("/styles", styles),
    Hot("/styles/{style}", style, ("maplibre", "sld", "qml")),
    Hot("/explain", explain, params=("district", "cluster", "path", *_SLICE)),
    Hot("/feeds/signals.atom", signals_atom, ("atom",), params=FILTERS),
    Hot("/feeds/signals.geojson", signals_geojson, params=FILTERS),
    Hot("/messages/{language}.json", static.messages),
    Hot("/glyphs/{fontstack}/{range}.pbf", static.glyphs, ("pbf",)),
    Hot("/assets/{name:path}", static.asset, ("file",)),
    Hot("/favicon.ico", static.icon, ("file",)),
    Hot("/favicon.svg", static.icon, ("file",)),
)


def create_app(settings: ServerSettings) -> Starlette:
    """Return the server of a store's current release.

    Raises
    ------
    SystemFault
        If the store has no release, or the release lacks the edition.
    """
    views, book, trace = Views(settings), Book(settings.store), Trace(settings.store)
    book.refresh()

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        trace.start()
        following = asyncio.create_task(views.follow())
        yield
        following.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await following
        await asyncio.to_thread(trace.stop)

    routes = [Route("/healthz", healthz), Route("/readyz", readyz), Route(LOGIN, logged_in)]
    routes += [Route(hot.path, hot.answer, methods=["GET"]) for hot in HOT]
    gate = Middleware(
        Gate,
        settings=settings,
        views=views,
        book=book,
        provider=Provider(settings.oidc) if settings.oidc else None,
        lockout=Lockout(settings.bounds.wrong_credentials),
        watch=trace.watch,
    )
    app = Starlette(
        routes=routes,
        exception_handlers=HANDLERS,
        lifespan=lifespan,
        middleware=[Middleware(Guard, settings=settings), gate],
    )
    # A slash too many is no other address: a redirect would carry the caller, and the token, somewhere else.
    app.router.redirect_slashes = False
    app.state.current, app.state.settings, app.state.trace = views.home, settings, trace
    return app
