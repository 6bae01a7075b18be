"""Vector tiles: geometry is simplified per zoom and cut per tile once, figures join it per slice."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gis_layers.tiles.grid import MAX_ZOOM, Tile
from gis_layers.tiles.mvt import Cut, Value, cut, encode_layer, feature_id
from gis_layers.tiles.simplify import Geometries, parent_borders, simplify

from ..places import Places
from ..table import Rows, Table

_CUTS_KEPT = 2048


@dataclass(frozen=True)
class ZoomShapes:
    """The shapes of one zoom in EPSG:3857: districts (n), and the borders of their parents (m)."""

    districts: Geometries
    borders: Geometries


class Tiler:
    """Cuts and encodes the tiles of one release.

    Parameters
    ----------
    places
        The districts.
    frame
        Their table, with `name` and, where there are parents, `parent` and `parent_name_<lang>`.
    languages
        Languages of the area.
    """

    max_zoom = MAX_ZOOM

    def __init__(self, places: Places, frame: pd.DataFrame, languages: Sequence[str]) -> None:
        self.places = places
        self.ids = [feature_id(code) for code in places.codes]
        self.names = [str(name) for name in frame["name"]]
        has_parents = "parent" in frame.columns
        self.parents = frame["parent"].astype(object).to_numpy() if has_parents else np.full(len(frame), None)
        self.parent_columns = self._parents(frame, languages)
        self._zooms: dict[int, ZoomShapes] = {}
        self._cuts: OrderedDict[tuple[Tile, bool], Cut] = OrderedDict()
        self._lock = threading.Lock()

    def _parents(self, frame: pd.DataFrame, languages: Sequence[str]) -> dict[str, list[Value | None]]:
        named = sorted({parent for parent in self.parents if isinstance(parent, str) and parent})
        columns: dict[str, list[Value | None]] = {"parent": list(named)}
        for name in (f"parent_name_{lang}" for lang in languages):
            if name in frame.columns:
                first = dict(zip(self.parents[::-1], frame[name].astype(object)[::-1], strict=True))
                columns[name] = [text if isinstance(text := first.get(code), str) else None for code in named]
        return columns

    def zoom(self, z: int) -> ZoomShapes:
        """Return the shapes of one zoom, made when first asked for."""
        with self._lock:
            if z not in self._zooms:
                made = simplify(self.places.mercator, z)
                borders = parent_borders(made, self.parents)
                self._zooms[z] = ZoomShapes(
                    made, np.array([borders[p] for p in sorted(borders)], dtype=object)
                )
            return self._zooms[z]

    def cut(self, tile: Tile, *, borders: bool = False) -> Cut:
        """Return what a tile holds of the districts, or of the parents' borders; kept for the next slice."""
        key = (tile, borders)
        with self._lock:
            if key in self._cuts:
                self._cuts.move_to_end(key)
                return self._cuts[key]
        shapes = self.zoom(tile.z)
        made = cut(shapes.borders if borders else shapes.districts, tile)
        with self._lock:
            self._cuts[key] = made
            while len(self._cuts) > _CUTS_KEPT:
                self._cuts.popitem(last=False)
        return made

    def encode(self, tile: Tile, table: Table, rows: Rows) -> bytes:
        """Encode a tile of a layer.

        Parameters
        ----------
        rows
            The rows of one slice, at most one per district; a district without one has no figures.
        """
        columns: dict[str, list[Value | None]] = {
            "district": list(self.places.codes),
            "name": list(self.names),
        }
        assert table.place is not None
        place = table.place[rows]
        for name, kind in table.types.items():
            if kind in ("integer", "number", "boolean"):
                values: list[Any] = [None] * len(self.ids)
                for where, value in zip(place.tolist(), table.column(name, rows).to_pylist(), strict=True):
                    values[where] = round(value, 2) if name == "magnitude" and value is not None else value
                columns[name] = values
            elif table.id == "districts" and kind in ("text", "date") and name not in columns:
                taken = table.column(name, rows).to_pylist()
                columns[name] = [None if value is None else str(value) for value in taken]
        made = encode_layer(table.id, self.cut(tile), self.ids, columns)
        if table.id == "districts" and len(self.parent_columns["parent"]):
            numbers = [feature_id(str(code)) for code in self.parent_columns["parent"]]
            made += encode_layer("parents", self.cut(tile, borders=True), numbers, self.parent_columns)
        return made


def tile_of(z: str, row: str, column: str) -> Tile | None:
    """Read a tile's address; None if it is no tile between zoom 0 and the last."""
    if not all(text.isascii() and text.isdigit() and len(text) <= 6 for text in (z, row, column)):
        return None
    level, y, x = int(z), int(row), int(column)
    if level > MAX_ZOOM or max(x, y) >= 1 << level:
        return None
    return Tile(level, x, y)
