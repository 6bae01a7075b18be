"""A browser, the built map and the pretended server, for the tests of the web map."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pretend_server
import pytest
from live import live
from playwright.sync_api import Browser, sync_playwright
from tiny import tiny_release
from visits import DESKTOP, Visit

from tile_server import ServerSettings

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def messages(root: Path) -> dict[str, dict[str, str]]:
    """The message files by language."""
    folder = root / "gis_layers" / "messages"
    return {
        lang: json.loads((folder / f"{lang}.json").read_text(encoding="utf-8")) for lang in ("en", "ru", "kk")
    }


@pytest.fixture(scope="session")
def built(root: Path) -> Path:
    """The folder of the built map; building it anew does nothing where it is up to date."""
    subprocess.run([sys.executable, str(root / "tile_server" / "web" / "build.py")], check=True)
    return root / "tile_server" / "web" / "dist"


@pytest.fixture(scope="session")
def sites(built: Path) -> Iterator[dict[str, str]]:
    """Addresses of the pretended server, by edition."""
    servers = {edition: pretend_server.serve(edition) for edition in ("analyst", "public")}
    yield {edition: f"http://127.0.0.1:{server.server_port}/" for edition, server in servers.items()}
    for server in servers.values():
        server.shutdown()


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """The system's Chromium."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def visit(browser: Browser, sites: dict[str, str]) -> Iterator[Callable[..., Visit]]:
    """Open the map, of an edition of the pretended server or of the server at an address."""
    contexts = []

    def start(
        edition: str = "analyst",
        hash: str = "",  # noqa: A002
        size: tuple[int, int] = DESKTOP,
        catalogue: dict[str, Any] | None = None,
        motion: Literal["reduce", "no-preference"] = "no-preference",
    ) -> Visit:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale="en-GB", reduced_motion=motion
        )
        contexts.append(context)
        opened = Visit(context.new_page())
        opened.watch()
        if catalogue is not None:
            opened.page.route("**/catalogue", lambda route: route.fulfill(json=catalogue))
        opened.page.goto(sites.get(edition, edition) + hash)
        opened.settle()
        return opened

    yield start
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def real_server(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the project's own server with the tiny area, analyst edition."""
    store = tiny_release(tmp_path_factory.mktemp("mapped") / "store")
    with live(ServerSettings(Path(store.path), edition="analyst")) as address:
        yield address + "/"
