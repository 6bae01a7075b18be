"""From a point to its district, exactly and fast.

A raster of district numbers answers every point whose cell no border touches; only the points of border cells
are tested against polygons. Cells are marked by walking the borders, and the unmarked cells between them are
filled by connected parts, one exact test for each part: no border runs through a part, so its cells lie in
one district or in none.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer
from scipy import ndimage

from .model import Districts

BORDER = -2
OUTSIDE = -1
CHUNK = 1_000_000

Floats = npt.NDArray[np.floating]
Rows = npt.NDArray[np.int64]


class Locator:
    """Finds the district of points.

    A point on a border belongs to the district with the smallest code among those that touch it, so each
    point has one answer and it does not depend on the order of anything.

    Parameters
    ----------
    districts
        The districts.
    cells
        About how many cells the raster has: more make fewer points need an exact test. None chooses about 60
        times the number of vertices, between a quarter and four million.

    Examples
    --------
    >>> import geopandas, shapely
    >>> square = {"district": ["a", "b"], "name": ["A", "B"], "parent": None, "status": None,
    ...           "valid_from": None, "area_km2": 1.0,
    ...           "geometry": [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)]}
    >>> frame = geopandas.GeoDataFrame(square, crs="EPSG:4326")
    >>> Locator(Districts(frame, "EPSG:3857")).locate([0.5, 1.0, 1.5, 9.0], [0.5, 0.5, 0.5, 0.5]).tolist()
    [0, 0, 1, -1]
    """

    def __init__(self, districts: Districts, *, cells: int | None = None) -> None:
        self._polygons = districts.geometry.copy()
        shapely.prepare(self._polygons)
        self._tree = shapely.STRtree(self._polygons)
        west, south, east, north = districts.bounds
        wanted = cells or min(
            max(60 * int(shapely.get_num_coordinates(self._polygons).sum()), 250_000), 4_000_000
        )
        side = max(np.sqrt((east - west) * (north - south) / wanted), 1e-9)
        self._origin = (west, south)
        self._shape = (int((north - south) / side) + 1, int((east - west) / side) + 1)
        self._side = float(side)
        self._raster = self._fill(self._border_cells())

    @property
    def border_share(self) -> float:
        """Share of the raster's cells that a border runs through."""
        return float((self._raster == BORDER).mean())

    def locate(self, x: npt.ArrayLike, y: npt.ArrayLike, crs: CRS | str = "EPSG:4326") -> Rows:
        """Return the row number of the district of each point.

        Parameters
        ----------
        x, y
            Coordinates, shape (point,): easting and northing, or longitude and latitude, whatever order of
            axes the CRS itself prefers. Missing or infinite ones are outside.
        crs
            Their CRS.

        Returns
        -------
        ndarray of int64, shape (point,)
            Row in `Districts.frame`, -1 outside every district.
        """
        xs, ys = np.atleast_1d(np.asarray(x, dtype=float)), np.atleast_1d(np.asarray(y, dtype=float))
        if xs.shape != ys.shape:
            raise ValueError(f"x and y must have one shape, got {xs.shape} and {ys.shape}")
        source = CRS.from_user_input(crs)
        turn = None
        if not source.equals(CRS.from_epsg(4326), ignore_axis_order=True):
            turn = Transformer.from_crs(source, "EPSG:4326", always_xy=True)
        rows = np.empty(xs.shape, dtype=np.int64)
        for first in range(0, len(xs), CHUNK):
            part = slice(first, first + CHUNK)
            here = (xs[part], ys[part]) if turn is None else turn.transform(xs[part], ys[part])
            rows[part] = self._locate_degrees(np.asarray(here[0]), np.asarray(here[1]))
        return rows

    def _locate_degrees(self, x: Floats, y: Floats) -> Rows:
        height, width = self._shape
        with np.errstate(invalid="ignore"):
            column = np.floor((x - self._origin[0]) / self._side)
            row = np.floor((y - self._origin[1]) / self._side)
            inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
        found = np.full(x.shape, OUTSIDE, dtype=np.int64)
        found[inside] = self._raster[row[inside].astype(np.intp), column[inside].astype(np.intp)]
        # Rounding may push a point of the outermost border one cell out: its neighbourhood is tested too.
        with np.errstate(invalid="ignore"):
            brink = ~inside & (column >= -1) & (column <= width) & (row >= -1) & (row <= height)
        near = np.flatnonzero((found == BORDER) | brink)
        found[near] = self._exactly(x[near], y[near])
        return found

    def _exactly(self, x: Floats, y: Floats) -> Rows:
        """Test points against polygons; among several that touch a point the smallest row, so code, wins."""
        found = np.full(x.shape, len(self._polygons), dtype=np.int64)
        if len(x):
            point, polygon = self._tree.query(shapely.points(x, y))
            touches = shapely.intersects_xy(self._polygons[polygon], x[point], y[point])
            np.minimum.at(found, point[touches], polygon[touches])
        return np.where(found == len(self._polygons), OUTSIDE, found)

    def _border_cells(self) -> npt.NDArray[np.bool_]:
        """Mark every cell that a border touches, and never miss one."""
        coordinates, ring = shapely.get_coordinates(
            shapely.get_rings(shapely.get_parts(self._polygons)), return_index=True
        )
        cell = (coordinates - np.asarray(self._origin)) / self._side
        start = np.flatnonzero(ring[:-1] == ring[1:])
        a, step = cell[start], cell[start + 1] - cell[start]
        # Pieces of at most one cell's side: each lies within the bounding box of its end cells.
        pieces = np.maximum(np.ceil(np.abs(step).max(axis=1)), 1).astype(np.intp)
        segment = np.repeat(np.arange(len(start)), pieces)
        number = np.arange(len(segment)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
        share = step[segment] / pieces[segment, None]
        ends = np.stack([a[segment] + number[:, None] * share, a[segment] + (number + 1)[:, None] * share])
        slack = 1e-6  # of a cell: wider than any rounding on the way here
        low = np.floor(ends.min(axis=0) - slack).astype(np.intp)
        high = np.floor(ends.max(axis=0) + slack).astype(np.intp)
        marked = np.zeros(self._shape, dtype=bool)
        for column in (0, 1, 2):
            for row in (0, 1, 2):
                at = low + np.array([column, row])
                fits = (at <= high).all(axis=1) & (at >= 0).all(axis=1)
                fits &= (at[:, 0] < self._shape[1]) & (at[:, 1] < self._shape[0])
                marked[at[fits, 1], at[fits, 0]] = True
        return marked

    def _fill(self, border: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32]:
        part, parts = ndimage.label(~border)
        _, first = np.unique(part.ravel(), return_index=True)
        row, column = np.unravel_index(first, self._shape)
        answer = self._exactly(
            self._origin[0] + (column + 0.5) * self._side, self._origin[1] + (row + 0.5) * self._side
        ).astype(np.int32)
        by_part = np.full(parts + 1, BORDER, dtype=np.int32)
        labels = part.ravel()[first]
        by_part[labels[labels > 0]] = answer[labels > 0]
        raster: npt.NDArray[np.int32] = by_part[part]
        return raster
