"""Choose the format by the ending, select the rows, write whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from ..errors import UsageError, Where
from ..release import Edition
from .atomic import atomic
from .csv import write_csv
from .fgb import write_fgb
from .geojson import write_geojson
from .gpkg import write_gpkg
from .graphml import write_graphml
from .parquet import write_parquet
from .pmtiles import write_pmtiles
from .select import Selection, select
from .tif import write_tif
from .xlsx import write_xlsx

Writer: TypeAlias = Callable[[Selection, Path], int]


@dataclass(frozen=True)
class Format:
    """A file format: how it is written, and whether it holds everything unless told otherwise."""

    write: Writer
    everything: bool = False


FORMATS: dict[str, Format] = {
    ".geojson": Format(write_geojson),
    ".gpkg": Format(write_gpkg),
    ".fgb": Format(write_fgb),
    ".pmtiles": Format(write_pmtiles),
    ".parquet": Format(write_parquet, everything=True),
    ".csv": Format(write_csv, everything=True),
    ".xlsx": Format(write_xlsx),
    ".tif": Format(write_tif),
    ".graphml": Format(write_graphml, everything=True),
}


def export(
    edition: Edition,
    layer: str,
    output: Path,
    *,
    month: str | None = None,
    offence: str | None = None,
    period: str | None = None,
) -> int:
    """Write a layer to a file and return the number of its rows.

    Shapes are joined to the figures while writing; the file appears under its name only when it is whole.

    Parameters
    ----------
    edition
        The edition to take the layer from.
    layer
        Id of the layer.
    output
        File to write; its ending decides the format. An existing file is replaced.
    month
        ``YYYY-MM``, ``YYYY-MM..YYYY-MM`` or ``all``. By default the newest month, and every month for
        Parquet and CSV.
    offence
        A code or ``*``. By default ``all``, and every offence for Parquet and CSV.
    period
        ``rolling3`` or ``rolling12`` of a layer that has both; by default all rows, of rasters the longest.

    Raises
    ------
    UsageError
        If the ending, layer, month or offence is unknown, or the layer does not fit the format.
    SystemFault
        If the disk fails.

    Examples
    --------
    ``export(edition, "rating", Path("rating.geojson"), month="2022-08", offence="theft")``
    """
    chosen = FORMATS.get(output.suffix.lower())
    if chosen is None:
        raise UsageError(
            "no export has this ending",
            Where(file=output, value=output.suffix),
            remedy=f"use {', '.join(FORMATS)}",
        )
    selection = select(
        edition, layer, month=month, offence=offence, everything=chosen.everything, period=period
    )
    with atomic(output) as fresh:
        return chosen.write(selection, fresh)
