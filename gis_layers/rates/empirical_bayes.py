"""Rates that borrow strength: a gamma prior from a district's peers, its posterior's mean and interval.

The count O of a district with exposure n is Poisson with a rate that varies between peers by a gamma of mean
b and variance a. Both are found by moments [Marshall 1991]; the posterior is gamma with shape O + b²/a and
rate n + b/a. A district is left out of its own prior, so an outlier does not pull the norm towards itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincinv

from .crude import Floats, crude

FLOOR_CV = 0.1


@dataclass(frozen=True, eq=False)
class GlobalBayes:
    """Marshall's global smoother: prior variance `a`, prior mean `b`, smoothed rates."""

    a: float
    b: float
    rate: Floats


def empirical_bayes_global(count: npt.ArrayLike, exposure: npt.ArrayLike) -> GlobalBayes:
    """Smooth rates towards their common mean.

    Parameters
    ----------
    count, exposure
        Shape (district,). Districts with a missing count or without exposure stay NaN and count for nothing.

    Returns
    -------
    GlobalBayes
        With a = 0 where the rates vary less than chance alone would make them; then every rate is `b`. All
        NaN where no district is known.

    Notes
    -----
    The method of moments of Marshall (1991, Applied Statistics 40, 283-294), as `spdep::EBest`.

    Examples
    --------
    >>> empirical_bayes_global([2, 30], [1_000, 1_000]).rate.round(4).tolist()
    [0.0031, 0.0289]
    """
    observed, residents = np.asarray(count, dtype=float), np.asarray(exposure, dtype=float)
    known = np.isfinite(observed) & np.isfinite(residents) & (residents > 0)
    rate = np.full(observed.shape, np.nan)
    if not known.any():
        return GlobalBayes(np.nan, np.nan, rate)
    cases, people = observed[known], residents[known]
    b = cases.sum() / people.sum()
    raw = cases / people
    a = max(float((people * (raw - b) ** 2).sum() / people.sum() - b / people.mean()), 0.0)
    weight = a / (a + b / people) if a > 0 else 0.0
    rate[known] = b + weight * (raw - b)
    return GlobalBayes(a, float(b), rate)


@dataclass(frozen=True, eq=False)
class EmpiricalBayes:
    """Smoothed rates, arrays of the shape of the counts, NaN where there is no count or no exposure.

    Parameters
    ----------
    rate, lower, upper
        Mean and interval of the posterior, per `per` residents and year.
    mean
        Mean of the prior, in the same unit.
    cv
        Coefficient of variation of the prior: how much rates of peers differ.
    prior
        Where the prior's spread is from: `group`, `status`, `category`, `floor` (0.1, the least allowed), or
        `none` (nobody else recorded an offence: the rate is as counted, its interval exact); empty where
        there is no rate.
    """

    rate: Floats
    lower: Floats
    upper: Floats
    mean: Floats
    cv: Floats
    prior: npt.NDArray[np.object_]


