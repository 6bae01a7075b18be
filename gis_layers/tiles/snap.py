"""Put a coverage on the integer grid of one zoom without tearing it: snap rounding.

Rounding vertices one by one folds thin places over and leaves pinholes. Snap rounding does not: every border is
bent through each grid point that it passes by less than half a unit and that some vertex is rounded to. No
border then crosses another, and both sides of a border get the same vertices, because it is snapped once.

Source: Hobby, "Practical segment intersection with finite precision output", Computational Geometry 13 (1999).
A clean coverage has no crossings besides its vertices, so only these are hot pixels here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from .wire import Geometries, Ints

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Borders:
    """The stretches of border of a coverage, each once, and who goes along them.

    Parameters
    ----------
    start, end
        Vertices of each stretch (m × 2).
    stretch, forward, owner
        For every edge of every ring (e): its stretch, whether it goes from start to end, and its shape's number.
        The shape lies to the left of its edges.
    """

    start: Floats
    end: Floats
    stretch: Ints
    forward: npt.NDArray[np.bool_]
    owner: Ints


def borders_of(shapes: Geometries) -> Borders:
    """Take polygons (n) apart into stretches of border; neighbours name the same stretch.

    Examples
    --------
    >>> len(borders_of(np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])).start)
    7
    """
    parts, shape = shapely.get_parts(shapely.orient_polygons(shapes, exterior_cw=False), return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    first = np.flatnonzero(ring[:-1] == ring[1:])
    vertices, number = _numbered(xy)
    low, high = number[first], number[first + 1]
    forward = low < high
    pairs = np.where(forward, low, high) * len(vertices) + np.where(forward, high, low)
    unique, stretch = np.unique(pairs, return_inverse=True)
    return Borders(
        start=vertices[unique // max(len(vertices), 1)],
        end=vertices[unique % max(len(vertices), 1)],
        stretch=stretch,
        forward=forward,
        owner=shape[part[ring[first]]],
    )


def snapped(shapes: Geometries, *, extent: int, buffer: int) -> Geometries:
    """Round a clean coverage (n polygons, in units of the grid) to integers.

    Every border also gets a vertex where it crosses an edge of a tile with its buffer, so that cutting at these
    edges adds no vertex that would have to be rounded again.

    Parameters
    ----------
    extent, buffer
        Units to the side of a tile, and around it.

    Returns
    -------
    Geometries
        Multipolygons with whole coordinates (n), a coverage again; empty where a shape collapsed.

    Examples
    --------
    >>> halves = np.array([shapely.box(0.1, 0, 1.4, 3), shapely.box(1.4, 0, 3.2, 3)])
    >>> shapely.area(snapped(halves, extent=4096, buffer=64)).tolist()
    [3.0, 6.0]
    """
    borders = borders_of(shapes)
    crossing, stretch = _crossings(borders, extent, buffer)
    places = np.rint(np.concatenate([borders.start, borders.end, crossing]))
    pixels, number = _numbered(places)
    many = len(borders.start)
    forced = np.column_stack([number, np.concatenate([np.arange(many), np.arange(many), stretch])])
    return _assembled(borders, pixels, forced, 0.5, len(shapes))


def matched(shapes: Geometries) -> Geometries:
    """Give polygons with whole coordinates (n) a vertex wherever a vertex of another lies on their border.

    Examples
    --------
    >>> made = matched(np.array([shapely.box(0, 0, 2, 1), shapely.box(0, 1, 1, 2), shapely.box(1, 1, 2, 2)]))
    >>> bool(shapely.coverage_is_valid(made))
    True
    """
    borders = borders_of(shapes)
    pixels, number = _numbered(np.concatenate([borders.start, borders.end]))
    forced = np.column_stack([number, np.tile(np.arange(len(borders.start)), 2)])
    return _assembled(borders, pixels, forced, 0.0, len(shapes))


def _numbered(xy: Floats) -> tuple[Floats, Ints]:
    """Return the different points, and for each point given its number among them."""
    unique, number = np.unique(xy[:, 0] + 1j * xy[:, 1], return_inverse=True)
    return np.column_stack([unique.real, unique.imag]), number.astype(np.int64)


def _segments(start: Floats, end: Floats) -> Geometries:
    return np.asarray(shapely.linestrings(np.stack([start, end], axis=1)), dtype=np.object_)


def _crossings(borders: Borders, extent: int, buffer: int) -> tuple[Floats, Ints]:
    """Return where stretches cross the edges of buffered tiles, and which stretch it is."""
    points, stretches = [], []
    for axis in (0, 1):
        one, other = borders.start, borders.end
        low = np.minimum(one[:, axis], other[:, axis])
        high = np.maximum(one[:, axis], other[:, axis])
        for offset in (buffer, extent - buffer):
            first = np.ceil((low - offset) / extent).astype(np.int64)
            times = np.maximum(np.floor((high - offset) / extent).astype(np.int64) - first + 1, 0)
            times[low == high] = 0
            stretch = np.repeat(np.arange(len(times)), times)
            nth = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
            line = (first[stretch] + nth) * float(extent) + offset
            share = (line - one[stretch, axis]) / (other[stretch, axis] - one[stretch, axis])
            point = np.empty((len(line), 2))
            point[:, axis] = line
            point[:, 1 - axis] = one[stretch, 1 - axis] + share * (
                other[stretch, 1 - axis] - one[stretch, 1 - axis]
            )
            points.append(point)
            stretches.append(stretch)
    return np.concatenate(points), np.concatenate(stretches)


def _assembled(borders: Borders, pixels: Floats, forced: Ints, reach: float, size: int) -> Geometries:
    """Lead each stretch through the pixels it meets and build the shapes from what is left of their borders."""
    chain, stretch = _chains(borders, pixels, forced, reach)
    step = np.flatnonzero((stretch[:-1] == stretch[1:]) & (chain[:-1] != chain[1:]))
    counts = np.bincount(stretch[step], minlength=len(borders.start))
    offsets = np.cumsum(counts) - counts
    # Every ring edge becomes the links of its stretch, turned round where it goes against it.
    times = counts[borders.stretch]
    edge = np.repeat(np.arange(len(times)), times)
    nth = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
    link = step[offsets[borders.stretch[edge]] + nth]
    ahead = borders.forward[edge]
    a = np.where(ahead, chain[link], chain[link + 1])
    b = np.where(ahead, chain[link + 1], chain[link])
    a, b, owner = _without_folds(a, b, borders.owner[edge], len(pixels))
    return _faces(a, b, owner, pixels, size)


def _chains(borders: Borders, pixels: Floats, forced: Ints, reach: float) -> tuple[Ints, Ints]:
    """Return the pixels that stretches pass, in order, and the stretch of each."""
    tree = shapely.STRtree(_segments(borders.start, borders.end))
    x, y = pixels[:, 0], pixels[:, 1]
    hot = shapely.box(x - reach, y - reach, x + reach, y + reach) if reach else shapely.points(pixels)
    met = np.concatenate([tree.query(hot, predicate="intersects").T, forced])
    met = np.unique(met[:, 1] * len(pixels) + met[:, 0])
    stretch, pixel = met // len(pixels), met % len(pixels)
    many = len(borders.start)
    along = borders.end[stretch] - borders.start[stretch]
    where = ((pixels[pixel] - borders.start[stretch]) * along).sum(axis=1)
    where[pixel == forced[:many, 0][stretch]] = -np.inf
    where[pixel == forced[many : 2 * many, 0][stretch]] = np.inf
    order = np.lexsort((where, stretch))
    return pixel[order], stretch[order]


def _without_folds(a: Ints, b: Ints, owner: Ints, size: int) -> tuple[Ints, Ints, Ints]:
    """Drop links that a shape goes along in both directions: there it has collapsed to a line."""
    low, high = np.minimum(a, b), np.maximum(a, b)
    order = np.lexsort((high, low, owner))
    low, high, owner, turn = low[order], high[order], owner[order], np.where(a < b, 1, -1)[order]
    new = np.ones(len(low), dtype=bool)
    new[1:] = (np.diff(low) != 0) | (np.diff(high) != 0) | (np.diff(owner) != 0)
    begin = np.flatnonzero(new)
    net = np.add.reduceat(turn, begin) if len(begin) else turn
    low, high, owner = low[begin], high[begin], owner[begin]
    kept = net != 0
    ahead = net[kept] > 0
    return (
        np.where(ahead, low[kept], high[kept]),
        np.where(ahead, high[kept], low[kept]),
        owner[kept],
    )


def _faces(a: Ints, b: Ints, owner: Ints, pixels: Floats, size: int) -> Geometries:
    """Build the shapes that lie to the left of links from `a` to `b`."""
    made = np.full(size, shapely.MultiPolygon(), dtype=object)
    if not len(a):
        return made
    links = np.unique(np.minimum(a, b) * len(pixels) + np.maximum(a, b))
    lines = _segments(pixels[links // len(pixels)], pixels[links % len(pixels)])
    faces = shapely.get_parts(shapely.polygonize(lines))
    faces = shapely.orient_polygons(faces, exterior_cw=False)
    edges = shapely.get_coordinates(shapely.get_exterior_ring(faces), return_index=True)
    begin = np.flatnonzero(np.diff(edges[1], prepend=-1))
    key = {point: number for number, point in enumerate(map(tuple, pixels.tolist()))}
    one = np.array([key[tuple(point)] for point in edges[0][begin].tolist()], dtype=np.int64)
    other = np.array([key[tuple(point)] for point in edges[0][begin + 1].tolist()], dtype=np.int64)
    directed = a * len(pixels) + b
    order = np.argsort(directed)
    place = np.searchsorted(directed[order], one * len(pixels) + other)
    place = np.minimum(place, len(order) - 1)
    found = directed[order][place] == one * len(pixels) + other
    label = owner[order][place]
    faces, label = faces[found], label[found]
    sort = np.argsort(label, kind="stable")
    owners = np.unique(label)
    made[owners] = shapely.multipolygons(faces[sort], indices=np.searchsorted(owners, label[sort]))
    return made
