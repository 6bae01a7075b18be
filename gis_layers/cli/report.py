"""The report on an area's inputs: the ledger, the quarantine, the share that no district carries."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from rich.console import Console

    from ..pipeline import Inputs

_SHOWN = 8
_TITLES = {
    "sums": "Sums",
    "controls": "Published tables",
    "breaks": "Breaks",
    "crosswalk": "Crosswalk between codes",
    "outcome": "Fields left empty by outcome",
    "duplicates": "Duplicates",
    "dates": "Dates",
    "heaping": "Heaping",
    "delay": "Late registration",
    "place": "Coordinates and districts",
}


def report(inputs: Inputs) -> dict[str, Any]:
    """Return the report as plain values."""
    from ..sources import unallocated

    intake, districts = inputs.intake, inputs.districts
    return {
        "area": inputs.settings.area.id,
        "districts": len(districts.frame),
        "repaired": districts.repaired.to_dict("records"),
        "moved": districts.moved.to_dict("records"),
        "ledger": intake.ledger.as_dict(),
        "quarantined": _by_value(intake.quarantine).to_dict("records"),
        "revised": len(intake.revised),
        "unallocated": unallocated(intake).to_dict("records"),
        "findings": [one.as_dict(names=_names(inputs)) for one in inputs.findings],
    }


def print_findings(inputs: Inputs) -> None:
    """Print what was found in the data for people, on stderr: alarms first among their kind."""
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    names = _names(inputs)
    for kind in dict.fromkeys(one.kind for one in inputs.findings):
        console.print(f"\n{_TITLES[kind]}", style="bold")
        for one in sorted((f for f in inputs.findings if f.kind == kind), key=lambda f: not f.alarm):
            console.print(
                f"  {'!' if one.alarm else '-'} {one.text(names=names)}", markup=False, soft_wrap=True
            )


def _names(inputs: Inputs) -> Callable[[str], str]:
    """Return what turns a code of a district or an offence into its English name."""
    frame, nodes = inputs.districts.frame, inputs.codebook.nodes
    column = "name_en" if "name_en" in frame else "name"
    known = {str(code): str(name) for code, name in zip(frame["district"], frame[column], strict=True)}
    known |= {str(code): str(name) for code, name in nodes["name_en"].items()}
    return lambda code: known.get(code, code)


def print_report(inputs: Inputs, *, shares: bool = False) -> None:
    """Print the ledger for people, on stderr; with `shares`, also what no district carries."""
    from rich.console import Console

    console = Console(stderr=True)
    districts = inputs.districts
    console.print(
        f"{inputs.settings.area.id}: {len(districts.frame)} districts, {len(districts.repaired)} repaired, "
        f"{len(districts.moved)} with borders moved beyond the tolerance; {len(inputs.intake.revised)} figures revised"
    )
    if inputs.intake.ledger.sources:
        _print_ledger(console, inputs)
    if shares:
        _print_shares(inputs)


def print_revisions(revisions: Mapping[str, Any] | None) -> None:
    """Say on stderr what a release says otherwise than the one before it."""
    from rich.console import Console

    if said := told_revisions(revisions):
        Console(stderr=True).print(said, markup=False, highlight=False)


def told_revisions(revisions: Mapping[str, Any] | None) -> str:
    """Return the summary of a manifest's revisions as a sentence; empty if there was nothing to compare."""
    from ..messages import render

    if not revisions or not revisions["previous"]:
        return ""
    before = f"against {revisions['previous']}: "
    if revisions["same_input"] and not revisions["verdicts"]:
        return before + "nothing has changed, every verdict stands"
    figures = f"{_number(revisions['figures'], 'figure')} revised, "
    if not revisions["verdicts"]:
        return before + figures + "every verdict of the months that both hold stands"
    first, last = revisions["months"]
    span = f"of {first}" if first == last else f"from {first} to {last}"
    causes = "; ".join(render("en", code, {"month": "_"}).rstrip(".") for code in revisions["causes"])
    changed = f"{_number(revisions['verdicts'], 'verdict')} {span} changed"
    answers = f"{revisions['answers']:,} of them to another level, signal or standing"
    return f"{before}{figures}{changed}, {answers} ({causes})"


