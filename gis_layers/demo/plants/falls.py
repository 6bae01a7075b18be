"""Suspicious falls of three months, each with the trace that a doctored record leaves."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..backdrop import MONTHS
from ..offences import CODES, INDEX
from ..streams import stream
from .calendar import Calendar
from .model import Cell, Event
from .power import fall_power

PER_CLASS, TOO_FEW, GENUINE = 30, 15, 10
MONTHS_LONG = 3
SIZES = {"strong": (100.0, 400.0, 0.40), "medium": (50.0, 72.0, 0.50), "weak": (34.0, 47.0, 0.65)}
SMOOTH_BEFORE = 9
# Kinds of evidence, those with least choice of place first.
EVIDENCE = (
    "threshold_bunching", "lesser_rise", "under_dispersion", "dip_rebound", "proxy_not_shared", "completeness_drop",
)  # fmt: skip
# The lesser offence that a record may be turned into, by leaf.
LESSER = {
    INDEX["121-1"]: INDEX["122-1"],
    INDEX["121-2"]: INDEX["121-1"],
    INDEX["122-1"]: INDEX["143-1"],
    INDEX["131-1"]: INDEX["172-1"],
    INDEX["104-1"]: INDEX["105-1"],
    INDEX["105-1"]: INDEX["106-1"],
}
BUNCHED = (INDEX["121-1"],)


def plan_falls(calendar: Calendar, seed: int) -> list[Event]:
    """Plan 30 falls of each size, the six kinds of evidence alike often."""
    rng = stream(seed, "plan", "falls")
    return [
        _suspicious(calendar, rng, kind, size, f"fall-{size}-{kind.replace('_', '-')}-{n + 1}")
        for kind in EVIDENCE
        for size in SIZES
        for n in range(PER_CLASS // len(EVIDENCE))
    ]


def _suspicious(calendar: Calendar, rng: np.random.Generator, kind: str, size: str, id_: str) -> Event:
    low, high, keep = SIZES[size]
    lesser = kind in ("lesser_rise", "threshold_bunching")
    leaves = (BUNCHED if kind == "threshold_bunching" else tuple(LESSER)) if lesser else None
    # A dip at the period's end: October to December, with the cards back in January.
    months = range(45, 115, 12) if kind == "dip_rebound" else range(36, 116)
    before = SMOOTH_BEFORE if kind == "under_dispersion" else 0
    after = 1 if kind == "dip_rebound" else 0
    blocked = calendar.blocked.ravel()

    def suits(places: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        fit = np.ones(len(places), dtype=bool)
        for month in range(before):
            fit &= ~blocked[places - month - 1]
        if lesser:
            leaf = places // MONTHS % len(CODES)
            other = np.array([LESSER.get(k, k) for k in range(len(CODES))])[leaf]
            for month in range(MONTHS_LONG):
                fit &= ~blocked[places + (other - leaf) * MONTHS + month]
        return fit

    d, k, t = calendar.pick(
        rng, low, high, months=months, offences=leaves, length=MONTHS_LONG + after, lone=False, also=suits
    )
    calendar.claim(d, k, t - before, t + MONTHS_LONG - 1 + after)
    detail = {}
    if lesser:
        calendar.claim(d, LESSER[k], t, t + MONTHS_LONG - 1)
        detail["lesser"] = LESSER[k]
    return _fall(calendar, id_, size, d, k, t, keep, kind, detail)


def plan_small_falls(calendar: Calendar, seed: int) -> list[Event]:
    """Plan falls where E is at most 15: nobody can tell, so the answer must be `too_few`."""
    rng = stream(seed, "plan", "small falls")
    events = []
    for n in range(TOO_FEW):
        d, k, t = calendar.pick(rng, 6, 14, months=range(36, 116), length=MONTHS_LONG, lone=False)
        calendar.claim(d, k, t, t + MONTHS_LONG - 1)
        events.append(_fall(calendar, f"fall-too-few-{n + 1:02d}", "too_few", d, k, t, 0.3, None, {}))
    return events


def plan_genuine(calendar: Calendar, seed: int) -> list[Event]:
    """Plan falls that really happened: calls to the police fall with the records, so nothing needs a check."""
    rng = stream(seed, "plan", "genuine falls")
    events = []
    for n in range(GENUINE):
        d, k, t = calendar.pick(
            rng, 45, 90, months=range(36, 116), length=MONTHS_LONG, lone=False, offences=(INDEX["121-1"],)
        )
        calendar.claim(d, k, t, t + MONTHS_LONG - 1)
        events.append(
            _fall(calendar, f"fall-genuine-{n + 1:02d}", "decoy", d, k, t, 0.45, None, {}, "genuine")
        )
    return events


def _fall(
    calendar: Calendar, id_: str, size: str, d: int, k: int, t: int, keep: float, evidence: str | None,
    detail: dict[str, int], decoy: str | None = None,
) -> Event:  # fmt: skip
    cells = []
    for month in range(t, t + MONTHS_LONG):
        expected = float(calendar.expected[d, k, month])
        unit = (1.5 * max(expected, 1e-9)) ** 0.5
        cells.append(
            Cell(
                d,
                k,
                month,
                expected,
                factor=keep,
                d=-(1 - keep) * expected / unit,
                power=fall_power(expected, keep),
            )
        )
    return Event(id_, "fall", size, tuple(cells), decoy=decoy, evidence=evidence, detail=dict(detail))
