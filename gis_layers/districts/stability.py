"""How stable peer groups are: the same cuts on bootstrap samples of the districts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from .peers import assign, columns_of, cut_rules


@dataclass(frozen=True)
class Stability:
    """Mean agreement of bootstrap groups with the groups themselves.

    Parameters
    ----------
    rand
        Rand index: the share of pairs of districts that are together, or apart, in both.
    adjusted_rand
        The same corrected for chance [Hubert & Arabie 1985]: 0 at random, 1 when identical.
    draws
        Number of bootstrap samples.
    """

    rand: float
    adjusted_rand: float
    draws: int


def stability(
    frame: pd.DataFrame, *, groups: int = 14, min_size: int = 8, draws: int = 200, rng: np.random.Generator
) -> Stability:
    """Measure how much peer groups depend on which districts there are.

    Each draw samples the districts of every status with replacement, cuts the sample, applies its rules to
    the real districts and compares.

    Parameters
    ----------
    frame
        As for `peer_groups`.
    rng
        Source of randomness.
    """
    status, population, density = columns_of(frame)
    base = assign(
        cut_rules(status, population, density, groups=groups, min_size=min_size), status, population, density
    )
    usable = base >= 0
    strata = [
        np.flatnonzero(usable & (base_status(status) == one))
        for one in np.unique(base_status(status)[usable])
    ]
    scores = []
    for _ in range(draws):
        sample = np.concatenate([rng.choice(stratum, len(stratum)) for stratum in strata])
        rules = cut_rules(
            status[sample], population[sample], density[sample], groups=groups, min_size=min_size
        )
        scores.append(rand_indices(base[usable], assign(rules, status, population, density)[usable]))
    rand, adjusted = np.mean(scores, axis=0) if scores else (np.nan, np.nan)
    return Stability(float(rand), float(adjusted), draws)


def base_status(status: npt.NDArray[np.object_]) -> npt.NDArray[np.str_]:
    """Return statuses as text that sorts, a missing one as the empty text."""
    return np.array([one or "" for one in status], dtype=str)


def rand_indices(one: npt.NDArray[np.intp], other: npt.NDArray[np.intp]) -> tuple[float, float]:
    """Return the Rand and the adjusted Rand index of two groupings of the same things.

    Examples
    --------
    >>> rand_indices(np.array([0, 0, 1, 1]), np.array([5, 5, 7, 7]))
    (1.0, 1.0)
    """
    _, a = np.unique(one, return_inverse=True)
    _, b = np.unique(other, return_inverse=True)
    table = np.zeros((a.max() + 1, b.max() + 1), dtype=np.int64)
    np.add.at(table, (a, b), 1)

    def pairs(counts: npt.NDArray[np.int64]) -> float:
        return float((counts * (counts - 1) // 2).sum())

    both, first, second = pairs(table.ravel()), pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    every = len(a) * (len(a) - 1) / 2
    if every == 0:
        return 1.0, 1.0
    chance = first * second / every
    most = (first + second) / 2
    adjusted = 1.0 if most == chance else (both - chance) / (most - chance)
    return (every + 2 * both - first - second) / every, adjusted
