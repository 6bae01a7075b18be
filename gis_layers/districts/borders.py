"""The borders of the parents (regions) of districts, as lines to draw over the map."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from .model import Districts


def parent_borders(districts: Districts) -> gpd.GeoDataFrame:
    """Return the borders between parents, and the outer border of the area, each stretch once.

    Returns
    -------
    GeoDataFrame
        EPSG:4326 lines, one row per pair: `parent`, `other` (None along the outer border), `geometry`.
        Without parents it holds the outer border alone.
    """
    parts, district = shapely.get_parts(districts.geometry, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    coordinates, ring = shapely.get_coordinates(rings, return_index=True)
    start = np.flatnonzero(ring[:-1] == ring[1:])
    vertices, number = np.unique(coordinates[:, 0] + 1j * coordinates[:, 1], return_inverse=True)
    labels = districts.frame["parent"].fillna("").astype(str)
    names, parent = np.unique(labels.to_numpy(dtype=object), return_inverse=True)

    low = np.minimum(number[start], number[start + 1]).astype(np.int64)
    high = np.maximum(number[start], number[start + 1]).astype(np.int64)
    segments = pd.DataFrame({"low": low, "high": high, "side": parent[district[part[ring[start]]]]})
    sides = segments.groupby(["low", "high"], sort=False)["side"].agg(["min", "max", "size"]).reset_index()
    kept = sides[(sides["min"] != sides["max"]) | (sides["size"] == 1)]

    rows = []
    outer = kept["size"] == 1
    pairs = kept.assign(other=kept["max"].where(~outer, -1)).groupby(["min", "other"], sort=True)
    for pair, stretch in pairs:
        one, other = np.asarray(pair, dtype=int)
        ends = vertices[stretch[["low", "high"]].to_numpy()]
        lines = shapely.linestrings(np.stack([ends.real, ends.imag], axis=-1))
        merged = shapely.line_merge(shapely.multilinestrings(np.asarray(lines, dtype=object)))
        rows.append((names[one] or None, (names[other] or None) if other >= 0 else None, merged))
    frame = pd.DataFrame(rows, columns=["parent", "other", "geometry"], dtype=object)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs="EPSG:4326")
