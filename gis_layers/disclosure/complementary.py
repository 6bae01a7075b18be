"""Which further cells of a block must be withheld, so that no withheld one can be computed back.

After the linear-programming heuristics for cell suppression (Kelly, Golden & Assad 1992; Fischetti &
Salazar-González 2000): a withheld cell is safe when there are tables that agree with everything published and differ in
it widely enough. Such tables are looked for and kept as witnesses. *Audit*: with the published cells fixed, a program
with a random objective pushes all open cells apart at once. *Repair*: for some of the cells that are still too narrow,
the cheapest change of published cells that would let them rise is found; what it touches is withheld too. Repeated
until none is open.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from .program import DUST, solve, solve_whole, whole

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

SHARE = 0.1
"""Share of the open cells that one repair opens: all at once would move more than is needed."""

FEWEST = 3
"""A repair opens at least this many cells."""

PROGRESS = 0.85
"""While an audit leaves at most this share of the open cells open, another one follows."""

ROUNDS = 120

TRIES = 3
"""Fruitless repairs after which a cell of each sum of the cell in question is withheld besides."""

WIDENED = 6
"""Times that this is done in a block; then the cell is asked for in whole numbers, which takes longest."""


@dataclass(frozen=True)
class Hidden:
    """The withheld cells of a block and how far the witnesses move each.

    Parameters
    ----------
    cells
        True where withheld, primary ones included.
    low, high
        Least and greatest value over the witnesses; NaN where published.
    safe
        True if every withheld cell is wide enough.
    """

    cells: Bools
    low: Floats
    high: Floats
    safe: bool


def complement(
    values: Floats,
    hidden: Bools,
    sums: sp.csr_matrix,
    cost: Floats,
    width: Floats,
    *,
    low: Floats | None = None,
    high: Floats | None = None,
    rng: np.random.Generator,
) -> Hidden:
    """Withhold more cells until every withheld one has room.

    Parameters
    ----------
    values
        The counts, flat; NaN is not collected.
    hidden
        Cells that must be withheld.
    sums
        Rows that are zero times the values (:func:`gis_layers.disclosure.relations.equations`).
    cost
        What withholding a cell would cost; infinite where it may not be withheld.
    width
        Room that each cell needs if it is withheld: greatest less least possible value.
    low, high
        Least and greatest values of witnesses that are known already (:func:`gis_layers.disclosure.swaps.swap`).
    rng
        Source of the random objectives.

    Returns
    -------
    Hidden

    Examples
    --------
    Of 3 + 9 + 20 = 32 the 3 is small; the total tells it, unless a second part goes too.

    >>> import numpy as np, scipy.sparse as sp
    >>> table = np.array([3.0, 9, 20, 32])
    >>> found = complement(table, table == 3, sp.csr_matrix([[1.0, 1, 1, -1]]), np.array([1.0, 1, 2, 9]),
    ...                    np.full(4, 4.0), rng=np.random.default_rng(0))
    >>> found.cells.tolist(), found.safe
    ([True, True, False, False], True)
    """
    cells = hidden.copy()
    low, high = (np.where(cells, values if known is None else known, np.nan) for known in (low, high))
    if not cells.any():
        return Hidden(cells, low, high, True)
    stuck = widened = 0
    for _ in range(ROUNDS):
        before = len(_open(cells, low, high, width))
        while before:
            _audit(values, cells, sums, low, high, width, rng)
            now = len(_open(cells, low, high, width))
            enough, before = now > PROGRESS * before, now
            if enough:
                break
        if not before:
            return Hidden(cells, low, high, True)
        waiting = rng.permutation(_open(cells, low, high, width))
        # tables of halves are no witnesses: where only those come, one cell is asked for, then given more room
        chosen = waiting[: 1 if stuck else max(FEWEST, round(SHARE * len(waiting)))]
        withheld = int(cells.sum())
        if stuck > TRIES and widened < WIDENED:
            widened += 1
            _widen(values, cells, sums, low, high, cost, chosen[0])
        price = cost * rng.uniform(0.7, 1.3, len(cost)) if stuck else cost
        integer = stuck > TRIES and widened == WIDENED
        if not _repair(values, cells, sums, low, high, width, price, chosen, integer=integer):
            break
        moved = int(cells.sum()) > withheld or len(_open(cells, low, high, width)) < before
        stuck = 0 if moved else stuck + 1
    return Hidden(cells, low, high, not len(_open(cells, low, high, width)))


def _open(cells: Bools, low: Floats, high: Floats, width: Floats) -> npt.NDArray[np.intp]:
    return np.flatnonzero(cells & (np.nan_to_num(high) - np.nan_to_num(low) < width - DUST))


def _audit(
    values: Floats, cells: Bools, sums: sp.csr_matrix, low: Floats, high: Floats, width: Floats,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """Push the open cells apart, up or down at random, with everything published fixed; keep what they reach.

    A cell rises no further than it must, which leaves room for the others to rise in the same table.
    """
    at = np.flatnonzero(cells)
    opened = np.isin(at, _open(cells, low, high, width))
    up = (rng.random(len(at)) < 0.5) | (low[at] < DUST)
    wanted = np.where(opened, np.where(up, -1.0, 1.0) * rng.uniform(0.3, 1.0, len(at)), 0.0)
    most = np.where(opened, low[at] + width[at], 2 * float(np.nanmax(values)) + 50)
    part = sums[:, at]
    part = part[np.diff(part.indptr) > 0]
    bounds = np.c_[np.zeros(len(at)), np.maximum(most, values[at])]
    found = solve(wanted, part, part @ values[at], bounds)
    if found is not None:
        _keep(values, cells, _spread(found - values[at], at, len(values)), low, high)


def _widen(
    values: Floats, cells: Bools, sums: sp.csr_matrix, low: Floats, high: Floats, cost: Floats, cell: np.intp
) -> None:
    """Withhold the cheapest published cell of each sum that a cell stands in."""
    for row in np.flatnonzero(sums[:, [cell]].toarray().ravel()):
        at = sums.indices[sums.indptr[row] : sums.indptr[row + 1]]
        more = at[~cells[at] & np.isfinite(values[at]) & np.isfinite(cost[at])]
        if len(more):
            chosen = more[np.argmin(cost[more])]
            cells[chosen] = True
            low[chosen] = high[chosen] = values[chosen]


def _spread(step: Floats, at: npt.NDArray[np.intp], size: int) -> Floats:
    whole_block = np.zeros(size)
    whole_block[at] = step
    return whole_block


def _keep(values: Floats, cells: Bools, step: Floats, low: Floats, high: Floats) -> None:
    """Keep a table as a witness if it is one of whole counts, or if two or three times the step from the truth is."""
    moved = np.abs(step) > DUST
    for times in (1, 2, 3):
        table = values[moved] + times * step[moved]
        if whole(table) and (table > -DUST).all():
            at = np.flatnonzero(moved & cells)
            reached = (values[at] + times * step[at]).round()
            low[at], high[at] = np.fmin(low[at], reached), np.fmax(high[at], reached)
            return


def _repair(
    values: Floats, cells: Bools, sums: sp.csr_matrix, low: Floats, high: Floats, width: Floats,
    cost: Floats, chosen: npt.NDArray[np.intp], *, integer: bool,
) -> bool:  # fmt: skip
    """Withhold the cheapest cells that let the chosen ones rise; return whether there is a way."""
    inside = np.flatnonzero(cells)
    around = np.flatnonzero(~cells & np.isfinite(values) & np.isfinite(cost))
    most = 2 * float(np.nanmax(values)) + 50
    rise = np.zeros(len(values))
    rise[chosen] = width[chosen] - (values[chosen] - low[chosen])
    floor = np.where(rise[inside] > 0, rise[inside], -values[inside])
    moves = sp.hstack([sums[:, inside], sums[:, around], -sums[:, around]]).tocsr()
    bounds = np.concatenate(
        [
            np.c_[floor, np.full(len(inside), most)],
            np.c_[np.zeros(len(around)), np.full(len(around), most)],
            np.c_[np.zeros(len(around)), values[around]],
        ]
    )
    price = np.concatenate([np.zeros(len(inside)), cost[around], cost[around]])
    found = (solve_whole if integer else solve)(price, moves, np.zeros(moves.shape[0]), bounds)
    if found is None:
        return False
    step = np.zeros(len(values))
    step[inside] = found[: len(inside)]
    step[around] = found[len(inside) : len(inside) + len(around)] - found[len(inside) + len(around) :]
    fresh = ~cells & (np.abs(step) > DUST)
    cells |= fresh
    low[fresh], high[fresh] = values[fresh], values[fresh]
    _keep(values, cells, step, low, high)
    return True
