"""`audan check`: read every input, publish nothing, tell what was found."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import AreaFile, Json, print_json
from .progress import shown_progress


def check(
    area: AreaFile,
    as_json: Json = False,
    disclosure: Annotated[
        bool, typer.Option("--disclosure", help="Print what the public edition would withhold, and why.")
    ] = False,
) -> None:
    """Read every input and print the ledger and what was found in the data.

    Example: `audan check config/areas/london/area.toml`
    """
    from .. import pipeline
    from ..disclosure import disclosure_report
    from ..errors import InputError
    from .report import print_disclosure, print_findings, print_report, report

    protection = None
    with shown_progress("check") as progress:
        inputs = pipeline.check(area, progress=progress)
        if disclosure and (panel := pipeline.panel_of(inputs)) is not None:
            progress("disclosure")
            protection = pipeline.protect(inputs, panel)
    withheld = None if protection is None else disclosure_report(protection)
    if as_json:
        print_json({**report(inputs), **({"disclosure": withheld} if disclosure else {})})
    else:
        print_report(inputs, shares=True)
        print_findings(inputs)
        if disclosure:
            print_disclosure(withheld)
    unexpected = sum(source.unexpected.rows for source in inputs.intake.ledger.sources)
    if unexpected:
        raise InputError(
            f"{unexpected:,} rows were quarantined unexpectedly",
            remedy="correct them, add the missing codes, or name them in [quarantine] expected",
        )
