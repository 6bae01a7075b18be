"""`audan export`: a layer as a file, its format taken from the ending."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from .options import EditionName, Store, open_edition


def export(
    layer: Annotated[str, typer.Argument(help="The layer, as `audan layers` lists it.")],
    store: Store,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            help="File to write: .geojson .gpkg .fgb .pmtiles .parquet .csv .xlsx; .tif of density; .graphml of "
            "spread_paths",
        ),
    ],
    month: Annotated[
        str | None, typer.Option(help="YYYY-MM, FROM..TO or all. Default: newest (everything for tables).")
    ] = None,
    offence: Annotated[str | None, typer.Option(help="Code, all, or '*' for every offence.")] = None,
    period: Annotated[
        str | None, typer.Option(help="rolling3 or rolling12, of `density`. Default: the longest.")
    ] = None,
    edition: EditionName = EditionName.public,
) -> None:
    """Write a layer to a file.

    Example: `audan export rating --edition analyst --store store/ --month 2022-08 --output rating.geojson`
    """
    from ..export import export as write

    rows = write(open_edition(store, edition), layer, output, month=month, offence=offence, period=period)
    print(f"Wrote {rows:,} rows of {layer} ({edition} edition) to {output}.", file=sys.stderr)
