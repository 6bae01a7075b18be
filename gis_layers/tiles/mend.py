"""Mend what rounding to the grid leaves: districts that collapsed, and pinholes between them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from .snap import matched
from .wire import Geometries

Floats = npt.NDArray[np.float64]

REACH = 3
"""Squares of the grid around a district's place in which its triangle is looked for."""


def kept(shapes: Geometries, places: Floats) -> Geometries | None:
    """Give every collapsed shape of a coverage half a square of the grid.

    The triangle is cut out of the one shape that it lies in, or stands on free ground, so the coverage stays one.

    Parameters
    ----------
    shapes
        A coverage with whole coordinates, n multipolygons; the empty ones have collapsed.
    places
        Where each shape should lie (n × 2).

    Returns
    -------
    Geometries or None
        The coverage with no shape empty; None where there is no room, which a finer grid has.

    Examples
    --------
    >>> city = kept(np.array([shapely.box(0, 0, 4, 4), shapely.Polygon()]), np.array([[2.0, 2.0], [1.3, 1.1]]))
    >>> shapely.area(city).tolist()
    [15.5, 0.5]
    """
    missing = np.flatnonzero(shapely.is_empty(shapes))
    if not len(missing):
        return shapes
    _, crowd = np.unique(np.floor(places[missing]), axis=0, return_counts=True)
    if crowd.max() > 2 * (2 * REACH + 1) ** 2:
        return None  # more than there are half squares within reach
    made = shapes.copy()
    for number in missing.tolist():
        triangles = _triangles(places[number])
        giver, triangle = _room(made, triangles)
        if triangle is None:
            return None
        if giver is not None:
            made[giver] = shapely.difference(made[giver], triangle)
        made[number] = triangle
    return matched(made)


def filled(shapes: Geometries, most: float) -> Geometries:
    """Give every hole of a coverage that is smaller than `most` to the neighbour with the longest border to it.

    Rounding closes a narrow river or bay here and there, and what is left open between would look like a tear.

    Examples
    --------
    >>> ring = shapely.box(0, 0, 9, 9) - shapely.box(4, 4, 5, 5)
    >>> filled(np.array([ring]), 2.0)[0].area, filled(np.array([ring]), 1.0)[0].area
    (81.0, 80.0)
    """
    parts = shapely.get_parts(shapely.coverage_union_all(shapes))
    holes = [shapely.Polygon(ring) for part in parts for ring in part.interiors]
    made = shapes.copy()
    for hole in holes:
        if hole.area >= most:
            continue
        near = np.flatnonzero(shapely.intersects(made, hole))
        shared = shapely.length(shapely.intersection(shapely.boundary(made[near]), hole.boundary))
        owner = int(near[np.argmax(shared)])
        made[owner] = shapely.union(made[owner], hole)
    return made


def _triangles(place: Floats) -> Geometries:
    """Return the half squares around a place, the nearest first."""
    corner = np.floor(place)
    steps = np.arange(-REACH, REACH + 1)
    cells = corner + np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    halves = np.stack([np.delete(square, gone, axis=0) for gone in range(4)])
    corners = (cells[:, None, None] + halves[None]).reshape(-1, 3, 2)
    distance = ((corners.mean(axis=1) - place) ** 2).sum(axis=1)
    order = np.argsort(distance, kind="stable")
    return np.asarray(shapely.polygons(corners[order]), dtype=object)


def _room(shapes: Geometries, triangles: Geometries) -> tuple[int | None, shapely.Geometry | None]:
    """Return the nearest triangle that one shape can give, with its giver, or that lies on free ground."""
    near = np.flatnonzero(shapely.intersects(shapes, shapely.box(*shapely.total_bounds(triangles))))
    owner = np.full(len(triangles), -1)
    free = np.ones(len(triangles), dtype=bool)
    tree = shapely.STRtree(triangles)
    for number in near.tolist():
        shape = shapes[number]
        met = tree.query(shape, predicate="intersects")
        free[met] &= ~shapely.relate_pattern(triangles[met], shape, "T********")
        if shape.area > 0.5:
            # A hole that touches the outline in points only is legal, but readers stumble over it.
            rim = shapely.intersection(triangles[met], shape.boundary)
            whole = shapely.is_empty(rim) | (shapely.length(rim) > 0)
            owner[met[shapely.covers(shape, triangles[met]) & whole]] = number
    for index in np.flatnonzero(free | (owner >= 0)).tolist():
        return (None if owner[index] < 0 else int(owner[index])), triangles[index]
    return None, None
