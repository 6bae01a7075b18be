"""A raster as it lies in the release: Cloud-Optimized GeoTIFF."""

from __future__ import annotations

import shutil
from pathlib import Path

from ..errors import UsageError, Where
from ..times import PERIOD_MONTHS
from .select import Selection


def write_tif(selection: Selection, path: Path) -> int:
    """Copy the raster of the selection; of several periods the longest, of several months the newest.

    Raises
    ------
    UsageError
        If the layer has no rasters, or the selection holds none, or those of several offences.
    """
    if selection.entry["geometry"] != "raster":
        raise UsageError(f"layer {selection.layer!r} has no rasters", remedy="use another ending")
    rows = selection.table().to_pylist()
    if not rows:
        raise UsageError(
            f"layer {selection.layer!r} has no such raster",
            Where(value=selection.period),
            remedy="choose another offence, or leave the period out",
        )
    if len({row["offence"] for row in rows}) > 1:
        raise UsageError("a file holds one raster", remedy="choose one offence")
    chosen = max(rows, key=lambda row: (PERIOD_MONTHS[row["period"]], row["month"]))
    shutil.copyfile(selection.edition.raster(chosen["raster"]), path)
    return 1
