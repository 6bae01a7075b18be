"""Farrington's detector of outbreaks in one series, with Noufaily's improvements, as R `surveillance` defines it.

It is here for its reference numbers: it fits, reweights and takes tails by the same functions as the own half
of the norm (`fit_reweighted` and the negative binomial of `tails`), and its thresholds on salmonella.agona are
known from other software. The judging itself is :func:`gis_layers.indicators.norm.judge_own`.

For the method see Farrington, Andrews, Beale & Catchpole, JRSS A 159 (1996), and Noufaily, Enki, Farrington,
Garthwaite, Andrews & Charlett, Statistics in Medicine 32 (2013).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import stats

from .outbreaks import THRESHOLD, fit_reweighted
from .tails import upper_count

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_ENOUGH = 5.0
_ENOUGH_WITHIN = 4
"""An alarm needs five cases within four weeks."""


@dataclass(frozen=True)
class Options:
    """How the baseline is chosen and fitted.

    Parameters
    ----------
    years
        Years looked back over, b.
    half_window
        Weeks on each side of the same week of earlier years, w.
    seasons
        Parts of the year with a level of their own; 1 takes only the windows themselves.
    skipped
        Newest weeks left out, so that an outbreak under way does not hide itself.
    threshold
        Anscombe residual beyond which a past week is weighted down.
    trend_p
        The trend is kept where its p-value is below this; 1 keeps it always.
    method
        ``delta``: a normal interval on the two-thirds scale; ``nb``: a quantile of the negative binomial.
    alpha
        One-sided level.
    per_year
        Weeks in a year.
    """

    years: int = 4
    half_window: int = 3
    seasons: int = 10
    skipped: int = 26
    threshold: float = THRESHOLD
    trend_p: float = 1.0
    method: Literal["delta", "nb"] = "delta"
    alpha: float = 0.1
    per_year: int = 52


@dataclass(frozen=True)
class Alarms:
    """What the detector says of the weeks asked for."""

    upper: Floats
    alarm: Bools
    expected: Floats
    trend: Bools


def farrington(count: Floats, weeks: Sequence[int], options: Options | None = None) -> Alarms:
    """Judge weeks of a series, each from the weeks before it.

    Parameters
    ----------
    count
        Counts of consecutive weeks.
    weeks
        Places in `count` to judge, from 0; all are fitted at once.
    options
        How; Noufaily's by default.

    Returns
    -------
    Alarms
        The threshold of each week (0 where too few cases came lately for any alarm), and whether the count
        lies above it.

    Raises
    ------
    ValueError
        If a week has not the years before it that its baseline needs.
    """
    asked = options or Options()
    lags, level = baseline(asked)
    at = np.asarray(weeks)
    if at.min() < lags.max():
        raise ValueError(f"week {at.min()} needs {lags.max()} weeks before it")
    past = count[at[:, None] - lags[None, :]]
    seasonal = (level[:, None] == np.unique(level)[None, 1:]).astype(np.float64)
    when = -lags.astype(np.float64) / asked.per_year
    with_trend = np.column_stack([np.ones(len(lags)), when, seasonal])
    now = np.zeros((2, with_trend.shape[1]))
    now[:, 0] = 1.0
    trended = predict(past, with_trend, now[0], asked.threshold)
    plain_columns = np.delete(with_trend, 1, axis=1)
    plain = predict(past, plain_columns, np.delete(now[1], 1), asked.threshold)
    keep = trended.trend_p <= asked.trend_p
    keep &= trended.expected <= past.max(axis=1)
    expected = np.where(keep, trended.expected, plain.expected)
    variance = np.where(keep, trended.variance, plain.variance)
    phi = np.where(keep, trended.phi, plain.phi)
    if asked.method == "nb":
        upper = upper_count(expected, phi, alpha=asked.alpha)
    else:
        spread = np.sqrt(4 / 9 * np.cbrt(expected) * (phi + variance / expected))
        upper = np.maximum(np.cbrt(expected) ** 2 + stats.norm.isf(asked.alpha) * spread, 0) ** 1.5
    lately = np.array([count[max(week + 1 - _ENOUGH_WITHIN, 0) : week + 1].sum() for week in at])
    enough = lately >= _ENOUGH
    return Alarms(np.where(enough, upper, 0.0), enough & (count[at] > upper), expected, keep)


def baseline(options: Options) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return which weeks before the one judged are its baseline, as lags, and the part of the year of each.

    The window about the same week of each earlier year is part 0; the weeks between two windows are cut into
    `seasons` − 1 parts of nearly the same length, in order of time.

    Examples
    --------
    >>> lags, part = baseline(Options(years=1, half_window=1, seasons=1, skipped=1))
    >>> lags.tolist(), part.tolist()
    ([53, 52, 51], [0, 0, 0])
    """
    year, half = options.per_year, options.half_window
    lags = np.arange(options.years * year + half, options.skipped, -1)
    behind = (-lags - half - 1) % year  # weeks after the end of the window before
    inside = behind >= year - 2 * half - 1
    between = year - 2 * half - 1
    parts = max(options.seasons - 1, 1)
    part = np.where(inside, 0, 1 + np.minimum(behind * parts // between, parts - 1))
    kept = inside if options.seasons == 1 else np.ones(len(lags), dtype=bool)
    return lags[kept], part[kept]


@dataclass(frozen=True)
class Prediction:
    """What the baseline expects of the time judged, one a row: mean, its variance, φ, and the p-value of the trend."""

    expected: Floats
    variance: Floats
    phi: Floats
    trend_p: Floats


def predict(past: Floats, columns: Floats, now: Floats, threshold: float) -> Prediction:
    """Fit with past outbreaks weighted down, and predict the week judged.

    Parameters
    ----------
    past
        Counts of the baseline, one row a prediction; NaN is not used.
    columns
        Design of the baseline, and `now` that of the time judged.
    threshold
        Anscombe residual beyond which a time is weighted down.

    Notes
    -----
    `surveillance` takes two dispersions: Pearson's for the chance of a count, and that of the working residuals,
    Σω((y−μ)/μ)² over the degrees of freedom, for the error of the mean and of the trend. Its thresholds are
    met only with both.
    """
    fit, weight = fit_reweighted(past, columns, threshold=threshold)
    freedom = past.shape[1] - columns.shape[1]
    working = (weight * (past / fit.mean - 1) ** 2).sum(axis=1) / freedom
    expected = np.exp(fit.coef @ now)
    variance = expected**2 * working * np.einsum("p,npq,q->n", now, fit.covariance, now)
    slope = min(1, columns.shape[1] - 1)
    error = np.sqrt(working * fit.covariance[:, slope, slope])
    trend_p = 2 * stats.t.sf(np.abs(fit.coef[:, slope]) / error, freedom)
    return Prediction(expected, variance, fit.phi, trend_p)
