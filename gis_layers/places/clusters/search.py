"""The search itself: the best cylinder of the real counts, and the largest ratio of many replicates.

Of a replicate only the largest ratio matters. So a count is compared with the number from which it could reach a cut
at all, one integer comparison, and logarithms are taken of the few that do. The cut is raised as larger ratios turn up
elsewhere; it never hides one, because a replicate without any above the cut is searched again below it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from .likelihood import largest_expected, least_expected, log_likelihood_ratio
from .zones import Zones

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Counts = npt.NDArray[np.int32]
Direction: TypeAlias = Literal["high", "low"]

LEAST_CASES = 2
"""Cases in a cylinder with a high rate, as in SaTScan."""

BATCH = 24
"""Replicates searched side by side: more do not fit into a processor's cache."""


@dataclass(frozen=True, eq=False)
class Windows:
    """Spans of time steps: all of a length and more than one in `starts`; prospective ones end with the last step.

    Parameters
    ----------
    steps
        Steps of the study period.
    longest
        Most steps in a span.
    alive
        Only spans that end with the last step.
    """

    steps: int
    longest: int
    alive: bool = False

    def ends(self, length: int) -> slice:
        """Return where spans of this length end in a table of running sums, whose row 0 is nothing."""
        return slice(self.steps if self.alive else length, self.steps + 1)

    def starts(self, length: int) -> slice:
        """Return where they start."""
        return slice(self.steps - length if self.alive else 0, self.steps - length + 1)


@dataclass(frozen=True, eq=False)
class Best:
    """The best span of every zone that is not another's twin.

    Parameters
    ----------
    ratio
        Its log likelihood ratio; 0 where no span goes in the direction asked for.
    size, zone
        Generation (districts in the zone) and number in it.
    start, end
        First step, and the one after the last.
    """

    ratio: Floats
    size: Ints
    zone: Ints
    start: Ints
    end: Ints


def running(table: npt.ArrayLike) -> npt.NDArray[np.generic]:
    """Return running sums over time with a leading row of nothing: (…, district, step) to (…, step + 1, district)."""
    sums = np.moveaxis(np.asarray(table).cumsum(axis=-1), -1, -2)
    return np.concatenate([np.zeros_like(sums[..., :1, :]), sums], axis=-2)


def search(
    count: npt.ArrayLike, expected: npt.ArrayLike, zones: Zones, windows: Windows, direction: Direction
) -> Best:
    """Return the best span of every zone of the real counts.

    Parameters
    ----------
    count, expected
        Shape (district, step), with the same sum.
    zones, windows
        What is tried.
    direction
        ``high`` or ``low``.
    """
    total = float(np.sum(count))
    cases, mean = (
        running(np.asarray(count, dtype=np.float64)),
        running(np.asarray(expected, dtype=np.float64)),
    )
    parts: list[tuple[npt.NDArray[np.generic], ...]] = []
    c = e = np.empty(0)
    for number, generation in enumerate(zones.generations):
        c = cases[:, generation.added] + (c[:, generation.parent] if number else 0)
        e = mean[:, generation.added] + (e[:, generation.parent] if number else 0)
        fresh = np.flatnonzero(generation.fresh)
        ratio, start, end = np.zeros(len(fresh)), np.zeros(len(fresh), int), np.zeros(len(fresh), int)
        for length in range(1, windows.longest + 1):
            late, early = windows.ends(length), windows.starts(length)
            inside, meant = c[late, fresh] - c[early, fresh], e[late, fresh] - e[early, fresh]
            wanted = (inside > meant) & (inside >= LEAST_CASES) if direction == "high" else inside < meant
            found = np.where(wanted, log_likelihood_ratio(inside, meant, total), 0.0)
            at = found.argmax(axis=0)
            value = found[at, np.arange(len(fresh))]
            better = value > ratio
            ratio = np.where(better, value, ratio)
            start = np.where(better, at + early.start, start)
            end = np.where(better, at + early.start + length, end)
        parts.append((ratio, np.full(len(fresh), number + 1), fresh, start, end))
    ratio, size, zone, start, end = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Best(ratio, size, zone, start, end)


