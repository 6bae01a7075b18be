"""Reactions: a month after each jump of the exchange rate theft and robbery rise in the same ten districts."""

from __future__ import annotations

import numpy as np

from ..backdrop import MONTHS
from ..offences import THEFT
from ..streams import stream
from .calendar import Calendar
from .model import Cell, Event

# Four jumps before month 84, two after, the last in the final month: its echo is what a warning must foretell.
JUMPS = (14, 33, 52, 71, 95, 119)
LAG = 1
SIZES = {"strong": (4, 60.0, 150.0, 1.8), "medium": (4, 30.0, 60.0, 1.5), "weak": (2, 10.0, 15.0, 1.3)}


def plan_reactions(calendar: Calendar, seed: int) -> list[Event]:
    """Plan ten districts whose whole theft category rises together; E is that of the category."""
    rng = stream(seed, "plan", "reactions")
    theft = calendar.expected[:, list(THEFT)].sum(axis=1).mean(axis=1)
    # The districts of the large cities are left to the paths, which have nowhere else to go.
    usable = calendar.status != "city_district"
    events = []
    for size, (n, low, high, factor) in SIZES.items():
        fit = np.flatnonzero(usable & (theft >= low) & (theft < high))
        if len(fit) < n:
            miss = np.where(usable, np.abs(theft - (low + high) / 2), np.inf)
            fit = np.argsort(miss)[: max(n, 8)]
        for number, district in enumerate(rng.choice(fit, n, replace=False).tolist()):
            usable[district] = False
            cells = []
            for jump in JUMPS:
                month = jump + LAG
                if month >= MONTHS:
                    continue
                for leaf in THEFT:
                    calendar.claim(district, leaf, month, month, rise=True)
                    expected = float(calendar.expected[district, leaf, month])
                    unit = (1.5 * max(expected, 1e-9)) ** 0.5
                    cells.append(
                        Cell(district, leaf, month, expected, factor=factor, d=(factor - 1) * expected / unit)
                    )
            detail = {
                "factor": "exchange_rate",
                "lag_months": LAG,
                "effect": factor,
                "expected": float(theft[district]),
            }
            events.append(
                Event(f"reaction-{size}-{number + 1}", "reaction", size, tuple(cells), detail=detail)
            )
    return events
