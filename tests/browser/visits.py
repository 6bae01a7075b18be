"""An open page of the map and what it did."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Page

DESKTOP = (1000, 640)
"""Wide enough for panel and map side by side; every pixel costs, since a processor draws them."""
PHONE = (390, 844)


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
        """Wait until nothing is under way: figures are there, the map is drawn, the address is written."""
        self.page.wait_for_selector("#map[aria-busy=false]", timeout=60_000)

    def until(self, expression: str, seconds: float = 15.0) -> None:
        """Wait for an expression to be true (`wait_for_function` needs what the page's policy forbids)."""
        end = time.monotonic() + seconds
        while not self.page.evaluate(expression):
            assert time.monotonic() < end, f"never true: {expression}"
            self.page.wait_for_timeout(50)

    def hosts(self) -> set[str]:
        """Hosts that were asked for anything (a drawing within the page itself has none)."""
        return {host for url in self.requests if (host := urlsplit(url).netloc)}
