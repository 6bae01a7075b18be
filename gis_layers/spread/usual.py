"""What is usual of every district × offence × month once national, group and regional shocks are taken out.

A shock that a whole region shares makes neighbours rise one after the other without anything having gone from one to
the next, so it must be gone before paths are sought. Levels look to both sides of a month: a path is read afterwards,
and a level from both sides does not lag behind a trend.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..errors import SystemFault
from ..indicators.norm.tails import mid_p

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

BANDWIDTH = 8.0
"""Standard deviation, in months, of the kernel that a level is taken with."""

GAP = 2
"""Months on either side that a month's level does not look at, lest a rise be its own excuse."""

CAP = 2.58
"""Standard deviations above the usual at which a count is cut where levels and shocks are taken."""

SMALLEST_LEVEL = 1.0
"""Expected count from which a cell tells of the dispersion."""

ROUNDS = 4


@dataclass(frozen=True)
class Usual:
    """What is usual, and how surprising what came is; all arrays district × offence × month.

    Parameters
    ----------
    expected
        Expected count, the shocks of its month included; NaN where nothing was collected.
    heterogeneity
        a of the negative binomial with variance μ + aμ²: dispersion, and how little is known of level and shocks.
    p_rise
        Mid-p of a count as large or larger.
    """

    expected: Floats
    heterogeneity: Floats
    p_rise: Floats

    @property
    def variance(self) -> Floats:
        """Variance of the count around `expected`."""
        found: Floats = self.expected + self.heterogeneity * self.expected**2
        return found


def usual_counts(
    count: Floats,
    strata: Sequence[npt.ArrayLike],
    *,
    expected: Floats | None = None,
    bandwidth: float = BANDWIDTH,
) -> Usual:
    """Return what is usual of each cell, the shocks that its month shares with others taken out.

    Parameters
    ----------
    count
        Cards, (district, offence, month); NaN is not collected.
    strata
        Labels of the districts, each (district,): what shares shocks, such as the parent region and the status. The
        whole area is always one more.
    expected
        Expected counts of another model, such as the own half of the norm; None takes levels from the counts alone.
    bandwidth
        Months; see `BANDWIDTH`.

    Returns
    -------
    Usual
        A shock is what the *other* districts of the stratum show in that month, shrunk to none by how much shocks
        of that offence vary at all, so that a district never explains its own rise.

    Raises
    ------
    SystemFault
        If the shapes do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> count = rng.poisson(50, (24, 1, 60)).astype(float)
    >>> count[:6, 0, 30] *= 2           # a shock of the whole west
    >>> count[8, 0, 30] += 60           # a rise of one district in the east
    >>> found = usual_counts(count, [["west"] * 6 + ["east"] * 18])
    >>> bool(found.p_rise[:6, 0, 30].min() > 0.01), bool(found.p_rise[8, 0, 30] < 1e-5)
    (True, True)
    """
    if count.ndim != 3 or (expected is not None and expected.shape != count.shape):
        raise SystemFault(f"counts must be district × offence × month, got the shape {count.shape}")
    districts, _, months = count.shape
    members = [np.zeros(districts, dtype=np.intp)]
    for labels in strata:
        members.append(np.unique(np.asarray(labels), return_inverse=True)[1].astype(np.intp))
        if len(members[-1]) != districts:
            raise SystemFault(f"a stratum names {len(members[-1])} districts, the counts have {districts}")
    known = np.isfinite(count) if expected is None else np.isfinite(count) & np.isfinite(expected)
    seen = np.where(known, count, 0.0)
    kernel = _kernel(months, bandwidth)
    shock = np.ones(count.shape)
    unsure = np.zeros(count.shape)
    capped = seen.copy()
    level = np.zeros(count.shape)
    phi = np.ones(count.shape[1])
    for _ in range(ROUNDS):
        exposed = np.where(known, shock, 0.0)
        if expected is None:
            weight = exposed @ kernel
            level = np.divide(capped @ kernel, weight, out=np.zeros(count.shape), where=weight > 1e-9)
        else:
            level, weight = np.where(known, expected, 0.0), np.full(count.shape, np.inf)
        shock, unsure = _shocks(capped, np.where(known, level, 0.0), members, phi)
        mean = np.where(known, level * shock, 0.0)
        phi = _dispersion(seen, mean)
        ceiling = mean + CAP * np.sqrt(phi[None, :, None] * mean) + 0.5
        capped = np.where(known, np.minimum(seen, np.where(mean > 0, ceiling, seen)), 0.0)
    mean = np.where(known, mean, np.nan)
    spread = phi[None, :, None]
    due = weight * level
    loose = np.divide(spread, due, out=np.zeros(count.shape), where=due > 0) if expected is None else 0.0
    heterogeneity = np.divide(spread - 1, mean, out=np.zeros(count.shape), where=mean > 0) + unsure + loose
    heterogeneity = np.where(known, np.maximum(heterogeneity, 0.0), np.nan)
    # where nothing at all was usual, nothing can be said of one card either
    p_rise = mid_p(np.where(known, count, np.nan), np.maximum(mean, 1e-9), heterogeneity)[0]
    return Usual(mean, heterogeneity, np.where(mean > 0, p_rise, np.where(known, 1.0, np.nan)))


