"""Bounds on every withheld count, by linear and integer programming over every published relation.

The unknowns fall into blocks that share no relation (a region in a period, over all releases). In a block, tables
that agree with everything published are looked for first: each moves many cells at once, and a cell that has been
seen far enough apart is not recovered. For every other cell its least and greatest whole value are computed exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp
from scipy.optimize import Bounds, LinearConstraint, milp

from ..program import DUST, solve, whole
from ..relations import SAFETY, Tree, equations

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

SMALL, SMALL_SENSITIVE = 4, 9
LOOKS = 6
CELL = ["district", "offence", "month"]


@dataclass(frozen=True)
class Finding:
    """What the attack made of the withheld cells.

    Parameters
    ----------
    cells
        `release`, `region`, `district`, `offence`, `month`, `low`, `high` (bounds proved, or as far apart as was
        looked for), `recovered`.
    exact
        How many cells needed an integer program each.
    """

    cells: pd.DataFrame
    exact: int

    @property
    def recovered(self) -> pd.DataFrame:
        return self.cells[self.cells["recovered"]]


def attack(
    releases: Sequence[pd.DataFrame],
    tree: Tree,
    regions: dict[str, str],
    *,
    totals: Sequence[pd.DataFrame] = (),
    revised: Iterable[tuple[str, str, str]] = (),
    months: Sequence[str] | None = None,
    rng: np.random.Generator,
    progress: Callable[[str], None] = lambda block: None,
) -> Finding:
    """Try to compute back what is withheld.

    Parameters
    ----------
    releases
        Of each release, oldest first, what its files tell (:func:`read_rows`): `district`, `offence`, `month`,
        `count`, `suppressed`; a row that is not there was not collected.
    tree
        The offences and their sums, which everyone knows.
    regions
        Region of each district.
    totals
        Of each release, what is known besides: `unit` ("" for the region itself), `region`, `offence` (also the sum
        behind `safety`), `month`, `count`.
    revised
        Cells that changed between releases: the attacker is taken to know which. All others did not change.
    months
        Months to attack; all by default.
    rng
        Source of random objectives.

    Returns
    -------
    Finding
        A cell is recovered if its greatest less its least value is below 4, or all its values are small.
    """
    wanted = sorted({str(one) for frame in releases for one in frame["month"].unique()})
    members: dict[str, list[str]] = {}
    for district, region in sorted(regions.items()):
        members.setdefault(region, []).append(district)
    moved = set(revised)
    found: list[pd.DataFrame] = []
    exact = 0
    shown = [frame.set_index("month").sort_index() for frame in releases]
    known = [frame.set_index("month").sort_index() for frame in totals]
    for month in months if months is not None else wanted:
        slices = [frame.loc[[month]] for frame in shown if month in frame.index]
        besides = [frame.loc[[month]] for frame in known if month in frame.index]
        for region, districts in members.items():
            progress(f"{month} {region}")
            table, programs = _block(slices, besides, tree, region, districts, month, moved, rng)
            exact += programs
            if table is not None:
                found.append(table)
    found += [
        _told(frame, release, regions, wanted if months is None else months)
        for release, frame in enumerate(releases)
    ]
    empty = pd.DataFrame(columns=["release", "region", *CELL, "low", "high", "recovered"])
    return Finding(pd.concat(found, ignore_index=True) if found else empty.astype({"recovered": bool}), exact)


def _told(frame: pd.DataFrame, release: int, regions: dict[str, str], months: Sequence[str]) -> pd.DataFrame:
    """Return the cells that a file tells although they are withheld."""
    rows = frame[frame["suppressed"] & frame["count"].notna() & frame["month"].isin(list(months))]
    return rows[CELL].assign(
        release=release,
        region=rows["district"].map(regions),
        low=rows["count"],
        high=rows["count"],
        recovered=True,
    )


def _block(
    slices: list[pd.DataFrame], besides: list[pd.DataFrame], tree: Tree, region: str, districts: list[str],
    month: str, moved: set[tuple[str, str, str]], rng: np.random.Generator,
) -> tuple[pd.DataFrame | None, int]:  # fmt: skip
    units, nodes = [*districts, ""], len(tree.codes)
    size = len(units) * nodes
    place = {code: at for at, code in enumerate(tree.codes)}
    row = {unit: at for at, unit in enumerate(units)}
    number = np.arange(size)
    values = np.full(size * max(len(slices), 1), np.nan)
    there = np.zeros(size * max(len(slices), 1), dtype=bool)
    parts: list[sp.csr_matrix] = []
    for release, frame in enumerate(slices):
        collected, told = _table(
            frame, besides[release] if release < len(besides) else None, region, row, place
        )
        if release:
            # an unrevised cell is the same unknown in both releases
            same = [
                not _was_moved(units[at // nodes], tree.codes[at % nodes], month, moved, tree, districts)
                for at in range(size)
            ]
            fresh = np.where(same, number, release * size + np.arange(size))
        else:
            fresh = number
        there[fresh[collected]] = True
        known = np.isfinite(told)
        values[fresh[known]] = told[known]
        sums = equations(collected.reshape(len(units), nodes), tree)
        parts.append(
            sp.csr_matrix((sums.data, fresh[sums.indices], sums.indptr), shape=(sums.shape[0], len(values)))
        )
    unknown = np.flatnonzero(there & np.isnan(values))
    asked = unknown[(unknown % size) < size - nodes]
    asked = asked[np.array([tree.kinds[at % nodes] != SAFETY for at in asked], dtype=bool)]
    if not len(asked):
        return None, 0
    matrix = sp.vstack(parts).tocsr()
    left = matrix[:, unknown]
    used = np.diff(left.indptr) > 0
    right = -(matrix @ np.nan_to_num(values))
    limit = np.where(tree.sensitive, SMALL_SENSITIVE, SMALL)[unknown % nodes]
    low, high, programs = _bounds(left[used], right[used], limit, np.isin(unknown, asked), rng)
    of = np.searchsorted(unknown, asked)
    low, high, limit = low[of], high[of], limit[of]
    table = pd.DataFrame(
        {
            "release": asked // size,
            "region": region,
            "district": [units[(at % size) // nodes] for at in asked],
            "offence": [tree.codes[at % nodes] for at in asked],
            "month": month,
            "low": low,
            "high": high,
            "recovered": (high - low < SMALL - DUST) | ((low >= 1 - DUST) & (high <= limit + DUST)),
        }
    )
    return table, programs


def _table(
    frame: pd.DataFrame, beside: pd.DataFrame | None, region: str, row: dict[str, int], place: dict[str, int]
) -> tuple[Bools, Floats]:
    """Return which cells of a block were collected and what is known of them, flat."""
    nodes = len(place)
    collected = np.zeros((len(row), nodes), dtype=bool)
    told = np.full((len(row), nodes), np.nan)
    mine = frame[frame["district"].isin(row)]
    at = mine["district"].map(row).to_numpy(), mine["offence"].map(place).to_numpy()
    collected[at], told[at] = True, mine["count"].to_numpy(dtype=float)
    if beside is not None:
        more = beside[(beside["region"] == region) & beside["unit"].isin(row) & beside["offence"].isin(place)]
        at = more["unit"].map(row).to_numpy(), more["offence"].map(place).to_numpy()
        collected[at], told[at] = (
            True,
            np.where(np.isnan(told[at]), more["count"].to_numpy(dtype=float), told[at]),
        )
    return collected.ravel(), told.ravel()


def _was_moved(
    unit: str, code: str, month: str, moved: set[tuple[str, str, str]], tree: Tree, districts: list[str]
) -> bool:
    """Say whether a cell was revised; a region's total was if one of its districts was."""
    if unit:
        return (unit, code, month) in moved
    return any((district, code, month) in moved for district in districts)


