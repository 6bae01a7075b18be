"""Months of districts in which far more cards than usual were carried over from earlier months.

A month that waits to be registered looks like a fall, and the month after like an outbreak. What is expected is
the share of carried-over cards by offence in the whole area that month, so that neither slow offences nor a
holiday of all offices is taken for a fault of one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

Q = 0.01
"""False discovery rate over all months of all districts."""

LEAST_CARDS = 20
LEAST_MORE = 0.15
"""The share must lie this far above what is expected: smaller things are found in large districts alone."""


@dataclass(frozen=True)
class LateMonth:
    """A month in which a district registered late: cards registered, those carried over, the share expected."""

    district: int
    month: np.datetime64
    cards: int
    late: int
    expected: float
    z: float


def late_months(
    district: npt.NDArray[np.int64],
    offence: npt.NDArray[np.int64],
    month: npt.NDArray[np.datetime64],
    carried: npt.NDArray[np.bool_],
) -> list[LateMonth]:
    """Find months in which a district carried over far more cards than the area's practice explains.

    Parameters
    ----------
    district, offence
        Numbers, (cards,).
    month
        Month of registration.
    carried
        True where the card was committed in an earlier month.

    Returns
    -------
    list
        The surest first; none where there are too few cards.

    Examples
    --------
    >>> rng = np.random.default_rng(3)
    >>> district, month = np.repeat(np.arange(20), 3000), np.tile(np.repeat(np.arange(10), 300), 20)
    >>> carried = rng.random(60_000) < np.where((district == 4) & (month == 7), 0.6, 0.2)
    >>> stamps = np.datetime64("2020-01") + month
    >>> [(one.district, str(one.month)) for one in late_months(district, np.zeros(60_000, int), stamps, carried)]
    [(4, '2020-08')]
    """
    if not len(district):
        return []
    first = month.min()
    at = (month - first).astype(np.int64)
    size, kinds = int(at.max()) + 1, int(offence.max()) + 1
    cell = offence * size + at
    cards, late = (
        np.bincount(cell, weights=w, minlength=kinds * size) for w in (None, carried.astype(float))
    )
    usual = np.divide(late, cards, out=np.zeros(len(cards)), where=cards > 0)
    own = district * size + at
    width = int(district.max() + 1) * size
    n, k, mean, variance = (
        np.bincount(own, weights=w, minlength=width)
        for w in (None, carried.astype(float), usual[cell], (usual * (1 - usual))[cell])
    )
    judged = (n >= LEAST_CARDS) & (variance > 0)
    if not judged.any():
        return []
    z = np.divide(k - mean - 0.5, np.sqrt(variance), out=np.zeros(width), where=judged)
    # Practice differs between offices: most months of most districts set the spread, not the binomial.
    middle = z[judged]
    spread = max(1.0, float(np.subtract(*np.quantile(middle, [0.75, 0.25]))) / 1.349)
    p = np.where(judged, stats.norm.sf(z / spread), 1.0)
    order = np.argsort(p)
    passed = p[order] <= Q * np.arange(1, width + 1) / int(judged.sum())
    kept = order[: int(np.flatnonzero(passed).max()) + 1] if passed.any() else order[:0]
    share = np.divide(k - mean, n, out=np.zeros(width), where=n > 0)
    return [
        LateMonth(
            int(place // size), first + int(place % size), int(n[place]), int(k[place]),
            float(mean[place] / n[place]), float(z[place] / spread),
        )
        for place in kept.tolist()
        if judged[place] and share[place] >= LEAST_MORE
    ]  # fmt: skip
