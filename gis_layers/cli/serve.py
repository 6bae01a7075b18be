"""`audan serve`: OGC API, tiles and the web map of a store."""

from __future__ import annotations

import ipaddress
from pathlib import Path
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
    require_token: Annotated[
        bool, typer.Option("--require-token", help="Answer nobody without a token, whatever the edition.")
    ] = False,
    trusted_proxy: Annotated[
        list[str] | None,
        typer.Option(
            help="Address or network of a proxy whose X-Forwarded-For is believed. May be repeated."
        ),
    ] = None,
    settings_file: Annotated[
        Path | None,
        typer.Option(
            "--settings",
            metavar="FILE.toml",
            envvar="AUDAN_SERVER",
            help="Bounds, proxies, identity provider.",
        ),
    ] = None,
) -> None:
    """Serve the current release; a new one is picked up without a restart.

    The edition is what callers without a token see: `public` for everybody, and a token (`audan tokens`) opens the
    analyst edition. `analyst` answers this machine alone while there are no tokens, and nobody without one afterwards.

    Example: `audan serve --store store/ --edition public --port 8000`
    """
    from tile_server import ServerSettings
    from tile_server import serve as run
    from tile_server.settings_file import read_settings_file

    read = read_settings_file(settings_file) if settings_file else {}
    guarded = require_token or read.get("oidc") is not None or has_tokens(store)
    if edition == EditionName.analyst and not guarded and not is_loopback(host):
        raise UsageError(
            "without tokens the analyst edition is served on loopback only",
            Where(value=host),
            remedy="make a token with `audan tokens add`, use --host 127.0.0.1, or serve the public edition",
        )
    given = {"base_url": base_url, "basemap": basemap, "trusted_proxies": tuple(trusted_proxy or ())}
    run(
        ServerSettings(
            store=store,
            edition=edition.value,
            # Decided once: tokens that are taken away later never open a guarded server.
            require_token=require_token or (edition == EditionName.analyst and guarded),
            **{**read, **{name: value for name, value in given.items() if value}},
        ),
        host=host,
        port=port,
        workers=workers,
    )


def has_tokens(store: Path) -> bool:
    """Return whether a store's desk holds tokens, also ones that hold no more."""
    from ..desk import list_tokens, open_desk

    try:
        with open_desk(store, create=False) as desk:
            return bool(list_tokens(desk))
    except FileNotFoundError:
        return False


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
