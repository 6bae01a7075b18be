"""The gate and the ladder of pooling: which cell has an answer, from which step, which is a signal.

Three answers (STATISTICS.md 0.1): a rise is a signal when its test passes and the count is at least five,
whatever was expected; *norm* needs an expected count above the gate; else the next, wider step is asked, and
where none passes the answer is *too few to judge*. Each step is its own family of tests.

The gate looks at the chance part of the count alone. The spread between districts, τ², does not shrink when
months are pooled, so no amount of cards would carry a cell over a gate that grew with it; it stands in the
interval instead. See `docs/decisions/0011-pooling.md`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .fdr import bh_adjust, two_stage
from .halves import fired_by, joined

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.intp]


OWN_PERIOD = {1: "month", 3: "quarter", 12: "year"}
_WINDOWS = {"rolling3": 3, "rolling12": 12}


def widths_of(months: int) -> dict[str, int]:
    """Return the periods that a cell may be pooled over, its own first, and the rows of the panel in each.

    Examples
    --------
    >>> widths_of(1), widths_of(12)
    ({'month': 1, 'rolling3': 3, 'rolling12': 12}, {'year': 1})
    """
    return {OWN_PERIOD[months]: 1} | {
        name: width // months for name, width in _WINDOWS.items() if width > months
    }


@dataclass(frozen=True)
class Step:
    """One rung: counts, and what either half makes of them, offence × month × district.

    Parameters
    ----------
    period
        The period pooled over: the panel's own, ``rolling3`` or ``rolling12``.
    own
        True if the rung is of the offence itself, False if of its category.
    count
        Counts of the period.
    expected, p_rise
        Expected count and p-value beside the peers; NaN where there is no peer half.
    expected_own, p_own
        The same beside the own past; NaN where there is no own half.
    """

    period: str
    own: bool
    count: Floats
    expected: Floats
    p_rise: Floats
    expected_own: Floats
    p_own: Floats

    @property
    def due(self) -> Floats:
        """What the gate looks at: expected beside the peers, or of its own past where there are no peers."""
        return np.where(np.isnan(self.p_rise), self.expected_own, self.expected)


@dataclass(frozen=True)
class Nodes:
    """How the offences of a panel hang together, as row numbers.

    Parameters
    ----------
    leaf
        True where a row is a leaf (or the remainder of a delivered total).
    category
        Row of each leaf's category, or -1.
    family
        Number of the family that an inner node is tested in (root, categories, severities); leaves share one.
    """

    leaf: Bools
    category: Ints
    family: Ints


@dataclass(frozen=True)
class Answers:
    """What the ladder found, offence × month × district.

    Parameters
    ----------
    step
        Number of the rung that answered, -1 where none did.
    fired
        A rise that is a signal, and of which half: 0 none, 1 peers, 2 own, 3 both. Only rungs of the offence
        itself can raise one.
    q_value
        q of the rung that answered; NaN where none did.
    falls_judged
        The expected count was large enough to speak of falls too.
    """

    step: npt.NDArray[np.int8]
    fired: npt.NDArray[np.int8]
    q_value: Floats
    falls_judged: Bools


def climb(
    steps: list[Step],
    nodes: Nodes,
    judged: Bools,
    *,
    q: float,
    gate: float,
    fall_gate: float,
    signal_count: int,
) -> Answers:
    """Ask the rungs in turn and stop, cell by cell, at the first that answers.

    Parameters
    ----------
    steps
        The rungs, the cell's own period and offence first.
    nodes
        The offences.
    judged
        Cells that have either half at all.
    q, gate, fall_gate, signal_count
        The cuts of the area file, `[rating]`.

    Returns
    -------
    Answers
    """
    open_ = judged.copy()
    found = np.full(judged.shape, -1, dtype=np.int8)
    fired = np.zeros(judged.shape, dtype=np.int8)
    falls = np.zeros(judged.shape, dtype=bool)
    q_value = np.full(judged.shape, np.nan)
    for number, step in enumerate(steps):
        rows = np.arange(len(judged)) if step.own else np.flatnonzero(nodes.leaf & (nodes.category >= 0))
        if not len(rows):
            continue
        at = rows if step.own else nodes.category[rows]
        p, due = joined(step.p_rise, step.p_own), step.due
        testable = open_[rows] & (due[at] > 0) & ~np.isnan(p[at])
        here = q_of_offences(p, nodes, testable, q) if step.own else _of_categories(p, at, testable)
        signal = testable & (here <= q) & (step.count[at] >= signal_count) & step.own
        taken = signal | (testable & (due[at] >= gate))
        found[rows] = np.where(taken, number, found[rows])
        if step.own:
            halves = fired_by(step.p_rise, step.p_own, here, q=q)
            fired = np.where(signal, halves, fired)
        falls[rows] |= taken & (due[at] >= fall_gate)
        q_value[rows] = np.where(taken, here, q_value[rows])
        open_[rows] &= ~taken
    return Answers(found, fired, q_value, falls)


def q_of_offences(joint: Floats, nodes: Nodes, testable: Bools, q: float) -> Floats:
    """Return q-values of a rung of the offences themselves: two stages for leaves, BH for each kind of node.

    Parameters
    ----------
    joint
        p-values, offence × month × district.
    nodes
        The offences.
    testable
        Which cells are tested at all.
    q
        Rate at which categories are selected.

    Returns
    -------
    array of the same shape
        NaN where nothing was tested.
    """
    p = np.where(testable, joint, np.nan)
    out = np.full(p.shape, np.nan)
    leaves = np.flatnonzero(nodes.leaf)
    category = np.repeat(nodes.category[leaves], p.shape[2])
    out[leaves] = _monthly(p[leaves], lambda flat: two_stage(flat, category, q=q))
    for family in np.unique(nodes.family[~nodes.leaf]):
        rows = np.flatnonzero(~nodes.leaf & (nodes.family == family))
        out[rows] = _monthly(p[rows], bh_adjust)
    return out


def _of_categories(joint: Floats, at: Ints, testable: Bools) -> Floats:
    """q-values of a rung of categories: each category counts once, however many of its leaves ask."""
    categories, number = np.unique(at, return_inverse=True)
    asked = np.zeros((len(categories), *testable.shape[1:]), dtype=bool)
    np.logical_or.at(asked, number, testable)
    found: Floats = _monthly(np.where(asked, joint[categories], np.nan), bh_adjust)[number]
    return found


def _monthly(p: Floats, adjust: Callable[[Floats], Floats]) -> Floats:
    """Adjust all cells of a month together: offence × month × district → month × cells and back."""
    offences, months, districts = p.shape
    flat = p.transpose(1, 0, 2).reshape(months, offences * districts)
    return adjust(flat).reshape(months, offences, districts).transpose(1, 0, 2)
