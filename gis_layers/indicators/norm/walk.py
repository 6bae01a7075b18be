"""What every month's past lets expect of it, month after month, and how far such expectations have missed.

A verdict on a month takes the errors of the 48 months before, each made from the data before it. So the expected counts
of those months are made too, also where only the newest month is asked for.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .dispersion import WINDOW as ERRORS
from .dispersion import Errors, phi_of
from .growth import growth_of
from .level import FAINT, HALF_LIFE, LEFT_OUT, Past, level_of
from .level import WINDOW as LEVEL_WINDOW
from .season import YEARS, fit_seasons
from .series import Series
from .wander import wander_of

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

WHOLE = 36
"""Months of history from which a series has its own season."""

SHORT = 24
"""Months of history from which a series is judged, with the season of its group."""

THREADS = min(4, os.cpu_count() or 1)
"""Months do not wait for each other; numpy works without the interpreter's lock, and no sum changes its order."""

TRIED = 18
"""Months of history from which errors are noted, so that the first verdicts have a φ."""


@dataclass(frozen=True)
class Foretold:
    """What was foretold, series × months asked for.

    Parameters
    ----------
    count, expected
        What came in the month, or in the months up to it that are pooled, and what was expected.
    phi
        Variance over mean of the prediction, not cut at 1.
    """

    count: Floats
    expected: Floats
    phi: Floats


class Walk:
    """Foretells months from the data before each, and keeps what it expected for the months after.

    Parameters
    ----------
    series
        All series.
    """

    def __init__(self, series: Series) -> None:
        self.series = series
        self._past = _Sums.of(series)
        self._made = np.full((len(series.count), len(series.calendar)), np.nan)
        self._done = np.zeros(len(series.calendar), dtype=bool)
        self._fitted: _Shape | None = None

    def recall(self, months: Ints, made: Floats) -> None:
        """Take what was expected of months when they were judged, series × months, in place of working it out."""
        self._made[:, months] = made
        self._done[months] = True

    def _shape(self, at: int) -> _Shape | None:
        """Return season and growth for a row: fitted for each month anew, and for weeks once a quarter."""
        known = at + self.series.in_rows(-LEFT_OUT) >= 1
        if self.series.rows <= 12:
            return _shape_of(self.series, at, 1) if known else None
        ahead = self.series.rows // 4
        start = at - at % ahead
        if self._fitted is None or self._fitted.at != start:
            known = start + self.series.in_rows(-LEFT_OUT) >= 1
            ahead = min(ahead, len(self.series.calendar) - start)
            self._fitted = _shape_of(self.series, start, ahead) if known else None
        return self._fitted

    def made(self, months: Ints) -> Floats:
        """Return what was expected of months that have been foretold, series × months."""
        return self._made[:, months]

    def foretell(self, asked: Ints, *, widths: tuple[int, ...] = (1,)) -> dict[int, Foretold]:
        """Foretell every month asked for.

        Parameters
        ----------
        asked
            Places of the months.
        widths
            How many months up to the one asked for are taken together, 1 being the month alone.

        Returns
        -------
        dict
            By width; NaN where a month has not the history to be judged.
        """
        series = self.series
        errors = max(series.in_rows(ERRORS), 12)
        reach = errors + max(widths) - 1
        needed = {back for at in asked for back in range(max(at - reach, 0), at + 1)}
        missing = [back for back in sorted(needed) if not self._done[back]]
        # rows of a quarter's weeks share a fit, so they are taken one after the other
        with ThreadPoolExecutor(THREADS if series.rows <= 12 else 1) as threads:
            expected = threads.map(
                lambda back: _expected(series, back, self._past, self._shape(back)), missing
            )
            for back, made in zip(missing, expected, strict=True):
                self._made[:, back] = made
        self._done[missing] = True
        history = np.zeros((len(series.count), len(asked)), dtype=np.intp)
        for place, at in enumerate(asked):
            history[:, place] = self._past.months(series.begin[:, at], at)
        judged = history >= max(series.in_rows(SHORT), 1)
        found = {}
        alone = _foretold(series, self._made, asked, 1, errors)
        for width in widths:
            told = alone if width == 1 else _foretold(series, self._made, asked, width, errors)
            # a level that errs, errs for months: pooled errors say how much; the month's own φ is the least
            phi = np.fmax(told.phi, alone.phi)
            found[width] = Foretold(
                told.count, np.where(judged, told.expected, np.nan), np.where(judged, phi, np.nan)
            )
        return found


def _foretold(series: Series, made: Floats, asked: Ints, width: int, errors: int) -> Foretold:
    """Pool counts and expected counts over `width` months, and measure φ on the errors before."""
    count, expected, phi = (np.full((len(made), len(asked)), np.nan) for _ in range(3))
    if not len(asked):
        return Foretold(count, expected, phi)
    start, stop = max(int(asked.min()) - errors - width + 1, 0), max(int(asked.max()) + 1 - width, 0)
    # errors of neighbouring months are nearly the same, so all are worked out at once
    past = Errors.of(_moving(series.usable[:, start:stop], width), _moving(made[:, start:stop], width))

    def pool(place: int) -> None:
        at = int(asked[place])
        if at + 1 < width:
            return
        count[:, place] = series.count[:, at + 1 - width : at + 1].sum(axis=1)
        expected[:, place] = made[:, at + 1 - width : at + 1].sum(axis=1)
        # errors of months that do not overlap with those judged, so that a rise does not excuse itself
        first = max(at - errors - width + 1, 0)
        rows = np.arange(first, max(at + 2 - 2 * width, first))  # where the months taken together begin
        inside = rows[None, :] >= series.begin[:, at][:, None]
        window = past.within(slice(first - start, first - start + len(rows)), inside)
        phi[:, place] = phi_of(window, series.offence, overlap=width)

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(pool, range(len(asked))))
    return Foretold(count, expected, phi)


