"""Tiles in one PMTiles file: for a web server that knows only files, and for a disk.

Source: https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md.
"""

from __future__ import annotations

import gzip
import hashlib
import math
from collections.abc import Iterable, Mapping
from contextlib import closing
from itertools import groupby
from typing import IO, Any

from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from .grid import Tile

_LEVEL = 6
"""Of gzip: twice as fast as the highest one, and one per cent larger."""


def write_archive(
    file: IO[bytes],
    tiles: Iterable[tuple[Tile, bytes]],
    *,
    bbox: tuple[float, float, float, float],
    metadata: Mapping[str, Any],
) -> int:
    """Write vector tiles as a PMTiles archive, gzip-compressed, equal ones once.

    Parameters
    ----------
    file
        Where to write.
    tiles
        Every tile that is not empty, zoom by zoom; at least one.
    bbox
        West, south, east and north in degrees.
    metadata
        The archive's metadata; it names the layers of the tiles as `vector_layers`.

    Returns
    -------
    int
        How many tiles the archive answers for.

    Examples
    --------
    >>> from io import BytesIO
    >>> write_archive(BytesIO(), [(Tile(0, 0, 0), b"")], bbox=(0, 0, 1, 1), metadata={"vector_layers": []})
    1
    """
    writer = Writer(file)
    known: dict[bytes, bytes] = {}
    zoom = 0
    # An error must not leave the library's temporary file open.
    with closing(writer.tile_f):
        for zoom, level in groupby(tiles, key=lambda item: item[0].z):  # noqa: B007
            # By number, along the Hilbert curve: neighbours then lie side by side in the file.
            numbered = sorted((zxy_to_tileid(tile.z, tile.x, tile.y), data) for tile, data in level)
            for number, data in numbered:
                digest = hashlib.blake2b(data, digest_size=16).digest()
                if digest not in known:
                    known[digest] = gzip.compress(data, _LEVEL, mtime=0)
                writer.write_tile(number, known[digest])
        writer.finalize(_header(bbox, zoom), dict(metadata))
    return int(writer.addressed_tiles)


def _header(bbox: tuple[float, float, float, float], zoom: int) -> dict[str, Any]:
    west, south, east, north = (round(degrees * 1e7) for degrees in bbox)
    whole = int(math.log2(360 / max(bbox[2] - bbox[0], 1e-6)))
    return {
        "version": 3,
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "min_lon_e7": west,
        "min_lat_e7": south,
        "max_lon_e7": east,
        "max_lat_e7": north,
        "center_zoom": min(zoom, whole),
        "center_lon_e7": (west + east) // 2,
        "center_lat_e7": (south + north) // 2,
    }
