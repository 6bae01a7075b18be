"""The trace: who of the analysts looked at what, when, from where, and what was answered."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import UTC, datetime, timedelta

from ..errors import UsageError, Where
from .file import transaction

KEEP_DAYS = 365
"""Days that looks are kept unless `audan trace keep` says otherwise."""

_KEEP = "trace_keep_days"


@dataclass(frozen=True)
class Look:
    """One request for the analyst edition, or one that was refused.

    Parameters
    ----------
    at
        Instant, UTC with milliseconds: ``2026-11-23T13:10:55.123Z``.
    who
        Id of the token, ``oidc:`` and the subject, ``local`` on a server without tokens, ``?`` if unknown.
    name
        The token's name.
    address
        The client's address.
    route
        What was asked for, e.g. ``/collections/{layer}/items``.
    layer
        Layer or collection; empty where the route has none.
    slice
        What of it: item, tile and query.
    status
        HTTP status of the answer.
    """

    at: str
    who: str
    name: str
    address: str
    route: str
    layer: str
    slice: str
    status: int


COLUMNS = tuple(field.name for field in fields(Look))


def instant(moment: datetime) -> str:
    """Write an instant as the trace does.

    Examples
    --------
    >>> instant(datetime(2026, 11, 23, 13, 10, 55, 123456, tzinfo=UTC))
    '2026-11-23T13:10:55.123Z'
    """
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def write_looks(desk: sqlite3.Connection, looks: Sequence[Look], lost: int = 0) -> None:
    """Append looks in one transaction, and how many were lost before they could be written."""
    marks = ", ".join("?" * len(COLUMNS))
    with transaction(desk):
        desk.executemany(f"INSERT INTO look ({', '.join(COLUMNS)}) VALUES ({marks})", map(astuple, looks))
        if lost:
            desk.execute("INSERT INTO loss VALUES (?, ?)", (instant(datetime.now(UTC)), lost))


def read_looks(
    desk: sqlite3.Connection, since: datetime | None = None, until: datetime | None = None
) -> Iterator[Look]:
    """Yield looks in the order in which they were written.

    Parameters
    ----------
    since, until
        First instant, and the instant after the last; None is open.
    """
    low, high = "" if since is None else instant(since), "~" if until is None else instant(until)
    names = ", ".join(COLUMNS)
    for row in desk.execute(
        f"SELECT {names} FROM look WHERE at >= ? AND at < ? ORDER BY number", (low, high)
    ):
        yield Look(*row)


def count_lost(desk: sqlite3.Connection, since: datetime | None = None, until: datetime | None = None) -> int:
    """Return how many looks could not be written; parameters as for :func:`read_looks`."""
    low, high = "" if since is None else instant(since), "~" if until is None else instant(until)
    found = desk.execute("SELECT coalesce(sum(looks), 0) FROM loss WHERE at >= ? AND at < ?", (low, high))
    return int(found.fetchone()[0])


def keep_days(desk: sqlite3.Connection) -> int:
    """Return how many days looks are kept."""
    row = desk.execute("SELECT value FROM setting WHERE name = ?", (_KEEP,)).fetchone()
    return KEEP_DAYS if row is None else int(row[0])


def set_keep_days(desk: sqlite3.Connection, days: int) -> None:
    """Set how many days looks are kept.

    Raises
    ------
    UsageError
        If it is less than one day.
    """
    if days < 1:
        raise UsageError("looks are kept for at least one day", Where(value=days))
    desk.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (_KEEP, str(days)))


def prune_looks(desk: sqlite3.Connection, days: int | None = None, *, now: datetime | None = None) -> int:
    """Delete looks older than a number of days (the desk's own by default) and return how many went."""
    if days is not None and days < 1:
        raise UsageError("looks are kept for at least one day", Where(value=days))
    oldest = (now or datetime.now(UTC)) - timedelta(days=keep_days(desk) if days is None else days)
    with transaction(desk):
        gone = desk.execute("DELETE FROM look WHERE at < ?", (instant(oldest),)).rowcount
        desk.execute("DELETE FROM loss WHERE at < ?", (instant(oldest),))
    return int(gone)
