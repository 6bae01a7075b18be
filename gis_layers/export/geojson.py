"""GeoJSON as RFC 7946 has it: WGS 84, counter-clockwise shells, seven decimals, no `crs`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import shapely

from ..layers.items import item_ids
from ..layers.model import SHAPES
from ..release.tables import to_frame
from .select import Selection
from .source import source_note

DECIMALS = 7


def encode_shapes(shapes: npt.ArrayLike) -> list[bytes]:
    """Return polygons or lines as GeoJSON geometries: shells counter-clockwise, seven decimals (a centimetre).

    Examples
    --------
    >>> encode_shapes([shapely.box(0, 0, 1, 1.123456789)])[0][:34]
    b'{"type":"Polygon","coordinates":[['
    """
    oriented = shapely.orient_polygons(np.asarray(shapes, dtype=object), exterior_cw=False)
    rounded = shapely.transform(oriented, lambda xy: np.round(xy, DECIMALS))
    return [text.encode() for text in shapely.to_geojson(rounded)]


def write_geojson(selection: Selection, path: Path) -> int:
    """Write a FeatureCollection, a feature a line; the origin stands in foreign members before the features.

    Each district's shape is encoded once and joined to every row that it belongs to. Dates are ``YYYY-MM-DD``; columns
    of type `json` are real JSON.
    """
    head = orjson.dumps(
        {"type": "FeatureCollection", "name": selection.layer, "source": source_note(selection)}
    )
    own = selection.has_own_shapes
    shapes: dict[str, orjson.Fragment] = {}
    if selection.has_shapes and not own:
        frame = selection.edition.districts()
        encoded = encode_shapes(frame.geometry.to_numpy())
        shapes = dict(zip(frame["district"], map(orjson.Fragment, encoded), strict=True))
    rows = 0
    with path.open("wb") as file:
        file.write(head[:-1] + b',"features":[\n')
        for piece in selection.pieces(shapes=own):
            for feature in _features(selection, piece, shapes):
                file.write((b",\n" if rows else b"") + orjson.dumps(feature))
                rows += 1
        file.write(b"\n]}\n")
    return rows


def _features(
    selection: Selection, piece: pa.Table, shapes: dict[str, orjson.Fragment]
) -> list[dict[str, Any]]:
    ids = item_ids(to_frame(piece.select(selection.entry["keys"])), selection.entry["keys"])
    structured = [column["name"] for column in selection.entry["columns"] if column["type"] == "json"]
    features = []
    drawn: list[orjson.Fragment | None] = [None] * piece.num_rows
    if SHAPES in piece.column_names:
        wkb = piece[SHAPES].to_numpy()
        drawn = [orjson.Fragment(text) for text in encode_shapes(shapely.from_wkb(wkb))]
        piece = piece.drop_columns(SHAPES)
    elif shapes:
        drawn = [shapes.get(code) for code in piece["district"].to_pylist()]
    for name, row, geometry in zip(ids, piece.to_pylist(), drawn, strict=True):
        for column in structured:
            if row[column] is not None:
                row[column] = orjson.Fragment(row[column])
        features.append({"type": "Feature", "id": name, "geometry": geometry, "properties": row})
    return features
