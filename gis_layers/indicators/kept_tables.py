"""Tables of what was found in space, kept under a hash of everything that they rest on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import shapely

from .rating import Verdicts


def name_of(method: str, texts: Iterable[str], arrays: Iterable[npt.ArrayLike]) -> str:
    """Return the hash of an input.

    Parameters
    ----------
    method
        What is made of it, with the version of its code.
    texts, arrays
        Settings and codes; figures, and shapes as WKB.

    Examples
    --------
    >>> import numpy as np
    >>> name_of("scan:1", ["all"], [np.arange(3.0)]) == name_of("scan:1", ["all"], [np.arange(3.0)])
    True
    """
    made = hashlib.sha256(method.encode())
    for text in texts:
        made.update(b"\0" + text.encode())
    for array in arrays:
        values = np.asarray(array)
        plain = np.ascontiguousarray(values, dtype="<f8") if values.dtype.kind != "O" else None
        made.update(b"\1" + (b"".join(values.ravel()) if plain is None else plain.tobytes()))
    return made.hexdigest()


def kept_table(kept: Verdicts | None, name: str, make: Callable[[], gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Return a table of shapes (EPSG:4326) that is kept under a name; make and keep it if there is none."""
    if kept is not None and (table := kept.load(name)) is not None:
        plain = table.to_pandas()
        if "geometry" in plain.columns:  # else it is none of ours, and is made again
            shapes = shapely.from_wkb(plain["geometry"].to_numpy(dtype=object))
            return gpd.GeoDataFrame(plain.drop(columns="geometry"), geometry=shapes, crs=4326)
    made = make()
    if kept is not None:
        kept.save(name, pa.Table.from_pandas(pd.DataFrame(made.to_wkb()), preserve_index=False))
    return made
