"""Spread paths: one offence breaks out in one district after another, each a neighbour of the last."""

from __future__ import annotations

import numpy as np

from ..streams import stream
from .calendar import Calendar
from .model import Cell, Event

PER_CLASS = 10
SIZES = {"strong": (5, 5.0, 6.0), "medium": (4, 4.0, 5.0), "weak": (4, 3.0, 3.0)}
LEAST_EXPECTED = 40.0


def plan_paths(calendar: Calendar, seed: int) -> list[Event]:
    """Plan ten chains of each size, steps of one or two months, where E is at least 40."""
    rng = stream(seed, "plan", "paths")
    events = []
    for size, (length, low, high) in SIZES.items():
        for n in range(PER_CLASS):
            steps = _walk(calendar, rng, length)
            cells = []
            for d, k, t in steps:
                calendar.claim(d, k, t, t, rise=True)
                cards, exact, power = calendar.excess(d, k, t, float(rng.uniform(low, high)))
                cells.append(Cell(d, k, t, float(calendar.expected[d, k, t]), cards, d=exact, power=power))
            events.append(Event(f"path-{size}-{n + 1:02d}", "path", size, tuple(cells)))
    return events


def _walk(calendar: Calendar, rng: np.random.Generator, length: int) -> list[tuple[int, int, int]]:
    """Return a free walk over neighbouring districts that have enough cards (the largest, where few have)."""
    usual = calendar.expected[:, :, 36:].mean(axis=2)
    ranked = np.sort(usual.ravel())[::-1]
    floor = min(LEAST_EXPECTED, float(ranked[60]))
    for attempt in range(4000):
        least = floor * 0.97 ** (max(0, attempt - 2500) // 60)
        # The very largest series are left to strong falls as long as others will do.
        enough = (usual >= least) & ((usual < 2.6 * least) | (attempt >= 800))
        starts = np.argwhere(enough)
        d, k = (int(n) for n in starts[rng.integers(len(starts))])
        t = int(rng.integers(36, 118 - 2 * length))
        steps = [(d, k, t)]
        while len(steps) < length:
            t += int(rng.integers(1, 3))
            here = steps[-1][0]
            used = [step[0] for step in steps]
            onward = [
                int(n) for n in np.flatnonzero(calendar.land.adjacent[here] & enough[:, k]) if n not in used
            ]
            if not onward:
                break
            steps.append((int(rng.choice(onward)), k, t))
        apart = all(not calendar.near[step] for step in steps)
        if (
            len(steps) == length
            and apart
            and all(calendar.free(*step, step[2]) and calendar.expected[step] >= least for step in steps)
        ):
            return steps
    raise ValueError("no further spread path fits")
