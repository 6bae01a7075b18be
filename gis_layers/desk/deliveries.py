"""The journal of what went out: a delivery is planned, tried and tried again; nothing of it is changed, old ones go.

A delivery and the signals in it are written in one transaction before anything is sent, and no signal may be in two
deliveries of a subscription. So whatever is killed and whenever: a signal is planned once, and sent at least once. It
is sent twice only if the sender dies between the receiver's answer and the row that tells of it, and then under the
same id.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeAlias

from ..errors import UsageError, Where
from .file import transaction
from .trace import instant

Outcome: TypeAlias = Literal["begun", "sent", "failed", "refused", "revived"]
"""How an attempt went: `begun` and nothing after it is a sender that was killed; `revived` forgets those before it."""

LEAST_DAYS = 30
"""Days that the journal is kept at least."""


@dataclass(frozen=True)
class Delivery:
    """One message to one subscriber.

    Parameters
    ----------
    id
        The idempotency key: the same at every attempt.
    subscription, channel, target
        Whose it is, and where it goes (for people: without what an address keeps secret).
    release, edition
        What it tells of.
    created
        When it was planned.
    body
        The message, byte for byte the same at every attempt.
    attempts
        How often it was begun since it was planned or revived.
    last, at, detail
        Outcome of the last attempt (empty before the first), its instant, and what was answered.
    not_before
        Instant before which the receiver asked to be left alone; empty where it did not.
    """

    id: str
    subscription: str
    channel: str
    target: str
    release: str
    edition: str
    created: str
    body: bytes
    attempts: int = 0
    last: str = ""
    at: str = ""
    detail: str = ""
    not_before: str = ""


def signals_out(desk: sqlite3.Connection, subscription: str) -> set[str]:
    """Return the keys of all signals that were planned for a subscription."""
    rows = desk.execute("SELECT signal FROM delivered_signal WHERE subscription = ?", (subscription,))
    return {str(key) for (key,) in rows}


def plan_delivery(desk: sqlite3.Connection, delivery: Delivery, signals: Iterable[str]) -> None:
    """Write a delivery and its signals: both, or neither.

    Raises
    ------
    sqlite3.IntegrityError
        If one of the signals is in another delivery of the subscription.
    """
    with transaction(desk):
        desk.execute(
            "INSERT INTO delivery (id, subscription, channel, target, release, edition, created, body) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                delivery.id, delivery.subscription, delivery.channel, delivery.target, delivery.release,
                delivery.edition, delivery.created, delivery.body,
            ),
        )  # fmt: skip
        desk.executemany(
            "INSERT INTO delivered_signal (subscription, signal, delivery) VALUES (?, ?, ?)",
            [(delivery.subscription, key, delivery.id) for key in signals],
        )


def note_attempt(
    desk: sqlite3.Connection,
    delivery: str,
    outcome: Outcome,
    detail: str,
    at: datetime,
    *,
    not_before: datetime | None = None,
) -> None:
    """Append how an attempt went.

    Parameters
    ----------
    detail
        What was answered. It is the receiver's own word: what a terminal might obey is taken out of it.
    not_before
        Instant before which the receiver asked to be left alone.
    """
    shown = "".join(sign if sign.isprintable() else "?" for sign in detail[:500])
    desk.execute(
        "INSERT INTO attempt (delivery, at, outcome, detail, not_before) VALUES (?, ?, ?, ?, ?)",
        (delivery, instant(at), outcome, shown, "" if not_before is None else instant(not_before)),
    )


def read_deliveries(
    desk: sqlite3.Connection, subscription: str | None = None, *, identity: str | None = None
) -> list[Delivery]:
    """Return all deliveries, oldest first, with what became of them.

    Parameters
    ----------
    subscription, identity
        Those of one subscription, and the one of an id.
    """
    chosen = "(? IS NULL OR delivery.subscription = ?) AND (? IS NULL OR delivery.id = ?)"
    values = (subscription, subscription, identity, identity)
    tries: dict[str, list[tuple[str, str, str, str]]] = {}
    for delivery, *told in desk.execute(
        "SELECT attempt.delivery, attempt.at, attempt.outcome, attempt.detail, attempt.not_before "
        f"FROM attempt JOIN delivery ON delivery.id = attempt.delivery WHERE {chosen} ORDER BY attempt.number",
        values,
    ):
        held = tries.setdefault(delivery, [])
        if told[1] == "revived":
            held.clear()
        held.append((told[0], told[1], told[2], told[3]))
    made = []
    for row in desk.execute(
        "SELECT id, subscription, channel, target, release, edition, created, body "
        f"FROM delivery WHERE {chosen} ORDER BY created, rowid",
        values,
    ):
        held = tries.get(row[0], [])
        at, last, detail, not_before = held[-1] if held else ("", "", "", "")
        begun = sum(outcome == "begun" for _, outcome, _, _ in held)
        made.append(
            replace(Delivery(*row), attempts=begun, last=last, at=at, detail=detail, not_before=not_before)
        )
    return made


def prune_deliveries(
    desk: sqlite3.Connection, days: int, *, keep: Iterable[str] = (), now: datetime | None = None
) -> int:
    """Delete deliveries that nothing happened to for a number of days, and return how many went.

    The keys of their signals stay, a line each: what has gone out does not go out again.

    Parameters
    ----------
    days
        At least 30: the file itself refuses less.
    keep
        Ids of deliveries that stay however old, as those that are still to go out.

    Raises
    ------
    UsageError
        If it is less than 30 days.
    """
    if days < LEAST_DAYS:
        raise UsageError(f"deliveries are kept for at least {LEAST_DAYS} days", Where(value=days))
    oldest = instant((now or datetime.now(UTC)) - timedelta(days=days))
    kept = set(keep)
    with transaction(desk):
        found = desk.execute(
            "SELECT id FROM delivery WHERE created < ? AND NOT EXISTS "
            "(SELECT 1 FROM attempt WHERE attempt.delivery = delivery.id AND attempt.at >= ?)",
            (oldest, oldest),
        ).fetchall()
        gone = [(identity,) for (identity,) in found if identity not in kept]
        desk.executemany("DELETE FROM attempt WHERE delivery = ?", gone)
        desk.executemany("DELETE FROM delivery WHERE id = ?", gone)
    return len(gone)