class Replicates:
    """Searches replicates of one study: the expectations are theirs all, and are prepared once.

    Parameters
    ----------
    expected
        Shape (district, step); of every replicate the counts sum to `total`.
    total
        All cases.
    zones, windows, direction
        As for `search`.
    """

    def __init__(
        self, expected: Floats, total: int, zones: Zones, windows: Windows, direction: Direction
    ) -> None:
        self.zones, self.windows, self.direction, self.total = zones, windows, direction, total
        self._mean: list[npt.NDArray[np.float64]] = []
        mean, e = running(expected), np.empty(0)
        for number, generation in enumerate(zones.generations):
            e = mean[:, generation.added] + (e[:, generation.parent] if number else 0)
            self._mean.append(e)
        self._cut = np.inf
        self._bounds: list[list[Counts]] = []

    def largest(self, counts: npt.NDArray[np.integer]) -> Floats:
        """Return the largest ratio of each replicate.

        Parameters
        ----------
        counts
            Shape (replicate, district, step).

        Returns
        -------
        array, shape (replicate,)
        """
        out = np.zeros(len(counts))
        for start in range(0, len(counts), BATCH):
            block = slice(start, min(start + BATCH, len(counts)))
            left = np.arange(block.start, block.stop)
            if not np.isfinite(self._cut):
                self._start_from(counts[left[:4]])
            while len(left):
                found = self._above(counts[left])
                done = (found >= self._cut) | (self._cut <= 0)
                out[left[done]] = found[done]
                left = left[~done]
                if len(left):
                    self._set(0.0 if self._cut < 0.05 else self._cut * 0.7)
        return out

    def _start_from(self, counts: npt.NDArray[np.integer]) -> None:
        """Take as the first cut what every replicate is likely to pass: a little under the least of a few."""
        scaled = np.array([running(one) for one in counts.astype(np.float64)])
        best = np.zeros(len(counts))
        c = np.empty(0)
        for number, generation in enumerate(self.zones.generations[:8]):
            c = scaled[:, :, generation.added] + (c[:, :, generation.parent] if number else 0)
            for length in range(1, self.windows.longest + 1):
                late, early = self.windows.ends(length), self.windows.starts(length)
                inside, e = c[:, late] - c[:, early], self._mean[number]
                ratio = self._ratio(inside, np.broadcast_to(e[late] - e[early], inside.shape))
                best = np.maximum(best, ratio.max(axis=(1, 2)))
        self._set(float(best.min()) * 0.85)

    def _set(self, cut: float) -> None:
        """Work out the counts from which each cylinder may reach the cut."""
        self._cut = cut
        most = int(self.total)
        high = self.direction == "high"
        table = (largest_expected if high else least_expected)(cut, self.total, most)
        table = np.maximum.accumulate(table)
        self._bounds = []
        for generation, e in zip(self.zones.generations, self._mean, strict=True):
            fresh = np.flatnonzero(generation.fresh)
            bounds = []
            for length in range(1, self.windows.longest + 1):
                late, early = self.windows.ends(length), self.windows.starts(length)
                meant = e[late, fresh] - e[early, fresh]
                if high:
                    bound = np.maximum(np.searchsorted(table, meant, side="left"), LEAST_CASES)
                else:
                    bound = np.searchsorted(table, meant, side="right") - 1
                bounds.append(bound.astype(np.int32))
            self._bounds.append(bounds)

    def _above(self, counts: npt.NDArray[np.integer]) -> Floats:
        """Return the largest ratio of each replicate among those that reach the cut, 0 where none does."""
        best = np.zeros(len(counts))
        sums = running(counts.astype(np.int32))
        c: Counts = np.empty(0, dtype=np.int32)
        for number, generation in enumerate(self.zones.generations):
            more = sums[:, :, generation.added]
            c = np.asarray(more + c[:, :, generation.parent] if number else more, dtype=np.int32)
            fresh = np.flatnonzero(generation.fresh)
            seen = c if len(fresh) == len(generation) else c[:, :, fresh]
            e = self._mean[number]
            for length in range(1, self.windows.longest + 1):
                late, early = self.windows.ends(length), self.windows.starts(length)
                inside = seen[:, late] - seen[:, early]
                bound = self._bounds[number][length - 1]
                reached = inside >= bound if self.direction == "high" else inside <= bound
                if not reached.any():
                    continue
                replicate, step, zone = np.nonzero(reached)
                meant = (e[late, fresh] - e[early, fresh])[step, zone]
                ratio = self._ratio(inside[replicate, step, zone].astype(np.float64), meant)
                np.maximum.at(best, replicate, ratio)
        return best

    def _ratio(self, cases: Floats, expected: Floats) -> Floats:
        ratio = log_likelihood_ratio(cases, expected, float(self.total))
        wanted = (cases > expected) & (cases >= LEAST_CASES) if self.direction == "high" else cases < expected
        return np.where(wanted, ratio, 0.0)
