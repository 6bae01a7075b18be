"""The report on an area's inputs: the ledger, the quarantine, the share that no district carries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..pipeline import Inputs


def report(inputs: Inputs) -> dict[str, Any]:
    """Return the report as plain values."""
    from ..sources import unallocated

    intake, districts = inputs.intake, inputs.districts
    share = unallocated(intake)
    return {
        "area": inputs.settings.area.id,
        "districts": len(districts.frame),
        "repaired": districts.repaired.to_dict("records"),
        "moved": districts.moved.to_dict("records"),
        "ledger": intake.ledger.as_dict(),
        "revised": len(intake.revised),
        "unallocated": share.to_dict("records"),
    }


def print_ledger(inputs: Inputs) -> None:
    """Print the ledger and the quarantine for people, on stderr."""
    from rich.console import Console
    from rich.table import Table

    console = Console(stderr=True)
    found = report(inputs)
    console.print(
        f"{found['area']}: {found['districts']} districts, {len(found['repaired'])} repaired, "
        f"{len(found['moved'])} with borders moved beyond the tolerance"
    )
    if inputs.intake.ledger.sources:
        table = Table("source", "what became of it", title="Ledger")
        table.add_column("rows", justify="right")
        table.add_column("offences", justify="right")
        for source in inputs.intake.ledger.sources:
            lines = [("read", source.read), ("counted", source.counted)]
            lines += [
                (f"quarantined: {reason}", tally) for reason, tally in sorted(source.quarantined.items())
            ]
            lines += [(f"merged: {rule}", tally) for rule, tally in sorted(source.merged.items())]
            for number, (what, tally) in enumerate(lines):
                table.add_row("" if number else source.source, what, f"{tally.rows:,}", f"{tally.offences:,}")
        console.print(table)
    share = found["unallocated"]
    if share:
        _print_unallocated(console, share)


def _print_unallocated(console: Any, rows: list[dict[str, Any]]) -> None:
    import pandas as pd
    from rich.table import Table

    frame = pd.DataFrame(rows)
    wide = frame.pivot_table(index="offence", columns="year", values="share", aggfunc="first")
    table = Table("offence", title="Share of offences that no district carries, %")
    for year in wide.columns:
        table.add_column(str(year), justify="right")
    for offence, shares in wide.iterrows():
        table.add_row(str(offence), *(f"{100 * value:.1f}" if value == value else "" for value in shares))
    console.print(table)
