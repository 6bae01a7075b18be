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
from playwright.sync_api import Browser, BrowserContext, sync_playwright
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
    # A page opened after another finds its scripts compiled already.
    "--process-per-site",
    "--num-raster-threads=1",
]
FORGET = "try { localStorage.clear() } catch { /* an empty page has none */ }"
"""Run before a page's own scripts: pages share a browser's memory, but are not to know of each other."""


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


@pytest.fixture(scope="module")
def windows(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """A window for each size and motion, kept for a module: most of a visit's time is the compiling of scripts."""
    made: dict[tuple[Any, ...], BrowserContext] = {}

    def window(
        address: str, size: tuple[int, int], motion: Literal["reduce", "no-preference"]
    ) -> BrowserContext:
        key = (address, size, motion)
        if key not in made:
            made[key] = context = browser.new_context(
                viewport={"width": size[0], "height": size[1]}, locale="en-GB", reduced_motion=motion
            )
            context.add_init_script(FORGET)
            # The process that holds what was compiled ends with its last page.
            context.new_page().goto(address + "nothing-here")
        return made[key]

    yield window
    for context in made.values():
        context.close()


@pytest.fixture
def visit(windows: Callable[..., BrowserContext], sites: dict[str, str]) -> Iterator[Callable[..., Visit]]:
    """Open the map, of an edition of the pretended server or of the server at an address.

    Nothing moves but where a test is about motion: a drawn frame costs much without a graphics card.
    """
    pages = []

    def start(
        edition: str = "analyst",
        hash: str = "",  # noqa: A002
        size: tuple[int, int] = DESKTOP,
        catalogue: dict[str, Any] | None = None,
        motion: Literal["reduce", "no-preference"] = "reduce",
    ) -> Visit:
        address = sites.get(edition, edition)
        opened = Visit(windows(address, size, motion).new_page())
        pages.append(opened.page)
        opened.watch()
        if catalogue is not None:
            opened.page.route("**/catalogue", lambda route: route.fulfill(json=catalogue))
        opened.page.goto(address + hash)
        opened.settle()
        return opened

    yield start
    for page in pages:
        page.close()


@pytest.fixture(scope="session")
def real_server(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the project's own server with the tiny area, analyst edition."""
    store = tiny_release(tmp_path_factory.mktemp("mapped") / "store")
    with live(ServerSettings(Path(store.path), edition="analyst")) as address:
        yield address + "/"
