"""Incidents as points in metres and days: checked once, so that distance is distance everywhere after."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from ..errors import InputError, UsageError, Where
from ..metres import require_metres

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

MOST_PAIRS = 60_000_000
"""Pairs held at once; more would not fit a common machine's memory."""


@dataclass(frozen=True)
class Incidents:
    """Where and when incidents were.

    Parameters
    ----------
    x, y
        Metres of `crs`, (n,).
    day
        Instants, (n,) datetime64; hours count where they are known.
    crs
        What the coordinates are of: projected, in metres.

    Raises
    ------
    UsageError
        If `crs` is in degrees, or in another unit than metres.
    InputError
        If coordinates or days are missing.

    Examples
    --------
    >>> import numpy as np
    >>> from gis_layers.errors import UsageError
    >>> try:
    ...     Incidents(np.array([76.9]), np.array([43.2]), np.array(["2024-01-01"], "datetime64[D]"), "EPSG:4326")
    ... except UsageError as error:
    ...     print(error)
    distances need a projected CRS in metres (key 'crs', value 'EPSG:4326'). To mend it: project the points first, for \
instance to the UTM zone of the area.
    """

    x: Floats
    y: Floats
    day: npt.NDArray[np.datetime64]
    crs: str

    def __post_init__(self) -> None:
        require_metres(self.crs)
        if not len(self.x) == len(self.y) == len(self.day):
            raise InputError(f"{len(self.x)} x, {len(self.y)} y and {len(self.day)} days are no points")
        if not (np.isfinite(self.x).all() and np.isfinite(self.y).all()) or np.isnat(self.day).any():
            raise InputError("an incident has no place or no day", remedy="leave such incidents out first")

    def __len__(self) -> int:
        return len(self.x)

    @property
    def days(self) -> Floats:
        """Days since 1970, (n,), with fractions."""
        return np.asarray(self.day.astype("datetime64[s]").astype(np.int64) / 86_400)

    @property
    def month(self) -> Ints:
        """Months since 1970, (n,)."""
        return np.asarray(self.day.astype("datetime64[M]").astype(np.intp))

    def near(self, metres: float) -> int:
        """Return how many pairs are at most so far from each other."""
        tree = cKDTree(np.column_stack([self.x, self.y]))
        return (int(tree.count_neighbors(tree, metres)) - len(self)) // 2

    def pairs(self, metres: float) -> tuple[Ints, Floats]:
        """Return all pairs at most so far from each other, (pair, 2), and their distances.

        Raises
        ------
        UsageError
            If there are more than can be held.
        """
        place = np.column_stack([self.x, self.y])
        if len(place) < 2:
            return np.empty((0, 2), dtype=np.intp), np.empty(0)
        if (many := self.near(metres)) > MOST_PAIRS:
            raise UsageError(
                f"{many} pairs lie within {metres:g} m", Where(value=len(place)),
                remedy="take a shorter distance or fewer incidents",
            )  # fmt: skip
        found = cKDTree(place).query_pairs(metres, output_type="ndarray").astype(np.intp)
        apart: Floats = np.hypot(*(place[found[:, 0]] - place[found[:, 1]]).T)
        return found, apart
