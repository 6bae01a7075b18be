"""The journal of what went out: a delivery is planned, tried and tried again; nothing of it is ever changed.

A delivery and the signals in it are written in one transaction before anything is sent, and no signal may be in two
deliveries of a subscription. So whatever is killed and whenever: a signal is planned once, and sent at least once. It
is sent twice only if the sender dies between the receiver's answer and the row that tells of it, and then under the
same id.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, TypeAlias

from .file import transaction
from .trace import instant

Outcome: TypeAlias = Literal["begun", "sent", "failed", "refused", "revived"]
"""How an attempt went: `begun` and nothing after it is a sender that was killed; `revived` forgets those before it."""


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
    desk: sqlite3.Connection, delivery: str, outcome: Outcome, detail: str, at: datetime
) -> None:
    """Append how an attempt went."""
    desk.execute(
        "INSERT INTO attempt (delivery, at, outcome, detail) VALUES (?, ?, ?, ?)",
        (delivery, instant(at), outcome, detail[:500]),
    )


def read_deliveries(desk: sqlite3.Connection, subscription: str | None = None) -> list[Delivery]:
    """Return all deliveries (of a subscription), oldest first, with what became of them."""
    where, values = ("WHERE subscription = ?", (subscription,)) if subscription is not None else ("", ())
    tries: dict[str, list[tuple[str, str, str]]] = {}
    for delivery, at, outcome, detail in desk.execute(
        "SELECT delivery, at, outcome, detail FROM attempt ORDER BY number"
    ):
        held = tries.setdefault(delivery, [])
        if outcome == "revived":
            held.clear()
        held.append((at, outcome, detail))
    made = []
    for row in desk.execute(
        "SELECT id, subscription, channel, target, release, edition, created, body "
        f"FROM delivery {where} ORDER BY created, rowid",
        values,
    ):
        held = tries.get(row[0], [])
        at, last, detail = held[-1] if held else ("", "", "")
        begun = sum(outcome == "begun" for _, outcome, _ in held)
        made.append(replace(Delivery(*row), attempts=begun, last=last, at=at, detail=detail))
    return made
