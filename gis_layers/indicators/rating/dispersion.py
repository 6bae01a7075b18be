"""How much an offence's counts vary from month to month beyond chance: φ, the variance over the mean.

A funnel of one month cannot tell a spread between districts from clustered cards where almost nothing is
expected: most districts have none. The months before can. Each district's own variance about its own level
over the trailing three years, summed over districts and divided by the summed levels, is φ of the offence.
It gives the negative binomial of a cell at least the variance φE.

A declared break moves the level, and that is no dispersion. So where a series has stretches, its variance is that about
the level of each: what is known of φ lasts over a break, and the jump takes no part.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

WINDOW = 36
"""Months that φ is measured over."""

LEAST = 12
"""A series of fewer months takes no part."""

RARE = 5.0
"""Series with a larger mean take no part: their level drifts, and the funnel sees their spread itself."""


def dispersion(
    count: Floats,
    *,
    window: int = WINDOW,
    least: int = LEAST,
    stretch: npt.NDArray[np.integer] | None = None,
) -> Floats:
    """Return φ of every offence and month, from data up to that month alone.

    Parameters
    ----------
    count
        Counts, offence × month × district; NaN is not collected.
    window, least
        How many months are looked back over, and how many a series must have.
    stretch
        Number of each month's stretch between breaks, broadcast to the counts; a month of −1 is left out. Without
        it there are no breaks.

    Returns
    -------
    array, offence × month
        At least 1; 1 where nothing can be measured yet.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> even = rng.poisson(0.3, (1, 36, 200)).astype(float)
    >>> pairs = 2.0 * rng.poisson(0.15, (1, 36, 200))
    >>> round(float(dispersion(even)[0, -1]), 1), round(float(dispersion(pairs)[0, -1]), 1)
    (1.0, 2.0)
    >>> jump = rng.poisson(np.repeat([0.3, 3.0], 18)[None, :, None], (1, 36, 200)).astype(float)
    >>> since = np.repeat([0, 1], 18)[None, :, None]
    >>> [round(float(dispersion(jump, stretch=one)[0, -1]), 1) for one in (None, since)]
    [2.2, 1.0]
    """
    number = np.zeros((1, 1, 1), dtype=np.int64) if stretch is None else np.asarray(stretch)
    known = ~np.isnan(count) & (number >= 0)
    value = np.where(known, count, 0.0)
    months, total, squares = (
        _trailing(part, window) for part in (known.astype(np.float64), value, value * value)
    )
    mean = np.divide(total, months, out=np.zeros_like(total), where=months > 0)
    enough = (months >= least) & (mean > 0) & (mean <= RARE)
    levels, freedom = np.zeros_like(total), months.copy()
    for one in np.unique(number[number >= 0]):
        here = known & (number == one)
        of, cards = (_trailing(np.where(here, part, 0.0), window) for part in (1.0, value))
        levels += np.divide(cards * cards, of, out=np.zeros_like(cards), where=of > 0)
        freedom -= of > 0
    variance = np.divide(squares - levels, freedom, out=np.zeros_like(total), where=freedom > 0)
    above, below = (np.where(enough, part, 0.0).sum(axis=2) for part in (variance, mean))
    phi: Floats = np.maximum(1.0, np.divide(above, below, out=np.ones_like(above), where=below > 0))
    return phi


def _trailing(values: Floats, window: int) -> Floats:
    sums = np.cumsum(values, axis=1)
    sums[:, window:] -= sums[:, :-window].copy()
    return sums
