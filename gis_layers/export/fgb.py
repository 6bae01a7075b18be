"""FlatGeobuf with its spatial index: for reading a part of it over HTTP."""

from __future__ import annotations

import json
from pathlib import Path

import pyogrio

from ..errors import UsageError
from ..layers.model import SHAPES
from ..release.files import require_shapes
from .ogr import MULTI, joined
from .select import Selection
from .source import source_line, source_note


def write_fgb(selection: Selection, path: Path) -> int:
    """Write FlatGeobuf; the origin stands in the header's description and metadata.

    Raises
    ------
    UsageError
        If the layer has no shapes: FlatGeobuf is for shapes.
    """
    if not selection.has_shapes:
        raise UsageError(
            f"layer {selection.layer!r} has no shapes", remedy="use .csv, .parquet, .xlsx or .gpkg"
        )
    note = source_note(selection)
    lang = selection.edition.catalogue["area"]["languages"][0]
    pyogrio.write_arrow(
        joined(selection, multi=True),
        path,
        layer=selection.layer,
        driver="FlatGeobuf",
        geometry_name=SHAPES,
        geometry_type=MULTI[selection.entry["geometry"]],
        crs="EPSG:4326",
        layer_metadata={"source": json.dumps(note, ensure_ascii=False)},
        layer_options={"TITLE": note["title"][lang], "DESCRIPTION": source_line(selection)},
    )
    rows = int(pyogrio.read_info(path)["features"])
    require_shapes(path, rows)
    return rows
