"""PMTiles: the layer as vector tiles in one file, the same bytes as the server's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import shapely

from ..errors import UsageError, Where
from ..layers.items import item_ids
from ..layers.model import SHAPES
from ..release.tables import to_frame
from ..tiles.archive import write_archive
from ..tiles.cut import cut_all
from ..tiles.drawing import Drawing
from ..tiles.figures import (
    PARENTS,
    parent_columns,
    row_columns,
    slice_columns,
    tile_fields,
    vector_layers,
)
from ..tiles.grid import Tile
from ..tiles.mvt import Sheet, encode, feature_id, repeated, sheet
from ..tiles.prepared import Prepared
from .select import Selection
from .source import source_line, source_note

_OTHERS = "choose another month or offence"

MOST_SLICES = 120
"""Months times offences in one file: ten years of one offence. A tile that holds more is too heavy for a map."""


def write_pmtiles(selection: Selection, path: Path) -> int:
    """Write a PMTiles archive, from zoom 0 to the one that shows the borders in full.

    A district is one feature per month and offence; where the file holds several, they are fields of the feature
    (`month` as YYYY-MM-DD, `offence`), and a map filters by them.

    Raises
    ------
    UsageError
        If the layer has no shapes, or the file would hold more months and offences than a map can show.
    """
    if not selection.has_shapes:
        raise UsageError(
            f"layer {selection.layer!r} has no shapes", remedy="use .csv, .parquet, .xlsx or .gpkg"
        )
    if selection.has_own_shapes:
        return _write_drawing(selection, path)
    slices: list[tuple[dict[str, str], pa.Table]] = []
    for one in _slices(selection):
        slices.append(one)
        if len(slices) > MOST_SLICES:
            raise UsageError(
                f"tiles of more than {MOST_SLICES} months and offences are too heavy for a map",
                Where(file=path.name, value=selection.layer),
                remedy="choose fewer months, or one offence; .parquet holds everything",
            )
    if not slices:
        raise UsageError(f"layer {selection.layer!r} has no such rows", remedy=_OTHERS)
    keys = [
        name
        for name in ("offence", "attribute", "month")
        if len({named.get(name) for named, _ in slices}) > 1
    ]
    types = {column["name"]: column["type"] for column in selection.entry["columns"]}
    fields = tile_fields(selection.layer, types, keys)
    districts = selection.edition.districts()
    prepared = selection.edition.prepared()
    parents = _parents(selection, prepared)
    figures = _sheet(selection, fields, keys, slices)
    with path.open("wb") as file:
        write_archive(
            file,
            _tiles(prepared, figures, len(slices), parents),
            bbox=tuple(shapely.total_bounds(districts.geometry.array).tolist()),
            metadata=_metadata(selection, fields, prepared.full_zoom, _held(slices), parents),
        )
    return sum(rows.num_rows for _, rows in slices)


def _write_drawing(selection: Selection, path: Path) -> int:
    """Write rows that each have a shape of their own, each one a feature with all its columns."""
    table = pa.concat_tables(selection.pieces(shapes=True))
    if not table.num_rows:
        raise UsageError(f"layer {selection.layer!r} has no such rows", remedy=_OTHERS)
    keys = selection.entry["keys"]
    types = {column["name"]: column["type"] for column in selection.entry["columns"]}
    fields = tile_fields(selection.layer, types, own_shapes=True)
    shapes = shapely.from_wkb(table[SHAPES].to_numpy())
    drawing = Drawing(shapes, lines=selection.entry["geometry"] == "line")
    ids = item_ids(to_frame(table.select(keys)), keys)
    columns = row_columns(fields, lambda name: table[name].to_pylist())
    figures = sheet(selection.layer, [feature_id(item) for item in ids], columns)
    with path.open("wb") as file:
        write_archive(
            file,
            ((tile, encode(held, figures)) for tile, held in drawing.tiles()),
            bbox=drawing.bbox,
            metadata=_metadata(selection, fields, drawing.max_zoom, {}),
        )
    return int(table.num_rows)


def _slices(selection: Selection) -> Iterator[tuple[dict[str, str], pa.Table]]:
    """Yield the selection's months and offences as text, newest first, and the rows of each."""
    keys = [name for name in ("offence", "attribute", "month") if name in selection.entry["keys"]]
    if not keys:
        yield {}, selection.table()
        return
    # never a part of a month: its districts would be drawn twice
    for held in selection.by_offence():
        named = held.select(keys).group_by(keys).aggregate([]).to_pylist()
        for one in sorted(named, key=lambda one: str(one.get("month")), reverse=True):
            rows = held
            for name, value in one.items():
                rows = rows.filter(pc.equal(rows[name], pa.scalar(value, rows[name].type)))
            yield {name: str(value) for name, value in one.items()}, rows


