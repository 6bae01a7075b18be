"""Who has claimed which months of which series, so that no two events come within twelve months."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from ..backdrop import DISPERSION, MONTHS
from ..geography import country
from ..offences import CODES
from .power import rise_power

APART = 12


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
    ) -> tuple[int, int, int]:
        """Return a free (district, leaf, first month) whose expected count lies in [low, high].

        Where none is left (a small scale), the free cell nearest to that range. `lone` keeps away from rises next
        door and from crowds of the same status; `length` months must be free.
        """
        chosen = np.zeros(MONTHS, dtype=bool)
        chosen[[t for t in months if t + length <= MONTHS]] = True
        leaves = np.arange(len(CODES)) if offences is None else np.array(offences)
        open_ = np.broadcast_to(chosen, (len(self.status), len(leaves), MONTHS)) & ~self.blocked[:, leaves]
        for later in range(1, length):
            open_[:, :, :-later] &= ~self.blocked[:, leaves, later:]
        if lone:
            open_ &= ~self.near[:, leaves] & (self.crowd[:, leaves] < 2)
        if districts is not None:
            open_ &= districts[:, None, None]
        expected = self.expected[:, leaves]
        places = np.flatnonzero(open_ & (expected >= low) & (expected <= high))
        if not len(places):
            miss = np.where(open_, np.maximum(low - expected, expected - high), np.inf)
            if not np.isfinite(miss).any():
                raise ValueError("the calendar is full: no series is free for a further event")
            places = np.argpartition(miss.ravel(), 40)[:40]
            places = places[np.isfinite(miss.ravel()[places])]
        d, k, t = np.unravel_index(places[rng.integers(len(places))], open_.shape)
        return int(d), int(leaves[k]), int(t)

    def excess(self, district: int, offence: int, month: int, d: float) -> tuple[int, float, float]:
        """Return cards to add for a rise of size d, the size after rounding, and its power at p ≤ .001."""
        expected = float(self.expected[district, offence, month])
        unit = float(np.sqrt(DISPERSION * max(expected, 1e-9)))
        cards = max(1, round(d * unit))
        return cards, cards / unit, rise_power(expected, cards)
