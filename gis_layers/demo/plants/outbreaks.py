"""Outbreaks of one month: strong, medium, weak and rare, in series of the sizes that STATISTICS, section 12 names."""

from __future__ import annotations

from ..streams import stream
from .calendar import Calendar
from .model import Cell, Event
from .power import rise_power

PER_CLASS, RARE = 60, 30
SIZES = {"strong": 7.0, "medium": 5.0, "weak": 3.5}


def plan_outbreaks(calendar: Calendar, seed: int) -> list[Event]:
    """Plan 60 outbreaks of each size where E is 40 to 200."""
    rng = stream(seed, "plan", "outbreaks")
    events = []
    for n in range(PER_CLASS):
        for size, d in SIZES.items():
            place = calendar.pick(rng, 40, 200, months=range(12, 120))
            calendar.claim(place[0], place[1], place[2], place[2], rise=True)
            cards, exact, power = calendar.excess(*place, d)
            cell = Cell(*place, float(calendar.expected[place]), cards, d=exact, power=power)
            events.append(Event(f"outbreak-{size}-{n + 1:02d}", "outbreak", size, (cell,)))
    return events


def plan_rare(calendar: Calendar, seed: int) -> list[Event]:
    """Plan 30 outbreaks of four to five times the expected 3 to 5: too small for a norm, too large to hide."""
    rng = stream(seed, "plan", "rare")
    events = []
    for n in range(RARE):
        place = calendar.pick(rng, 3, 5, months=range(12, 120))
        calendar.claim(place[0], place[1], place[2], place[2], rise=True)
        expected = float(calendar.expected[place])
        cards = max(1, round((rng.uniform(4, 5) - 1) * expected))
        d = cards / (1.5 * max(expected, 1e-9)) ** 0.5
        cell = Cell(*place, expected, cards, d=d, power=rise_power(expected, cards))
        events.append(Event(f"outbreak-rare-{n + 1:02d}", "outbreak", "rare", (cell,)))
    return events
