"""`audan check`: read every input, publish nothing, tell what was found."""

from __future__ import annotations

from .options import AreaFile, Json, print_json
from .progress import shown_progress


def check(area: AreaFile, as_json: Json = False) -> None:
    """Read every input and print the ledger and what was found in the data.

    Example: `audan check config/areas/london/area.toml`
    """
    from .. import pipeline
    from ..errors import InputError
    from .report import print_findings, print_report, report

    with shown_progress("check") as progress:
        inputs = pipeline.check(area, progress=progress)
    if as_json:
        print_json(report(inputs))
    else:
        print_report(inputs, shares=True)
        print_findings(inputs)
    unexpected = sum(source.unexpected.rows for source in inputs.intake.ledger.sources)
    if unexpected:
        raise InputError(
            f"{unexpected:,} rows were quarantined unexpectedly",
            remedy="correct them, add the missing codes, or name them in [quarantine] expected",
        )
