"""How good a forecast of counts was: coverage by randomised ranks, width of intervals, and CRPS.

For the scores see Gneiting & Raftery, JASA 102 (2007); for randomised ranks of counts, Czado, Gneiting & Held,
Biometrics 65 (2009).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from ..indicators.norm.tails import LEAST_HETEROGENEITY, heterogeneity_of, interval, mid_p

Floats = npt.NDArray[np.float64]

SHARES = (0.5, 0.8, 0.95)
"""Central intervals whose coverage is reported."""

_FINE = 96


def ranks(count: Floats, expected: Floats, phi: Floats, rng: np.random.Generator) -> Floats:
    """Return randomised ranks (PIT): uniform on 0–1 if the forecasts are right, however few the counts are.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> found = ranks(rng.poisson(1.0, 20_000).astype(float), np.ones(20_000), np.ones(20_000), rng)
    >>> [round(float((found < cut).mean()), 2) for cut in (0.1, 0.9)]
    [0.1, 0.9]
    """
    spread = heterogeneity_of(expected, phi)
    _, below = mid_p(count, expected, spread)
    wide = spread > LEAST_HETEROGENEITY
    size = 1 / np.where(wide, spread, 1.0)
    mass = np.where(
        wide, stats.nbinom.pmf(count, size, size / (size + expected)), stats.poisson.pmf(count, expected)
    )
    found: Floats = np.clip(below + (rng.random(count.shape) - 0.5) * mass, 0.0, 1.0)
    return found


def coverage(rank: Floats) -> dict[str, float]:
    """Return the share of ranks inside each central interval.

    Examples
    --------
    >>> import numpy as np
    >>> coverage(np.linspace(0, 1, 1001))
    {'50': 0.498501, '80': 0.798202, '95': 0.948052}
    """
    return {f"{share:.0%}"[:-1]: round(float((abs(rank - 0.5) < share / 2).mean()), 6) for share in SHARES}


def width(expected: Floats, phi: Floats, *, share: float = 0.8) -> Floats:
    """Return the width of the central interval, in cards."""
    low, high = interval(expected, heterogeneity_of(expected, phi), share=share)
    return high - low


def crps(count: Floats, expected: Floats, phi: Floats) -> Floats:
    """Return the continuous ranked probability score of every count; less is better, and its unit is cards.

    The sum of (F(x) − 1{x ≥ y})² over whole numbers x is taken whole where it is short, and by the trapezoid rule
    on 96 steps a side where it is long.

    Examples
    --------
    >>> import numpy as np
    >>> crps(np.array([0.0]), np.array([1.0]), np.array([1.0])).round(4).tolist()
    [0.4762]
    """
    spread = heterogeneity_of(expected, phi)
    sd = np.sqrt(np.maximum(phi, 1.0) * expected)
    low = np.floor(np.maximum(np.minimum(count, expected - 8 * sd), 0.0))
    high = np.ceil(np.maximum(count, expected + 12 * sd + 12 * np.maximum(phi, 1.0)))
    total = np.zeros(count.shape)
    for first, last, upper in ((low, count - 1, False), (count, high, True)):
        steps = last - first + 1
        short = steps <= _FINE
        for exact in (True, False):
            rows = np.flatnonzero((short == exact) & (steps > 0))
            for part in np.array_split(rows, len(rows) // 20_000 + 1):
                if not len(part):
                    continue
                many = int(steps[part].max()) if exact else _FINE
                share = np.arange(many)[None, :]
                begin, end = first[part, None] - 0.5, last[part, None] + 0.5
                if exact:
                    x = first[part, None] + share
                    weight = (x <= last[part, None]).astype(np.float64)
                else:
                    x = begin + (end - begin) * (share + 0.5) / _FINE
                    weight = np.broadcast_to((end - begin) / _FINE, x.shape)
                below = _below(x, expected[part, None], spread[part, None])
                total[part] += (weight * ((1 - below) if upper else below) ** 2).sum(axis=1)
    return total


def _below(x: Floats, mean: Floats, spread: Floats) -> Floats:
    """Return the distribution function, continued between whole numbers."""
    wide = spread > LEAST_HETEROGENEITY
    size = 1 / np.where(wide, spread, 1.0)
    plain = special.gammaincc(x + 1, mean)
    mixed = special.betainc(size, x + 1, size / (size + mean))
    found: Floats = np.where(wide, mixed, plain)
    return found
