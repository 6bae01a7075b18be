"""`audan build`: compute what is new and publish a release."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import AreaFile, Json, Store, print_json
from .progress import shown_progress

if TYPE_CHECKING:
    from ..pipeline import Built


def build(
    area: AreaFile,
    store: Store,
    alerts: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Send new signals by this alerts file afterwards.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Read, judge and publish an area as a release; print its id.

    Only months are judged whose verdict rests on something that has changed; what the release says otherwise
    than the one before it is counted on stderr and listed in its folder `revisions`.

    Example: `audan build config/areas/london/area.toml --store store/`
    """
    from .. import pipeline

    if alerts is not None:
        from ..alerts import read_alerts

        # Refused before an hour of work rather than after it.
        read_alerts(alerts)
    with shown_progress("build") as progress:
        built = pipeline.build(area, store, progress=progress)
    if as_json:
        print_json(summary(built))
        _send(store, alerts)
        return
    from ..disclosure import disclosure_report
    from .report import print_report, print_revisions

    print_report(built.inputs, shares=True)
    if built.protection is not None and not built.protection.rounded:
        found = disclosure_report(built.protection)
        print(
            f"Withheld from the public edition: {100 * found['share']:.1f} % of the counts.", file=sys.stderr
        )
    print_revisions(built.revisions)
    print(built.release)
    _send(store, alerts)


def _send(store: Path, alerts: Path | None) -> None:
    """Send what is new; the release stands whatever becomes of it, and what did not arrive is tried again later."""
    if alerts is not None:
        from .alerts import after_build

        after_build(store, alerts)


_TOLD = ("cells", "withheld", "share", "reasons", "kinds", "frozen")


def summary(built: Built) -> dict[str, Any]:
    """Return what a machine wants to know of a build."""
    from ..disclosure import disclosure_report

    intake = built.inputs.intake
    found = None if built.protection is None else disclosure_report(built.protection)
    return {
        "release": built.release,
        "ledger": intake.ledger.as_dict(),
        "revised": len(intake.revised),
        "revisions": built.revisions,
        "layers": {layer.id: len(layer.frame) for layer in built.layers},
        "absent": [layer.id for layer in built.absent],
        "disclosure": None if found is None else {key: found[key] for key in _TOLD},
    }
