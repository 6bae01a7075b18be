"""Tiles of shapes that are no coverage: clusters, cells, paths. They are few, so each tile is cut when asked for.

Districts share their borders and fill the map, so their tiles are made with care once a year
(:mod:`gis_layers.tiles.coverage`). Shapes of layers of their own overlap and change every month: each is cut alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import shapely

from . import wire
from .cut import PATH_TYPES, POLYGON_TYPES, only
from .grid import BUFFER, EXTENT, MAX_ZOOM, Tile, covering, tile_side, to_mercator
from .mvt import Cut
from .wire import Geometries

Square: TypeAlias = tuple[float, float, float, float]

NOWHERE: Square = (float("nan"),) * 4
"""The box of no shape."""

MOST_TILES = 4096
"""Tiles of the last zoom of an archive: a map enlarges those of the last one."""


class Drawing:
    """Shapes of one kind, ready to be cut into tiles.

    Parameters
    ----------
    shapes
        Polygons, or lines, in degrees (n). There may be none: then every tile is empty.
    lines
        Whether they are lines.

    Examples
    --------
    >>> drawing = Drawing([shapely.box(0, 0, 10, 10), shapely.box(5, 5, 6, 6)])
    >>> drawing.cut(Tile(1, 1, 0)).rows, drawing.cut(Tile(1, 0, 1)).rows
    ([0, 1], [])
    >>> Drawing([]).cut(Tile(0, 0, 0)).rows
    []
    """

    def __init__(self, shapes: npt.ArrayLike, *, lines: bool = False) -> None:
        degrees = np.asarray(shapes, dtype=object)
        self.lines = lines
        self.bbox: Square = tuple(shapely.total_bounds(degrees).tolist()) if len(degrees) else NOWHERE
        self._mercator: Geometries = np.asarray(shapely.transform(degrees, to_mercator), dtype=object)
        self._tree = shapely.STRtree(self._mercator)

    def cut(self, tile: Tile) -> Cut:
        """Return what one tile holds, with its buffer; a tile that only its buffer has something of is empty."""
        unit = tile_side(tile.z) / EXTENT
        west, south, east, north = tile.bounds
        inside = shapely.box(west + unit / 4, south + unit / 4, east - unit / 4, north - unit / 4)
        if not len(self._tree.query(inside, predicate="intersects")):
            return Cut([], [])
        far = BUFFER * unit
        square = (west - far, south - far, east + far, north + far)
        rows = np.sort(self._tree.query(shapely.box(*square), predicate="intersects"))
        clip = _clipped_lines if self.lines else _clipped_polygons
        parts = clip(self._mercator[rows], square)

        def to_units(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
            return np.column_stack([xy[:, 0] - west, north - xy[:, 1]]) / unit

        exact = np.asarray(shapely.transform(parts, to_units), dtype=object)
        whole = _whole_lines(exact) if self.lines else only(shapely.set_precision(exact, 1.0), POLYGON_TYPES)
        lost = np.flatnonzero(shapely.is_empty(whole) & ~shapely.is_empty(exact))
        whole[lost] = self._least(exact[lost])
        there = ~shapely.is_empty(whole)
        rows, whole, corner = rows[there], whole[there], np.zeros((int(there.sum()), 2))
        if self.lines:
            return Cut(rows.tolist(), wire.lines(whole, corner, directed=True))
        return Cut(rows.tolist(), wire.polygons(whole, corner, (-BUFFER, EXTENT + BUFFER)))

    def _least(self, exact: Geometries) -> Geometries:
        """Return what is drawn of shapes smaller than a unit of the grid: one unit, so that none is lost."""
        x, y = np.floor(np.column_stack([shapely.get_x(p := shapely.centroid(exact)), shapely.get_y(p)])).T
        if self.lines:
            ends = np.stack([np.column_stack([x, y]), np.column_stack([x + 1, y])], axis=1)
            return np.asarray(shapely.linestrings(ends), dtype=object)
        return np.asarray(shapely.box(x, y, x + 1, y + 1), dtype=object)

    @cached_property
    def max_zoom(self) -> int:
        """The last zoom of an archive: the finest of at most `MOST_TILES` tiles."""
        if not len(self._mercator):
            return 0

        def many(z: int) -> int:
            west, north, east, south = covering(self.bbox, z)
            return (east - west + 1) * (south - north + 1)

        return max(z for z in range(MAX_ZOOM + 1) if many(z) <= MOST_TILES)

    def tiles(self) -> Iterator[tuple[Tile, Cut]]:
        """Yield every tile that holds something, zoom by zoom, as far as an archive holds them."""
        if not len(self._mercator):
            return
        for z in range(self.max_zoom + 1):
            west, north, east, south = covering(self.bbox, z)
            for y in range(north, south + 1):
                for x in range(west, east + 1):
                    tile = Tile(z, x, y)
                    if (held := self.cut(tile)).rows:
                        yield tile, held


def _clipped_polygons(shapes: Geometries, square: Square) -> Geometries:
    return only(shapely.intersection(shapes, shapely.box(*square)), POLYGON_TYPES)


def _clipped_lines(shapes: Geometries, square: Square) -> Geometries:
    """Clip lines so that they keep the way they go, which an intersection may turn."""
    return only(shapely.clip_by_rect(shapes, *square), PATH_TYPES)


def _whole_lines(exact: Geometries) -> Geometries:
    """Move the points of lines to whole numbers; a line of which a single point is left is empty."""
    rounded = shapely.remove_repeated_points(shapely.transform(exact, np.rint))
    parts, number = shapely.get_parts(rounded, return_index=True)
    long = shapely.length(parts) > 0
    made = np.full(len(exact), shapely.MultiLineString(), dtype=object)
    if long.any():
        owner, place = np.unique(number[long], return_inverse=True)
        made[owner] = shapely.multilinestrings(parts[long], indices=place)
    return made


def drawn(cut: Cut, shape: Sequence[int]) -> Cut:
    """Return a tile of some rows, each drawn as one of the shapes that were cut.

    Parameters
    ----------
    cut
        What the tile holds of all shapes.
    shape
        The number of each row's shape.

    Examples
    --------
    >>> drawn(Cut([3, 7], [b"a", b"b"]), [7, 1, 7]).pieces
    [b'b', b'b']
    """
    held = dict(zip(cut.rows, cut.pieces, strict=True))
    rows = [row for row, number in enumerate(shape) if number in held]
    return Cut(rows, [held[shape[row]] for row in rows], cut.extent)
