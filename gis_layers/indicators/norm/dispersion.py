"""How far counts fell from what was expected of them beforehand: φ, the variance over the mean of a prediction.

It is measured on walk-forward errors alone. The dispersion of a fit is too small, because a fit has seen what it
is tested on: on London it covered 43, 71 and 89 % where 50, 80 and 95 were meant.

Each series has the winsorised mean of (Y − μ)²/μ over its last errors, those of outbreaks and falls weighted down as
the level weights them, shrunk to what the offence shows at its
size: φ(μ) = a + bμ, because a level that drifts adds to the variance in proportion to μ².
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
from scipy import special

from .outbreaks import THRESHOLD, anscombe, counts_within, reweight

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]

WINDOW = 48
"""Errors that φ is measured on: with 36 its own noise costs false alarms."""

CUT = 2.0
"""Anscombe residual at which an error, of either sign, is cut off: outbreaks and falls must not blind the next three
years to others. What the cut leaves of a normal's variance is put right."""

CUT_OF_RARE = 2.58
"""The same where hardly anything is expected: there a second card is no outbreak yet."""

FAR_OF_RARE = 0.5
"""An error beyond the threshold of outbreaks hardly counts at all: it is no measure of the rest. Where hardly anything
is expected the threshold is higher by this, or the long tail of a rare series would be taken for outbreaks."""

TOGETHER = 2.0
"""A month counts less where the middle error of its offence is more than so many times that of the middle month."""

_RARE = 3.0
_LEAST_TOLD = 1.0
_DISTRICTS = 8
_MONTHS = 12
_ROUNDS = 5
_FIRST_GUESS = 2.0
_LEAST_MEAN = 1e-6


@dataclass(frozen=True)
class Errors:
    """Past errors and what of them does not hang on φ, series × months: worked out once for all months judged.

    Parameters
    ----------
    known
        Which errors are there.
    mean, root
        What had been expected, and its root.
    square
        (Y − μ)²/μ.
    residual
        Size of the Anscombe residual were φ 1, and in `above` whether more came than expected.
    cut, left
        See :func:`cut_at`.
    far, kept
        Residual beyond which an error hardly counts, and the share of a normal's variance that is left if none does.
    """

    known: Bools
    mean: Floats
    root: Floats
    square: Floats
    residual: Floats
    above: Bools
    cut: Floats
    left: Floats
    far: Floats
    kept: Floats

    @staticmethod
    def of(count: Floats, expected: Floats) -> Errors:
        """Take what came and what had been expected of it; NaN is not used."""
        known = ~(np.isnan(count) | np.isnan(expected))
        mean = np.where(known, np.maximum(expected, _LEAST_MEAN), 1.0)
        value = np.where(known, count, 1.0)
        cut, left = cut_at(mean)
        # of a normal's variance, what is left where errors beyond the threshold of outbreaks hardly count
        far = THRESHOLD + FAR_OF_RARE * np.exp(-mean / _RARE)
        gone = 2 * special.ndtr(-far)
        kept = (left - gone * cut**2) / (1 - gone)
        residual = np.abs(anscombe(value, mean, 1.0))
        square = (value - mean) ** 2 / mean
        return Errors(known, mean, np.sqrt(mean), square, residual, value > mean, cut, left, far, kept)

    def within(self, months: slice, inside: Bools) -> Errors:
        """Return the errors of some months, and of them those `inside`."""
        parts = {one.name: getattr(self, one.name)[:, months] for one in fields(self)}
        return Errors(**{**parts, "known": parts["known"] & inside})


def predictive_phi(count: Floats, expected: Floats, offence: Ints, *, overlap: int = 1) -> Floats:
    """Return φ of every series from its past errors.

    Parameters
    ----------
    count, expected
        What came and what had been expected of it, series × months; NaN is not used.
    offence
        Number of each series' offence, from 0.
    overlap
        How many neighbouring errors share months, and so count as one.

    Returns
    -------
    array, one a series
        Not cut at 1: below it the series is too even. 1 for an offence without any error yet.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> even = rng.poisson(20, (300, 36)).astype(float)
    >>> wild = rng.negative_binomial(20 / 1.0, 1 / 2, (300, 36)).astype(float)
    >>> both = predictive_phi(np.vstack([even, wild]), np.full((600, 36), 20.0), np.repeat([0, 1], 300))
    >>> round(float(both[:300].mean()), 1), round(float(both[300:].mean()), 1)
    (1.0, 2.0)
    """
    return phi_of(Errors.of(count, expected), offence, overlap=overlap)


