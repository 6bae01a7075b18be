"""The trace of the analyst edition, written behind the answers: a bounded queue and one thread that empties it."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote_plus

from starlette.types import Scope

from gis_layers.desk import Look, open_desk, prune_looks, write_looks
from gis_layers.desk.trace import instant

from .grant import Grant

LOGGER = logging.getLogger(__name__)

WAIT_SECONDS = 0.5
"""Longest time a look stays in memory alone."""

MOST_WAITING = 20_000
"""Looks in memory; what comes on top, because the disk does not take them, is lost and counted."""

_BATCH = 2_000
_DAY = 86_400.0
_SLICE_LENGTH = 1_000
_PATH_NAMES = ("item", "z", "row", "col")


class Trace:
    """Takes looks from the event loop without waiting, and writes them in batches.

    Parameters
    ----------
    store
        Folder of the store; its desk is made with the first look.
    """

    def __init__(self, store: Path) -> None:
        self.store = store
        self._waiting: deque[Look] = deque()
        self.lost = 0
        """Looks lost since the server started. The event loop alone counts up, the thread alone notes what it told."""
        self._told = 0
        self._wake = threading.Event()
        self._ended = False
        self._pruned = float("-inf")
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start writing."""
        self._thread = threading.Thread(target=self._run, name="trace", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what waits and stop."""
        self._ended = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(15)

    def watch(self, scope: Scope, grant: Grant, status: int) -> None:
        """Take a request and its status; never waits."""
        if len(self._waiting) >= MOST_WAITING:
            self.lost += 1
            return
        self._waiting.append(look_of(scope, grant, status))
        if len(self._waiting) >= _BATCH:
            self._wake.set()

    def _run(self) -> None:
        while True:
            self._wake.wait(WAIT_SECONDS)
            self._wake.clear()
            ended = self._ended
            try:
                self._empty()
            except Exception as error:
                # Whatever it is, the thread goes on: without it nothing would be written any more, and nobody told.
                LOGGER.error("the trace cannot be written: %s", error)
                if not ended:
                    time.sleep(WAIT_SECONDS)
            if ended:
                if self._waiting:
                    LOGGER.error("%d looks could not be written before the end", len(self._waiting))
                return

    def _empty(self) -> None:
        if not self._waiting and self.lost == self._told:
            return
        with open_desk(self.store) as desk:
            while self._waiting or self.lost != self._told:
                batch = [self._waiting[place] for place in range(min(_BATCH, len(self._waiting)))]
                lost = self.lost
                write_looks(desk, batch, lost - self._told)
                # Taken away only now that they are on the disk; the event loop adds at the other end.
                for _ in batch:
                    self._waiting.popleft()
                self._told = lost
            if time.monotonic() - self._pruned > _DAY:
                prune_looks(desk)
                self._pruned = time.monotonic()


def look_of(scope: Scope, grant: Grant, status: int) -> Look:
    """Return what a request looked at."""
    path = {name: str(value) for name, value in scope.get("path_params", {}).items()}
    route = getattr(scope.get("route"), "path", "") or scope["path"]
    place = "/".join(path[name] for name in _PATH_NAMES if name in path)
    query = unquote_plus(scope.get("query_string", b"").decode("latin-1"))
    return Look(
        at=instant(datetime.now(UTC)),
        # an identity provider's words: half a character in them (\ud800 in JSON) would be more than the disk takes
        who=_clean(grant.who),
        name=_clean(grant.name),
        address=str((scope.get("client") or ("",))[0]),
        route=_clean(route),
        layer=_clean(path.get("layer") or path.get("style") or ""),
        slice=_clean("?".join(part for part in (place, query) if part)),
        status=status,
    )


def _clean(text: str) -> str:
    """Keep one line of bounded length: queries are written by whoever asks."""
    return "".join(character if character.isprintable() else "�" for character in text[:_SLICE_LENGTH])
