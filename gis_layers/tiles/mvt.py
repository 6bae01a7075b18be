"""Mapbox vector tiles (version 2.1): figures join the ready geometry as late as possible.

A `Cut` is the geometry of one tile, encoded once per boundary set. A `Sheet` is one slice of figures, encoded once
per month and offence. A tile is both joined: keys and features first, and each feature points at its own slots
of the values behind them, so that joining copies bytes and compares nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from . import wire
from .grid import EXTENT
from .wire import Value


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
        Row number of each feature in the whole set (k).
    pieces
        Encoded type and geometry of each feature (fields 3 and 4), k byte strings.
    extent
        Units to the side of the tile.
    """

    rows: Sequence[int]
    pieces: Sequence[bytes]
    extent: int = EXTENT


@dataclass(frozen=True)
class Sheet:
    """The figures of one slice, ready to be joined to geometry.

    Parameters
    ----------
    head, keys
        The layer's version and name; its keys (fields 15, 1 and 3).
    ids
        The id of each row's feature (field 1, n).
    present
        Which columns each row has, one bit each (n): null is an absent tag.
    values
        The values of each row, in the order of the columns (field 4, n).
    """

    head: bytes
    keys: bytes
    ids: tuple[bytes, ...] = field(repr=False)
    present: tuple[int, ...] = field(repr=False)
    values: tuple[bytes, ...] = field(repr=False)


def repeated(cut: Cut, times: int, rows: int) -> Cut:
    """Return a tile that holds its districts once for each of several slices, whose rows lie one after the other.

    Parameters
    ----------
    times
        How many slices.
    rows
        Rows of the whole set (n).

    Examples
    --------
    >>> repeated(Cut([0, 2], [b"a", b"b"]), 2, 3).rows
    [0, 2, 3, 5]
    """
    if times == 1:
        return cut
    every = [slot * rows + row for slot in range(times) for row in cut.rows]
    return Cut(every, [*cut.pieces] * times, cut.extent)


def sheet(name: str, ids: Sequence[int], columns: Mapping[str, Sequence[Value | None]]) -> Sheet:
    """Encode the figures of one slice.

    Parameters
    ----------
    name
        The layer's name.
    ids
        Feature number of every row (n).
    columns
        Values of every row (n each); None and NaN are an absent tag.

    Examples
    --------
    >>> sheet("rating", [7], {"level": [3], "rate": [None]}).present
    (1,)
    """
    known: dict[tuple[type, Value], bytes] = {}
    present, values = [0] * len(ids), [bytearray() for _ in ids]
    for number, column in enumerate(columns.values()):
        bit = 1 << number
        for row, held in enumerate(column):
            if held is None or held != held:
                continue
            key = (type(held), held)
            if (encoded := known.get(key)) is None:
                encoded = known[key] = wire.field(4, wire.value(held))
            present[row] |= bit
            values[row] += encoded
    return Sheet(
        head=b"\x78\x02" + wire.field(1, name.encode()),
        keys=b"".join(wire.field(3, key.encode()) for key in columns),
        ids=tuple(b"\x08" + wire.varint(number) for number in ids),
        present=tuple(present),
        values=tuple(map(bytes, values)),
    )


def encode(cut: Cut, figures: Sheet) -> bytes:
    """Join the geometry of a tile and the figures of a slice; a tile is its layers one after the other.

    Returns
    -------
    bytes
        The layer, or nothing if the tile is empty.

    Examples
    --------
    >>> encode(Cut([], []), sheet("empty", [], {}))
    b''
    """
    if not cut.rows:
        return b""
    ids, present, values = figures.ids, figures.present, figures.values
    body = [figures.head, figures.keys]
    slot = 0
    for row, piece in zip(cut.rows, cut.pieces, strict=True):
        tags, taken = _tags(slot, present[row])
        feature = ids[row] + tags + piece
        body += (b"\x12", wire.length(len(feature)), feature)
        slot += taken
    body += [values[row] for row in cut.rows]
    body.append(b"\x28" + wire.varint(cut.extent))
    return wire.field(3, b"".join(body))


@lru_cache(maxsize=1 << 15)
def _tags(slot: int, present: int) -> tuple[bytes, int]:
    """Return the tags of a feature whose values begin at a slot, and how many slots it takes."""
    packed = bytearray()
    taken = 0
    for key in range(present.bit_length()):
        if present >> key & 1:
            packed += wire.length(key) + wire.length(slot + taken)
            taken += 1
    return (wire.field(2, bytes(packed)) if taken else b""), taken