def _bounds(
    left: sp.csr_matrix, right: Floats, limit: npt.NDArray[np.int64], asked: Bools, rng: np.random.Generator
) -> tuple[Floats, Floats, int]:
    """Return bounds of the unknowns of `left @ x = right`, x whole and not negative, and the programs needed."""
    n = left.shape[1]
    low, high = np.full(n, np.inf), np.full(n, -np.inf)
    most = float(np.abs(right).sum()) + 50

    def open_() -> npt.NDArray[np.intp]:
        apart = (high - low >= SMALL - DUST) & ((low < 1 - DUST) | (high > limit + DUST))
        return np.flatnonzero(asked & ~apart)

    def look(wanted: Floats) -> None:
        """Find a table that agrees with everything published; a reader's counts are whole, so only such count."""
        found = solve(wanted, left, right, (0, most))
        if found is not None and whole(found):
            np.minimum(low, found.round(), out=low)
            np.maximum(high, found.round(), out=high)

    for _ in range(LOOKS):
        waiting = np.zeros(n)
        waiting[open_()] = 1.0
        if not waiting.any():
            return low, high, 0
        look(waiting * rng.choice([-1.0, 1.0], n) * rng.uniform(0.3, 1.0, n))
    for sign in (-1.0, 1.0):
        for at in open_().tolist():
            if at in open_():
                wanted = np.zeros(n)
                # the others are drawn the same way a little: one table then answers for many
                wanted[open_()] = 0.01 * sign
                wanted[at] = sign
                look(wanted)
    last = open_()
    for at in last.tolist():
        low[at], high[at] = _exact(left, right, at, most)
    return low, high, len(last)


def _exact(left: sp.csr_matrix, right: Floats, at: int, most: float) -> tuple[float, float]:
    """Return the least and the greatest whole value of one unknown."""
    aim = np.zeros(left.shape[1])
    ends = []
    for sign in (1.0, -1.0):
        aim[at] = sign
        found = milp(
            aim,
            constraints=LinearConstraint(left, right, right),
            bounds=Bounds(0, most),
            integrality=np.ones(left.shape[1], dtype=np.int64),
        )
        if found.x is None:
            # what is published does not agree with itself: the attacker learns nothing certain
            return 0.0, most
        ends.append(float(found.x[at].round()))
    return ends[0], ends[1]
