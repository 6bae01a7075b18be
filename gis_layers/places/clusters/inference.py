"""How rare a ratio is: its rank among the largest of replicates, and the tail that they lie on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

FEW = 10
"""With fewer replicates above it than this a rank is coarse, and the Gumbel tail is taken."""


@dataclass(frozen=True, eq=False)
class Null:
    """The largest ratios of replicates.

    Parameters
    ----------
    largest
        One of each replicate.

    Examples
    --------
    >>> import numpy as np
    >>> null = Null(np.random.default_rng(1).gumbel(5, 1, 999))
    >>> float(null.monte_carlo([20.0])[0]), bool(null.gumbel([20.0])[0] < 1e-5)
    (0.001, True)
    """

    largest: Floats

    def above(self, ratio: npt.ArrayLike) -> npt.NDArray[np.intp]:
        """Return how many replicates have as large a ratio, or a larger one."""
        ordered = np.sort(self.largest)
        return len(ordered) - np.searchsorted(ordered, np.asarray(ratio, dtype=np.float64), side="left")

    def monte_carlo(self, ratio: npt.ArrayLike) -> Floats:
        """Return the rank p: (replicates as large + 1) / (replicates + 1)."""
        p: Floats = (self.above(ratio) + 1) / (len(self.largest) + 1)
        return p

    def gumbel(self, ratio: npt.ArrayLike) -> Floats:
        """Return the tail of a Gumbel distribution with the mean and deviation of the replicates.

        Abrams, Kleinman & Kulldorff 2010: good far below 1 / replicates. NaN with under two replicates.
        """
        if len(self.largest) < 2:
            return np.full(np.shape(ratio), np.nan)
        scale = max(float(self.largest.std(ddof=1)) * np.sqrt(6) / np.pi, 1e-12)
        place = float(self.largest.mean()) - np.euler_gamma * scale
        p: Floats = -np.expm1(-np.exp(-(np.asarray(ratio, dtype=np.float64) - place) / scale))
        return p

    def p(self, ratio: npt.ArrayLike) -> Floats:
        """Return the rank p, or the Gumbel tail where fewer than ten replicates lie above."""
        rank = self.monte_carlo(ratio)
        tail = self.gumbel(ratio)
        return np.where((self.above(ratio) < FEW) & np.isfinite(tail), np.minimum(tail, rank), rank)
