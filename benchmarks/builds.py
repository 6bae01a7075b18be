"""How long a build takes, stage by stage, and what memory it holds."""

from __future__ import annotations

from . import areas
from .figure import Bench, Figure

TITLE = "Builds, stage by stage"
NOTE = (
    "`audan build` of the whole history into an empty store, in a process of its own; the peak is the most memory "
    "that the process held during the stage."
)
WHOLE_DEMO = 300.0
"""Seconds that the whole history of the demo may take on two cores."""


def run(bench: Bench) -> list[Figure]:
    """Build the demo and London; the demo ten times larger only if everything is asked for."""
    figures = []
    for area in [areas.demo(bench), areas.london(bench), areas.demo(bench, 10) if bench.everything else None]:
        if area is None:
            continue
        bench.say(f"building {area.name}")
        made = areas.build(area, bench.folder / area.name)
        figures += [
            Figure(f"{area.name}: {stage['stage']}", stage["seconds"], "s", peak_mb=stage["peak_mb"])
            for stage in made.stages
        ]
        figures.append(
            Figure(
                f"{area.name}: whole history",
                made.seconds,
                "s",
                goal=WHOLE_DEMO if area.name == "demo, scale 1" else None,
                peak_mb=made.peak_mb,
                note=f"{made.offences:,} offences read, {made.rating:,} rows of the rating; "
                f"processor time {made.cpu:.1f} s",
            )
        )
    return figures
