"""Decoys: what looks planted and must not be found."""

from __future__ import annotations

import numpy as np

from ..backdrop import DISPERSION, MONTHS
from ..offences import CODES, INDEX
from ..streams import stream
from .calendar import Calendar
from .model import Cell, Event

GROUP_MONTHS, REGION_MONTHS, LONE, TOGETHER, LATE = 12, 20, 40, 10, 3
_COMMON = tuple(
    INDEX[code] for code in ("104-1", "105-1", "141-1", "143-1", "131-1", "121-1", "161-2", "131-2")
)
DRIFT_UP, DRIFT_DOWN = INDEX["131-2"], INDEX["122-1"]
DRIFT_MONTHS = range(72, 96)


def plan_drift(calendar: Calendar, seed: int) -> list[Event]:
    """Plan the common drift of a group: in all raions fraud moves to the internet over two years, and stays there."""
    del seed
    cells = []
    for district in np.flatnonzero(calendar.status == "raion").tolist():
        for month in range(DRIFT_MONTHS.start, MONTHS):
            done = min(1.0, (month - DRIFT_MONTHS.start + 1) / len(DRIFT_MONTHS))
            for leaf, end in ((DRIFT_UP, 1.8), (DRIFT_DOWN, 0.75)):
                expected = float(calendar.expected[district, leaf, month])
                cells.append(Cell(district, leaf, month, expected, factor=1 + (end - 1) * done))
        calendar.blocked[district, [DRIFT_UP, DRIFT_DOWN]] = True
    return [Event("drift-raions", "mix", "decoy", tuple(cells), decoy="group_drift")]


def plan_together(calendar: Calendar, seed: int) -> list[Event]:
    """Plan neighbours that break out in the same month: no way leads from one to the other."""
    rng = stream(seed, "plan", "together")
    events = []
    for n in range(TOGETHER):
        for _ in range(400):
            d, k, t = calendar.pick(rng, 15, 200, months=range(36, 120))
            ring = [
                int(o) for o in np.flatnonzero(calendar.land.adjacent[d]) if calendar.free(int(o), k, t, t)
            ]
            ring = [o for o in ring if not calendar.near[o, k, t]]
            if ring:
                break
        other = max(ring, key=lambda o: calendar.expected[o, k, t])
        events.append(
            _outbreaks(
                calendar, f"together-{n + 1:02d}", [(d, k, t), (other, k, t)], 6.0, "neighbours_together"
            )
        )
    return events


def plan_lone(calendar: Calendar, seed: int) -> list[Event]:
    """Plan 40 outbreaks with nothing next door: real outbreaks, but no path."""
    rng = stream(seed, "plan", "lone")
    events = []
    for n in range(LONE):
        place = calendar.pick(rng, 20, 200, months=range(36, 120))
        events.append(
            _outbreaks(calendar, f"lone-{n + 1:02d}", [place], float(rng.uniform(5, 6)), "lone_outbreak")
        )
    return events


def _outbreaks(
    calendar: Calendar, id_: str, places: list[tuple[int, int, int]], d: float, decoy: str
) -> Event:
    cells = []
    for district, leaf, month in places:
        calendar.claim(district, leaf, month, month, rise=True)
        cards, exact, power = calendar.excess(district, leaf, month, d)
        expected = float(calendar.expected[district, leaf, month])
        cells.append(Cell(district, leaf, month, expected, cards, d=exact, power=power))
    return Event(id_, "outbreak", "decoy", tuple(cells), decoy=decoy)


def plan_shared_months(calendar: Calendar, seed: int) -> list[Event]:
    """Plan months in which a whole region, or all districts of a status, rise together."""
    rng = stream(seed, "plan", "shared months")
    events = []
    masks: list[tuple[str, str, str | None]] = [
        (f"region-month-{n + 1:02d}", "region_month", None) for n in range(REGION_MONTHS)
    ]
    statuses = ("city", "raion", "city_district") * (GROUP_MONTHS // 3)
    masks += [(f"group-month-{n + 1:02d}", "group_month", status) for n, status in enumerate(statuses)]
    for id_, decoy, status in masks:
        for attempt in range(5000):
            chosen = calendar.status == status if status else calendar.land.region == rng.integers(14)
            leaf, month = int(rng.choice(_COMMON)), int(rng.integers(36, 120))
            members = np.flatnonzero(chosen)
            clash = calendar.blocked[members, leaf, month].sum()
            # Late in the search a member that is taken is left out: the month is shared by nearly all.
            if clash <= (attempt // 250) * 0.02 * len(members):
                break
        else:
            raise ValueError(f"no month is free for {id_}")
        members = members[~calendar.blocked[members, leaf, month]]
        cells = []
        for district in members.tolist():
            calendar.claim(district, leaf, month, month, rise=True)
            expected = float(calendar.expected[district, leaf, month])
            unit = (DISPERSION * max(expected, 1e-9)) ** 0.5
            cells.append(Cell(district, leaf, month, expected, factor=1.5, d=0.5 * expected / unit))
        events.append(Event(id_, "outbreak", "decoy", tuple(cells), decoy=decoy))
    return events


def plan_late(calendar: Calendar, seed: int) -> list[Event]:
    """Plan three districts where 60 % of a month's cards are registered only the month after."""
    rng = stream(seed, "plan", "late")
    total = calendar.expected.sum(axis=(1, 2))
    events = []
    for n in range(LATE):
        for _ in range(4000):
            district = int(rng.choice(np.argsort(-total)[30:130]))
            month = int(rng.integers(40, 118))
            if not calendar.blocked[district, :, month : month + 2].any():
                break
        else:
            raise ValueError("no district is free for late registration")
        cells = []
        for leaf in range(len(CODES)):
            calendar.claim(district, leaf, month, month + 1)
            expected = float(calendar.expected[district, leaf, month])
            cells.append(Cell(district, leaf, month, expected, factor=0.4))
        events.append(Event(f"late-{n + 1}", "fall", "decoy", tuple(cells), decoy="late_registration"))
    return events