def phi_of(past: Errors, offence: Ints, *, overlap: int = 1) -> Floats:
    """Return what :func:`predictive_phi` does, of errors that were worked out before."""
    known = past.known
    series = len(known)
    number = int(offence.max()) + 1 if series else 0
    errors = known.sum(axis=1)
    telling = errors > 0
    size = np.divide((past.mean * known).sum(axis=1), errors, out=np.ones(series), where=telling)
    phi = np.full(series, _FIRST_GUESS)
    # φ is taken for 1 at least, so an error within the cut at 1 is never cut nor weighted down: only the few others
    # are looked at in every round
    wild = known & (past.residual > past.cut)
    tame = known & ~wild
    row, column = np.nonzero(wild)
    far_out = _Wild.of(past, row, column)
    months = known.astype(np.float64)
    square, counted = ((tame * part).sum(axis=1) for part in (past.square, past.left))
    share = past.left
    for turn in range(_ROUNDS):
        wide = np.maximum(phi, 1.0)
        if turn == 1:
            months = known * _weight_of_months(past, wide, offence)
            square, counted = ((months * (tame * part)).sum(axis=1) for part in (past.square, past.kept))
            share = past.kept
        squares, weight = far_out.at(wide[row], weighted=turn > 0)
        weight = weight * months[row, column]
        over = square + np.bincount(row, weight * squares, series)
        under = counted + np.bincount(row, weight * share[row, column], series)
        own = np.divide(over, under, out=phi.copy(), where=telling)
        spread = _spread_of_error(size, wide)
        prior = _at_size(own, size, errors / spread, offence, number)
        variance = spread * np.maximum(prior, 1.0) ** 2 / np.maximum(errors / overlap, 1.0)
        surplus = np.bincount(offence, np.where(telling, (own - prior) ** 2 / variance - 1, 0.0), number)
        precision = np.bincount(offence, np.where(telling, 1 / variance, 0.0), number)
        ratio = np.divide(surplus, precision, out=np.zeros(number), where=precision > 0)
        tau = np.maximum(0.0, ratio)[offence]
        phi = np.where(telling, prior + tau / (tau + variance) * (own - prior), prior)
    return np.where(np.bincount(offence, errors, number)[offence] > 0, phi, 1.0)


@dataclass(frozen=True)
class _Wild:
    """The errors that are cut off, or weighted down, where φ is small enough."""

    mean: Floats
    root: Floats
    square: Floats
    residual: Floats
    above: Bools
    cut: Floats
    far: Floats

    @staticmethod
    def of(past: Errors, row: Ints, column: Ints) -> _Wild:
        return _Wild(*(getattr(past, one.name)[row, column] for one in fields(_Wild)))

    def at(self, phi: Floats, *, weighted: bool) -> tuple[Floats, Floats]:
        """Return (Y − μ)²/μ with Y cut off, and the weight of each."""
        residual = self.residual / np.sqrt(phi)
        low, high = counts_within(self.root, phi, self.cut)
        end = np.where(self.above, high, low)
        squares = np.where(residual > self.cut, (end - self.mean) ** 2 / self.mean, self.square)
        weight = reweight(residual, threshold=self.far) if weighted else np.ones(len(residual))
        return squares, weight


def cut_at(mean: Floats) -> tuple[Floats, Floats]:
    """Return the Anscombe residual at which an error is cut off, and the share of a normal's variance that is left.

    Examples
    --------
    >>> [part.round(2).tolist() for part in cut_at(np.array([0.1, 100.0]))]
    [[2.56, 2.0], [0.98, 0.92]]
    """
    cut = CUT + (CUT_OF_RARE - CUT) * np.exp(-mean / _RARE)
    beyond = 2 * special.ndtr(-cut)
    density = np.exp(-(cut**2) / 2) / np.sqrt(2 * np.pi)
    left: Floats = 1 - beyond - 2 * cut * density + cut**2 * beyond
    return cut, left


def _spread_of_error(size: Floats, phi: Floats) -> Floats:
    """Return the variance of (Y − μ)²/μ over φ²: that of a negative binomial's fourth moment."""
    wide = np.maximum(phi, 1.0)
    return 2 + 6 * (wide - 1) / size + 1 / (wide * size)


def _weight_of_months(past: Errors, phi: Floats, offence: Ints) -> Floats:
    """Weigh down months in which an offence fell out of line everywhere: they tell of the month, not of a district.

    Without this a lockdown, which all districts share, blinds each of them for three years.
    """
    weight = np.ones(past.mean.shape)
    told = past.known & (past.mean >= _LEAST_TOLD)
    square = np.where(told, past.square / phi[:, None], np.nan)
    order = np.argsort(offence, kind="stable")
    ends = np.cumsum(np.bincount(offence))
    for end, members in zip(ends.tolist(), np.bincount(offence).tolist(), strict=True):
        if members < _DISTRICTS:
            continue
        rows = order[end - members : end]
        there = told[rows].sum(axis=0)
        enough = there >= _DISTRICTS
        if enough.sum() < _MONTHS:
            continue
        middle = _medians(square[rows][:, enough], there[enough])
        usual = max(float(np.median(middle)), 1e-9)
        of_month = np.ones(past.mean.shape[1])
        of_month[enough] = np.minimum(1.0, TOGETHER * usual / np.maximum(middle, 1e-9))
        weight[rows] = of_month
    return weight


def _medians(values: Floats, there: Ints) -> Floats:
    """Return the median of each column of which so many are there, the others NaN."""
    ordered = np.sort(values, axis=0)
    column = np.arange(values.shape[1])
    found: Floats = (ordered[(there - 1) // 2, column] + ordered[there // 2, column]) / 2
    return found


def _at_size(own: Floats, size: Floats, weight: Floats, offence: Ints, number: int) -> Floats:
    """Fit φ = a + bμ to each offence, b at least 0."""

    def by_offence(values: Floats) -> Floats:
        summed: Floats = np.bincount(offence, values, number).astype(np.float64)
        return summed

    total = by_offence(weight)
    whole = np.where(total > 0, total, 1.0)
    x, y = by_offence(weight * size) / whole, by_offence(weight * own) / whole
    slope_over = by_offence(weight * (size - x[offence]) * (own - y[offence]))
    slope_under = by_offence(weight * (size - x[offence]) ** 2)
    slope = np.divide(slope_over, slope_under, out=np.zeros(number), where=slope_under > 1e-9)
    slope = np.maximum(slope, 0.0)
    found: Floats = np.maximum(y[offence] + slope[offence] * (size - x[offence]), 0.1)
    return found
