"""Vector tiles: geometry is prepared with the release and cut per tile once, figures join it per slice."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

import pandas as pd

from gis_layers.tiles.coverage import GridCoverage
from gis_layers.tiles.cut import cut
from gis_layers.tiles.drawing import Drawing, drawn
from gis_layers.tiles.figures import PARENTS, parent_columns, row_columns, slice_columns, tile_fields
from gis_layers.tiles.grid import MAX_ZOOM, Tile
from gis_layers.tiles.mvt import Cut, Sheet, encode, feature_id, sheet

from ..places import Places
from ..table import Rows, Table, item_names

_CUTS_KEPT = 2048
_SHEETS_KEPT = 64
_DRAWINGS_KEPT = 8

Made = TypeVar("Made")


class Coverages(Protocol):
    """Gives the coverage of a zoom: those of a release (:class:`gis_layers.tiles.prepared.Prepared`), or a part."""

    def coverage(self, z: int) -> GridCoverage:
        """Read the coverage of one zoom."""


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
    prepared
        The coverages of the same districts, in their order.
    """

    max_zoom = MAX_ZOOM

    def __init__(
        self, places: Places, frame: pd.DataFrame, languages: Sequence[str], prepared: Coverages
    ) -> None:
        self.places = places
        self.ids = [feature_id(code) for code in places.codes]
        self.names = [str(name) for name in frame["name"]]
        self.prepared = prepared
        parents = prepared.coverage(0).parents
        self.parent_columns = parent_columns(frame, parents, languages)
        self._parents = sheet(PARENTS, [feature_id(code) for code in parents], self.parent_columns)
        self._zooms: dict[int, GridCoverage] = {}
        self._cuts: OrderedDict[tuple[Tile, bool], Cut] = OrderedDict()
        self._sheets: OrderedDict[tuple[str, bytes], Sheet] = OrderedDict()
        self._drawings: OrderedDict[str, Drawing] = OrderedDict()
        self._drawn: OrderedDict[tuple[str, Tile], Cut] = OrderedDict()
        self._lock = threading.Lock()
        self._reading = threading.Lock()

    def zoom(self, z: int) -> GridCoverage:
        """Return the coverage of one zoom, read when first asked for."""
        with self._reading:
            if z not in self._zooms:
                self._zooms[z] = self.prepared.coverage(z)
            return self._zooms[z]

    def cut(self, tile: Tile, *, borders: bool = False) -> Cut:
        """Return what a tile holds of the districts, or of the parents' borders; kept for the next slice."""
        return self._kept(
            self._cuts, (tile, borders), _CUTS_KEPT, lambda: cut(self.zoom(tile.z), tile, borders=borders)
        )

    def sheet(self, table: Table, rows: Rows) -> Sheet:
        """Return the figures of one slice, ready to be joined; kept for the next tile.

        Parameters
        ----------
        rows
            The rows of one slice: at most one per district, and a district without one has no figures; or any rows
            of a layer of own shapes.
        """
        key = (table.id, rows.tobytes())
        return self._kept(self._sheets, key, _SHEETS_KEPT, lambda: self._sheet(table, rows))

    def _sheet(self, table: Table, rows: Rows) -> Sheet:
        assert table.place is not None
        if table.has_own_shapes:
            fields = tile_fields(table.id, table.types, own_shapes=True)
            columns = row_columns(fields, lambda name: table.column(name, rows).to_pylist())
            return sheet(table.id, [feature_id(item) for item in item_names(table, rows)], columns)
        columns = slice_columns(
            tile_fields(table.id, table.types),
            codes=self.places.codes,
            names=self.names,
            places=table.place[rows].tolist(),
            read=lambda name: table.column(name, rows).to_pylist(),
        )
        return sheet(table.id, self.ids, columns)

    def _kept(self, held: OrderedDict[Any, Made], key: Any, most: int, make: Callable[[], Made]) -> Made:
        with self._lock:
            if key in held:
                held.move_to_end(key)
                return held[key]
        made = make()
        with self._lock:
            held[key] = made
            while len(held) > most:
                held.popitem(last=False)
        return made

    def _drawing(self, table: Table, tile: Tile) -> Cut:
        """Return what a tile holds of all shapes of a layer; kept for the next slice."""

        def make() -> Drawing:
            return Drawing(table.places.shapes, lines=table.meta["geometry"] == "line")

        drawing = self._kept(self._drawings, table.id, _DRAWINGS_KEPT, make)
        return self._kept(self._drawn, (table.id, tile), _CUTS_KEPT, lambda: drawing.cut(tile))

    def encode(self, tile: Tile, table: Table, rows: Rows) -> bytes:
        """Encode a tile of a layer: its districts with the figures of one slice, or the rows' own shapes."""
        if table.has_own_shapes:
            assert table.place is not None
            held = drawn(self._drawing(table, tile), table.place[rows].tolist())
            return encode(held, self.sheet(table, rows))
        made = encode(self.cut(tile), self.sheet(table, rows))
        if made and table.id == "districts":
            made += encode(self.cut(tile, borders=True), self._parents)
        return made


def tile_of(z: str, row: str, column: str) -> Tile | None:
    """Read a tile's address; None if it is no tile between zoom 0 and the last."""
    if not all(text.isascii() and text.isdigit() and len(text) <= 6 for text in (z, row, column)):
        return None
    level, y, x = int(z), int(row), int(column)
    if level > MAX_ZOOM or max(x, y) >= 1 << level:
        return None
    return Tile(level, x, y)
