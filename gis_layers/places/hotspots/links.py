"""Neighbours for local statistics: no place may be without any, and nobody's matrix is changed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from scipy import sparse
from scipy.spatial import cKDTree

from ...districts import queen
from ...errors import UsageError, Where

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]


def links_of(geometry: npt.ArrayLike, crs: str) -> sparse.csr_array:
    """Return which polygons touch, each island linked to the nearest.

    Parameters
    ----------
    geometry
        Polygons of a clean coverage, EPSG:4326.
    crs
        Projected CRS in metres, for distances.

    Examples
    --------
    >>> import shapely
    >>> boxes = shapely.box([76, 77, 79], [43, 43, 43], [77, 78, 80], [44, 44, 44])
    >>> links_of(boxes, "EPSG:32643").toarray().astype(int).tolist()
    [[0, 1, 0], [1, 0, 1], [0, 1, 0]]
    """
    shapes = np.asarray(geometry, dtype=object)
    inside = shapely.get_coordinates(shapely.point_on_surface(shapes))
    x, y = pyproj.Transformer.from_crs(4326, crs, always_xy=True).transform(*inside.T)
    return join_islands(queen(shapes), np.column_stack([x, y]))


def join_islands(links: sparse.csr_array, points: npt.ArrayLike) -> sparse.csr_array:
    """Link every place that touches no other to the one nearest to it, both ways.

    Parameters
    ----------
    links
        Booleans, shape (place, place), symmetric, nothing on the diagonal (`gis_layers.districts.neighbours`).
    points
        Shape (place, 2), a point of each place, metres or another unit that is equal in all directions.

    Returns
    -------
    scipy.sparse.csr_array
        The same matrix if there is no island, or if there is one place only.

    Notes
    -----
    A hotspot is a neighbourhood; without this an island could never be in one.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy import sparse
    >>> links = sparse.csr_array(np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]], dtype=bool))
    >>> join_islands(links, [[0, 0], [1, 0], [5, 0]]).toarray().astype(int).tolist()
    [[0, 1, 0], [1, 0, 1], [0, 1, 0]]
    """
    where = np.asarray(points, dtype=np.float64)
    alone = np.flatnonzero(neighbour_numbers(links) == 0)
    if not len(alone) or links.shape[0] < 2:
        return links
    near = np.asarray(cKDTree(where).query(where[alone], k=2)[1])
    nearest = np.where(near[:, 0] == alone, near[:, 1], near[:, 0])
    rows, columns = np.concatenate([alone, nearest]), np.concatenate([nearest, alone])
    more = sparse.csr_array((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=links.shape)
    joined = ((links.astype(np.int8) + more) > 0).tocsr()
    joined.sort_indices()
    return joined


def neighbour_numbers(links: sparse.csr_array) -> Ints:
    """Return how many neighbours each place has."""
    return np.diff(links.indptr).astype(np.intp)


def require_links(links: sparse.csr_array, places: int) -> sparse.csr_array:
    """Return the neighbours as numbers to multiply with, or say what is wrong with them.

    Raises
    ------
    UsageError
        If the matrix is not of these places, or a place is its own neighbour.
    """
    if links.shape != (places, places):
        raise UsageError(
            "the neighbours are not those of the values",
            Where(key="links", value=links.shape),
            remedy=f"pass a matrix of {places} × {places}",
        )
    if links.diagonal().any():
        raise UsageError(
            "a place is its own neighbour",
            Where(key="links", value=int(np.flatnonzero(links.diagonal())[0])),
            remedy="leave the diagonal empty; Gi* adds the place itself",
        )
    weights = links.astype(np.float64)  # a copy: nobody's matrix is changed
    weights.eliminate_zeros()
    return sparse.csr_array((np.ones(weights.nnz), weights.indices, weights.indptr), shape=weights.shape)
