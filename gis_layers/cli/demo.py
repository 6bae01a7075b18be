"""`audan demo`: build the demo area and serve it on loopback."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from .progress import shown_progress


def demo(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the map.")] = 8000,
    store: Annotated[
        Path, typer.Option("--store", metavar="DIR", help="Folder for its data and releases.")
    ] = Path("demo"),
    scale: Annotated[float, typer.Option(min=0.01, max=100, help="Multiplies the number of cards.")] = 1.0,
    years: Annotated[int, typer.Option(min=1, max=10, help="The newest years alone, of ten.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the invented figures.")] = 1,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the map, or only build.")] = True,
) -> None:
    """Build an invented republic of 210 districts and serve its analyst edition with the web map.

    Example: `audan demo --port 8000`, or for a quick look `audan demo --scale 0.2 --years 3`
    """
    from .. import pipeline
    from ..demo import write_demo
    from ..settings import ready_area
    from .report import print_report

    folder = store / "input"
    with shown_progress("demo") as progress:
        progress("inventing")
        write_demo(folder, seed=seed, scale=scale, years=years, progress=progress)
        os.environ["AUDAN_DEMO"] = str(folder.resolve())
        built = pipeline.build(ready_area("demo"), store, progress=progress)
    print_report(built.inputs)
    print(built.release)
    if serve:
        from tile_server import ServerSettings
        from tile_server import serve as run

        print(f"The map is at http://127.0.0.1:{port}/ (stop it with Ctrl-C).", file=sys.stderr)
        run(ServerSettings(store=store, edition="analyst"), host="127.0.0.1", port=port, workers=1)
