"""The tiles' geometry of a release: taken from the store's cache where the boundaries did not change."""

from __future__ import annotations

import os
from pathlib import Path

import geopandas as gpd
import numpy as np

from ..errors import SystemFault
from ..tiles.prepared import Boundaries, Prepared, key_of, prepare
from .files import flush

FOLDER = Path("cache") / "tiles"


def prune_coverages(store: Path) -> int:
    """Delete the cached coverages that no release of a store was made with; return how many are gone.

    Only for the holder of the lock. The next release will most likely have the boundaries of one that is there.
    """
    used: set[str] = set()
    for path in store.glob("releases/*/*/tiles/coverages.parquet"):
        try:
            used.add(key_of(path))
        except (SystemFault, OSError):
            continue  # a damaged release names none: its coverages would be made anew
    gone = 0
    for path in (store / FOLDER).glob("*.parquet"):
        if path.stem not in used:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def boundaries_of(districts: gpd.GeoDataFrame) -> Boundaries:
    """Return the boundary set of a `districts` layer (EPSG:4326)."""
    has_parents = "parent" in districts.columns
    parents = districts["parent"].astype(object).to_numpy() if has_parents else np.full(len(districts), None)
    shapes = np.asarray(districts.geometry.array, dtype=object)
    return Boundaries([str(code) for code in districts["district"]], shapes, parents)


def cached_coverages(store: Path, boundaries: Boundaries) -> bytes:
    """Return a boundary set's coverages from the store's cache, made if they are not there or damaged.

    The cache may be deleted at any time. Killed at any moment, this leaves a whole file or none under its name.
    """
    folder = store / FOLDER
    path = folder / f"{boundaries.key}.parquet"
    if path.is_file() and Prepared(content := path.read_bytes()).is_whole(boundaries.key):
        return content
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(".*.new"):
        left.unlink(missing_ok=True)
    content = prepare(boundaries)
    fresh = folder / f".{boundaries.key}.{os.getpid()}.new"
    try:
        fresh.write_bytes(content)
        flush(fresh)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return content
