"""The desk's tokens in memory, read anew when the desk has changed."""

from __future__ import annotations

import hmac
import logging
import secrets
import sqlite3
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from gis_layers.desk import DESK, Token, open_desk, read_tokens, split_token
from gis_layers.errors import SystemFault

from .grant import Grant, Unauthorized

LOGGER = logging.getLogger(__name__)

FRESH_SECONDS = 0.5
"""How old the tokens in memory may be: a revocation takes effect within it."""

_RECENT_SECONDS = 2.0
_NOTHING = secrets.token_bytes(32)


class Book:
    """The tokens of a store; without a desk there are none, and none is made."""

    def __init__(self, store: Path) -> None:
        self.store = store
        self._tokens: dict[str, tuple[Token, bytes]] = {}
        self._stamp: object = None
        self._looked = float("-inf")
        self._trouble = False
        self._lock = threading.Lock()

    @property
    def stale(self) -> bool:
        """Whether `refresh` should be called before the next answer."""
        return time.monotonic() - self._looked >= FRESH_SECONDS

    def refresh(self) -> None:
        """Read the tokens again if the desk may have changed; if it cannot be read, nobody is let in."""
        with self._lock:
            if not self.stale:
                return
            try:
                stamp, recent = self._written()
                if stamp != self._stamp or recent or self._trouble:
                    self._tokens = self._read()
                    self._stamp = stamp
                self._trouble = False
            except (SystemFault, OSError, sqlite3.Error) as error:
                if not self._trouble:
                    LOGGER.error("the tokens cannot be read, so none is accepted: %s", error)
                self._trouble = True
            self._looked = time.monotonic()

    def _written(self) -> tuple[object, bool]:
        """Return what changes when anybody writes to the desk, and whether that was a moment ago."""
        marks, newest = [], 0.0
        for name in (DESK, f"{DESK}-wal"):
            try:
                found = (self.store / name).stat()
            except FileNotFoundError:
                marks.append((0, 0, 0))
                continue
            marks.append((found.st_ino, found.st_size, found.st_mtime_ns))
            newest = max(newest, found.st_mtime)
        # Two writes within one tick of the disk's clock look alike: what is recent is read again.
        return tuple(marks), time.time() - newest < _RECENT_SECONDS

    def _read(self) -> dict[str, tuple[Token, bytes]]:
        try:
            with open_desk(self.store, create=False) as desk:
                return read_tokens(desk)
        except FileNotFoundError:
            return {}

    @property
    def any(self) -> bool:
        """Whether tokens were ever made, or may have been (the desk cannot be read)."""
        return bool(self._tokens) or self._trouble

    def knows(self, identity: str) -> bool:
        """Tell whether there is a token of an id."""
        return identity in self._tokens

    def check(self, text: str) -> Grant:
        """Return what a token opens.

        Raises
        ------
        Unauthorized
            If it is forged, expired or revoked; the answer does not tell which.
        """
        if self._trouble:
            raise SystemFault("the tokens cannot be read")
        split = split_token(text)
        identity, digest = split if split else ("?", _NOTHING)
        token, kept = self._tokens.get(identity, (None, _NOTHING))
        # Compared also where there is no such token: the time must not tell which ids there are.
        same = hmac.compare_digest(digest, kept) and kept is not _NOTHING
        if token is None or not same or token.state(datetime.now(UTC)) != "active":
            raise Unauthorized("the token does not hold", identity if identity in self._tokens else "?")
        return Grant(token.id, token.name, token.edition, token.scope)
