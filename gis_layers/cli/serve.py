"""`audan serve`: OGC API, tiles and the web map of a store."""

from __future__ import annotations

import ipaddress
from typing import Annotated

import typer

from ..errors import UsageError, Where
from .options import EditionName, Store


def serve(
    store: Store,
    edition: EditionName = EditionName.public,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Processes that answer.")] = 1,
    base_url: Annotated[
        str | None, typer.Option(help="Public address, where a proxy stands before it.")
    ] = None,
    basemap: Annotated[
        str | None, typer.Option(help="Address of a MapLibre style to draw beneath the map.")
    ] = None,
) -> None:
    """Serve the current release; a new one is picked up without a restart.

    Example: `audan serve --store store/ --edition public --port 8000`
    """
    from tile_server import ServerSettings
    from tile_server import serve as run

    if edition == EditionName.analyst and not is_loopback(host):
        raise UsageError(
            "the analyst edition is served on loopback only",
            Where(value=host),
            remedy="use --host 127.0.0.1, or serve the public edition",
        )
    run(
        ServerSettings(store=store, edition=edition.value, base_url=base_url, basemap=basemap),
        host=host,
        port=port,
        workers=workers,
    )


def is_loopback(host: str) -> bool:
    """Return whether an address is this machine's own.

    Examples
    --------
    >>> is_loopback("127.0.0.1"), is_loopback("0.0.0.0")
    (True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
