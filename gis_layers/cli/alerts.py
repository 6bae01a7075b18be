"""`audan alerts`: new signals go out once, to those who asked for them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import Json, Store, print_json

if TYPE_CHECKING:
    from ..alerts import Outbox
    from ..desk import Delivery

app = typer.Typer(
    help="Alerts: new signals go out once, by webhook, e-mail and feed, to the subscriptions of `alerts.toml`.",
    no_args_is_help=True,
)

Settings = Annotated[Path, typer.Option("--settings", metavar="FILE", help="The alerts file: who gets what.")]
Only = Annotated[str | None, typer.Option("--subscription", metavar="ID", help="This subscription alone.")]
_FILE = Path("config/alerts.toml")
_PATIENCE = 300.0


@app.command("list")
def list_(settings: Settings = _FILE, as_json: Json = False) -> None:
    """List the subscriptions; secrets are not in the file and are not shown.

    Example: `audan alerts list --settings config/alerts.toml`
    """
    from ..alerts import read_alerts

    found = read_alerts(settings).subscriptions
    if as_json:
        print_json(
            [
                {**one.model_dump(mode="json", exclude={"secret", "url"}), "target": one.target}
                for one in found
            ]
        )
        return
    for one in found:
        kinds = ", ".join(one.signals) or "every signal"
        where = f", {one.wanted.scope}"
        what = f"{kinds}; {', '.join(one.offences) or 'every offence'}{where}; level {one.level} and more"
        print(f"{one.id}  {one.channel}  {one.edition}  {one.language}  {one.target}\n  {what}")


@app.command()
def preview(
    store: Store, settings: Settings = _FILE, subscription: Only = None, as_json: Json = False
) -> None:
    """Show what every subscription would get now, in its language; nothing is sent or written.

    Example: `audan alerts preview --store store/ --subscription akmola`
    """
    from ..alerts import as_dict, heading, names_of, sentences

    outbox = _outbox(store, settings)
    plans = outbox.plan(subscription)
    names = names_of(outbox.release.edition("public"))
    if as_json:
        print_json(
            [
                {
                    "subscription": plan.subscription.id,
                    "new": [as_dict(one, plan.subscription.language, names) for one in _shown(plan)],
                    "known": len(plan.found) - len(_shown(plan)),
                }
                for plan in plans
            ]
        )
        return
    for plan in plans:
        one = plan.subscription
        print(f"{one.id} ({one.channel} to {one.target}): {len(_shown(plan))} new of {len(plan.found)}")
        for signal in _shown(plan):
            print(f"  {heading(signal, one.language, names)}")
            if text := sentences(signal, one.language, names):
                print(f"    {text}")


@app.command()
def send(
    store: Store,
    settings: Settings = _FILE,
    subscription: Only = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check addresses and secrets and count; send and write nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Send what is new, and what is due of what did not arrive; a signal goes out once to a subscription.

    Run it by cron every few minutes: where nothing is due it sends nothing. Every delivery is written into the desk
    before it is sent. Whoever is killed half-way sends it again under the same idempotency key: at least once, never
    forgotten.

    Example: `audan alerts send --store store/ --dry-run`
    """
    outbox = _outbox(store, settings)
    if dry_run:
        _dry(outbox, subscription, as_json=as_json)
        return
    _tell(outbox, outbox.send(subscription), as_json=as_json)


@app.command()
def retry(
    store: Store,
    settings: Settings = _FILE,
    subscription: Only = None,
    now: Annotated[bool, typer.Option("--now", help="Also what is not due yet.")] = False,
    given_up: Annotated[bool, typer.Option("--given-up", help="Also what was refused or given up.")] = False,
    as_json: Json = False,
) -> None:
    """Send again what did not arrive and is due; looks for nothing new.

    Example: `audan alerts retry --store store/`
    """
    outbox = _outbox(store, settings)
    _tell(outbox, outbox.retry(subscription, now=now, revive=given_up), as_json=as_json)


@app.command()
def history(
    store: Store, settings: Settings = _FILE, subscription: Only = None, as_json: Json = False
) -> None:
    """Show what was sent, when, and what became of it.

    Example: `audan alerts history --store store/ --json`
    """
    from ..desk import open_desk, read_deliveries

    outbox = _outbox(store, settings)
    try:
        with open_desk(store, create=False) as desk:
            found = read_deliveries(desk, subscription)
    except FileNotFoundError:
        found = []
    _print(outbox, found, as_json=as_json)


def after_build(store: Path, settings: Path) -> None:
    """Send what a build found; say on stderr how it went."""
    outbox = _outbox(store, settings)
    # Cron may be at it just now, and it began before this release was there.
    sent = outbox.send(patience=_PATIENCE)
    for one in sent:
        print(f"alerts: {one.subscription}: {outbox.state(one)} ({one.detail})", file=sys.stderr)


def _outbox(store: Path, settings: Path) -> Outbox:
    from ..alerts import Outbox, read_alerts

    return Outbox(store, read_alerts(settings))


def _shown(plan: Any) -> Any:
    """Return what is to be shown of a plan: of a feed, which is a state and no message, everything."""
    return plan.found if plan.subscription.channel == "feed" else plan.new


def _dry(outbox: Outbox, only: str | None, *, as_json: bool) -> None:
    from ..errors import UsageError

    against = outbox.check(only)
    rows = [
        {
            "subscription": plan.subscription.id,
            "channel": plan.subscription.channel,
            "target": plan.subscription.target,
            "new": len(_shown(plan)),
            "problem": against[plan.subscription.id] or None,
        }
        for plan in outbox.plan(only)
    ]
    if as_json:
        print_json(rows)
    else:
        for row in rows:
            print(
                f"{row['subscription']}  {row['channel']} to {row['target']}: {row['new']} signals would go out"
            )
            if row["problem"]:
                print(f"  {row['problem']}", file=sys.stderr)
    if any(against.values()):
        raise UsageError("some subscriptions cannot be sent", remedy="see what is said of each")


def _tell(outbox: Outbox, sent: Sequence[Delivery], *, as_json: bool) -> None:
    from ..errors import SystemFault

    _print(outbox, sent, as_json=as_json)
    if late := [one for one in sent if outbox.state(one) != "sent"]:
        raise SystemFault(
            f"{len(late)} of {len(sent)} deliveries did not arrive",
            remedy="what is pending goes out with `audan alerts retry`; `audan alerts history` tells what was answered",
        )


def _print(outbox: Outbox, found: Sequence[Delivery], *, as_json: bool) -> None:
    import json

    if as_json:
        print_json(
            [
                {
                    "id": one.id, "subscription": one.subscription, "channel": one.channel, "target": one.target,
                    "release": one.release, "edition": one.edition, "created": one.created,
                    "signals": [signal["key"] for signal in json.loads(one.body)["signals"]],
                    "state": outbox.state(one), "attempts": one.attempts, "at": one.at, "detail": one.detail,
                }
                for one in found
            ]
        )  # fmt: skip
        return
    for one in found:
        number = len(json.loads(one.body)["signals"])
        print(
            f"{one.created}  {one.subscription}  {one.channel} to {one.target}  {number} signals  "
            f"{outbox.state(one)} after {one.attempts}  {one.detail}"
        )
