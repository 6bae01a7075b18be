"""Cut the coverage of a zoom into tiles: one tile for a request, or all tiles of the zoom at once.

The coverage has a vertex wherever a border crosses the edge of a tile with its buffer
(:func:`gis_layers.tiles.snap.snapped`). Cutting therefore adds no vertex but corners of tiles, every coordinate
stays whole, and neighbours in a tile share their border as they do in the coverage. Both ways give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import shapely

from . import wire
from .coverage import GridCoverage
from .grid import Tile
from .mvt import Cut
from .wire import Geometries, Ints

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Sides: TypeAlias = tuple[Ints, Ints, Ints, Ints]

PATH_TYPES = (shapely.GeometryType.LINESTRING, shapely.GeometryType.LINEARRING)
POLYGON_TYPES = (shapely.GeometryType.POLYGON,)


@dataclass(frozen=True)
class _Pieces:
    """Parts of shapes by the square they lie in (k each): its column and row, the shape's number, the part.

    `full` says of a part that it fills its square with the buffer: then it is not cut again.
    """

    x: Ints
    y: Ints
    row: Ints
    shape: Geometries
    full: Bools

    def take(self, which: Ints | Bools) -> _Pieces:
        return _Pieces(self.x[which], self.y[which], self.row[which], self.shape[which], self.full[which])

    def sides(self, side: int, margin: int = 0) -> Sides:
        """Return west, north, east and south of each part's square."""
        west, north = self.x * side, self.y * side
        return west - margin, north - margin, west + side + margin, north + side + margin

    def meet(self, sides: Sides) -> Bools:
        bounds = shapely.bounds(self.shape).reshape(-1, 4)
        met = (bounds[:, 0] < sides[2]) & (bounds[:, 2] > sides[0])
        return np.asarray(self.full | met & (bounds[:, 1] < sides[3]) & (bounds[:, 3] > sides[1]))


def cut(coverage: GridCoverage, tile: Tile, *, borders: bool = False) -> Cut:
    """Return what one tile holds of the districts, or of the parents' borders.

    A tile that only its buffer has something of is empty.

    Examples
    --------
    >>> from .coverage import grid_coverage
    >>> squares = np.array([shapely.box(0, 0, 1e6, 1e6)])
    >>> cut(grid_coverage(squares, np.array([None]), 0), Tile(0, 0, 0)).rows
    [0]
    """
    shapes = coverage.borders if borders else coverage.districts
    west, north = tile.x * coverage.extent, tile.y * coverage.extent
    far = coverage.extent + coverage.buffer
    rows = coverage.near(
        (west - coverage.buffer, north - coverage.buffer, west + far, north + far), borders=borders
    )
    place = np.full(len(rows), tile.x), np.full(len(rows), tile.y)
    pieces = _Pieces(*place, rows, shapes[rows], np.zeros(len(rows), dtype=bool))
    pieces = (_cut_lines if borders else _cut_polygons)(pieces, coverage.extent, coverage.buffer)
    for _, made in _by_tile(coverage, pieces, borders=borders):
        return made
    return Cut([], [], coverage.extent)


def cut_all(coverage: GridCoverage, *, borders: bool = False) -> Iterator[tuple[Tile, Cut]]:
    """Yield every tile of the zoom that holds something, row by row, with what it holds.

    The world is quartered until the quarters are tiles, so that a border is cut few times.

    Examples
    --------
    >>> from .coverage import grid_coverage
    >>> squares = np.array([shapely.box(0, 0, 1e6, 1e6)])
    >>> [tile for tile, _ in cut_all(grid_coverage(squares, np.array([None]), 1))]
    [Tile(z=1, x=1, y=0)]
    """
    shapes = coverage.borders if borders else coverage.districts
    none = np.zeros(len(shapes), dtype=np.int64)
    pieces = _Pieces(none, none, np.arange(len(shapes)), shapes, none.astype(bool))
    for level in range(1, coverage.z + 1):
        side = coverage.extent << (coverage.z - level)
        pieces = pieces.take(np.repeat(np.arange(len(pieces.row)), 4))
        many = len(pieces.row) // 4
        x = pieces.x * 2 + np.tile([0, 1, 0, 1], many)
        y = pieces.y * 2 + np.tile([0, 0, 1, 1], many)
        pieces = _Pieces(x, y, pieces.row, pieces.shape, pieces.full)
        pieces = pieces.take(pieces.meet(pieces.sides(side, coverage.buffer)))
        pieces = (_cut_lines if borders else _cut_polygons)(pieces, side, coverage.buffer)
    yield from _by_tile(coverage, pieces, borders=borders)


