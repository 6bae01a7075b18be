"""A browser, the built map and the pretended server, for the tests of the web map."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parent))
import pretend_server

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
DESKTOP = (1200, 800)
PHONE = (390, 844)


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


@dataclass
class Visit:
    """An open page and what it did."""

    page: Page
    requests: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    @property
    def tiles(self) -> list[str]:
        return [url for url in self.requests if "/tiles/" in url]

    def watch(self) -> None:
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("console", lambda message: self._console(message.type, message.text))
        self.page.on(
            "response", lambda r: self.troubles.append(f"{r.status} {r.url}") if r.status >= 400 else None
        )

    def _console(self, kind: str, text: str) -> None:
        # Reading the drawing back, as screenshots do, is slow without a graphics card; Chromium says so.
        if kind in ("error", "warning") and "GPU stall" not in text:
            self.troubles.append(text)

    def settle(self) -> None:
        """Wait until the map is drawn and nothing is under way."""
        self.page.wait_for_selector("#map[data-drawn]", timeout=60_000)
        self.page.wait_for_load_state("networkidle")
        self.page.wait_for_timeout(400)

    def until(self, expression: str, seconds: float = 15.0) -> None:
        """Wait for an expression to be true (`wait_for_function` needs what the page's policy forbids)."""
        end = time.monotonic() + seconds
        while not self.page.evaluate(expression):
            assert time.monotonic() < end, f"never true: {expression}"
            self.page.wait_for_timeout(50)

    def hosts(self) -> set[str]:
        """Hosts that were asked for anything (a drawing within the page itself has none)."""
        return {host for url in self.requests if (host := urlsplit(url).netloc)}


@pytest.fixture
def visit(browser: Browser, sites: dict[str, str]) -> Iterator[Callable[..., Visit]]:
    """Open the map: ``visit(edition="analyst", hash="", size=DESKTOP, catalogue=None)``."""
    contexts = []

    def start(
        edition: str = "analyst",
        hash: str = "",  # noqa: A002
        size: tuple[int, int] = DESKTOP,
        catalogue: dict[str, Any] | None = None,
    ) -> Visit:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="en-GB")
        contexts.append(context)
        opened = Visit(context.new_page())
        opened.watch()
        if catalogue is not None:
            opened.page.route("**/catalogue", lambda route: route.fulfill(json=catalogue))
        opened.page.goto(sites[edition] + hash)
        opened.settle()
        return opened

    yield start
    for context in contexts:
        context.close()