def _kernel(months: int, bandwidth: float) -> Floats:
    """Return weights, (month looked at, month judged)."""
    apart = np.abs(np.subtract.outer(np.arange(months), np.arange(months)))
    return np.asarray(np.where(apart > GAP, np.exp(-0.5 * (apart / bandwidth) ** 2), 0.0))


def _shocks(seen: Floats, level: Floats, members: list[Ints], phi: Floats) -> tuple[Floats, Floats]:
    """Return the product of the shocks of all strata, and the variance of its logarithm."""
    shock = np.ones(seen.shape)
    unsure = np.zeros(seen.shape)
    for place, member in enumerate(members):
        mean = level * shock
        number = int(member.max()) + 1
        came, due = np.zeros((number, *seen.shape[1:])), np.zeros((number, *seen.shape[1:]))
        np.add.at(came, member, seen)
        np.add.at(due, member, mean)
        # the season is in the shocks of the whole area: they may have any size
        varied = np.full(phi.shape, 1e6) if place == 0 else _varied(came, due, phi)
        # what the others show: a district's own rise must not explain itself
        others, base = came[member] - seen, due[member] - mean
        # shocks are rare and large as often as small and common: one that stands out is not shrunk like the rest
        beyond = (others - base) ** 2 - phi[None, :, None] * base
        this = np.divide(beyond, base**2, out=np.zeros(seen.shape), where=base > 1e-9)
        shape = 1 / np.maximum(varied[None, :, None], this)
        told = shape + base / phi[None, :, None]
        part = np.where(told > 0, (shape + others / phi[None, :, None]) / told, 1.0)
        shock = shock * part
        if place > 0:
            unsure = unsure + 1 / told
    return shock, unsure


def _varied(came: Floats, due: Floats, phi: Floats) -> Floats:
    """Return by offence how much the shocks of a stratum vary, at least (3 %)²."""
    beyond = ((came - due) ** 2 - phi[None, :, None] * due).sum(axis=(0, 2))
    found = np.divide(
        beyond, (due**2).sum(axis=(0, 2)), out=np.zeros(phi.shape), where=due.sum(axis=(0, 2)) > 0
    )
    return np.asarray(np.clip(found, 0.03**2, 1.0))


def _dispersion(seen: Floats, mean: Floats) -> Floats:
    """Return the variance over the mean by offence, winsorised at four standard deviations; at least 1."""
    found = np.ones(mean.shape[1])
    for offence in range(mean.shape[1]):
        enough = mean[:, offence] >= SMALLEST_LEVEL
        if not enough.any():
            enough = mean[:, offence] > 0
        if enough.sum() < 12:
            continue
        m, y = mean[:, offence][enough], seen[:, offence][enough]
        square = (y - m) ** 2 / m
        found[offence] = max(np.minimum(square, 16 * max(np.median(square) / 0.455, 1.0)).mean(), 1.0)
    return found
