"""Tokens: 256 random bits that are shown once and kept as a hash.

A token reads ``audan_<id>_<secret>``. The id is no secret: lists and the trace name it. The secret is 32 random
bytes, so a plain SHA-256 is the right hash: slow hashes (bcrypt, Argon2) make *guessable* secrets dear to guess,
and nothing can be guessed here; but they would cost every request milliseconds, which is a way to bring a server down.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeAlias

from ..errors import UsageError, Where
from .scope import EVERYWHERE, Scope

Edition: TypeAlias = Literal["public", "analyst"]
State: TypeAlias = Literal["active", "expired", "revoked"]

_TOKEN = re.compile(r"audan_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_NAME_LENGTH = 200


@dataclass(frozen=True)
class Token:
    """A token as it is kept; its secret is not.

    Parameters
    ----------
    id
        What it is called in lists and in the trace.
    name
        Whose it is, or what it is for.
    edition
        The edition that it opens.
    scope
        The districts that it is limited to.
    created, expires, revoked
        Instants; None is never.
    """

    id: str
    name: str
    edition: Edition
    scope: Scope
    created: datetime
    expires: datetime | None = None
    revoked: datetime | None = None

    def state(self, now: datetime) -> State:
        """Tell whether it opens anything at an instant."""
        if self.revoked is not None:
            return "revoked"
        return "expired" if self.expires is not None and now >= self.expires else "active"


def split_token(text: str) -> tuple[str, bytes] | None:
    """Return the id of a token and the hash of the whole; None if the text has not the form of one.

    Examples
    --------
    >>> split_token("audan_0123456789ab_" + "x" * 43)[0]
    '0123456789ab'
    >>> split_token("hunter2") is None
    True
    """
    found = _TOKEN.fullmatch(text)
    return (found[1], _digest(text)) if found else None


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def add_token(
    desk: sqlite3.Connection,
    *,
    name: str,
    edition: Edition,
    scope: Scope = EVERYWHERE,
    expires: datetime | None = None,
    now: datetime | None = None,
) -> tuple[Token, str]:
    """Make a token and return it with its text, which nothing can show again.

    Raises
    ------
    UsageError
        If the name is empty or too long, or the token would have expired already.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from gis_layers.desk import open_desk
    >>> with TemporaryDirectory() as folder, open_desk(Path(folder)) as desk:
    ...     token, text = add_token(desk, name="Aigul", edition="analyst", scope=Scope(parents=("A",)))
    >>> text.startswith(f"audan_{token.id}_"), str(token.scope)
    (True, 'parent A')
    """
    moment = _whole(now)
    if not name.strip() or len(name) > _NAME_LENGTH or not name.isprintable():
        raise UsageError(
            f"a token's name is one line of 1 to {_NAME_LENGTH} characters",
            Where(value=name),
            remedy="write whose it is or what it is for",
        )
    if expires is not None and expires <= moment:
        raise UsageError("the token would have expired already", Where(value=_text(expires)))
    identity = secrets.token_hex(6)
    text = f"audan_{identity}_{secrets.token_urlsafe(32)}"
    token = Token(identity, name.strip(), edition, scope, moment, expires)
    desk.execute(
        "INSERT INTO token VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            token.id,
            _digest(text),
            token.name,
            token.edition,
            json.dumps(scope.districts),
            json.dumps(scope.parents),
            _text(moment),
            None if expires is None else _text(expires),
        ),
    )
    return token, text


def revoke_token(
    desk: sqlite3.Connection, identity: str, *, reason: str = "", now: datetime | None = None
) -> Token:
    """Revoke a token for good; one that was revoked before stays as it was.

    Parameters
    ----------
    identity
        The token's id; the whole token is accepted too, as one that leaked is at hand as a whole.

    Raises
    ------
    UsageError
        If there is no such token.
    """
    split = split_token(identity)
    wanted = split[0] if split else identity
    if wanted not in {token.id for token in list_tokens(desk)}:
        raise UsageError(
            "there is no such token", Where(value=wanted), remedy="`audan tokens list` shows the ids"
        )
    row = (wanted, _text(_whole(now)), reason)
    desk.execute("INSERT OR IGNORE INTO revocation VALUES (?, ?, ?)", row)
    return next(token for token in list_tokens(desk) if token.id == wanted)


def list_tokens(desk: sqlite3.Connection) -> list[Token]:
    """Return all tokens, also those that open nothing any more, oldest first."""
    return [token for token, _ in _rows(desk)]


def read_tokens(desk: sqlite3.Connection) -> dict[str, tuple[Token, bytes]]:
    """Return every token with its hash, by id: what a server compares with."""
    return {token.id: (token, digest) for token, digest in _rows(desk)}


def _rows(desk: sqlite3.Connection) -> list[tuple[Token, bytes]]:
    found = desk.execute(
        "SELECT id, name, edition, districts, parents, created, expires, revocation.at, digest"
        " FROM token LEFT JOIN revocation ON revocation.token = token.id ORDER BY created, token.rowid"
    )
    return [
        (
            Token(
                identity,
                name,
                edition,
                Scope(tuple(json.loads(districts)), tuple(json.loads(parents))),
                datetime.fromisoformat(created),
                None if expires is None else datetime.fromisoformat(expires),
                None if revoked is None else datetime.fromisoformat(revoked),
            ),
            bytes(digest),
        )
        for identity, name, edition, districts, parents, created, expires, revoked, digest in found
    ]


def read_expiry(text: str, now: datetime | None = None) -> datetime | None:
    """Read when a token expires: a day (its end), a number of days as ``90d``, or ``never``.

    Raises
    ------
    UsageError
        If the text is none of them.

    Examples
    --------
    >>> read_expiry("90d", datetime(2026, 11, 23, tzinfo=UTC)).isoformat()
    '2027-02-21T00:00:00+00:00'
    >>> read_expiry("2026-12-31").isoformat()
    '2027-01-01T00:00:00+00:00'
    """
    if text == "never":
        return None
    if found := re.fullmatch(r"(\d{1,5})d", text):
        return _whole(now) + timedelta(days=int(found[1]))
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise UsageError(
            "this is no day", Where(value=text), remedy="write 2027-01-31, 90d or never"
        ) from None
    return day + timedelta(days=1)


def _whole(moment: datetime | None) -> datetime:
    return (moment or datetime.now(UTC)).replace(microsecond=0)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
