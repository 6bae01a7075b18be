"""Incident cells: points counted on a square metric grid, month by month.

Square cells of one size in a projected CRS, not hexagons: every cell has the same ground under it, its corner is a
round coordinate that anyone can compute, and nothing has to be installed for it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS
from scipy import sparse

from ...errors import InputError, UsageError, Where
from ...limits import SQUARES
from ...metres import require_metres

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_AT_ONCE = 50_000
"""Blocks of cells that are held against an area at once: bounds the memory."""


@dataclass(frozen=True, eq=False)
class Cells:
    """Cells of a grid.

    Parameters
    ----------
    column, row
        Numbers of the cells from the origin of the CRS, shape (cell,).
    size
        Side, metres.
    crs
        The projected CRS.
    """

    column: Ints
    row: Ints
    size: float
    crs: CRS

    @property
    def codes(self) -> list[str]:
        """Names of the cells: side, then the lower left corner in metres, an `m` for minus."""
        corners = np.stack([self.column, self.row], axis=-1) * self.size
        return [
            "c" + "_".join(f"{round(part)}".replace("-", "m") for part in (self.size, east, north))
            for east, north in corners.tolist()
        ]

    @property
    def geometry(self) -> npt.NDArray[np.object_]:
        """Squares in `crs`."""
        left, low = self.column * self.size, self.row * self.size
        return np.asarray(shapely.box(left, low, left + self.size, low + self.size), dtype=object)

    def __len__(self) -> int:
        return len(self.column)


def grid_cells(area: shapely.Geometry, size: float, crs: object) -> Cells:
    """Cut an area into cells, those that share ground with it.

    Parameters
    ----------
    area
        Polygon in `crs`.
    size
        Side of a cell, metres.
    crs
        A projected CRS in metres.

    Raises
    ------
    UsageError
        If the CRS is not metric, or the size is not positive.
    InputError
        If there would be more than :data:`gis_layers.limits.SQUARES` cells.

    Examples
    --------
    >>> import shapely
    >>> cells = grid_cells(shapely.box(0, 0, 1_000, 500), 500, "EPSG:32616")
    >>> cells.codes
    ['c500_0_0', 'c500_500_0']
    """
    system = require_metres(crs)
    if not size > 0:
        raise UsageError("the side of a cell must be positive", Where(key="size", value=size))
    if shapely.area(area) > SQUARES * size * size:
        raise _too_many(size)
    column, row = (np.empty(0, dtype=np.int64) for _ in range(2))
    if not shapely.is_empty(area):
        shapely.prepare(area)
        left, low, right, high = shapely.bounds(area)
        column, row = (np.array([np.floor(start / size)], dtype=np.int64) for start in (left, low))
        side = 1 << max(int(np.ceil(max(right - left, high - low) / size)), 1).bit_length()
        # blocks are quartered, and those that share no ground left out: the sea between islands is never cut up
        while side:
            column, row = _sharing(area, column, row, side, size)
            side //= 2
            if side:
                column, row = (
                    np.concatenate([part + side * step for step in steps])
                    for part, steps in ((column, (0, 1, 0, 1)), (row, (0, 0, 1, 1)))
                )
    order = np.lexsort((column, row))
    return Cells(column[order], row[order], float(size), system)


def _sharing(area: shapely.Geometry, column: Ints, row: Ints, side: int, size: float) -> tuple[Ints, Ints]:
    """Return the blocks of so many cells a side that share ground with an area.

    Raises
    ------
    InputError
        As soon as there are too many: each has a cell at least.
    """
    kept: list[tuple[Ints, Ints]] = []
    held = 0
    for start in range(0, len(column), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        left, low = column[some] * size, row[some] * size
        right, high = (column[some] + side) * size, (row[some] + side) * size
        inside = shapely.relate_pattern(shapely.box(left, low, right, high), area, "T********")
        kept.append((column[some][inside], row[some][inside]))
        held += int(inside.sum())
        if held > SQUARES:
            raise _too_many(size)
    return np.concatenate([one for one, _ in kept]), np.concatenate([one for _, one in kept])


def _too_many(size: float) -> InputError:
    return InputError(
        f"squares of {size:g} m are more than {SQUARES:,}",
        Where(key="density.hotspot_cell", value=size),
        remedy="take larger ones, or leave the key out: then their side is chosen",
    )


def cell_links(cells: Cells) -> sparse.csr_array:
    """Return which cells touch, at a side or a corner.

    Examples
    --------
    >>> import shapely
    >>> cells = grid_cells(shapely.box(0, 0, 30, 20), 10, "EPSG:32616")
    >>> cell_links(cells).sum(axis=1).tolist()
    [3, 5, 3, 3, 5, 3]
    """
    place = _place_of(cells)
    pairs = []
    for east, north in ((1, 0), (0, 1), (1, 1), (1, -1)):
        other = _find(cells, place, cells.column + east, cells.row + north)
        here = np.flatnonzero(other >= 0)
        pairs += [(here, other[here]), (other[here], here)]
    rows, columns = (np.concatenate(part) for part in zip(*pairs, strict=True))
    links = sparse.csr_array(
        (np.ones(len(rows), dtype=bool), (rows, columns)), shape=(len(cells), len(cells))
    )
    links.sort_indices()
    return links


def cell_counts(cells: Cells, x: npt.ArrayLike, y: npt.ArrayLike, step: npt.ArrayLike, steps: int) -> Ints:
    """Count points by cell and time step.

    Parameters
    ----------
    cells
        The grid.
    x, y
        Coordinates in its CRS. A point outside of every cell, or without coordinates, is not counted.
    step
        Number of each point's time step, below `steps`; others are not counted.
    steps
        Time steps.

    Returns
    -------
    array of integers, shape (cell, step)

    Examples
    --------
    >>> import shapely
    >>> cells = grid_cells(shapely.box(0, 0, 20, 10), 10, "EPSG:32616")
    >>> cell_counts(cells, [1, 2, 15, 99], [1, 9.9, 5, 5], [0, 1, 1, 0], 2).tolist()
    [[1, 1], [0, 1]]
    """
    east, north = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    when = np.asarray(step, dtype=np.int64)
    known = np.isfinite(east) & np.isfinite(north) & (when >= 0) & (when < steps)
    column = np.floor(east[known] / cells.size).astype(np.int64)
    row = np.floor(north[known] / cells.size).astype(np.int64)
    at = _find(cells, _place_of(cells), column, row)
    inside = at >= 0
    flat = at[inside] * steps + when[known][inside]
    return np.bincount(flat, minlength=len(cells) * steps).reshape(len(cells), steps)


def _place_of(cells: Cells) -> tuple[Ints, Ints]:
    key = _key(cells, cells.column, cells.row)
    order = np.argsort(key)
    return key[order], order


def _key(cells: Cells, column: Ints, row: Ints) -> Ints:
    key: Ints = (row - cells.row.min(initial=0)) * (1 << 31) + (column - cells.column.min(initial=0))
    return key


def _find(cells: Cells, place: tuple[Ints, Ints], column: Ints, row: Ints) -> Ints:
    keys, order = place
    wanted = _key(cells, column, row)
    at = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
    if not len(keys):
        return np.full(len(wanted), -1, dtype=np.int64)
    found: Ints = np.where(keys[at] == wanted, order[at], -1)
    return found
