"""Estimates in place of withheld counts, from published figures alone.

They never appear in a row. They stand where a figure of another row needs all districts of a group, or all months
of a year: leaving small counts out would make every group look busier than it is.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.intp]


WITHHELD = 2.0
"""What a withheld count is taken to be before anything else is known of it."""

LEAST = 0.05
"""Weight of an estimate that is expected to be nothing."""

PASSES = 6
"""Times that estimates below zero are set to zero."""

RIDGE = 1e-9
DIGITS = 3
"""Digits of an estimate after the point: no more than it knows, and the same on every machine."""


def priors(
    people: Floats, values: Floats, hidden: Bools, totals: Floats, hidden_totals: Bools, region: Ints
) -> Floats:
    """Return what each count would be if a district's share in the area's offences were its share of residents.

    The area's offences are the published totals of its regions; where one is withheld, its published districts and
    :data:`WITHHELD` for each other.

    Parameters
    ----------
    people
        Residents, district × month; equal numbers where none are known.
    values, hidden
        Counts and which are withheld, district × node × month; withheld ones are not looked at.
    totals, hidden_totals
        The same for the totals of regions, region × node × month.
    region
        Number of each district's region.
    """
    known = np.isfinite(values)
    seen = np.where(known, np.where(hidden, WITHHELD, np.nan_to_num(values)), 0.0)
    told = np.zeros(totals.shape)
    np.add.at(told, region, seen)
    told = np.where(hidden_totals | ~np.isfinite(totals), told, np.nan_to_num(totals))
    total = told.sum(axis=0)
    weight = np.where(known, people[:, None, :], 0.0)
    whole = weight.sum(axis=0)
    share = np.divide(weight, whole[None], out=np.zeros_like(weight), where=whole[None] > 0)
    prior: Floats = share * total[None]
    return prior


def estimate(values: Floats, hidden: Bools, sums: sp.csr_matrix, prior: Floats) -> Floats:
    """Return the block with each withheld count replaced by an estimate.

    The estimates are the table nearest to the prior that agrees with everything published: least squares, each
    divided by what is expected, as in iterative adjustment of tables to their margins [Deming & Stephan 1940].

    Parameters
    ----------
    values
        Counts, unit × node, the region last; of the withheld ones nothing but their place is used.
    hidden
        Withheld cells.
    sums
        The sums that hold in the block.
    prior
        What is expected of the districts, unit × node, without the region.

    Examples
    --------
    >>> table = np.array([[3.0, 9, 20, 32], [3, 9, 20, 32]])
    >>> hide = np.array([[True, True, False, False]] * 2)
    >>> sums = sp.csr_matrix([[1.0, 1, 1, -1, 0, 0, 0, 0]])
    >>> estimate(table, hide, sums, np.array([[5.0, 5, 20, 32]]))[0].tolist()
    [6.0, 6.0, 20.0, 32.0]
    """
    shown = values.copy()
    at = np.flatnonzero(hidden.ravel())
    if not len(at):
        return shown
    flat = np.where(hidden, 0.0, np.nan_to_num(values)).ravel()
    guess = np.concatenate([prior, prior.sum(axis=0, keepdims=True)]).ravel()[at]
    part = sums[:, at]
    used = np.diff(part.indptr) > 0
    table, target = part[used].toarray(), -(sums @ flat)[used]
    found = guess.copy()
    weight = np.maximum(guess, LEAST)
    for _ in range(PASSES):
        # sums that repeat others make the matrix singular; the ridge passes over them
        square = (table * weight) @ table.T
        square[np.diag_indices_from(square)] += RIDGE * (1 + square.diagonal())
        found = guess + weight * (table.T @ np.linalg.solve(square, target - table @ guess))
        below = found < 0
        if not below.any():
            break
        # what would be less than nothing is nothing, and the others make up for it
        guess, weight = np.where(below, 0.0, guess), np.where(below, 0.0, weight)
    out = shown.ravel()
    out[at] = np.maximum(found, 0.0).round(DIGITS)
    return out.reshape(values.shape)
