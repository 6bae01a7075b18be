"""Which districts touch: queen contiguity, read off the shared vertices of a clean coverage."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely
from scipy import sparse

from .model import Districts


def neighbours(districts: Districts) -> sparse.csr_array:
    """Return queen contiguity: True where two districts share at least one point.

    In a clean coverage districts that touch share vertices, so no geometry is intersected.

    Returns
    -------
    scipy.sparse.csr_array
        Booleans, shape (district, district), symmetric, nothing on the diagonal. A district without
        neighbours has an empty row: see `islands`.
    """
    return queen(districts.geometry)


def queen(geometry: npt.ArrayLike) -> sparse.csr_array:
    """Return which polygons share at least one vertex, whatever they are the polygons of.

    Parameters
    ----------
    geometry
        Polygons of a clean coverage: where two touch, both have the vertex. Of no polygons there are no rows.

    Examples
    --------
    >>> import shapely
    >>> queen(shapely.box([0, 1, 1, 5], [0, 0, 1, 5], [1, 2, 2, 6], [1, 1, 2, 6])).toarray().astype(int).tolist()
    [[0, 1, 1, 0], [1, 0, 1, 0], [1, 1, 0, 0], [0, 0, 0, 0]]
    """
    polygons = np.asarray(geometry, dtype=object)
    coordinates, owner = shapely.get_coordinates(polygons, return_index=True)
    _, vertex = np.unique(coordinates[:, 0] + 1j * coordinates[:, 1], return_inverse=True)
    touches = sparse.csr_array(
        (np.ones(len(owner), dtype=np.int32), (owner, vertex)),
        shape=(len(polygons), int(vertex.max(initial=-1)) + 1),
    )
    shared = (touches @ touches.T).tocoo()
    apart = shared.row != shared.col
    links = sparse.csr_array(
        (np.ones(int(apart.sum()), dtype=bool), (shared.row[apart], shared.col[apart])), shape=shared.shape
    )
    links.sort_indices()
    return links


def islands(districts: Districts, links: sparse.csr_array | None = None) -> list[str]:
    """Return the codes of the districts that touch no other."""
    matrix = neighbours(districts) if links is None else links
    return [str(code) for code in districts.codes[np.diff(matrix.indptr) == 0]]
