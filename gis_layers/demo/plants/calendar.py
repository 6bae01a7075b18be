"""Who has claimed which months of which series, so that no two events come within twelve months."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from ..backdrop import DISPERSION, MONTHS
from ..geography import country
from ..offences import CODES
from .power import rise_power

APART = 12
CROWD = 2
NEAREST = 4000

_Key: TypeAlias = tuple[float, float, tuple[int, ...], tuple[int, ...], bytes | None, int]


class Calendar:
    """The state of planning: expected counts, claims, and where rises already are.

    Arrays are (district, leaf, month). `active` months hold an event; `blocked` ones may take no further event; `near`
    ones have a rise in the same or a neighbouring district within two months, which would make two outbreaks look like
    a path; `crowd` counts the rises of a month among districts of the same status.
    """

    def __init__(self, expected: npt.NDArray[np.float64]) -> None:
        self.expected = expected
        self.land = country()
        self.status = self.land.frame["status"].to_numpy()
        shape = expected.shape
        self.blocked = np.zeros(shape, dtype=bool)
        self.active = np.zeros(shape, dtype=bool)
        self.near = np.zeros(shape, dtype=bool)
        self.crowd = np.zeros(shape, dtype=np.int8)
        self._inside: dict[_Key, npt.NDArray[np.int64]] = {}
        self._outside: dict[_Key, npt.NDArray[np.int64]] = {}

    def free(self, district: int, offence: int, first: int, last: int) -> bool:
        """Say whether a series has no event within twelve months of [first, last]."""
        return last < MONTHS and first >= 0 and not self.blocked[district, offence, first : last + 1].any()

    def claim(self, district: int, offence: int, first: int, last: int, *, rise: bool = False) -> None:
        """Take the months [first, last] of a series, and twelve on either side."""
        self.blocked[district, offence, max(0, first - APART) : last + APART + 1] = True
        self.active[district, offence, max(0, first) : last + 1] = True
        if rise:
            around = [*np.flatnonzero(self.land.adjacent[district]).tolist(), district]
            self.near[around, offence, max(0, first - 2) : last + 3] = True
            alike = self.status == self.status[district]
            self.crowd[alike, offence, first : last + 1] += 1

    def pick(
        self,
        rng: np.random.Generator,
        low: float,
        high: float,
        *,
        months: Iterable[int],
        offences: Sequence[int] | None = None,
        districts: npt.NDArray[np.bool_] | None = None,
        lone: bool = True,
        length: int = 1,
        also: Callable[[npt.NDArray[np.int64]], npt.NDArray[np.bool_]] | None = None,
    ) -> tuple[int, int, int]:
        """Return a free (district, leaf, first month) whose expected count lies in [low, high].

        Where none is left (a small scale), a free cell near that range. `lone` keeps away from rises next door and
        from crowds of the same status; `length` months must be free and the least of them at `low` or above. `also`
        says of flat places (numbers into the raveled arrays) which of them suit.
        """
        leaves = tuple(range(len(CODES))) if offences is None else tuple(offences)
        key = (low, high, tuple(months), leaves, None if districts is None else districts.tobytes(), length)
        for number, places in enumerate(self._tried(key, districts)):
            open_ = np.ones(len(places), dtype=bool)
            for later in range(length):
                open_ &= ~self.blocked.ravel()[places + later]
            if lone:
                open_ &= ~self.near.ravel()[places] & (self.crowd.ravel()[places] < CROWD)
            if also is not None:
                open_ &= also(places)
            if open_.any():
                free = places[open_] if number == 0 else places[open_][:12]
                d, k, t = np.unravel_index(int(free[rng.integers(len(free))]), self.expected.shape)
                return int(d), int(k), int(t)
        raise ValueError("the calendar is full: no series is free for a further event")

    def _tried(self, key: _Key, districts: npt.NDArray[np.bool_] | None) -> Iterator[npt.NDArray[np.int64]]:
        """Yield the flat places in the range, then all others, nearest to the range first, some at a time."""
        if key not in self._inside:
            places, miss = self._miss(key, districts)
            self._inside[key] = places[miss <= 0]
        yield self._inside[key]
        if key not in self._outside:
            places, miss = self._miss(key, districts)
            order = np.argsort(miss, kind="stable")
            self._outside[key] = places[order[int((miss <= 0).sum()) :]]
        others = self._outside[key]
        for start in range(0, len(others), NEAREST):
            yield others[start : start + NEAREST]

    def _miss(
        self, key: _Key, districts: npt.NDArray[np.bool_] | None
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Return the flat places allowed, and how far the expected counts of their months lie outside the range."""
        low, high, months, leaves, _, length = key
        allowed = np.zeros(self.expected.shape, dtype=bool)
        begin = np.array([t for t in months if t + length <= MONTHS])
        allowed[np.ix_(np.arange(len(self.status)), np.array(leaves), begin)] = True
        if districts is not None:
            allowed &= districts[:, None, None]
        places = np.flatnonzero(allowed)
        flat = self.expected.ravel()
        least = np.minimum.reduce([flat[places + later] for later in range(length)])
        return places, np.maximum(low - least, flat[places] - high)

    def excess(self, district: int, offence: int, month: int, d: float) -> tuple[int, float, float]:
        """Return cards to add for a rise of size d, the size after rounding, and its power at p ≤ .001."""
        expected = float(self.expected[district, offence, month])
        unit = float(np.sqrt(DISPERSION * max(expected, 1e-9)))
        cards = max(1, round(d * unit))
        return cards, cards / unit, rise_power(expected, cards)
