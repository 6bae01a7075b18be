"""The space-time scan: which districts, over which months, had more cases (or fewer) than chance would give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from ...errors import UsageError, Where
from .expected import margin_expected
from .inference import Null
from .replicates import Counts, overdispersed_replicates, permuted_replicates, poisson_replicates
from .search import Best, Direction, Replicates, Windows, search
from .zones import Zones

Floats = npt.NDArray[np.float64]
Model: TypeAlias = Literal["poisson", "permutation", "overdispersed"]

REPLICATES = 999

ROUND = 24
"""Replicates made and searched before looking whether to go on."""

MOST_TIME = 0.5
"""Share of the study period that a cluster may last."""


@dataclass(frozen=True)
class Cluster:
    """A zone and a span of steps with too many cases for chance, or too few.

    Parameters
    ----------
    districts
        Numbers of its districts, from the centre on.
    start, end
        First step, and the one after the last.
    direction
        ``high`` or ``low``.
    count, expected
        Cases in it, and those expected.
    ratio
        Log likelihood ratio.
    p_value
        Rank among replicates, or the Gumbel tail where the rank is too coarse.
    p_monte_carlo, p_gumbel
        Both of them.
    """

    districts: tuple[int, ...]
    start: int
    end: int
    direction: Direction
    count: int
    expected: float
    ratio: float
    p_value: float
    p_monte_carlo: float
    p_gumbel: float

    def recurrence(self, years_between: float) -> float:
        """Return the years in which chance alone gives one such cluster, if a scan is made every so often.

        Examples
        --------
        >>> Cluster((0,), 3, 4, "high", 9, 2.0, 6.5, 0.01, 0.01, 0.008).recurrence(1 / 12)
        8.333333333333332
        """
        return years_between / self.p_value if self.p_value > 0 else np.inf


@dataclass(frozen=True, eq=False)
class Scan:
    """What a scan found.

    Parameters
    ----------
    clusters
        The most likely first; no two share a district.
    null
        The largest ratios of the replicates.
    zones
        Number of different zones tried.
    """

    clusters: tuple[Cluster, ...]
    null: Null
    zones: int


def scan(
    count: npt.ArrayLike,
    zones: Zones,
    *,
    rng: np.random.Generator,
    expected: npt.ArrayLike | None = None,
    variance: npt.ArrayLike | None = None,
    model: Model = "overdispersed",
    direction: Direction = "high",
    prospective: bool = False,
    longest: int | None = None,
    replicates: int = REPLICATES,
    stop_after: int | None = None,
    most: int = 10,
    drawn: list[Counts] | None = None,
) -> Scan:
    """Scan districts × steps for clusters.

    Parameters
    ----------
    count
        Cases, shape (district, step), whole numbers.
    zones
        What is tried: `circular_zones` or `flexible_zones`.
    rng
        Source of the replicates.
    expected
        Shape (district, step): residents, or the norm; covariates are in it. Scaled to the sum of the counts. None, and
        the permutation model, take district total × step total / total.
    variance
        Of each count, for the overdispersed model; in the unit of `expected` before it is scaled.
    model
        ``overdispersed``: negative binomial replicates, the one for real counts. ``poisson``: independent cards, for
        comparison with other software. ``permutation``: dates dealt anew among the cards.
    direction
        ``high`` or ``low``.
    prospective
        Only clusters that still last in the last step.
    longest
        Most steps in a cluster; None is half of the period, at least one.
    replicates
        How many; 0 gives ratios without p.
    stop_after
        Stop when so many replicates have passed the best cluster: it is nothing then, and more would only say how much
        nothing [Besag & Clifford 1991]. None never stops.
    most
        Most clusters returned.
    drawn
        Replicates that an earlier scan of the same counts and model made: this one takes them, and adds what it makes.

    Returns
    -------
    Scan
        Without clusters if nothing was counted or expected, there is one district, or one step only: then there is
        nothing to compare with.

    Raises
    ------
    UsageError
        If counts are missing, negative or not whole, shapes differ, or the overdispersed model has no variance.

    Notes
    -----
    Kulldorff 1997 and 2001, Kulldorff et al. 2005 (permutation). The cap on zones is on expected cases.

    Examples
    --------
    >>> import numpy as np
    >>> from gis_layers.places.clusters import circular_zones, scan
    >>> count = np.random.default_rng(1).poisson(5, (20, 12))
    >>> count[:3, 8:] += 6
    >>> far = abs(np.arange(20.0)[:, None] - np.arange(20.0))
    >>> mean = np.full(count.shape, 5.0)
    >>> found = scan(count, circular_zones(far, mean.sum(axis=1)), rng=np.random.default_rng(2),
    ...              expected=mean, variance=1.2 * mean, replicates=99)
    >>> best = found.clusters[0]
    >>> sorted(best.districts), best.start, best.end, best.p_monte_carlo
    ([0, 1, 2], 8, 12, 0.01)
    """
    cases = _counts(count, zones)
    steps = cases.shape[1]
    total = int(cases.sum())
    nothing = Scan((), Null(np.empty(0)), len(zones))
    if total == 0 or len(cases) < 2 or steps < 2 or not zones.generations:
        return nothing
    if model == "permutation" or expected is None:
        mean, factor = margin_expected(cases), 1.0
    else:
        mean = _figures(expected, cases.shape, "expected")
        if mean.sum() <= 0:
            return nothing
        factor = total / float(mean.sum())
        mean = mean * factor
    spread = None
    if model == "overdispersed":
        if variance is None:
            raise UsageError(
                "the overdispersed model needs the variance of each count",
                Where(key="variance"),
                remedy="pass dispersion × expected, or the norm's variance",
            )
        # φE scales as E does; the part that grows with E² as its square. Both do for a factor near one.
        spread = _figures(variance, cases.shape, "variance") * factor
    windows = Windows(steps, min(longest or max(int(steps * MOST_TIME), 1), steps), prospective)
    best = search(cases, mean, zones, windows, direction)
    if not (best.ratio > 0).any():
        return nothing
    searcher = Replicates(mean, total, zones, windows, direction)
    top = float(best.ratio.max())
    rounds = [] if drawn is None else drawn
    largest: list[Floats] = []
    done = above = 0
    while done < replicates and not (stop_after is not None and above >= stop_after):
        times = min(ROUND, replicates - done)
        if len(largest) == len(rounds):
            if model == "permutation":
                rounds.append(permuted_replicates(cases, times, rng))
            elif spread is None:
                rounds.append(poisson_replicates(mean, total, times, rng))
            else:
                rounds.append(overdispersed_replicates(mean, spread, total, times, rng))
        largest.append(searcher.largest(rounds[len(largest)]))
        above += int((largest[-1] >= top).sum())
        done += times
    null = Null(np.concatenate(largest) if largest else np.empty(0))
    return Scan(_apart(best, zones, null, cases, mean, direction, most), null, len(zones))


def _apart(
    best: Best, zones: Zones, null: Null, cases: npt.NDArray[np.int64], mean: Floats, direction: Direction,
    most: int,
) -> tuple[Cluster, ...]:  # fmt: skip
    """Return the most likely clusters of which no two share a district."""
    taken: set[int] = set()
    found: list[Cluster] = []
    for at in np.argsort(-best.ratio, kind="stable").tolist():
        if len(found) == most or best.ratio[at] <= 0:
            break
        members = zones.members(int(best.size[at]), int(best.zone[at]))
        if taken & set(members):
            continue
        taken |= set(members)
        start, end = int(best.start[at]), int(best.end[at])
        ratio = float(best.ratio[at])
        p, rank, tail = (
            (float(of([ratio])[0]) for of in (null.p, null.monte_carlo, null.gumbel))
            if len(null.largest)
            else (np.nan,) * 3
        )
        found.append(
            Cluster(
                tuple(members), start, end, direction, int(cases[members, start:end].sum()),
                float(mean[members, start:end].sum()), ratio, p, rank, tail,
            )
        )  # fmt: skip
    return tuple(found)


def _counts(count: npt.ArrayLike, zones: Zones) -> npt.NDArray[np.int64]:
    cases = np.asarray(count, dtype=np.float64)
    if cases.ndim != 2 or len(cases) != zones.districts:
        raise UsageError(
            "the counts are not those of the zones",
            Where(key="count", value=cases.shape),
            remedy=f"pass {zones.districts} districts × steps",
        )
    wrong = ~np.isfinite(cases) | (cases < 0) | (cases != np.floor(cases))
    if wrong.any():
        raise UsageError(
            "a scan needs whole counts everywhere",
            Where(key="count", value=cases[wrong][0]),
            remedy="leave out the districts or steps without counts",
        )
    return cases.astype(np.int64)


def _figures(values: npt.ArrayLike, shape: tuple[int, ...], name: str) -> Floats:
    figures = np.asarray(values, dtype=np.float64)
    if figures.shape != shape or not np.isfinite(figures).all() or (figures < 0).any():
        raise UsageError(
            f"{name} must be known and not negative wherever there is a count",
            Where(key=name, value=figures.shape if figures.shape != shape else float(np.nanmin(figures))),
        )
    return figures
