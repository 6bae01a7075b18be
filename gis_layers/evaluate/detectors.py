"""The detectors that are compared: our own half of the norm, the truth itself, and Farrington's regression."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..indicators.norm.farrington import Options, baseline, predict
from ..indicators.norm.series import Series
from ..indicators.norm.tails import heterogeneity_of, mid_p
from ..indicators.norm.walk import Walk
from .scenarios import Calendar

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Forecast:
    """A negative binomial for every cell judged, series × times: its mean, and its variance over the mean."""

    expected: Floats
    phi: Floats

    def tails(self, count: Floats) -> tuple[Floats, Floats]:
        """Return the mid-p of a rise and of a fall."""
        return mid_p(count, self.expected, heterogeneity_of(self.expected, self.phi))


def ours(count: Floats, calendar: Calendar) -> Forecast:
    """Return what the own half of the norm foretells of each judged row of invented series.

    Every series is an offence of its own, so that none learns from the runs beside it: they have the same season and
    trend, which no real district would tell another so exactly.
    """
    series, rows = count.shape
    alone = Series(
        count=count,
        usable=count,
        begin=np.zeros((series, rows), dtype=np.int32),
        outside=np.zeros((series, rows), dtype=bool),
        settling=np.zeros((series, rows), dtype=bool),
        offence=np.arange(series),
        status=np.zeros(series, dtype=np.intp),
        group=np.zeros((1, rows), dtype=np.intp),
        all_cards=np.zeros((1, rows)),
        calendar=np.arange(rows),
        incomplete=np.zeros(rows, dtype=bool),
        rows=calendar.rows,
    )
    found = Walk(alone).foretell(calendar.judged)[1]
    return Forecast(found.expected, found.phi)


def truth(mean: Floats, phi: Floats, calendar: Calendar) -> Forecast:
    """Return the forecast of one who knows μ and φ: no detector at the same level can do better for long."""
    known = mean[:, calendar.judged]
    return Forecast(known, np.broadcast_to(phi[:, None], known.shape))


MONTHLY = Options(years=5, half_window=1, seasons=5, skipped=2, method="nb", per_year=12)
"""Farrington's regression with Noufaily's improvements, for months."""


def farrington_ahead(count: Floats, judged: Ints, options: Options = MONTHLY) -> Forecast:
    """Return what Farrington's regression foretells, NaN where it lacks its years; trend as `surveillance` has it.

    Parameters
    ----------
    count
        Series × months; NaN is not used.
    judged
        Places of the months.
    """
    lags, level = baseline(options)
    seasonal = (level[:, None] == np.unique(level)[None, 1:]).astype(np.float64)
    columns = np.column_stack([np.ones(len(lags)), -lags / options.per_year, seasonal])
    expected, phi = (np.full((len(count), len(judged)), np.nan) for _ in range(2))
    now = np.zeros(columns.shape[1])
    now[0] = 1.0
    for place, at in enumerate(judged):
        if at < lags.max():
            continue
        past = count[:, at - lags]
        whole = (~np.isnan(past)).all(axis=1) & (np.nansum(past, axis=1) > 0)
        if not whole.any():
            continue
        trended = predict(past[whole], columns, now, options.threshold)
        plain = predict(past[whole], np.delete(columns, 1, axis=1), np.delete(now, 1), options.threshold)
        keep = trended.expected <= past[whole].max(axis=1)
        expected[whole, place] = np.where(keep, trended.expected, plain.expected)
        phi[whole, place] = np.where(keep, trended.phi, plain.phi)
    return Forecast(expected, phi)


def seasonal_naive(count: Floats, judged: Ints, *, rows: int = 12, errors: int = 36) -> Forecast:
    """Foretell last year's count, with a variance learnt from the misses of the years before.

    Parameters
    ----------
    count
        Series × months.
    judged
        Places of the months.
    rows
        Rows in a year.
    errors
        How many misses the variance is learnt from; under a third of them there is no forecast.
    """
    expected, phi = (np.full((len(count), len(judged)), np.nan) for _ in range(2))
    for place, at in enumerate(judged):
        first = at - errors
        if first < rows:
            continue
        mean = np.maximum(count[:, at - rows], 0.5)
        before = np.maximum(count[:, first - rows : at - rows], 0.5)
        missed = (count[:, first:at] - before) ** 2 / before
        known = (~np.isnan(missed)).sum(axis=1)
        enough = known >= errors // 3
        spread = np.where(enough, np.nansum(missed, axis=1) / np.maximum(known, 1), np.nan)
        expected[:, place] = np.where(enough, mean, np.nan)
        phi[:, place] = np.maximum(spread, 1.0)
    return Forecast(expected, phi)
