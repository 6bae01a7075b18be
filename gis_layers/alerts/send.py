"""Plan what is new, send it, try again: the one place where signals leave the store."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

import orjson

from ..desk import (
    Delivery,
    note_attempt,
    open_desk,
    plan_delivery,
    prune_deliveries,
    read_deliveries,
    signals_out,
)
from ..desk.trace import instant
from ..errors import AudanError, SystemFault, UsageError, Where
from ..release import Edition, Release, open_store
from ..release.files import disk_faults, replace_text
from ..release.lock import locked
from . import mail, webhook
from .feeds import atom, geojson, points
from .find import find_signals
from .settings import AlertSettings, Subscription
from .signal import Signal
from .webhook import Result
from .words import as_dict, names_of

MOST_SIGNALS = 200
"""Signals in one message; more make several."""

_LOCK = ".alerts.lock"


@dataclass(frozen=True)
class Plan:
    """What one subscription gets now: signals that are new to it, and all that are there."""

    subscription: Subscription
    new: tuple[Signal, ...]
    found: tuple[Signal, ...]


class Outbox:
    """The current release of a store, and the settings of what leaves it.

    Parameters
    ----------
    store
        Folder of the store.
    settings
        Who gets what.
    sleep
        Waits between attempts.

    Raises
    ------
    SystemFault
        If the folder is no store.
    """

    def __init__(
        self, store: Path, settings: AlertSettings, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        # Refused at once where there is no store: a lock and a desk would make the folder of a mistyped name.
        self._releases = open_store(store)
        self.store = store
        self.settings = settings
        self._sleep = sleep
        self._editions: dict[str, Edition] = {}
        self._found: dict[tuple[str, int], list[Signal]] = {}

    @cached_property
    def release(self) -> Release:
        return self._releases.current()

    def plan(self, only: str | None = None) -> list[Plan]:
        """Return what every subscription (or one) would get; writes and sends nothing."""
        try:
            with open_desk(self.store, create=False) as desk:
                return [self._plan(desk, one) for one in self._chosen(only)]
        except FileNotFoundError:
            return [self._plan(None, one) for one in self._chosen(only)]

    def payload(self, subscription: Subscription, signals: Sequence[Signal], key: str, created: str) -> bytes:
        """Return the body of a delivery as JSON."""
        edition = self._edition(subscription.edition)
        names, lang, base = names_of(edition), subscription.language, self.settings.base_url
        listed = [as_dict(signal, lang, names, base) for signal in signals]
        area = edition.catalogue["area"]
        told_of = {name: area.get(name) for name in ("id", "name", "invented", "attribution")}
        return orjson.dumps(
            {
                "type": "audan.signals",
                "version": 1,
                "delivery": key,
                "subscription": subscription.id,
                "release": self.release.id,
                "edition": subscription.edition,
                "language": lang,
                "created": created,
                "area": told_of,
                "signals": listed,
            },
            option=orjson.OPT_SERIALIZE_NUMPY,
        )

    def send(self, only: str | None = None, *, patience: float = 0.0) -> list[Delivery]:
        """Plan what is new, write it down, and send everything that is due; return what was touched.

        Parameters
        ----------
        patience
            Seconds to wait for another run to end.
        """
        with (
            locked(self.store, patience=patience, name=_LOCK, work="run of alerts"),
            open_desk(self.store) as desk,
        ):
            for subscription in self._chosen(only):
                plan = self._plan(desk, subscription)
                if subscription.channel == "feed":
                    self._write_feed(plan)
                for start in range(0, len(plan.new), MOST_SIGNALS):
                    self._keep(desk, subscription, plan.new[start : start + MOST_SIGNALS])
            self._prune(desk)
            return self._deliver(desk, only)

    def retry(self, only: str | None = None, *, now: bool = False, revive: bool = False) -> list[Delivery]:
        """Send again what did not arrive and is due; plans nothing new.

        Parameters
        ----------
        now
            Whether what is not due yet is sent too.
        revive
            Whether what was given up begins anew.
        """
        with locked(self.store, name=_LOCK, work="run of alerts"), open_desk(self.store) as desk:
            if revive:
                for delivery in self._open(desk, only, given_up=True):
                    note_attempt(desk, delivery.id, "revived", "", datetime.now(UTC))
            return self._deliver(desk, only, now=now)

    def check(self, only: str | None = None) -> dict[str, str]:
        """Return what stands against sending, by subscription; empty where nothing does. Sends nothing."""
        found = {}
        for one in self._chosen(only):
            try:
                if one.channel == "webhook":
                    webhook.check(one, self.settings.webhooks)
                elif one.channel == "email" and self.settings.mail is not None:
                    mail.check(self.settings.mail, one)
                found[one.id] = ""
            except (AudanError, OSError) as error:
                found[one.id] = str(error)
        return found

    def state(self, delivery: Delivery) -> str:
        """Return how a delivery stands: `sent`, `pending`, `refused` or `given up`."""
        if delivery.last in ("sent", "refused"):
            return delivery.last
        return "given up" if delivery.attempts >= self.settings.retry.attempts else "pending"

    def _chosen(self, only: str | None) -> list[Subscription]:
        found = [one for one in self.settings.subscriptions if only in (None, one.id)]
        if only is not None and not found:
            known = ", ".join(one.id for one in self.settings.subscriptions) or "none"
            raise UsageError("there is no such subscription", Where(value=only), remedy=f"known are {known}")
        return found

    def _edition(self, name: str) -> Edition:
        if name not in self._editions:
            self._editions[name] = self.release.edition(name)
        return self._editions[name]

    def _plan(self, desk: sqlite3.Connection | None, subscription: Subscription) -> Plan:
        key = (subscription.edition, subscription.months)
        if key not in self._found:
            edition = self._edition(subscription.edition)
            self._found[key] = find_signals(edition, subscription.edition, months=subscription.months)
        found = tuple(one for one in self._found[key] if subscription.wanted.covers(one))
        if subscription.channel == "feed":
            return Plan(subscription, (), found)
        out = set() if desk is None else signals_out(desk, subscription.id)
        return Plan(subscription, tuple(one for one in found if one.key not in out), found)

    def _keep(self, desk: sqlite3.Connection, subscription: Subscription, signals: Sequence[Signal]) -> None:
        keys = [signal.key for signal in signals]
        key = hashlib.sha256(repr((subscription.id, keys)).encode()).hexdigest()[:32]
        created = instant(datetime.now(UTC))
        plan_delivery(
            desk,
            Delivery(
                id=key,
                subscription=subscription.id,
                channel=subscription.channel,
                target=subscription.target,
                release=self.release.id,
                edition=subscription.edition,
                created=created,
                body=self.payload(subscription, signals, key, created),
            ),
            keys,
        )

    def _write_feed(self, plan: Plan) -> None:
        one = plan.subscription
        if one.folder is None:
            raise SystemFault("the feed has no folder", Where(value=one.id))
        edition = self._edition(one.edition)
        names, catalogue = names_of(edition), edition.catalogue
        base = self.settings.base_url
        made = {
            "atom": atom(plan.found, catalogue, one.language, names, base=base),
            "geojson": geojson(
                plan.found, catalogue, one.language, names, points(edition.districts()), base=base
            ),
        }
        with disk_faults(one.folder):
            one.folder.mkdir(parents=True, exist_ok=True)
            for ending, text in made.items():
                # A feed on the disk asks nobody for a token: who may read the file is all there is.
                path = one.folder / f"{one.id}.{ending}"
                replace_text(path, text.decode(), private=one.edition == "analyst")

    def _open(self, desk: sqlite3.Connection, only: str | None, *, given_up: bool = False) -> list[Delivery]:
        """Return the deliveries that are still to go out (or those that were given up) and whose channel is known."""
        known = {one.id: one.channel for one in self.settings.subscriptions}
        states = ("refused", "given up") if given_up else ("pending",)
        return [
            one
            for one in read_deliveries(desk, only)
            if self.state(one) in states and known.get(one.subscription) == one.channel
        ]

    def _deliver(self, desk: sqlite3.Connection, only: str | None, *, now: bool = False) -> list[Delivery]:
        end = time.monotonic() + self.settings.retry.patience_seconds
        touched: dict[str, None] = {}
        waiting = self._open(desk, only)
        due = {one.id: 0.0 if now else self._rest(one) for one in waiting}
        begun = time.monotonic()
        while waiting:
            one = min(waiting, key=lambda found: due[found.id])
            waiting.remove(one)
            pause = begun + due[one.id] - time.monotonic()
            if begun + due[one.id] > end and pause > 0:
                continue
            if pause > 0:
                self._sleep(pause)
            touched[one.id] = None
            after = self._attempt(desk, one)
            if self.state(after) == "pending":
                waiting.append(after)
                due[one.id] = time.monotonic() - begun + self._rest(after)
        return [one for one in read_deliveries(desk, only) if one.id in touched]

    def _prune(self, desk: sqlite3.Connection) -> None:
        """Let old deliveries go, save those that are still to go out to a subscription that there is."""
        prune_deliveries(desk, self.settings.keep_days, keep=[one.id for one in self._open(desk, None)])

    def _rest(self, delivery: Delivery) -> float:
        """Return the seconds until a delivery is due."""
        if not delivery.at or not delivery.attempts:
            return 0.0
        now = datetime.now(UTC)
        ago = (now - datetime.fromisoformat(delivery.at)).total_seconds()
        rest = max(0.0, self.settings.retry.wait(delivery.attempts) - ago)
        if not delivery.not_before:
            return rest
        asked = (datetime.fromisoformat(delivery.not_before) - now).total_seconds()
        return max(rest, asked)

    def _attempt(self, desk: sqlite3.Connection, delivery: Delivery) -> Delivery:
        subscription = next(one for one in self.settings.subscriptions if one.id == delivery.subscription)
        # Written before: a sender that is killed while it sends has used an attempt, so the bound holds for it too.
        note_attempt(desk, delivery.id, "begun", "", datetime.now(UTC))
        try:
            if delivery.channel == "email" and self.settings.mail is not None:
                result = mail.send(self.settings.mail, subscription, delivery.id, delivery.body)
            else:
                result = webhook.post(subscription, self.settings.webhooks, delivery.id, delivery.body)
        except Exception as error:
            # One subscriber's fault, of whatever kind, is not to keep the news from the others.
            result = Result("failed", f"{type(error).__name__}: {error}")
        now = datetime.now(UTC)
        asked = None if result.wait is None else min(result.wait, self.settings.retry.most_seconds)
        note_attempt(
            desk, delivery.id, result.outcome, result.detail, now,
            not_before=None if asked is None else now + timedelta(seconds=asked),
        )  # fmt: skip
        return read_deliveries(desk, identity=delivery.id)[0]
