"""Near repeat: whether incidents that are near in space are near in time too [Knox 1964], by permutation.

Days are exchanged within a month, so that a season or a rise of all does not look like near repeats. Incidents at one
and the same place are a band of their own: where coordinates are rounded to a block, nearly half of them are.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import UsageError, Where
from .incidents import Floats, Incidents, Ints

METRES = (200.0, 400.0, 600.0, 800.0, 1000.0)
"""Upper ends of the bands of distance."""

DAYS = (7, 14, 21, 28)
"""Upper ends of the bands of time."""

LEAST_PAIRS = 5.0
"""Expected pairs under which a band is too small to judge."""

PERMUTATIONS = 999

COLUMNS = (
    "metres_from", "metres_to", "days_from", "days_to", "pairs", "expected", "lower", "upper", "ratio", "p_value",
    "answer",
)  # fmt: skip


def near_repeat(
    incidents: Incidents,
    rng: np.random.Generator,
    *,
    metres: Sequence[float] = METRES,
    days: Sequence[int] = DAYS,
    permutations: int = PERMUTATIONS,
    stratum: npt.ArrayLike | None = None,
) -> pd.DataFrame:
    """Count near pairs by bands of distance and time, and say how many chance would make.

    Parameters
    ----------
    incidents
        Where and when; in metres.
    rng
        Source of the permutations.
    metres, days
        Upper ends of the bands, rising; whole days. A band holds its lower end and not its upper one, so a pair 200 m
        apart is of [200, 400). The first band of distance is (0, …): at 0 is a band of its own.
    permutations
        How often days are exchanged.
    stratum
        Within what days are exchanged, (n,); None is the calendar month.

    Returns
    -------
    pandas.DataFrame
        A row for each band of distance and time: `pairs` there are, `expected` and the 95 % interval of chance,
        `ratio`, `p_value` (one-sided, more than chance; never under 1/(permutations + 1)), and `answer`: `tested`,
        or `too_few`, in which case `ratio` and `p_value` are NaN. `metres_to` is 0 for the same place.

    Raises
    ------
    UsageError
        If bands do not rise.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([0.0, 0.0, 200.0, 199.0])
    >>> day = np.array(["2024-01-01", "2024-01-08", "2024-01-01", "2024-01-02"], "datetime64[D]")
    >>> points = Incidents(x, np.zeros(4), day, "EPSG:32643")
    >>> table = near_repeat(points, np.random.default_rng(1), metres=(200, 400), days=(7, 14), permutations=9)
    >>> table[["metres_to", "days_to", "pairs"]].values.tolist()
    [[0.0, 7.0, 0.0], [0.0, 14.0, 1.0], [200.0, 7.0, 3.0], [200.0, 14.0, 0.0], [400.0, 7.0, 1.0], [400.0, 14.0, 1.0]]
    """
    far, late = np.asarray(metres, dtype=float), np.asarray(days)
    if (
        not len(far)
        or not len(late)
        or (np.diff(far, prepend=0) <= 0).any()
        or (np.diff(late, prepend=0) <= 0).any()
    ):
        raise UsageError("bands must rise from above 0", Where(value=f"{metres} m, {days} days"))
    if (late != late.astype(np.int64)).any():
        raise UsageError("bands of time are whole days", Where(value=str(days)))
    if permutations < 1:
        raise UsageError("at least one permutation is needed", Where(value=permutations))
    pairs, apart = incidents.pairs(float(far[-1]))
    band = np.where(apart == 0, 0, 1 + np.searchsorted(far, apart, side="right"))
    inside = band <= len(far)
    pairs, band = pairs[inside], band[inside]
    group = incidents.month if stratum is None else np.unique(np.asarray(stratum), return_inverse=True)[1]
    meets = _may_meet(incidents.days, group, pairs, float(late[-1]))
    pairs, band = pairs[meets], band[meets]
    counter = _Counter(pairs, band, late.astype(np.int64), len(far) + 1)
    observed = counter.count(incidents.days)
    chance = np.array(
        [counter.count(incidents.days[_exchange(group, rng)]) for _ in range(permutations)], dtype=np.float64
    )
    expected = chance.mean(axis=0)
    lower, upper = np.quantile(chance, [0.025, 0.975], axis=0)
    p = (1 + (chance >= observed).sum(axis=0)) / (permutations + 1)
    tested = expected >= LEAST_PAIRS
    ratio = np.divide(observed, expected, out=np.full(expected.shape, np.nan), where=tested)
    space = [(0.0, 0.0), *zip([0.0, *far[:-1].tolist()], far.tolist(), strict=True)]
    time = list(zip([0, *late[:-1].tolist()], late.tolist(), strict=True))
    rows = [
        (*space[s], *time[t], int(observed[s, t]), expected[s, t], lower[s, t], upper[s, t], ratio[s, t],
         p[s, t] if tested[s, t] else np.nan, "tested" if tested[s, t] else "too_few")
        for s in range(len(space)) for t in range(len(time))
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _may_meet(days: Floats, group: Ints, pairs: Ints, late: float) -> npt.NDArray[np.bool_]:
    """Return which pairs could be near in time whatever days are exchanged: others need not be counted again."""
    if not len(pairs):
        return np.zeros(0, dtype=bool)
    number = np.unique(group, return_inverse=True)[1]
    first, last = np.full(number.max() + 1, np.inf), np.full(number.max() + 1, -np.inf)
    np.minimum.at(first, number, days)
    np.maximum.at(last, number, days)
    a, b = number[pairs[:, 0]], number[pairs[:, 1]]
    return np.asarray(np.maximum(first[a] - last[b], first[b] - last[a]) < late)


class _Counter:
    """Counts pairs by band, given the days."""

    def __init__(self, pairs: Ints, band: Ints, late: npt.NDArray[np.int64], bands: int) -> None:
        self.one, self.other = np.ascontiguousarray(pairs[:, 0]), np.ascontiguousarray(pairs[:, 1])
        self.shape = bands, len(late) + 1
        self.base = (band * self.shape[1]).astype(np.int32)
        self.last = int(late[-1])
        # whole days: the band of a difference is looked up, which is faster than searched
        self.band_of = np.searchsorted(late, np.arange(self.last + 1), side="right").astype(np.int32)

    def count(self, days: Floats) -> Ints:
        gap = np.minimum(np.abs(days[self.one] - days[self.other]), self.last).astype(np.int32)
        found = np.bincount(self.base + self.band_of[gap], minlength=self.shape[0] * self.shape[1])
        return np.asarray(found.reshape(self.shape)[:, :-1])


def _exchange(group: Ints, rng: np.random.Generator) -> Ints:
    """Return positions exchanged at random within groups."""
    here = np.argsort(group, kind="stable")
    there = np.lexsort((rng.random(len(group)), group))
    out = np.empty(len(group), dtype=np.intp)
    out[here] = there
    return out
