"""Level of every series now: its past months, discounted, their season taken out and past outbreaks weighted down.

Half of the weight lies in the last six months that are used; the newest two are left out, so that a rise under
way does not hide itself. A series of few cards has not enough of them in so short a time: it is held to its own
long run, and that to what its share of all cards would give it, each by the little weight that drift allows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .outbreaks import fit_reweighted

Floats = npt.NDArray[np.float64]

HALF_LIFE = 6
"""Months after which a month counts half."""

LEFT_OUT = 2
"""Newest months that are not used."""

WINDOW = 36
"""Months that the level is fitted to; older ones would weigh less than a hundredth."""

DRIFT = 10.0
"""How many cards' worth of evidence the long run is for the level of now, where no one has measured how far levels
wander: by a third, √(1/10)."""

FAINT = 2.0
"""How many cards' worth the share of all cards is for the long run."""


@dataclass(frozen=True)
class Past:
    """What is known of every series before the month judged.

    Parameters
    ----------
    count
        The last months that are used, series × months, the newest last; NaN is not used.
    season
        Factor of each, the same shape.
    long_run
        Mean count of a month over all of the past, held to the usual share, by series.
    """

    count: Floats
    season: Floats
    long_run: Floats


def level_of(past: Past, *, half_life: float = HALF_LIFE, drift: Floats | float = DRIFT) -> Floats:
    """Return the level of every series: its expected count in a month of factor 1.

    If a series has no month that is used, its level is the long run.

    Examples
    --------
    >>> import numpy as np
    >>> count = np.array([[20.0] * 24 + [40.0] * 12])
    >>> level_of(Past(count, np.ones((1, 36)), np.array([26.7]))).round().tolist()
    [35.0]
    """
    known = ~np.isnan(past.count)
    value = np.where(known, past.count, 0.0)
    age = np.arange(past.count.shape[1])[::-1]
    weight = known * 0.5 ** (age / half_life)
    total, squares = weight.sum(axis=1), (weight**2).sum(axis=1)
    months = np.divide(total**2, squares, out=np.zeros_like(total), where=squares > 0)
    scale = np.divide(known.sum(axis=1), total, out=np.zeros_like(total), where=total > 0)
    weight *= scale[:, None]  # so that a dispersion is a weighted mean over the months used
    cards = (weight * value).sum(axis=1)
    exposed = (weight * past.season).sum(axis=1)
    some = cards > 0
    found = np.zeros(len(value))
    phi = np.ones(len(value))
    if some.any():
        plain = (cards[some] / exposed[some])[:, None] * past.season[some]
        fit, weight[some] = fit_reweighted(
            past.count[some], np.ones((value.shape[1], 1)), weights=weight[some],
            offset=np.log(past.season[some]), start=plain,
        )  # fmt: skip
        found[some], phi[some] = np.exp(fit.coef[:, 0]), fit.phi
    used = (weight * past.season).sum(axis=1)
    evidence = used * np.divide(months, known.sum(axis=1), out=np.zeros_like(months), where=total > 0) / phi
    level: Floats = (drift + evidence * found) / (drift / past.long_run + evidence)
    return level