def _moving(values: Floats, width: int) -> Floats:
    """Return sums of `width` neighbouring columns."""
    if width == 1:
        return values
    if values.shape[1] < width:
        return np.full((len(values), 0), np.nan)
    total: Floats = np.lib.stride_tricks.sliding_window_view(values, width, axis=1).sum(axis=2)
    return total


@dataclass(frozen=True)
class _Sums:
    """Running sums of all before each month: cards and months of each series, all cards of each district."""

    cards: Floats
    known: Floats
    all_cards: Floats

    @staticmethod
    def of(series: Series) -> _Sums:
        known = ~np.isnan(series.usable)
        return _Sums(
            _running(np.where(known, series.usable, 0.0)),
            _running(known.astype(np.float64)),
            _running(series.all_cards),
        )

    def months(self, begin: npt.NDArray[np.int32], end: int) -> Floats:
        return _between(self.known, begin, end)


def _running(values: Floats) -> Floats:
    out = np.zeros((len(values), values.shape[1] + 1))
    np.cumsum(values, axis=1, out=out[:, 1:])
    return out


def _between(sums: Floats, begin: npt.NDArray[np.int32], end: int) -> Floats:
    found: Floats = sums[:, end] - sums[np.arange(len(sums)), np.minimum(begin, end)]
    return found


@dataclass(frozen=True)
class _Shape:
    """Season and growth of every series as known before row `at`, from row `first` on and some rows beyond `at`."""

    at: int
    first: int
    group: Floats
    district: Floats
    growth: Floats


def _shape_of(series: Series, at: int, ahead: int) -> _Shape:
    rows = series.rows
    end = at + series.in_rows(-LEFT_OUT)  # a quarter is left out whole
    first = max(end - YEARS * rows, 0)
    begin = series.begin[:, at]
    inside = np.arange(first, end)[None, :] >= begin[:, None]
    count = np.where(inside, series.usable[:, first:end], np.nan)
    growth = growth_of(count, rows=rows, offence=series.offence, status=series.status)
    age = (series.calendar[at] - series.calendar[first:end]) / rows
    seasons = fit_seasons(
        count, series.calendar[first:end], series.calendar[first : at + ahead],
        offence=series.offence, status=series.status, group=series.groups(at), rows=rows,
        path=np.exp(-growth[:, None] * age),  # what the level was, over what it is
    )  # fmt: skip
    return _Shape(at, first, seasons.group, seasons.district, growth)


def _expected(series: Series, at: int, past: _Sums, shape: _Shape | None) -> Floats:
    """Return what the months before `at` let expect of it, by series; NaN under the least history."""
    rows = series.rows
    end = at + series.in_rows(-LEFT_OUT)
    begin = series.begin[:, at]
    history = past.months(begin, at)
    tried = history >= max(series.in_rows(TRIED), 1)
    if shape is None or not tried.any():
        return np.full(len(series.count), np.nan)
    first = shape.first
    window = min(max(series.in_rows(LEVEL_WINDOW), 12), end - first)
    inside = np.arange(first, end)[None, :] >= begin[:, None]
    count = np.where(inside, series.usable[:, first:end], np.nan)
    silent = series.outside[:, at] | series.settling[:, at]
    season = np.where((history >= series.in_rows(WHOLE))[:, None], shape.district, shape.group)
    age = (series.calendar[at] - series.calendar[first:end]) / rows
    exposed = season[:, : end - first] * np.exp(-shape.growth[:, None] * age)
    usual = _usual(series, _between(past.cards, begin, end), past.months(begin, end), past.all_cards[:, end])
    line = wander_of(count, exposed, rows=rows, offence=series.offence)
    long_run = (line.cards + FAINT) / (line.due + FAINT / usual)
    level = level_of(
        Past(count[:, -window:], exposed[:, -window:], long_run),
        half_life=max(HALF_LIFE * rows / 12, 1.0), drift=1 / line.variance,
    )  # fmt: skip
    return np.where(tried & ~silent, level * season[:, at - first], np.nan)


def _usual(series: Series, cards: Floats, months: Floats, all_cards: Floats) -> Floats:
    """Return what a series would have in a month had it its share of the cards of its status."""
    number = series.offence * (int(series.status.max()) + 1) + series.status
    share = np.tile(all_cards + 1.0, len(series.count) // len(all_cards))
    total, weight = np.bincount(number, cards), np.bincount(number, months * share)
    rate = np.divide(total + 0.5, weight, out=np.full_like(total, 1e-9), where=weight > 0)
    usual: Floats = rate[number] * share
    return usual