def _sheet(
    selection: Selection,
    fields: dict[str, str],
    keys: list[str],
    slices: list[tuple[dict[str, str], pa.Table]],
) -> Sheet:
    """Encode the figures of every slice, one after the other."""
    districts = selection.edition.districts()
    codes = districts["district"].astype(str).tolist()
    columns: dict[str, list[Any]] = {name: [] for name in fields}
    for named, rows in slices:
        made = slice_columns(
            fields,
            codes=codes,
            names=districts["name"].astype(str).tolist(),
            places=pc.index_in(rows["district"], value_set=pa.array(codes, pa.string())).to_pylist(),
            read=lambda name, rows=rows: rows[name].to_pylist(),  # type: ignore[misc]
            keys={name: named[name] for name in keys},
        )
        for name, values in made.items():
            columns[name] += values
    return sheet(selection.layer, [feature_id(code) for code in codes] * len(slices), columns)


def _parents(selection: Selection, prepared: Prepared) -> dict[str, list[Any]]:
    """Return what the borders of parents carry; nothing in a layer of figures."""
    if selection.layer != "districts":
        return {}
    coverage = prepared.coverage(0)
    languages = selection.edition.catalogue["area"]["languages"]
    made = parent_columns(selection.edition.districts(), coverage.parents, languages)
    return dict(made) if coverage.parents else {}


def _tiles(
    prepared: Prepared, figures: Sheet, slices: int, parents: dict[str, list[Any]]
) -> Iterator[tuple[Tile, bytes]]:
    rows = len(figures.ids) // slices
    outlines = sheet(PARENTS, [feature_id(code) for code in parents["parent"]], parents) if parents else None
    for z in range(prepared.full_zoom + 1):
        coverage = prepared.coverage(z)
        borders = dict(cut_all(coverage, borders=True)) if outlines else {}
        for tile, held in cut_all(coverage):
            data = encode(repeated(held, slices, rows), figures)
            if outlines and tile in borders:
                data += encode(borders[tile], outlines)
            yield tile, data


def _held(slices: list[tuple[dict[str, str], pa.Table]]) -> dict[str, list[str]]:
    """Return the months and offences that an archive holds."""
    names = [name for name in ("month", "offence") if name in slices[0][0]]
    return {name: sorted({named[name] for named, _ in slices}) for name in names}


def _metadata(
    selection: Selection,
    fields: dict[str, str],
    max_zoom: int,
    held: dict[str, list[str]],
    parents: Iterable[str] = (),
) -> dict[str, Any]:
    note = source_note(selection)
    lang = selection.edition.catalogue["area"]["languages"][0]
    return {
        "name": note["title"][lang],
        "description": source_line(selection),
        "attribution": note["attribution"] or "",
        "type": "overlay",
        "version": "1",
        "vector_layers": vector_layers(
            selection.layer,
            note["description"][lang],
            fields,
            max_zoom=max_zoom,
            border_fields=list(parents),
        ),
        "audan": note | held,
    }
