"""Outbreak, fall, norm or too few: both tails of the own half, each its own family of tests.

Rises go up the ladder of the rating: month, three months, category, its three months, twelve months. Falls are tested
on the period itself alone, and only where enough is expected to see one: a fall of a small cell that shows over three
months is told by the CUSUM as evidence, and is no signal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...settings.area import RatingSection
from ..norm import OwnHalf
from ..rating.pooling import Nodes, Step, climb, q_of_offences

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

SIGNALS = ("outbreak", "fall", "norm", "norm_rise_only", "too_few", "incomplete")
OUTBREAK, FALL, NORM, RISE_ONLY, TOO_FEW, INCOMPLETE = range(len(SIGNALS))


@dataclass(frozen=True)
class Signals:
    """What the tests say, offence × month × district.

    Parameters
    ----------
    signal
        Place in `SIGNALS`, -1 where nothing was collected.
    q_value
        q of the test that made the signal; of a norm, the smaller of both tails.
    step
        Rung of the ladder that answered, -1 none: an outbreak of rung 1 or more is one of months taken together.
    """

    signal: npt.NDArray[np.int8]
    q_value: Floats
    step: npt.NDArray[np.int8]


def signals(
    month: OwnHalf, steps: list[Step], nodes: Nodes, incomplete: Bools, settings: RatingSection
) -> Signals:
    """Test rises and falls.

    Parameters
    ----------
    month
        The own half of the period itself.
    steps
        The rungs, the period itself first; `p_own` and `expected_own` are those of the own half, the peers' NaN.
    nodes
        The offences.
    incomplete
        Months that are not complete.
    settings
        The cuts: `q`, `gate`, `fall_gate`, `signal_count`.
    """
    count = steps[0].count
    known = ~np.isnan(month.p_rise) & ~np.isnan(count)
    rises = climb(
        steps, nodes, known,
        q=settings.q, gate=settings.gate, fall_gate=settings.fall_gate, signal_count=settings.signal_count,
    )  # fmt: skip
    testable = known & (month.expected >= settings.fall_gate) & ~np.isnan(month.p_fall)
    q_fall = q_of_offences(month.p_fall, nodes, testable, settings.q)
    fall = testable & (q_fall <= settings.q)
    rise = rises.fired > 0
    outbreak = rise & ~(fall & (rises.step > 0))
    signal = np.where(testable, NORM, RISE_ONLY)
    signal = np.where(rises.step < 0, TOO_FEW, signal)
    signal = np.where(fall, FALL, signal)
    signal = np.where(outbreak, OUTBREAK, signal)
    signal = np.where(incomplete[None, :, None], INCOMPLETE, signal)
    signal = np.where(np.isnan(count) & ~incomplete[None, :, None], -1, signal)
    q_value = np.where(outbreak, rises.q_value, np.where(fall, q_fall, np.fmin(rises.q_value, q_fall)))
    return Signals(signal.astype(np.int8), np.where(signal <= RISE_ONLY, q_value, np.nan), rises.step)


def rungs(
    halves: Mapping[int, OwnHalf], counts: Mapping[int, Floats], widths: Mapping[str, int]
) -> list[Step]:
    """Return the rungs of the ladder in order, of the own half alone.

    Parameters
    ----------
    halves, counts
        By rows of the panel taken together.
    widths
        The periods, the panel's own first, and the rows in each.
    """
    names = list(widths)
    order = [(names[0], True)]
    if "rolling3" in widths:
        order.append(("rolling3", True))
    order.append((names[0], False))
    if "rolling3" in widths:
        order.append(("rolling3", False))
    if "rolling12" in widths:
        order.append(("rolling12", True))
    found = []
    for name, own in order:
        half = halves[widths[name]]
        nothing = np.full(half.expected.shape, np.nan)
        found.append(Step(name, own, counts[widths[name]], nothing, nothing, half.expected, half.p_rise))
    return found
