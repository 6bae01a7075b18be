"""Mapbox vector tiles (version 2.1): geometry is cut and encoded once per tile, figures are joined late.

Source: https://github.com/mapbox/vector-tile-spec/tree/master/2.1. The geometry of a feature never
changes within a boundary set, so `cut` keeps it as ready bytes; `encode` adds the tags of one slice.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely

from .grid import Tile
from .simplify import EXTENT, Geometries

BUFFER = 64
Value: TypeAlias = str | bool | int | float

_LINE, _POLYGON = 2, 3
_MOVE_TO, _CLOSE = np.array([9]), np.array([15])


def feature_id(district: str) -> int:
    """Return the number of a district in tiles: the first 6 bytes of the SHA-256 of its code.

    Examples
    --------
    >>> feature_id("750000000") < 2**48
    True
    """
    return int.from_bytes(hashlib.sha256(district.encode()).digest()[:6], "big")


@dataclass(frozen=True)
class Cut:
    """What one tile holds of a set of shapes.

    Parameters
    ----------
    rows
        Row number of each feature in the whole set, k integers.
    pieces
        Encoded type and geometry of each feature (fields 3 and 4), k byte strings.
    """

    rows: npt.NDArray[np.int64]
    pieces: tuple[bytes, ...]


def cut(shapes: Geometries, tile: Tile) -> Cut:
    """Cut polygons or lines (n, EPSG:3857) to a tile and encode them; nothing inside gives an empty Cut.

    A polygon that shrinks to nothing on the tile's grid keeps the smallest triangle at its place.

    Examples
    --------
    >>> cut(np.array([shapely.box(0, 0, 1e6, 1e6)]), Tile(0, 0, 0)).rows.tolist()
    [0]
    """
    west, south, east, north = tile.bounds
    scale = EXTENT / (east - west)
    margin = BUFFER / scale
    box = (west - margin, south - margin, east + margin, north + margin)
    limits = shapely.bounds(shapes)
    near = np.flatnonzero(
        (limits[:, 0] <= box[2])
        & (limits[:, 2] >= box[0])
        & (limits[:, 1] <= box[3])
        & (limits[:, 3] >= box[1])
    )
    inside = shapely.clip_by_rect(shapes[near], *box)
    rows, pieces = [], []
    for row, shape in zip(near.tolist(), inside, strict=True):
        piece = _encode_shape(shape, west, north, scale)
        if piece:
            rows.append(row)
            pieces.append(piece)
    return Cut(np.array(rows, dtype=np.int64), tuple(pieces))


def encode_layer(
    name: str, cut: Cut, ids: Sequence[int], columns: Mapping[str, Sequence[Value | None]]
) -> bytes:
    """Encode one layer of a tile; a tile is its layers joined.

    Parameters
    ----------
    name
        The layer's name.
    cut
        Geometry of the tile.
    ids
        Feature number of every row of the whole set (n).
    columns
        Values of every row of the whole set (n each); None and NaN are an absent tag.

    Returns
    -------
    bytes
        The layer, or nothing if the tile is empty.

    Examples
    --------
    >>> encode_layer("empty", Cut(np.array([], dtype=np.int64), ()), [], {})
    b''
    """
    if not len(cut.rows):
        return b""
    pool: dict[tuple[type, Value], int] = {}
    features = []
    names = [_varint(key) for key in range(len(columns))]
    lists = list(columns.values())
    for row, piece in zip(cut.rows.tolist(), cut.pieces, strict=True):
        tags = bytearray()
        for key, values in zip(names, lists, strict=True):
            value = values[row]
            if value is None or value != value:
                continue
            tags += key + _varint(pool.setdefault((type(value), value), len(pool)))
        feature = b"\x08" + _varint(ids[row]) + (_field(2, bytes(tags)) if tags else b"") + piece
        features.append(_field(2, feature))
    body = [b"\x78\x02", _field(1, name.encode()), *features]
    body += [_field(3, key.encode()) for key in columns]
    body += [_field(4, _value(value)) for _, value in pool]
    body.append(b"\x28" + _varint(EXTENT))
    return _field(3, b"".join(body))


def _encode_shape(shape: shapely.Geometry, west: float, north: float, scale: float) -> bytes:
    polygons: list[shapely.Polygon] = []
    lines: list[shapely.Geometry] = []
    for part in shapely.get_parts(shapely.get_parts(shape)):
        if isinstance(part, shapely.Polygon):
            polygons.append(part)
        elif isinstance(part, shapely.LineString):
            lines.append(part)
    paths: list[tuple[npt.NDArray[np.int64], bool]] = []
    for polygon in polygons:
        outer = _grid(polygon.exterior, west, north, scale)
        if _area(outer) == 0:
            continue
        paths.append((_oriented(outer, clockwise=True), True))
        holes = (_grid(ring, west, north, scale) for ring in polygon.interiors)
        paths += [(_oriented(hole, clockwise=False), True) for hole in holes if _area(hole) != 0]
    if polygons and not paths:
        x, y = _grid(shapely.point_on_surface(polygons[0]), west, north, scale)[0]
        paths = [(np.array([[x, y], [x + 1, y], [x, y + 1]], dtype=np.int64), True)]
    if not polygons:
        traced = (_grid(line, west, north, scale) for line in lines)
        paths = [(path, False) for path in traced if len(path) > 1]
    if not paths:
        return b""
    kind = _POLYGON if polygons else _LINE
    return b"\x18" + bytes([kind]) + _field(4, _commands(paths))


def _grid(path: shapely.Geometry, west: float, north: float, scale: float) -> npt.NDArray[np.int64]:
    """Round a path to tile units, y downward, without repeated points."""
    xy = shapely.get_coordinates(path)
    units = np.column_stack([(xy[:, 0] - west) * scale, (north - xy[:, 1]) * scale])
    points = np.rint(units).astype(np.int64)
    keep = np.ones(len(points), dtype=bool)
    keep[1:] = (np.diff(points, axis=0) != 0).any(axis=1)
    return points[keep]


def _area(ring: npt.NDArray[np.int64]) -> int:
    """Twice the signed area; positive is clockwise on screen (y downward)."""
    if len(ring) < 4:
        return 0
    x, y = ring[:, 0], ring[:, 1]
    return int((x[:-1] * y[1:] - x[1:] * y[:-1]).sum())


def _oriented(ring: npt.NDArray[np.int64], *, clockwise: bool) -> npt.NDArray[np.int64]:
    turned = ring if (_area(ring) > 0) == clockwise else ring[::-1]
    return turned[:-1]


def _commands(paths: list[tuple[npt.NDArray[np.int64], bool]]) -> bytes:
    cursor = np.zeros((1, 2), dtype=np.int64)
    numbers: list[npt.NDArray[np.int64]] = []
    for points, closed in paths:
        steps = np.diff(np.concatenate([cursor, points]), axis=0)
        zigzag = ((steps << 1) ^ (steps >> 63)).ravel()
        line_to = np.array([(len(points) - 1) << 3 | 2])
        numbers += [_MOVE_TO, zigzag[:2], line_to, zigzag[2:]]
        if closed:
            numbers.append(_CLOSE)
        cursor = points[-1:]
    return _varints(np.concatenate(numbers).astype(np.uint64))


def _varints(numbers: npt.NDArray[np.uint64]) -> bytes:
    """Encode many unsigned numbers below 2**35, all at once."""
    shifts = np.arange(0, 35, 7, dtype=np.uint64)
    groups = (numbers[:, None] >> shifts) & np.uint64(0x7F)
    later = (numbers[:, None] >> (shifts + np.uint64(7))) > 0
    used = np.ones_like(later)
    used[:, 1:] = later[:, :-1]
    return (groups | (later.astype(np.uint64) << np.uint64(7))).astype(np.uint8)[used].tobytes()


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _field(number: int, payload: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(payload)) + payload


def _value(value: Any) -> bytes:
    if isinstance(value, str):
        return _field(1, value.encode())
    if isinstance(value, bool):
        return b"\x38" + (b"\x01" if value else b"\x00")
    if isinstance(value, int):
        return b"\x30" + _varint((value << 1) ^ (value >> 63))
    return b"\x19" + struct.pack("<d", value)
