"""`audan trace`: who looked at what in the analyst edition."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from ..errors import UsageError, Where
from .options import Store

app = typer.Typer(
    help="The trace: who looked at what in the analyst edition, and when.", no_args_is_help=True
)

Since = Annotated[str | None, typer.Option(help="First day, YYYY-MM-DD (UTC). Default: the oldest kept.")]
Until = Annotated[str | None, typer.Option(help="Last day, YYYY-MM-DD (UTC). Default: today.")]


@app.command()
def export(
    store: Store,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="File to write: .csv, .parquet or .ndjson.")
    ],
    since: Since = None,
    until: Until = None,
) -> None:
    """Write the trace to a file.

    Example: `audan trace export --store store/ --since 2026-11-01 --output looks.csv`
    """
    from ..desk import count_lost, export_looks, open_desk, read_looks

    first, stop = _day(since), _day(until)
    stop = None if stop is None else stop + timedelta(days=1)
    with open_desk(store) as desk:
        written = export_looks(read_looks(desk, first, stop), output)
        lost = count_lost(desk, first, stop)
    print(f"Wrote {written} looks to {output}.")
    if lost:
        print(f"{lost} more were lost: they came faster than the disk took them.", file=sys.stderr)


@app.command()
def keep(
    store: Store,
    days: Annotated[int | None, typer.Argument(min=1, help="Days to keep looks. Default: only tell.")] = None,
) -> None:
    """Set how many days looks are kept; a running server deletes older ones once a day.

    Example: `audan trace keep 180 --store store/`
    """
    from ..desk import keep_days, open_desk, set_keep_days

    with open_desk(store) as desk:
        if days is not None:
            set_keep_days(desk, days)
        print(f"Looks are kept for {keep_days(desk)} days.")


@app.command()
def prune(
    store: Store,
    keep_days: Annotated[
        int | None, typer.Option(min=1, help="Days to keep. Default: what `audan trace keep` says.")
    ] = None,
) -> None:
    """Delete old looks now.

    Example: `audan trace prune --store store/ --keep-days 90`
    """
    from ..desk import open_desk, prune_looks

    with open_desk(store) as desk:
        gone = prune_looks(desk, keep_days)
    print(f"Deleted {gone} looks.")


def _day(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise UsageError("this is no day", Where(value=text), remedy="write 2026-11-23") from None
