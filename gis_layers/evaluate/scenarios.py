"""The 42 invented series that detectors of outbreaks are compared on [Noufaily 2013], by week and by month.

Seven sets of parameters, with and without a trend, with none, one or two harmonics of season. The mean of week t is
log μ = θ + βt + Σⱼ (γ₁ cos 2πjt/52 + γ₂ sin 2πjt/52), the variance φμ. Outbreaks are put on top of a clean series: four
long past, which a detector must not learn from, and one in the last 49 weeks, which it must find.

By month the same rates have months for weeks (log μ + log(52/12), β·52/12, period 12), an outbreak is one month, and a
fall is three months of which some cards were never recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.intp]

SIZES = (3, 5, 7, 10)
"""Sizes of the outbreaks that are reported, in standard deviations of the clean series."""

KEPT = (0.75, 0.5, 0.25)
"""Shares of the cards that a fall keeps."""

FALL_MONTHS = 3

_SETS = np.array(
    [
        # θ     φ    β       γ₁    γ₂
        [0.1, 1.5, 0.0025, 0.6, 0.6],
        [-2.0, 2.0, 0.005, 0.1, 0.3],
        [1.5, 1.0, 0.003, 0.2, -0.4],
        [0.5, 5.0, 0.002, 0.5, 0.5],
        [2.5, 3.0, 0.001, 1.0, 0.1],
        [3.75, 1.1, 0.001, 0.1, -0.1],
        [5.0, 1.2, 0.0001, 0.05, 0.01],
    ]
)
_PAST_OUTBREAKS = 4


@dataclass(frozen=True)
class Scenario:
    """One of the 42: a set of parameters (1 to 7), its harmonics, and whether it has the trend."""

    number: int
    set: int
    harmonics: int
    trend: bool

    @property
    def name(self) -> str:
        """What a row of a table is called.

        Examples
        --------
        >>> scenarios()[0].name, scenarios()[-1].name
        ('set 1, level', 'set 7, 2 harmonics, trend')
        """
        parts = [f"set {self.set}"]
        if self.harmonics:
            parts.append(f"{self.harmonics} harmonic{'s' if self.harmonics > 1 else ''}")
        if self.trend:
            parts.append("trend")
        return ", ".join(parts) if len(parts) > 1 else f"{parts[0]}, level"

    @property
    def phi(self) -> float:
        """Variance over mean."""
        return float(_SETS[self.set - 1, 1])


def scenarios() -> list[Scenario]:
    """Return all 42.

    Examples
    --------
    >>> len(scenarios()), scenarios()[5]
    (42, Scenario(number=6, set=1, harmonics=2, trend=True))
    """
    return [
        Scenario(number, one, harmonics, trend)
        for number, (one, harmonics, trend) in enumerate(
            ((one, m, trend) for one in range(1, 8) for m in range(3) for trend in (False, True)), start=1
        )
    ]


@dataclass(frozen=True)
class Calendar:
    """How long the series are and where things happen in them, in rows (weeks or months) from 0.

    Parameters
    ----------
    rows
        Rows in a year.
    length
        Rows of a series.
    watched
        First row of those that are judged; they go to the end.
    past
        Rows in which the past outbreaks begin, from and up to (not included); none by month.
    starts
        Rows in which the outbreak to be found begins.
    """

    rows: int
    length: int
    watched: int
    past: tuple[int, int] | None
    starts: tuple[int, int]

    @property
    def judged(self) -> Ints:
        """The rows that are judged."""
        return np.arange(self.watched, self.length)


WEEKS = Calendar(rows=52, length=624, watched=575, past=(312, 575), starts=(575, 620))
MONTHS = Calendar(rows=12, length=144, watched=132, past=None, starts=(132, 144))


def mean_of(scenario: Scenario, calendar: Calendar) -> Floats:
    """Return μ of every row.

    Examples
    --------
    >>> mean_of(scenarios()[0], WEEKS)[:2].round(3).tolist(), mean_of(scenarios()[0], MONTHS)[:1].round(3).tolist()
    ([1.105, 1.105], [4.789])
    """
    theta, _, beta, gamma1, gamma2 = _SETS[scenario.set - 1]
    per_row = 52 / calendar.rows
    time = np.arange(1, calendar.length + 1, dtype=np.float64)
    log_mean = np.full(calendar.length, theta) + np.log(per_row) + scenario.trend * beta * per_row * time
    for wave in range(1, scenario.harmonics + 1):
        angle = 2 * np.pi * wave * time / calendar.rows
        log_mean += gamma1 * np.cos(angle) + gamma2 * np.sin(angle)
    found: Floats = np.exp(log_mean)
    return found


@dataclass(frozen=True)
class Draws:
    """Some runs of every scenario; n series, t rows, in the order run by run, scenario by scenario within a run.

    Parameters
    ----------
    calendar
        By week or by month.
    scenario
        Number of each series' scenario, from 1.
    mean, phi
        The truth: n × t and n.
    clean
        Counts without anything in them, n × t.
    seed, runs
        What they were drawn from.
    """

    calendar: Calendar
    scenario: Ints
    mean: Floats
    phi: Floats
    clean: Floats
    seed: int
    runs: tuple[int, ...]

    @cached_property
    def spread(self) -> Floats:
        """Standard deviation of each clean series as a whole, n."""
        found: Floats = self.clean.std(axis=1, ddof=1)
        return found

    def with_outbreaks(self, size: float) -> tuple[Floats, Bools]:
        """Put outbreaks on the clean series.

        Parameters
        ----------
        size
            k: the cards of an outbreak are Poisson with k standard deviations as their mean.

        Returns
        -------
        (array, array)
            Counts n × t, and which of the judged rows have cards of the outbreak to be found.
        """
        parts = [self._one_with_outbreaks(place, size) for place in range(len(self.runs))]
        count, last = (np.concatenate(part) for part in zip(*parts, strict=True))
        return count, last[:, self.calendar.watched :] > 0

    def _one_with_outbreaks(self, place: int, size: float) -> tuple[Floats, Floats]:
        """Return the counts of one run, and of the outbreak to be found alone."""
        calendar, rows = self.calendar, slice(42 * place, 42 * (place + 1))
        rng = np.random.default_rng([self.seed, calendar.rows, self.runs[place], 1, round(size * 100)])
        clean, spread = self.clean[rows], self.spread[rows]
        last = np.zeros_like(clean)
        if calendar.past is None:
            series = np.arange(len(clean))
            at = rng.integers(*calendar.starts, len(clean))
            sd = np.sqrt(self.phi[rows] * self.mean[rows][series, at])  # of the month itself
            last[series, at] = rng.poisson(size * sd)
            return clean + last, last
        past = np.zeros_like(clean)
        for _ in range(_PAST_OUTBREAKS):
            # cards dated after the end of the past are left out: they would stand among the weeks judged
            _spread(rng, past, rng.integers(*calendar.past, len(clean)), size * spread, calendar.watched)
        _spread(rng, last, rng.integers(*calendar.starts, len(clean)), size * spread, calendar.length)
        return clean + past + last, last

    def with_falls(self, kept: float) -> tuple[Floats, Bools]:
        """Lose cards of three months: each card is kept with probability `kept`.

        Returns
        -------
        (array, array)
            Counts n × t, and which of the judged rows lost cards.
        """
        calendar = self.calendar
        first, thinned = [], []
        for place, run in enumerate(self.runs):
            rng = np.random.default_rng([self.seed, calendar.rows, run, 2, round(kept * 100)])
            first.append(rng.integers(calendar.watched, calendar.length - FALL_MONTHS + 1, 42))
            thinned.append(rng.binomial(self.clean[42 * place : 42 * (place + 1)].astype(np.int64), kept))
        begin, row = np.concatenate(first)[:, None], np.arange(calendar.length)[None, :]
        inside = (row >= begin) & (row < begin + FALL_MONTHS)
        return np.where(inside, np.concatenate(thinned), self.clean), inside[:, calendar.watched :]


def draw(calendar: Calendar, runs: Sequence[int], *, seed: int = 1) -> Draws:
    """Draw runs of all scenarios; a run is the same in whatever company it is drawn.

    Parameters
    ----------
    calendar
        `WEEKS` or `MONTHS`.
    runs
        Numbers of the runs.
    seed
        Of everything.

    Examples
    --------
    >>> two = draw(WEEKS, [0, 1])
    >>> two.clean.shape, bool((draw(WEEKS, [1]).clean == two.clean[42:]).all())
    ((84, 624), True)
    """
    known = scenarios()
    mean = np.stack([mean_of(one, calendar) for one in known])
    phi = np.array([one.phi for one in known])
    counts = []
    for run in runs:
        rng = np.random.default_rng([seed, calendar.rows, run])
        wide = phi[:, None] > 1
        size = np.where(wide, mean / np.where(wide, phi[:, None] - 1, 1.0), 1.0)
        rate = np.where(wide, rng.gamma(size) * np.where(wide, phi[:, None] - 1, 1.0), mean)
        counts.append(rng.poisson(rate))
    clean = np.concatenate(counts).astype(np.float64)
    number = np.array([one.number for one in known])
    return Draws(
        calendar, np.tile(number, len(runs)), np.tile(mean, (len(runs), 1)), np.tile(phi, len(runs)), clean,
        seed, tuple(runs),
    )  # fmt: skip


def _spread(rng: np.random.Generator, added: Floats, start: Ints, mean: Floats, end: int) -> None:
    """Add the cards of one outbreak to each series, dated by a lognormal delay in whole weeks."""
    cards = rng.poisson(mean)
    series = np.repeat(np.arange(len(start)), cards)
    at = start[series] + np.floor(rng.lognormal(0.0, 0.5, len(series))).astype(np.intp)
    inside = at < end
    np.add.at(added, (series[inside], at[inside]), 1.0)
