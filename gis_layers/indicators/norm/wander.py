"""How far levels stray from their own line of growth: what the long run is worth for the level of now.

Where the twelve months of a series lie about its line no wider than its months lie within them, the level does not
wander, and all of the past tells of it. Where they lie wider, only the newest months do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

USUAL = 0.1
"""Variance of the logarithm of a level about its line, where nothing is known of it: levels wander by a third."""

LATELY = 3.0
"""How much farther than a year on average lies from the line the newest months may have come from it."""


@dataclass(frozen=True)
class Wander:
    """What the line of a series is worth.

    Parameters
    ----------
    cards, due
        Cards of the past, and what they would be at a level of 1.
    variance
        Of the logarithm of the level of now about the line.
    """

    cards: Floats
    due: Floats
    variance: Floats


def wander_of(count: Floats, exposed: Floats, *, rows: int, offence: Ints) -> Wander:
    """Return how far levels wander.

    Parameters
    ----------
    count
        Counts of the past, series × rows, NaN not used.
    exposed
        Season times growth, the same shape.
    rows
        Rows in a year.
    offence
        Number of each series' offence, which wander alike.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> even = rng.poisson(100, (20, 60)).astype(float)
    >>> wild = even * np.exp(np.repeat(rng.normal(0, 0.2, (20, 5)), 12, axis=1))
    >>> found = wander_of(np.vstack([even, wild]), np.ones((40, 60)), rows=12, offence=np.repeat([0, 1], 20))
    >>> bool(found.variance[0] < 0.01 < found.variance[-1])
    True
    """
    years = max(count.shape[1] // rows, 1)
    start = max(count.shape[1] - years * rows, 0)
    known = ~np.isnan(count)
    value, due = np.where(known, count, 0.0), np.where(known, exposed, 0.0)
    cards, over = value.sum(axis=1), due.sum(axis=1)
    block = np.arange(count.shape[1] - start) // rows
    lines = (block[:, None] == np.arange(years)[None, :]).astype(np.float64)
    y, e = value[:, start:], due[:, start:]
    by_year, due_year = y @ lines, e @ lines
    used = due_year > 0
    level = np.divide(cards, over, out=np.zeros_like(cards), where=over > 0)[:, None]
    at = np.divide(by_year, due_year, out=np.zeros_like(by_year), where=used)
    mean = (at @ lines.T) * e
    inside = np.divide((y - mean) ** 2, mean, out=np.zeros_like(mean), where=mean > 0).sum(axis=1)
    freedom = ((mean > 0).sum(axis=1) - (by_year > 0).sum(axis=1)).astype(np.float64)
    phi = (inside + 2) / (freedom + 2)
    line = level * due_year
    missed = np.divide((by_year - line) ** 2, line, out=np.zeros_like(line), where=line > 0).sum(axis=1)
    free = np.maximum((line > 0).sum(axis=1) - 2.0, 0.0)
    size = line.sum(axis=1) / np.maximum((line > 0).sum(axis=1), 1)
    number = int(offence.max(initial=0)) + 1
    told = free * size**2 / (2 * phi**2)  # of one series' variance
    surplus = np.divide(missed - free * phi, free * size, out=np.zeros_like(size), where=free * size > 0)
    weight = np.bincount(offence, told, number)
    prior = 1 / USUAL**2
    found = (np.bincount(offence, told * surplus, number) + prior * USUAL) / (weight + prior)
    of_line = np.divide(phi, cards, out=np.zeros_like(cards), where=cards > 0)
    variance = np.clip(LATELY * found[offence], 1e-6, USUAL)
    return Wander(cards, over, variance + of_line)
