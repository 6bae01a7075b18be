"""The demo without its cards: monthly counts and the truth, in a few seconds, for tests of the statistics."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from .backdrop import FIRST_MONTH, MONTHS, Backdrop, draw_backdrop
from .geography import country
from .offences import CODES
from .plants import Event, Plants, plan_events
from .plants.apply import Sown, sow
from .population import monthly_residents
from .truth import Truth, describe


@dataclass(frozen=True)
class DemoCounts:
    """Counts of the demo area and what is known of them.

    Parameters
    ----------
    counts, expected
        (210, leaves, 120): cards registered, and the mean of the backdrop under them (shocks known, plants not).
    touched
        (210, leaves, 120): cells that an event changed; the others are clean.
    districts, offences, months
        Labels of the three dimensions (`months` are datetime64[M]); districts as in `country().frame`.
    population
        (210, 120) residents at mid-month.
    truth
        What was planted.
    events, sown
        The same by row numbers, from which cards are drawn.
    """

    seed: int
    scale: float
    counts: npt.NDArray[np.int64]
    expected: npt.NDArray[np.float64]
    touched: npt.NDArray[np.bool_]
    districts: tuple[str, ...]
    offences: tuple[str, ...]
    months: npt.NDArray[np.datetime64]
    population: npt.NDArray[np.float64]
    truth: Truth
    events: tuple[Event, ...]
    sown: Sown

    def frame(self) -> pd.DataFrame:
        """Return the table `district, offence, month, count` of all cells, zeros too, sorted by these keys."""
        index = pd.MultiIndex.from_product(
            [self.districts, self.offences, self.months.astype("datetime64[s]")],
            names=["district", "offence", "month"],
        )
        return pd.DataFrame({"count": self.counts.ravel()}, index=index).reset_index()


def demo_counts(seed: int = 1, scale: float = 1.0, plants: Plants = Plants()) -> DemoCounts:  # noqa: B008
    """Draw the demo's monthly counts, with what `plants` switches on.

    Parameters
    ----------
    seed
        Names the world: levels, shocks, counts, and what is planted where. The geography is always the same.
    scale
        Multiplies the number of cards, about 200,000 a year.
    plants
        What is planted. Switching a kind off leaves all other cells as they were.

    Raises
    ------
    ValueError
        If `scale` is not positive.

    Examples
    --------
    >>> clean = demo_counts(seed=3, scale=0.1, plants=Plants.none())
    >>> clean.counts.shape, bool(clean.touched.any())
    ((210, 34, 120), False)
    """
    if not scale > 0:
        raise ValueError(f"scale must be positive, got {scale}")
    backdrop = _backdrop(seed, scale)
    planned = () if plants == Plants.none() else _planned(seed, scale)
    events = tuple(event for event in planned if plants.has(event))
    sown = sow(backdrop.counts, events, seed)
    return DemoCounts(
        seed=seed,
        scale=scale,
        counts=sown.counts,
        expected=backdrop.expected,
        touched=sown.touched,
        districts=tuple(country().frame["district"]),
        offences=CODES,
        months=FIRST_MONTH + np.arange(MONTHS),
        population=monthly_residents(MONTHS),
        truth=describe(seed, scale, plants, events, sown.changes),
        events=events,
        sown=sown,
    )


# Tests ask for one world under many switches: its backdrop and plan are the same, and nobody may change them.
@lru_cache(maxsize=4)
def _backdrop(seed: int, scale: float) -> Backdrop:
    backdrop = draw_backdrop(seed, scale)
    backdrop.expected.flags.writeable = False
    backdrop.counts.flags.writeable = False
    return backdrop


@lru_cache(maxsize=4)
def _planned(seed: int, scale: float) -> tuple[Event, ...]:
    return tuple(plan_events(_backdrop(seed, scale).expected, seed))