def _number(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _by_value(quarantine: pd.DataFrame) -> pd.DataFrame:
    keys = ["source", "reason", "column", "value"]
    text = quarantine.assign(**{key: quarantine[key].astype(str) for key in keys})
    return text.groupby(keys, as_index=False)[["rows", "offences"]].sum()


def _print_ledger(console: Console, inputs: Inputs) -> None:
    from rich.table import Table
    from rich.text import Text

    from ..errors import shown

    table = Table("source", "what became of it", title="Ledger")
    table.add_column("rows", justify="right")
    table.add_column("offences", justify="right")
    values = _by_value(inputs.intake.quarantine).sort_values(["offences", "rows"], ascending=False)
    for source in inputs.intake.ledger.sources:
        table.add_row(source.source, "read", f"{source.read.rows:,}", f"{source.read.offences:,}")
        table.add_row("", "counted", f"{source.counted.rows:,}", f"{source.counted.offences:,}")
        for rule, tally in sorted(source.merged.items()):
            table.add_row("", f"merged: {rule}", f"{tally.rows:,}", f"{tally.offences:,}")
        for reason, tally in sorted(source.quarantined.items()):
            table.add_row("", f"quarantined: {reason}", f"{tally.rows:,}", f"{tally.offences:,}")
            named = values[(values["source"] == source.source) & (values["reason"] == reason)]
            for row in named.head(_SHOWN if len(named) <= 50 else 0).itertuples():
                # What a file holds is shown as it stands there: no markup, no sign that moves the cursor.
                value = Text(f"  {shown(str(row.value), 80)}")
                table.add_row("", value, f"{row.rows:,}", f"{row.offences:,}", style="dim")
    console.print(table)


def _print_shares(inputs: Inputs) -> None:
    from rich.console import Console
    from rich.table import Table

    from ..sources import unallocated

    frame = unallocated(inputs.intake)
    if not frame["unplaced"].any():
        return
    wide = frame.pivot_table(index="offence", columns="year", values="share", aggfunc="first")
    table = Table(title="Share of offences that no district carries, %")
    table.add_column("offence", no_wrap=True)
    for year in wide.columns:
        table.add_column(str(year), justify="right", no_wrap=True)
    for offence, shares in wide.iterrows():
        table.add_row(str(offence), *(f"{100 * value:.1f}" if value == value else "" for value in shares))
    needed = max(len(str(offence)) for offence in wide.index) + 8 * len(wide.columns) + 8
    Console(stderr=True, width=max(80, needed)).print(table)


def print_disclosure(withheld: dict[str, Any] | None) -> None:
    """Print for people what the public edition withholds and why; None is an area whose counts are open."""
    from rich.console import Console
    from rich.table import Table

    console = Console(stderr=True)
    if withheld is None:
        console.print("Nothing is withheld: the area's counts are open.")
        return
    if withheld["rounded"]:
        console.print(
            "Nothing is withheld: counts are rounded at random to multiples of 5, sensitive ones of 10."
        )
        return
    table = Table("of", title="Withheld from the public edition, % of the counts collected")
    names = list(withheld["reasons"])
    for name in ("counts", "withheld", *names):
        table.add_column(name, justify="right")

    def row(label: str, tally: dict[str, Any]) -> None:
        parts = [f"{100 * tally['reasons'][name]['share']:.1f}" for name in names]
        table.add_row(label, f"{tally['cells']:,}", f"{100 * tally['share']:.1f}", *parts)

    row("all counts", withheld)
    for kind, tally in withheld["kinds"].items():
        row(f"  {kind}", tally)
    row("totals of regions", withheld["regions"])
    table.add_section()
    for offence, tally in withheld["offences"].items():
        row(offence, tally)
    console.print(table)
    console.print(
        "small: the count itself names a person; complementary, zero: it would tell a small one by a sum; "
        "earlier: the release before withheld it"
    )
    for block in withheld["frozen"]:
        console.print(f"The revision of {block['month']} in region {block['region'] or 'all'} is not shown.")
