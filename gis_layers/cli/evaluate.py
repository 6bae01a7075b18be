"""`audan evaluate`: how far the norm can be trusted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import UsageError, Where
from .options import Json, print_json
from .progress import shown_progress

if TYPE_CHECKING:
    from ..evaluate import Asked


def evaluate(
    area: Annotated[
        Path | None,
        typer.Argument(
            metavar="[AREA.toml]", help="The area to walk through. Default: invented series alone."
        ),
    ] = None,
    table: Annotated[
        list[str] | None,
        typer.Option(help="weekly, monthly, calibration or walk-forward; may be repeated. Default: all."),
    ] = None,
    runs: Annotated[int, typer.Option(min=1, help="Runs of each of the 42 scenarios.")] = 100,
    r_runs: Annotated[
        int,
        typer.Option(
            "--r-runs", min=0, help="How many weekly runs R's `surveillance` judges too, where it is."
        ),
    ] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything drawn.")] = 1,
    first: Annotated[
        str | None, typer.Option("--from", metavar="YYYY-MM", help="First month that is foretold.")
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(metavar="YYYY-MM..YYYY-MM", help="Months that are not foretold; may be repeated."),
    ] = None,
    leave_out: Annotated[
        list[str] | None,
        typer.Option(metavar="OFFENCE", help="Offence that is left out with all below it; may be repeated."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="Write evaluation.html and evaluation.json here."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Measure false alarms, what is found, and how well months are foretold, beside other detectors.

    Example: `audan evaluate config/areas/london/area.toml --table walk-forward --from 2015-04
    --without 2020-03..2021-06 --leave-out fraud --output report`
    """
    from ..evaluate import TABLES, keep
    from ..evaluate import evaluate as run

    wanted = table or [name for name in TABLES if area is not None or name != "walk-forward"]
    if "walk-forward" in wanted and area is None:
        raise UsageError(
            "a walk-forward needs an area", remedy="name an area file, as `audan check` takes it"
        )
    asked = _asked(first, without or (), leave_out or (), seed)
    with shown_progress("evaluate") as progress:
        panel = _panel(area, progress) if area is not None and "walk-forward" in wanted else None
        results = run(panel, tables=wanted, runs=runs, r_runs=r_runs, seed=seed, asked=asked, say=progress)
    if output is not None:
        keep(results, output)
    if as_json:
        print_json(results)
    else:
        _print(results)
        if output is not None:
            print(output / "evaluation.html")


def _asked(
    first: str | None, without: list[str] | tuple[str, ...], leave_out: list[str] | tuple[str, ...], seed: int
) -> Asked:
    from ..evaluate import Asked
    from ..times import parse_month, parse_month_range

    spans = tuple(parse_month_range(text) for text in without)
    return Asked(None if first is None else parse_month(first), spans, tuple(leave_out), seed)


def _panel(area: Path, progress: Any) -> Any:
    from .. import pipeline
    from ..panel import panel_codebook

    inputs = pipeline.check(area, progress=progress)
    panel = pipeline.panel_of(inputs)
    if panel is None:
        raise UsageError("this area has no counts to walk through", Where(file=area))
    return panel, panel_codebook(panel, inputs.codebook)


def _print(results: dict[str, Any]) -> None:
    for name in ("weekly", "monthly"):
        if name in results:
            print(f"{name}, alpha {results[name]['alpha']:g}:")
            for detector, of in results[name]["detectors"].items():
                told = [f"false rises {of['false_rises']:.4f} (worst {of['false_rises_worst']:.4f})"]
                told.append(
                    "outbreaks " + " ".join(f"{share:.3f}" for share in of["found_outbreaks"].values())
                )
                if "found_falls" in of:
                    told.append(f"false falls {of['false_falls']:.4f}")
                    told.append("falls " + " ".join(f"{share:.3f}" for share in of["found_falls"].values()))
                print(f"  {detector}, {of['runs']} runs: {'; '.join(told)}")
    if "calibration" in results:
        print("clean demo, p at most .001 .005 .05:")
        table = results["calibration"]
        for name, of in [*table["by_cards"].items(), ("all", table["all"])]:
            rates = " ".join(f"{rate:.4f}" for rate in of["rises"].values())
            print(f"  {name} cards a month: {rates} of {of['cells']:,} cells")
    if "walk_forward" in results:
        for kind, forecasts in results["walk_forward"]["kinds"].items():
            print(f"walk-forward, district × {kind}:")
            for name, forecast in forecasts.items():
                of = forecast["all"]
                covered = " / ".join(f"{100 * share:.1f}" for share in of["coverage"].values())
                score = "" if of["crps"] is None else f", CRPS {of['crps']:.3f}"
                print(
                    f"  {name}: {of['cells']:,} cells, 50 / 80 / 95 % cover {covered}, M >= 3 in "
                    f"{of['share_magnitude_3']:.4f}, width {of['width_80']:.1f}{score}"
                )
