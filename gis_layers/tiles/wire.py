"""The bytes of vector tiles: varints and geometry commands, many shapes at once.

Source: https://github.com/mapbox/vector-tile-spec/tree/master/2.1, chapters 4.3.1 to 4.3.4.
"""

from __future__ import annotations

import struct
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely

Geometries = npt.NDArray[np.object_]
Ints = npt.NDArray[np.int64]
Value: TypeAlias = str | bool | int | float

LINE, POLYGON = b"\x18\x02", b"\x18\x03"
_MOVE_TO, _CLOSE = 9, 15


def varint(number: int) -> bytes:
    """Encode one unsigned number.

    Examples
    --------
    >>> varint(300)
    b'\\xac\\x02'
    """
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


LENGTHS = tuple(varint(number) for number in range(1 << 14))
"""The varints of small numbers: most lengths are."""


def length(number: int) -> bytes:
    """Encode a length, from the table where it is small."""
    return LENGTHS[number] if number < len(LENGTHS) else varint(number)


def field(number: int, payload: bytes) -> bytes:
    """Encode a field that holds bytes."""
    return varint(number << 3 | 2) + length(len(payload)) + payload


def value(held: Any) -> bytes:
    """Encode a value as the message of its kind; a number that fits a float exactly is one.

    Examples
    --------
    >>> value(True), value(-1), len(value(0.5)), len(value(0.1))
    (b'8\\x01', b'0\\x01', 5, 9)
    """
    if isinstance(held, str):
        return field(1, held.encode())
    if isinstance(held, bool):
        return b"\x38\x01" if held else b"\x38\x00"
    if isinstance(held, int):
        return b"\x30" + varint((held << 1) ^ (held >> 63))
    if abs(held) < 1e38 and struct.unpack("<f", narrow := struct.pack("<f", held))[0] == held:
        return b"\x15" + narrow
    return b"\x19" + struct.pack("<d", held)


def varints(numbers: npt.NDArray[np.uint64]) -> tuple[npt.NDArray[np.uint8], Ints]:
    """Encode many unsigned numbers below 2**35; return their bytes and how many each took."""
    shifts = np.arange(0, 35, 7, dtype=np.uint64)
    top = int(numbers.max(initial=0)).bit_length()
    shifts = shifts[: max(-(-top // 7), 1)]
    groups = (numbers[:, None] >> shifts) & np.uint64(0x7F)
    later = (numbers[:, None] >> (shifts + np.uint64(7))) > 0
    used = np.ones_like(later)
    used[:, 1:] = later[:, :-1]
    encoded = (groups | (later.astype(np.uint64) << np.uint64(7))).astype(np.uint8)
    return encoded[used], used.sum(axis=1)


def polygons(shapes: Geometries, corner: npt.NDArray[np.float64], square: tuple[int, int]) -> list[bytes]:
    """Encode polygons with whole coordinates, y downward; outer rings clockwise on the screen.

    Equal polygons give equal bytes, however they were cut.

    Parameters
    ----------
    shapes
        Polygons and multipolygons, k; none is empty.
    corner
        The place of each one's tile, taken from its coordinates (k × 2).
    square
        Least and greatest coordinate of a tile with its buffer.

    Returns
    -------
    list of bytes
        Type and geometry of each feature (fields 3 and 4).

    Examples
    --------
    >>> polygons(np.array([shapely.box(0, 0, 1, 1)]), np.zeros((1, 2)), (-64, 4160))[0].hex()
    '1803220b0900001a0200000201000f'
    """
    turned = shapely.orient_polygons(shapely.normalize(shapes), exterior_cw=False)
    parts, shape = shapely.get_parts(turned, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    return _features(rings, shape[part], corner, square)


def lines(shapes: Geometries, corner: npt.NDArray[np.float64], *, directed: bool = False) -> list[bytes]:
    """Encode lines with whole coordinates as :func:`polygons` does.

    Parameters
    ----------
    directed
        Keep the way that each line goes; else equal lines give equal bytes, whichever way they go.
    """
    merged = shapes if directed else shapely.normalize(shapely.line_merge(shapes))
    parts, shape = shapely.get_parts(merged, return_index=True)
    return _features(parts, shape, corner, None)


def _features(
    paths: Geometries, shape: Ints, corner: npt.NDArray[np.float64], square: tuple[int, int] | None
) -> list[bytes]:
    """Encode rings that may end at the edges of a square, or lines where there is none."""
    if not len(paths):
        return []
    closed = square is not None
    xy, path = shapely.get_coordinates(paths, return_index=True)
    points = np.rint(xy - corner[shape[path]]).astype(np.int64)
    if square is not None:
        points, path = _without_idle(points, path, square)
    first = np.append(True, path[1:] != path[:-1])
    begin = np.flatnonzero(first)
    size = np.diff(np.append(begin, len(path)))
    owner = shape[path[begin]]  # of each path
    steps = np.diff(points, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    start = begin[np.append(True, owner[1:] != owner[:-1])]
    steps[start] = points[start]  # every feature starts from the tile's corner
    zigzag = ((steps << 1) ^ (steps >> 63)).astype(np.uint64)
    # A path of m points: MoveTo, x, y, LineTo, 2 (m - 1) numbers, and ClosePath.
    taken = 2 * size + 2 + closed
    base = np.cumsum(taken) - taken
    numbers = np.empty(taken.sum(), dtype=np.uint64)
    number = np.repeat(np.arange(len(size)), size)
    within = np.arange(len(path)) - np.repeat(begin, size)
    place = base[number] + 1 + 2 * within + (within > 0)
    numbers[place], numbers[place + 1] = zigzag[:, 0], zigzag[:, 1]
    numbers[base] = _MOVE_TO
    numbers[base + 3] = (size - 1) << 3 | 2
    if closed:
        numbers[base + taken - 1] = _CLOSE
    data, used = varints(numbers)
    ends = np.append(np.cumsum(used), 0)  # the last one serves as the start of all
    opens = np.flatnonzero(np.append(True, owner[1:] != owner[:-1]))
    closes = np.append(opens[1:], len(owner)) - 1
    raw = data.tobytes()
    kind = (POLYGON if closed else LINE) + b"\x22"
    spans = zip(ends[base[opens] - 1].tolist(), ends[base[closes] + taken[closes] - 1].tolist(), strict=True)
    return [kind + length(stop - at) + raw[at:stop] for at, stop in spans]


def _without_idle(points: Ints, path: Ints, square: tuple[int, int]) -> tuple[Ints, Ints]:
    """Take from rings their last point, which repeats the first, and points between two others on the square's edge.

    Whether these are there depends on how the ring was cut; no neighbour has them, since none lies beyond the edge.
    """
    last = np.append(path[1:] != path[:-1], True)
    points, path = points[~last], path[~last]
    begin = np.flatnonzero(np.append(True, path[1:] != path[:-1]))
    end = np.append(begin[1:], len(path)) - 1
    before, after = np.arange(len(path)) - 1, np.arange(len(path)) + 1
    before[begin], after[end] = end, begin
    edges = np.concatenate([points == square[0], points == square[1]], axis=1)
    idle = (edges & edges[before] & edges[after]).any(axis=1)
    return points[~idle], path[~idle]
