"""Zones that a scan tries: circles around every district, or (as an option) any connected shape near it.

Every zone is an earlier zone and one district more. So the count of a zone is one addition, whatever its size, and both
kinds of zones are one and the same tree, generation by generation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ...errors import UsageError, Where

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

MOST_FLEXIBLE = 12
"""Districts in a flexible zone: their number doubles with each."""

MOST_SHARE = 0.5
"""Share of all expected cases that a zone may hold."""

EARTH_KM = 6371.0088


@dataclass(frozen=True, eq=False)
class Generation:
    """Zones of one size.

    Parameters
    ----------
    parent
        Number of the zone in the generation before that each is made of; of the first generation its district.
    added
        District that each has more than its parent.
    centre
        District from which each was grown.
    fresh
        Whether no zone before, of the same generation, holds the same districts.
    """

    parent: Ints
    added: Ints
    centre: Ints
    fresh: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.parent)


@dataclass(frozen=True, eq=False)
class Zones:
    """All zones of a map, the smaller first.

    Parameters
    ----------
    generations
        Zones with one district, with two, and so on.
    districts
        Number of districts of the map.
    """

    generations: tuple[Generation, ...]
    districts: int

    def members(self, size: int, zone: int) -> list[int]:
        """Return the districts of a zone of the generation with `size` districts, in the order they were added."""
        found = []
        for generation in self.generations[size - 1 :: -1]:
            found.append(int(generation.added[zone]))
            zone = int(generation.parent[zone])
        return found[::-1]

    def __len__(self) -> int:
        return sum(int(generation.fresh.sum()) for generation in self.generations)


def distances_km(longitude: npt.ArrayLike, latitude: npt.ArrayLike) -> Floats:
    """Return great-circle distances between all pairs of points, kilometres.

    Examples
    --------
    >>> distances_km([0, 0], [0, 1]).round(1).tolist()
    [[0.0, 111.2], [111.2, 0.0]]
    """
    east, north = np.radians(np.asarray(longitude, float)), np.radians(np.asarray(latitude, float))
    point = np.stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)], axis=-1)
    chord = np.sqrt(((point[:, None] - point[None]) ** 2).sum(axis=-1))
    far: Floats = 2 * EARTH_KM * np.arcsin(np.minimum(chord / 2, 1.0))
    return far


def circular_zones(
    distance: npt.ArrayLike, expected: npt.ArrayLike, *, share: float = MOST_SHARE, most: int | None = None
) -> Zones:
    """Return the circles around every district: it, it and the nearest, and so on.

    Parameters
    ----------
    distance
        Shape (district, district).
    expected
        Expected cases of each district over the whole period, shape (district,).
    share
        Largest share of all expected cases in a zone. The cap is on expected cases, not on residents.
    most
        Largest number of districts in a zone; None leaves it to `share`.

    Examples
    --------
    >>> zones = circular_zones([[0, 1, 5], [1, 0, 4], [5, 4, 0]], [1, 1, 1], share=0.7)
    >>> len(zones), zones.members(2, 2)
    (5, [2, 1])
    """
    far = np.asarray(distance, dtype=np.float64)
    cases = _checked(expected, share)
    order = np.argsort(far, axis=1, kind="stable")
    # A district is the centre of its own circle also where another lies on the very same spot.
    for place in range(len(far)):
        row = order[place]
        order[place] = np.concatenate([[place], row[row != place]])
    tie = np.random.default_rng(0).integers(1, 1 << 62, len(far))
    whole, cap = cases[order].cumsum(axis=1), share * cases.sum() * (1 + 1e-12)
    label = tie[order].cumsum(axis=1)
    generations, alive = [], np.arange(len(far))
    number = np.arange(len(far))
    for size in range(min(most or len(far), len(far))):
        kept = whole[alive, size] <= cap
        alive, parent = alive[kept], number[kept]
        if not len(alive):
            break
        generations.append(
            Generation(parent if size else alive, order[alive, size], alive, _first(label[alive, size]))
        )
        number = np.arange(len(alive))
    return Zones(tuple(generations), len(far))


def flexible_zones(
    distance: npt.ArrayLike,
    links: sparse.csr_array,
    expected: npt.ArrayLike,
    *,
    share: float = MOST_SHARE,
    most: int = 8,
) -> Zones:
    """Return every connected set of at most `most` districts that holds a district and lies among its nearest.

    Parameters
    ----------
    distance, expected, share
        As for `circular_zones`.
    links
        Which districts touch.
    most
        Districts in a zone, and nearest districts it may be made of; 12 at most.

    Raises
    ------
    UsageError
        If `most` is above 12: the number of zones doubles with each.

    Notes
    -----
    Tango & Takahashi 2005, the flexible scan: it finds rivers and roads, which circles cannot.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy import sparse
    >>> far = abs(np.arange(4.0)[:, None] - np.arange(4.0))
    >>> zones = flexible_zones(far, sparse.csr_array(far == 1), [1, 1, 1, 1], share=0.8, most=3)
    >>> [len(generation) for generation in zones.generations], len(zones)
    ([4, 6, 4], 9)
    """
    if not 1 <= most <= MOST_FLEXIBLE:
        raise UsageError(
            f"a flexible zone has 1 to {MOST_FLEXIBLE} districts",
            Where(key="most", value=most),
            remedy="take circular zones for larger ones",
        )
    far = np.asarray(distance, dtype=np.float64)
    cases = _checked(expected, share)
    cap = share * cases.sum() * (1 + 1e-12)
    touches = [set(links.indices[links.indptr[at] : links.indptr[at + 1]].tolist()) for at in range(len(far))]
    near = [set(np.argsort(far[at], kind="stable")[:most].tolist()) | {at} for at in range(len(far))]
    here = [(frozenset([at]), at, at) for at in range(len(far)) if cases[at] <= cap]
    generations: list[Generation] = []
    parent = [at for _, at, _ in here]
    while here:
        first: set[frozenset[int]] = set()
        fresh = []
        for zone, _, _ in here:
            fresh.append(zone not in first)
            first.add(zone)
        added, centre = (np.array([one[field] for one in here], dtype=np.intp) for field in (1, 2))
        generations.append(Generation(np.array(parent, dtype=np.intp), added, centre, np.array(fresh)))
        if len(generations) == most:
            break
        after, parent, known = [], [], set()
        for number, (zone, _, start) in enumerate(here):
            edge = set().union(*(touches[at] for at in zone)) & near[start] - zone
            load = cases[list(zone)].sum()
            for more in sorted(edge):
                grown = zone | {more}
                if (grown, start) not in known and load + cases[more] <= cap:
                    known.add((grown, start))
                    after.append((grown, more, start))
                    parent.append(number)
        here = after
    return Zones(tuple(generations), len(far))


def _checked(expected: npt.ArrayLike, share: float) -> Floats:
    cases = np.asarray(expected, dtype=np.float64)
    if not 0 < share <= 1:
        raise UsageError("the share of a zone must be in (0, 1]", Where(key="share", value=share))
    return cases


def _first(label: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    fresh = np.zeros(len(label), dtype=bool)
    fresh[np.unique(label, return_index=True)[1]] = True
    return fresh
