"""The search itself: the best cylinder of the real counts, and the largest ratio of many replicates.

Of a replicate only the largest ratio matters. So a count is compared with the number from which it could reach a cut
at all, one integer comparison, and logarithms are taken of the few that do. The cut is raised as larger ratios turn up
elsewhere; it never hides one, because a replicate without any above the cut is searched again below it.
"""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from .likelihood import largest_expected, least_expected, log_likelihood_ratio
from .zones import Zones

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Direction: TypeAlias = Literal["high", "low"]

LEAST_CASES = 2
"""Cases in a cylinder with a high rate, as in SaTScan."""

BATCH = 6
"""Replicates searched side by side: more do not fit into a processor's cache."""

THREADS = min(4, os.cpu_count() or 1)

LOWEST_CUT = 0.05
"""A cut below this is not lowered further but dropped."""


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


def running(table: npt.ArrayLike) -> npt.NDArray[Any]:
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
    c: Floats = np.empty(0)
    e: Floats = np.empty(0)
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
        # Differences of wrapped sums are right as long as no difference itself is too large.
        self._kind: np.dtype[Any] = np.dtype(np.uint16 if total < 1 << 16 else np.int32)
        self._mean: list[Floats] = []
        self._fresh = [np.flatnonzero(generation.fresh) for generation in zones.generations]
        mean = running(expected)
        e: Floats = np.empty(0)
        for number, generation in enumerate(zones.generations):
            e = mean[:, generation.added] + (e[:, generation.parent] if number else 0)
            self._mean.append(e)
        self._bounds: _Bounds | None = None

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
        if not len(counts):
            return np.zeros(0)
        if self._bounds is None:
            first = counts[:BATCH]
            found = self._all(first, self._bounds_at(self._guess(first[:4])))
            # High enough that few cylinders reach it, low enough that few replicates have none.
            self._bounds = self._bounds_at(float(np.quantile(found, 0.1)))
        return self._all(counts, self._bounds)

    def _all(self, counts: npt.NDArray[np.integer], bounds: _Bounds) -> Floats:
        """Search batches side by side; those without any cylinder above the cut again, below it."""
        blocks = [counts[start : start + BATCH] for start in range(0, len(counts), BATCH)]
        with ThreadPoolExecutor(THREADS) as threads:
            out = np.concatenate(list(threads.map(lambda block: self._above(block, bounds), blocks)))
        left = np.flatnonzero(out < bounds.cut)
        if len(left) and bounds.cut > 0:
            lower = self._bounds_at(0.0 if bounds.cut < LOWEST_CUT else bounds.cut * 0.6)
            out[left] = self._all(counts[left], lower)
        return out

    def _guess(self, counts: npt.NDArray[np.integer]) -> float:
        """Return a little under the least of the largest ratios of a few replicates, among small zones."""
        sums = running(counts.astype(np.float64))
        best = np.zeros(len(counts))
        c: Floats = np.empty(0)
        for number, generation in enumerate(self.zones.generations[:4]):
            c = sums[:, :, generation.added] + (c[:, :, generation.parent] if number else 0)
            for length in range(1, self.windows.longest + 1):
                late, early = self.windows.ends(length), self.windows.starts(length)
                inside, e = c[:, late] - c[:, early], self._mean[number]
                ratio = self._ratio(inside, np.broadcast_to(e[late] - e[early], inside.shape))
                best = np.maximum(best, ratio.max(axis=(1, 2)))
        return float(best.min()) * 0.9

    def _bounds_at(self, cut: float) -> _Bounds:
        """Work out the counts from which each cylinder may reach the cut."""
        high = self.direction == "high"
        late, early = self.windows.ends(self.windows.longest), self.windows.starts(self.windows.longest)
        widest = max(float((e[late] - e[early]).max()) for e in self._mean)
        # No count beyond this decides anything: at the widest cylinder it already passes the cut.
        most = (
            math.ceil(widest + 3 * math.sqrt(2 * cut * widest) + 3 * cut + 10)
            if high
            else math.ceil(widest) + 1
        )
        table = (largest_expected if high else least_expected)(cut, self.total, min(most, self.total))
        if high and most < self.total and table[-1] < widest:
            table = largest_expected(cut, self.total, self.total)
        table = np.maximum.accumulate(table)
        made = []
        for fresh, e in zip(self._fresh, self._mean, strict=True):
            of = []
            for length in range(1, self.windows.longest + 1):
                late, early = self.windows.ends(length), self.windows.starts(length)
                meant = e[late, fresh] - e[early, fresh]
                if high:
                    bound = np.maximum(np.searchsorted(table, meant, side="left"), LEAST_CASES)
                    bound = np.minimum(bound, np.iinfo(self._kind).max)
                else:
                    # One more than the largest count that reaches it, so that none is 0 and not below.
                    bound = np.searchsorted(table, meant, side="right")
                of.append(bound.astype(self._kind))
            made.append(of)
        return _Bounds(cut, made)

    def _above(self, counts: npt.NDArray[np.integer], bounds: _Bounds) -> Floats:
        """Return the largest ratio of each replicate among those that reach the cut, 0 where none does."""
        best = np.zeros(len(counts))
        sums = running(counts).astype(self._kind)
        widest = max(len(fresh) for fresh in self._fresh)
        room = len(counts) * self.windows.steps * widest
        # Asked for once: giving memory back and asking again costs more than the sums.
        difference, flags = np.empty(room, dtype=self._kind), np.empty(room, dtype=bool)
        c = sums[:, :, :0]
        for number, generation in enumerate(self.zones.generations):
            more = sums[:, :, generation.added]
            c = more + c[:, :, generation.parent] if number else more
            fresh, e = self._fresh[number], self._mean[number]
            seen = c if len(fresh) == len(generation) else c[:, :, fresh]
            for length in range(1, self.windows.longest + 1):
                late, early = self.windows.ends(length), self.windows.starts(length)
                shape = (len(counts), late.stop - late.start, len(fresh))
                inside = difference[: math.prod(shape)].reshape(shape)
                reached = flags[: math.prod(shape)].reshape(shape)
                np.subtract(seen[:, late], seen[:, early], out=inside)
                bound = bounds.of[number][length - 1]
                (np.greater_equal if self.direction == "high" else np.less)(inside, bound, out=reached)
                hits = np.flatnonzero(reached)
                if not len(hits):
                    continue
                replicate, cylinder = np.divmod(hits, shape[1] * shape[2])
                step, zone = np.divmod(cylinder, shape[2])
                meant = e[late.start + step, fresh[zone]] - e[early.start + step, fresh[zone]]
                ratio = self._ratio(inside.ravel()[hits].astype(np.float64), meant)
                np.maximum.at(best, replicate, ratio)
        return best

    def _ratio(self, cases: Floats, expected: Floats) -> Floats:
        ratio = log_likelihood_ratio(cases, expected, float(self.total))
        wanted = (cases > expected) & (cases >= LEAST_CASES) if self.direction == "high" else cases < expected
        return np.where(wanted, ratio, 0.0)


@dataclass(frozen=True, eq=False)
class _Bounds:
    """For each generation and length, the count from which (under which) a cylinder may reach the cut."""

    cut: float
    of: list[list[npt.NDArray[np.integer]]]
