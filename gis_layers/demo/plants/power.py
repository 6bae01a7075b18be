"""What a test that knew the truth would find: the theoretical power of each planted cell."""

from __future__ import annotations

import numpy as np
from scipy.stats import nbinom

from ..backdrop import DISPERSION

ALPHA = 0.001


def rise_power(expected: float, cards: int, *, alpha: float = ALPHA) -> float:
    """Return the chance that a negative binomial count plus `cards` has a mid-p of at most `alpha`.

    Examples
    --------
    >>> rise_power(100.0, 86) > 0.97
    True
    """
    law = (max(expected, 1e-9) / (DISPERSION - 1), 1 / DISPERSION)
    values = np.arange(int(expected + 12 * np.sqrt(DISPERSION * expected) + 25))
    critical = int(np.argmax(nbinom.sf(values, *law) + 0.5 * nbinom.pmf(values, *law) <= alpha))
    return float(nbinom.sf(critical - cards - 1, *law))


def fall_power(expected: float, keep: float, *, alpha: float = ALPHA) -> float:
    """Return the chance that a count of which only the share `keep` is left has a lower mid-p of at most `alpha`.

    Examples
    --------
    >>> fall_power(6.0, 0.3) == 0.0, fall_power(120.0, 0.4) > 0.95
    (True, True)
    """
    size = max(expected, 1e-9) / (DISPERSION - 1)
    values = np.arange(int(expected) + 2)
    passing = np.flatnonzero(
        nbinom.cdf(values, size, 1 / DISPERSION) - 0.5 * nbinom.pmf(values, size, 1 / DISPERSION) <= alpha
    )
    if not len(passing):
        return 0.0
    # A thinned negative binomial is one of the same size and of mean keep × E.
    return float(nbinom.cdf(passing[-1], size, size / (size + keep * expected)))