def _by_tile(coverage: GridCoverage, pieces: _Pieces, *, borders: bool) -> Iterator[tuple[Tile, Cut]]:
    """Encode parts that were cut to tiles and gather them."""
    if not len(pieces.row):
        return
    extent, buffer = coverage.extent, coverage.buffer
    seen = pieces.meet(pieces.sides(extent))
    encoded = np.empty(len(pieces.row), dtype=object)
    if pieces.full.any():
        # The same object in every tile: what is alike is then known to be.
        whole = np.array([shapely.box(-buffer, -buffer, extent + buffer, extent + buffer)])
        encoded[pieces.full] = wire.polygons(whole, np.zeros((1, 2)), (-buffer, extent + buffer))[0]
    torn = np.flatnonzero(~pieces.full)
    corner: Floats = np.column_stack([pieces.x, pieces.y])[torn].astype(np.float64) * extent
    encoded[torn] = (
        wire.lines(pieces.shape[torn], corner)
        if borders
        else wire.polygons(pieces.shape[torn], corner, (-buffer, extent + buffer))
    )
    order = np.lexsort((pieces.row, pieces.x, pieces.y))
    x, y, encoded, seen = pieces.x[order], pieces.y[order], encoded[order], seen[order]
    begin = np.flatnonzero((np.diff(x, prepend=-1) != 0) | (np.diff(y, prepend=-1) != 0))
    rows: list[int] = pieces.row[order].tolist()
    found: list[bytes] = encoded.tolist()
    for one, last in zip(begin.tolist(), [*begin[1:].tolist(), len(x)], strict=True):
        if seen[one:last].any():
            yield Tile(coverage.z, int(x[one]), int(y[one])), Cut(rows[one:last], found[one:last], extent)


def _cut_polygons(pieces: _Pieces, side: int, buffer: int) -> _Pieces:
    """Cut parts to their squares, quickly, and again with care where the quick result is not certain.

    The quick clipping of GEOS does not promise validity. Where its parts are valid and fill their square they are
    right; squares at the outer border, which nothing fills, are always cut with care.
    """
    box = np.column_stack(pieces.sides(side, buffer)).astype(float)
    todo = np.flatnonzero(_beyond(pieces, box) & ~pieces.full)
    shape = pieces.shape.copy()
    if len(todo):
        quick = [shapely.clip_by_rect(shape[one], *box[one].tolist()) for one in todo.tolist()]
        shape[todo] = quick
    square = float((side + 2 * buffer) ** 2)
    area = np.where(pieces.full, square, shapely.area(shape))
    _, number = np.unique(pieces.y * (int(pieces.x.max(initial=0)) + 1) + pieces.x, return_inverse=True)
    filled = np.bincount(number, weights=area) == square
    again = todo[~filled[number[todo]] | ~shapely.is_valid(shape[todo])]
    careful = shapely.intersection(pieces.shape[again], shapely.box(*box[again].T))
    shape[again] = only(careful, POLYGON_TYPES)
    area[again] = shapely.area(shape[again])
    made = _Pieces(pieces.x, pieces.y, pieces.row, shape, pieces.full | (area == square))
    return made.take(area > 0)


def _cut_lines(pieces: _Pieces, side: int, buffer: int) -> _Pieces:
    box = np.column_stack(pieces.sides(side, buffer)).astype(float)
    todo = np.flatnonzero(_beyond(pieces, box))
    shape = pieces.shape.copy()
    shape[todo] = only(shapely.intersection(shape[todo], shapely.box(*box[todo].T)), PATH_TYPES)
    made = _Pieces(pieces.x, pieces.y, pieces.row, shape, pieces.full)
    return made.take(~shapely.is_empty(shape))


def _beyond(pieces: _Pieces, box: Floats) -> Bools:
    """Tell which parts reach beyond their square."""
    bounds = shapely.bounds(pieces.shape).reshape(-1, 4)
    out = (bounds[:, :2] < box[:, :2]).any(axis=1) | (bounds[:, 2:] > box[:, 2:]).any(axis=1)
    return np.asarray(out, dtype=bool)


def only(shapes: Geometries, kinds: tuple[int, ...]) -> Geometries:
    """Keep the parts of some kinds: where a shape only touches a square, cutting leaves points and lines.

    Parameters
    ----------
    shapes
        Shapes of any kinds (n).
    kinds
        Numbers of the kinds that are kept: `POLYGON_TYPES` or `PATH_TYPES`.

    Returns
    -------
    array of geometries (n)
        Multi-shapes; empty ones where nothing was left.

    Examples
    --------
    >>> found = only(np.array([shapely.Point(0, 0), shapely.box(0, 0, 1, 1)]), POLYGON_TYPES)
    >>> shapely.is_empty(found).tolist()
    [True, False]
    """
    parts, number = shapely.get_parts(shapes, return_index=True)
    parts, inner = shapely.get_parts(parts, return_index=True)
    number = number[inner]
    right = np.isin(shapely.get_type_id(parts), kinds)
    made = np.full(len(shapes), shapely.Polygon(), dtype=object)
    owner, place = np.unique(number[right], return_inverse=True)
    if len(owner):
        collect = shapely.multilinestrings if kinds == PATH_TYPES else shapely.multipolygons
        made[owner] = collect(parts[right], indices=place)
    return made
