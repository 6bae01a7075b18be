"""How far chains of incidents stand out: where much is recorded, chance alone makes as many chains as there are."""

from __future__ import annotations

from collections.abc import Iterator

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
    when, many = incidents.days, len(incidents)
    pairs, _ = incidents.pairs(metres)
    spot = np.unique(np.column_stack([incidents.x, incidents.y]), axis=0, return_inverse=True)[1].reshape(-1)
    one, other = np.concatenate([pairs, pairs[:, ::-1]]).T if len(pairs) else np.empty((2, 0), dtype=np.intp)
    near = sparse.csr_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(many, many))
    chain = chains_of(pairs, when, days=days)
    rows, kept = [], np.full(many, -1, dtype=np.intp)
    for number, (members, row) in enumerate(_told(chain, when, near, spot)):
        kept[members] = number
        rows.append(row)
    told = pd.DataFrame(rows, columns=[*COLUMNS[:-1], "score"])
    if told.empty:
        return kept, told.rename(columns={"score": "share"})
    month = incidents.month
    groups = [np.flatnonzero(month == one) for one in np.unique(month)]
    chance = []
    for _ in range(fields):
        moved = when.copy()
        for group in groups:
            moved[group] = rng.permutation(when[group])
        chance += [row[-1] for _, row in _told(chains_of(pairs, moved, days=days), moved, near, spot)]
    share = _shares(told["score"].to_numpy(), np.asarray(chance), fields)
    return kept, told.drop(columns="score").assign(share=share)


def _told(
    chain: Ints, when: Floats, near: sparse.csr_array, spot: Ints
) -> Iterator[tuple[Ints, tuple[int, int, int, int, float, float]]]:
    """Yield the members of each chain that counts, by its beginning, and its row with a score."""
    order = np.lexsort((when, chain))
    ends = np.searchsorted(chain[order], np.arange(chain.max(initial=-1) + 2))
    chains = [order[a:b] for a, b in zip(ends[:-1], ends[1:], strict=True) if LEAST <= b - a <= MOST]
    all_days = np.sort(when)
    for members in sorted(chains, key=lambda some: (when[some[0]], some[0])):
        places = len(np.unique(spot[members]))
        if places == 1:
            continue  # the same spot again and again is no way; near repeats tell of it
        first, last = when[members[0]], when[members[-1]]
        reach = [near.indices[near.indptr[one] : near.indptr[one + 1]] for one in members]
        around = when[np.unique(np.concatenate([members, *reach]))]
        inside = int(((around >= first) & (around <= last)).sum())
        share = (np.searchsorted(all_days, last, "right") - np.searchsorted(all_days, first)) / len(when)
        # its own incidents are among what is expected: that keeps a short list of days from looking like much
        expected = float(len(around) * share)
        score = -float(stats.poisson.logsf(inside - 1, expected))
        yield members, (len(members), places, round(last - first) + 1, inside, expected, score)


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
