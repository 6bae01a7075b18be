"""Cut the coverage of a zoom into tiles: one tile for a request, or all tiles of the zoom at once.

The coverage has a vertex wherever a border crosses the edge of a tile with its buffer
(:func:`gis_layers.tiles.snap.snapped`). Cutting therefore adds no vertex but corners of tiles, every coordinate
stays whole, and neighbours in a tile share their border as they do in the coverage.
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
from .simplify import Geometries

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

Edge: TypeAlias = float | Ints | Floats

_LINES = (shapely.GeometryType.LINESTRING, shapely.GeometryType.LINEARRING)
_POLYGONS = (shapely.GeometryType.POLYGON,)


def cut(coverage: GridCoverage, tile: Tile) -> Cut:
    """Return what one tile holds of the districts.

    Examples
    --------
    >>> from .coverage import grid_coverage
    >>> squares = np.array([shapely.box(0, 0, 1e6, 1e6)])
    >>> cut(grid_coverage(squares, np.array([None]), 0), Tile(0, 0, 0)).rows
    [0]
    """
    rows, inside, corner = _inside(coverage, tile, coverage.districts, coverage.bounds[0], _POLYGONS)
    return Cut(rows, wire.polygons(inside, corner), coverage.extent)


def cut_borders(coverage: GridCoverage, tile: Tile) -> Cut:
    """Return what one tile holds of the borders of parents."""
    rows, inside, corner = _inside(coverage, tile, coverage.borders, coverage.bounds[1], _LINES)
    return Cut(rows, wire.lines(inside, corner), coverage.extent)


def _inside(
    coverage: GridCoverage, tile: Tile, shapes: Geometries, bounds: Floats, kinds: tuple[int, ...]
) -> tuple[list[int], Geometries, Floats]:
    extent, buffer = coverage.extent, coverage.buffer
    west, north = tile.x * extent, tile.y * extent
    box = shapely.box(west - buffer, north - buffer, west + extent + buffer, north + extent + buffer)
    near = np.flatnonzero(_meets(bounds, *box.bounds))
    inside = _only(shapely.intersection(shapes[near], box), kinds)
    kept = ~shapely.is_empty(inside)
    return near[kept].tolist(), inside[kept], np.tile((float(west), float(north)), (int(kept.sum()), 1))


def cut_all(coverage: GridCoverage) -> Iterator[tuple[Tile, Cut]]:
    """Yield every tile of the zoom in which some district lies, row by row, with what it holds.

    Of tiles that lie inside one district the piece is one and the same object: they hold the same bytes.
    """
    pieces = _pieces(coverage)
    extent, buffer = coverage.extent, coverage.buffer
    whole = np.array([shapely.box(-buffer, -buffer, extent + buffer, extent + buffer)])
    encoded = np.full(len(pieces.row), wire.polygons(whole, np.zeros((1, 2)))[0], dtype=object)
    torn = np.flatnonzero(~pieces.full)
    corner: Floats = np.column_stack([pieces.x, pieces.y]).astype(np.float64) * extent
    encoded[torn] = wire.polygons(pieces.shape[torn], corner[torn])
    west, north = corner[:, 0], corner[:, 1]
    seen = pieces.full | _meets(shapely.bounds(pieces.shape), west, north, west + extent, north + extent)

    order = np.lexsort((pieces.row, pieces.x, pieces.y))
    x, y, encoded, seen = pieces.x[order], pieces.y[order], encoded[order], seen[order]
    begin = np.flatnonzero((np.diff(x, prepend=-1) != 0) | (np.diff(y, prepend=-1) != 0))
    stop = np.append(begin[1:], len(x))
    rows: list[int] = pieces.row[order].tolist()
    found: list[bytes] = encoded.tolist()
    for one, last in zip(begin.tolist(), stop.tolist(), strict=True):
        if seen[one:last].any():
            yield Tile(coverage.z, int(x[one]), int(y[one])), Cut(rows[one:last], found[one:last], extent)


@dataclass(frozen=True)
class _Pieces:
    """Parts of districts by the tile they lie in: column and row, district, shape, whether it fills the tile."""

    x: Ints
    y: Ints
    row: Ints
    shape: Geometries
    full: Bools

    def take(self, which: npt.NDArray[np.int64] | Bools) -> _Pieces:
        return _Pieces(self.x[which], self.y[which], self.row[which], self.shape[which], self.full[which])


def _pieces(coverage: GridCoverage) -> _Pieces:
    """Quarter the world until the quarters are tiles; what fills its quarter is not cut again."""
    size, buffer = len(coverage.districts), coverage.buffer
    none = np.zeros(size, dtype=np.int64)
    made = _Pieces(none, none, np.arange(size), coverage.districts, np.zeros(size, dtype=bool))
    for level in range(1, coverage.z + 1):
        side = coverage.extent << (coverage.z - level)
        made = made.take(np.repeat(np.arange(len(made.row)), 4))
        many = len(made.row) // 4
        x = made.x * 2 + np.tile([0, 1, 0, 1], many)
        y = made.y * 2 + np.tile([0, 0, 1, 1], many)
        made = _Pieces(x, y, made.row, made.shape, made.full)
        box = _boxes(made, side, buffer)
        near = made.full | _meets(shapely.bounds(made.shape), *box)
        made = _cut_to_boxes(made.take(near), side, buffer)
    return made


def _boxes(pieces: _Pieces, side: int, buffer: int) -> tuple[Ints, Ints, Ints, Ints]:
    west, north = pieces.x * side, pieces.y * side
    return west - buffer, north - buffer, west + side + buffer, north + side + buffer


def _meets(bounds: Floats, x0: Edge, y0: Edge, x1: Edge, y1: Edge) -> Bools:
    met = (bounds[:, 0] < x1) & (bounds[:, 2] > x0) & (bounds[:, 1] < y1) & (bounds[:, 3] > y0)
    return np.asarray(met, dtype=bool)


def _cut_to_boxes(pieces: _Pieces, side: int, buffer: int) -> _Pieces:
    """Cut pieces to their boxes, quickly, and again with care where the quick result is not certain.

    The quick clipping of GEOS does not promise validity. Where its pieces are valid and fill their box they are
    right; boxes at the outer border, which nothing fills, are always cut with care.
    """
    box = np.column_stack(_boxes(pieces, side, buffer)).astype(float)
    bounds = shapely.bounds(pieces.shape)
    beyond = (bounds[:, :2] < box[:, :2]).any(axis=1) | (bounds[:, 2:] > box[:, 2:]).any(axis=1)
    todo = np.flatnonzero(beyond & ~pieces.full)
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
    shape[again] = _only(careful, _POLYGONS)
    area[again] = shapely.area(shape[again])
    made = _Pieces(pieces.x, pieces.y, pieces.row, shape, pieces.full | (area == square))
    return made.take(area > 0)


def _only(shapes: Geometries, kinds: tuple[int, ...]) -> Geometries:
    """Keep the parts of some kinds: where a shape only touches the box, cutting leaves points and lines."""
    parts, number = shapely.get_parts(shapes, return_index=True)
    parts, inner = shapely.get_parts(parts, return_index=True)
    number = number[inner]
    right = np.isin(shapely.get_type_id(parts), kinds)
    made = np.full(len(shapes), shapely.Polygon(), dtype=object)
    owner, place = np.unique(number[right], return_inverse=True)
    if len(owner):
        collect = shapely.multipolygons if kinds == _POLYGONS else shapely.multilinestrings
        made[owner] = collect(parts[right], indices=place)
    return made
