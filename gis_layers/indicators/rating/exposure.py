"""Rates of the rating: crude for the month, smoothed over the trailing year."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ...rates import crude, empirical_bayes
from .funnel import rolling_sum

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]


def rates_of(
    count: Floats, population: Floats, group: Ints, status: Ints, parent: Ints, *, months: int, per: float
) -> tuple[Floats, Floats]:
    """Return the crude yearly rate of each month, and the empirical-Bayes rate of the year up to it.

    Parameters
    ----------
    count
        Counts, offence × month × district; parents stand before their leaves.
    population
        Residents, month × district.
    group, status
        Number of each district's peer group and status; -1 is none.
    parent
        Row of each offence's category, -1 where there is none: where neither group nor status shows a
        spread, that of the category is taken.
    months
        Months in one row of the panel.
    per
        Residents that a rate is of; rates are per year.

    Returns
    -------
    (array, array)
        NaN where count or population is missing; the smoothed rate also where the year is not whole.
    """
    years = months / 12
    raw = crude(
        count, np.where(population > 0, population, np.nan)[None], per, years=years, interval=False
    ).rate
    width = max(12 // months, 1)
    counted = rolling_sum(count, width, axis=1)
    residents = rolling_sum(population * years, width, axis=0).T
    labels = np.where(group < 0, np.nan, group), np.where(status < 0, np.nan, status)
    smoothed = np.full(count.shape, np.nan)
    spread: dict[int, Floats] = {}
    categories = set(parent[parent >= 0].tolist())
    for offence in sorted(range(len(count)), key=lambda row: row not in categories):
        found = empirical_bayes(
            counted[offence].T, residents, per,
            group=labels[0], status=labels[1], category_cv=spread.get(int(parent[offence])),
            interval=False,
        )  # fmt: skip
        smoothed[offence] = found.rate.T
        if offence in categories:
            spread[offence] = found.cv
    return raw, smoothed
