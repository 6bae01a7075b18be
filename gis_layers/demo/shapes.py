"""Natural-looking, gap-free cells: a Voronoi diagram whose edges are drawn once each, wriggling, and shared."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import Voronoi

Points: TypeAlias = npt.NDArray[np.float64]


def noisy_cells(
    points: Points, inside: npt.NDArray[np.bool_], *, seed: int, pieces: int = 3
) -> list[shapely.Polygon]:
    """Return the cells of the points marked `inside`, as polygons that share their borders vertex by vertex.

    Parameters
    ----------
    points
        (n, 2) sites. Those not inside are ghosts: they shape the outline and get no cell.
    inside
        (n,) which sites get a cell; each of these must be surrounded by other sites.
    seed
        Every edge has a random stream of its own, made from the seed and its two ends.
    pieces
        Each edge is halved this often, so it has up to ``2 ** pieces`` segments.

    Notes
    -----
    An edge stays inside the kite of its two ends and two sites ("noisy edges" of A. Patel's map generator), and the
    kites of a diagram do not overlap, so no two edges can cross.
    """
    diagram = Voronoi(points)
    edges: dict[int, list[tuple[int, int]]] = {int(site): [] for site in np.flatnonzero(inside)}
    lines: dict[tuple[int, int], Points] = {}
    for (p, q), (u, v) in zip(diagram.ridge_points, diagram.ridge_vertices, strict=True):
        if not (inside[p] or inside[q]):
            continue
        if u < 0 or v < 0:
            raise ValueError(f"the cell of site {p if inside[p] else q} is open: surround it with ghosts")
        u, v = (u, v) if u < v else (v, u)
        lines[u, v] = _edge(diagram.vertices[u], points[p], diagram.vertices[v], points[q], seed, pieces)
        for site in (p, q):
            if inside[site]:
                edges[int(site)].append((u, v))
    return [shapely.Polygon(_ring(edges[site], lines)) for site in edges]


def blob(
    x: float, y: float, radius: float, *, seed: int, corners: int = 7, pieces: int = 2
) -> shapely.Polygon:
    """Return one rounded, wriggling polygon about a point."""
    rng = np.random.default_rng([seed, 7])
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False) + rng.uniform(-0.2, 0.2, corners)
    far = 2 * radius * rng.uniform(0.82, 1.2, corners)
    ghosts = np.column_stack([x + far * np.cos(angle), y + far * np.sin(angle)])
    outer = np.column_stack([x + 9 * radius * np.cos(angle), y + 9 * radius * np.sin(angle)])
    sites = np.vstack([[[x, y]], ghosts, outer])
    return noisy_cells(sites, np.arange(len(sites)) == 0, seed=seed, pieces=pieces)[0]


def _edge(a: Points, p: Points, c: Points, q: Points, seed: int, pieces: int) -> Points:
    """Return the points of an edge from a to c, both included; p and q are the sites beside it."""
    bits = np.round(np.concatenate([a, c])).astype(np.int64) & 0x7FFFFFFF
    rng = np.random.default_rng([seed, *bits.tolist()])
    middle = (a + c) / 2
    # Sites pulled to the edge keep the line a border, not a coastline.
    length, width = float(np.hypot(*(c - a))), float(np.hypot(*(p - q)))
    pull = min(0.8, 0.75 * length / max(width, 1e-9))
    found = [a]
    _halve(a, middle + (p - middle) * pull, c, middle + (q - middle) * pull, pieces, rng, found)
    found.append(c)
    return np.array(found)


def _halve(
    a: Points, b: Points, c: Points, d: Points, pieces: int, rng: np.random.Generator, found: list[Points]
) -> None:
    if pieces == 0:
        return
    s, t = rng.uniform(0.28, 0.72, 2)
    u, v = rng.uniform(-0.3, 0.3, 2)
    e, f, g, i = a + (d - a) * s, b + (c - b) * s, a + (b - a) * t, d + (c - d) * t
    h = e + (f - e) * t
    _halve(a, g + (b - g) * u, h, e + (d - e) * v, pieces - 1, rng, found)
    found.append(h)
    _halve(h, f + (c - f) * u, c, i + (d - i) * v, pieces - 1, rng, found)


def _ring(edges: list[tuple[int, int]], lines: dict[tuple[int, int], Points]) -> Points:
    """Join the edges of one cell, each given by its ends, to a closed ring."""
    at: dict[int, list[tuple[int, int]]] = {}
    for edge in edges:
        for end in edge:
            at.setdefault(end, []).append(edge)
    start = here = edges[0][0]
    edge = edges[0]
    ring: list[Points] = []
    while True:
        line = lines[edge]
        line = line if edge[0] == here else line[::-1]
        ring.append(line[:-1])
        here = edge[1] if edge[0] == here else edge[0]
        if here == start:
            return np.vstack(ring)
        edge = next(other for other in at[here] if other != edge)