def empirical_bayes(
    count: npt.ArrayLike,
    exposure: npt.ArrayLike,
    per: float,
    *,
    group: npt.ArrayLike,
    status: npt.ArrayLike | None = None,
    category_cv: npt.ArrayLike | None = None,
    years: float = 1.0,
    level: float = 0.95,
    interval: bool = True,
) -> EmpiricalBayes:
    """Smooth the rates of districts towards those of their peers.

    Parameters
    ----------
    count
        Shape (district, ...): any further dimensions, as offence and month, are independent problems.
    exposure
        Residents, broadcast to the shape of `count` from the left: (district,), (district, 1, month) or full.
    per
        Rates are per this many residents.
    group, status
        Label of each district, shape (district,), None where it has none. Without a usable spread in the
        group that of the status is taken. A prior's mean is the group's, or the status's, or the area's,
        whichever is the first that recorded an offence.
    category_cv
        Coefficient of variation of the category above the offence (`cv` of an earlier call), broadcast to
        `count`: the next resort.
    years
        Length of the period in years.
    level
        Probability of the interval.
    interval
        False leaves `lower` and `upper` NaN: quantiles cost a hundred times what the means do.

    Returns
    -------
    EmpiricalBayes

    Examples
    --------
    >>> found = empirical_bayes([0, 12, 9, 30, 11], [1_000] * 5, 10_000, group=["a"] * 5)
    >>> found.rate.round(0).tolist(), found.prior[0]
    ([34.0, 121.0, 95.0, 222.0, 112.0], 'group')
    """
    observed = np.asarray(count, dtype=float)
    residents = np.asarray(exposure, dtype=float)
    residents = residents.reshape(residents.shape + (1,) * (observed.ndim - residents.ndim))
    residents = np.broadcast_to(residents * years, observed.shape)
    known = np.isfinite(observed) & (observed >= 0) & np.isfinite(residents) & (residents > 0)
    cases = np.where(known, observed, 0.0)
    people = np.where(known, residents, 0.0)

    everyone = np.zeros(observed.shape[0], dtype=np.intp)
    first = _moments(cases, people, known, _labels(group))
    second = _moments(cases, people, known, _labels(status) if status is not None else everyone - 1)
    area = _moments(cases, people, known, everyone)
    mean = np.where(first.mean > 0, first.mean, np.where(second.mean > 0, second.mean, area.mean))
    third = np.nan if category_cv is None else np.asarray(category_cv, dtype=float)
    cv, prior = _first_spread(
        ("group", first.cv), ("status", second.cv), ("category", third), shape=observed.shape
    )

    usable = known & (mean > 0)
    strength = 1 / cv**2
    shape = np.where(usable, cases + strength, 1.0)
    rate = np.where(usable, people + strength / np.where(usable, mean, 1.0), 1.0)
    tail = (1 - level) / 2
    alone = crude(np.where(known & ~usable, observed, np.nan), residents, per, level=level, interval=interval)
    lower, upper = (
        (np.where(usable, per * gammaincinv(shape, share) / rate, other) if interval else other)
        for share, other in ((tail, alone.lower), (1 - tail, alone.upper))
    )
    prior[~usable] = "none"
    prior[~known] = ""
    return EmpiricalBayes(
        rate=np.where(usable, per * shape / rate, alone.rate),
        lower=lower,
        upper=upper,
        mean=np.where(usable, per * mean, np.nan),
        cv=np.where(usable, cv, np.nan),
        prior=prior,
    )


@dataclass(frozen=True, eq=False)
class _Moments:
    mean: Floats
    cv: Floats


def _labels(values: npt.ArrayLike) -> npt.NDArray[np.intp]:
    """Number the labels from 0; -1 where there is none."""
    numbers: dict[object, int] = {}
    return np.array(
        [
            -1 if value is None or value != value else numbers.setdefault(value, len(numbers))
            for value in np.asarray(values, dtype=object)
        ],
        dtype=np.intp,
    )


def _moments(
    cases: Floats, people: Floats, known: npt.NDArray[np.bool_], label: npt.NDArray[np.intp]
) -> _Moments:
    """Return mean and CV of the rates of all others with the same label; NaN where that cannot be said."""
    has = (known & (label >= 0).reshape((-1,) + (1,) * (cases.ndim - 1))).astype(float)
    exposure = people * has
    count = cases * has
    square = np.divide(count**2, exposure, out=np.zeros_like(count), where=exposure > 0)
    slot = np.where(label < 0, label.max(initial=-1) + 1, label)

    def others(values: Floats) -> Floats:
        total = np.zeros((int(slot.max(initial=0)) + 1, *values.shape[1:]))
        np.add.at(total, slot, values)
        rest: Floats = total[slot] - values
        return rest

    members, exposed, counted, squares = others(has), others(exposure), others(count), others(square)
    enough = (members > 0.5) & (label >= 0).reshape((-1,) + (1,) * (cases.ndim - 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        b = np.where(enough, counted / exposed, np.nan)
        # Σn(r − b)²/Σn − b·m/Σn, with Σn(r − b)² = ΣO²/n − b·ΣO; the spread of one district is no spread.
        a = np.where(members > 1.5, (squares - b * counted - b * members) / exposed, np.nan)
        cv = np.where((a > 0) & (b > 0), np.sqrt(np.where(a > 0, a, np.nan)) / b, np.nan)
    return _Moments(b, cv)


def _first_spread(
    *sources: tuple[str, npt.NDArray[np.float64] | float], shape: tuple[int, ...]
) -> tuple[Floats, npt.NDArray[np.object_]]:
    """Return the first CV there is, floored, and the name of its source."""
    cv = np.full(shape, np.nan)
    prior = np.full(shape, "floor", dtype=object)
    for name, values in sources:
        take = np.isnan(cv) & np.isfinite(np.broadcast_to(values, shape))
        cv = np.where(take, values, cv)
        prior[take] = name
    prior[cv < FLOOR_CV] = "floor"
    return np.fmax(cv, FLOOR_CV), prior
