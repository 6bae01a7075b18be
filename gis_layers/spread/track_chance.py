"""How far chains of incidents stand out: where much is recorded, chance alone makes as many chains as there are."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse, stats

from .incidents import Floats, Incidents, Ints
from .tracks import chains_of

FIELDS = 39
"""Fields of exchanged days: a lone chain that none of them has an equal of is then chance's with p .025."""

LEAST, MOST = 4, 30
"""Incidents of a chain: fewer are a coincidence, and where more hang together is a busy place and no way."""

COLUMNS = ("incidents", "places", "days", "around", "expected", "share")


def track_chance(
    incidents: Incidents, rng: np.random.Generator, *, metres: float, days: float, fields: int = FIELDS
) -> tuple[Ints, pd.DataFrame]:
    """Link incidents to chains and say of each how many of its like chance makes.

    Parameters
    ----------
    incidents
        Of one offence.
    rng
        Source of the exchanges: days are exchanged within each month, as for near repeats.
    metres, days
        How far apart two linked incidents are at most.
    fields
        How often.

    Returns
    -------
    chain
        Number of each incident's chain, (n,), -1 for none. Chains of fewer than 4 or more than 30 incidents, and
        those at one and the same spot, are none.
    told
        A row for each chain: its `incidents`, the `places` they were at, how many `days` it took; how many incidents
        of its days are `around` it (within reach of any of its own), how many were `expected` there of the others'
        days; and the `share` of chains standing out so far that is chance's.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x, y = rng.random((2, 600)) * 20_000
    >>> day = np.datetime64("2024-01-01") + rng.integers(0, 360, 600)
    >>> x[:6], y[:6], day[:6] = 5_000 + 90 * np.arange(6), 5_000, np.datetime64("2024-03-04") + np.arange(6)
    >>> points = Incidents(x, y, day, "EPSG:32643")
    >>> chain, told = track_chance(points, rng, metres=200, days=7)
    >>> chain[:6].tolist(), told["incidents"].tolist(), float(told["share"].iloc[0])
    ([0, 0, 0, 0, 0, 0], [6], 0.025)
    """
    when, pairs = incidents.days, incidents.pairs(metres)[0]
    places = np.column_stack([incidents.x, incidents.y])
    spot = np.unique(places, axis=0, return_inverse=True)[1].reshape(-1).astype(np.intp)
    one, other = np.concatenate([pairs, pairs[:, ::-1], np.repeat(np.arange(len(when))[:, None], 2, 1)]).T
    near = sparse.csr_array((np.ones(len(one), dtype=np.int32), (one, other)), shape=(len(when), len(when)))
    chain, told = _told(chains_of(pairs, when, days=days), when, near, spot)
    if told.empty:
        return chain, told.rename(columns={"score": "share"})
    month = incidents.month
    groups = [np.flatnonzero(month == one) for one in np.unique(month)]
    chance = []
    for _ in range(fields):
        moved = when.copy()
        for group in groups:
            moved[group] = rng.permutation(when[group])
        chance.append(_told(chains_of(pairs, moved, days=days), moved, near, spot)[1]["score"].to_numpy())
    share = _shares(told["score"].to_numpy(), np.concatenate(chance), fields)
    return chain, told.drop(columns="score").assign(share=share)


def _told(chain: Ints, when: Floats, near: sparse.csr_array, spot: Ints) -> tuple[Ints, pd.DataFrame]:
    """Return the chains that count, numbered by when they begin, and a row of each with its score."""
    held = np.flatnonzero(chain >= 0)
    size = np.bincount(chain[held], minlength=1)
    at = np.unique(np.column_stack([chain[held], spot[held]]), axis=0)[:, 0]
    places = np.bincount(at, minlength=len(size))
    # the same spot again and again is no way; near repeats tell of it
    good = (size >= LEAST) & (size <= MOST) & (places > 1)
    first, last = np.full(len(size), np.inf), np.full(len(size), -np.inf)
    np.minimum.at(first, chain[held], when[held])
    np.maximum.at(last, chain[held], when[held])
    order = np.flatnonzero(good)[np.argsort(first[good], kind="stable")]
    number = np.full(len(size) + 1, -1, dtype=np.intp)  # the last is of those without a chain
    number[order] = np.arange(len(order))
    chain, first, last = number[chain], first[order], last[order]
    # who is within reach of each chain, its own among them, once
    mine = np.flatnonzero(chain >= 0)
    members = sparse.csr_array(
        (np.ones(len(mine), dtype=np.int32), (chain[mine], mine)), shape=(len(order), len(when))
    )
    whose, around = (members @ near).nonzero()
    days = np.sort(when)
    share = (np.searchsorted(days, last, "right") - np.searchsorted(days, first)) / max(len(when), 1)
    inside = (when[around] >= first[whose]) & (when[around] <= last[whose])
    recorded = np.bincount(whose[inside], minlength=len(order))
    # its own incidents are among what is expected: that keeps a few lone days from looking like much
    expected = np.bincount(whose, minlength=len(order)) * share
    columns = (
        size[order], places[order], np.round(last - first).astype(int) + 1, recorded, expected,
        -stats.poisson.logsf(recorded - 1, expected),
    )  # fmt: skip
    return chain, pd.DataFrame(dict(zip([*COLUMNS[:-1], "score"], columns, strict=True)))


def _shares(score: Floats, chance: Floats, fields: int) -> Floats:
    """Return the share of chains scoring as high or higher that chance makes, never more than of a lower score."""
    order = np.argsort(-score, kind="stable")
    highest = score[order]
    as_many = len(score) - np.searchsorted(np.sort(score), highest)
    by_chance = len(chance) - np.searchsorted(np.sort(chance), highest)
    share = (by_chance + 1) / (fields + 1) / as_many
    made = np.empty(len(score))
    made[order] = np.minimum(np.minimum.accumulate(share[::-1])[::-1], 1.0)
    return made
