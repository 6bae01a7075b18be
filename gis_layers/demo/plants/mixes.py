"""Shifted mixes (one category's share up, the total unchanged) and cards with empty fields."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..backdrop import DISPERSION
from ..offences import CATEGORY_OF
from ..streams import stream
from .calendar import Calendar
from .model import Cell, Event

MIX_PER_CLASS, EMPTY_PER_CLASS = 20, 15
MIXES = {"strong": 6.0, "medium": 4.0, "weak": 2.5}
EMPTY = {"strong": 0.45, "medium": 0.70, "weak": 0.85}
FIELDS = ("place_type", "time_of_day", "method")
LEAST_CARDS = 60.0
LONG = 3


def plan_mixes(calendar: Calendar, seed: int) -> list[Event]:
    """Plan 20 shifts of each size, in districts of 60 to 250 cards a month; cards move to one leaf from all others."""
    rng = stream(seed, "plan", "mixes")
    total = calendar.expected.sum(axis=1)
    usual = total.mean(axis=1)
    fit = (usual >= LEAST_CARDS) & (usual <= 250)
    if fit.sum() < 40:
        fit = usual >= np.sort(usual)[-60]
    events = []
    for n in range(MIX_PER_CLASS):
        for size, d in MIXES.items():
            district, leaf, first, donors = _free_mix(calendar, rng, fit, d)
            for other in (leaf, *donors):
                calendar.claim(district, other, first, first + LONG - 1)
            inside = CATEGORY_OF[leaf] == CATEGORY_OF
            cells = []
            for month in range(first, first + LONG):
                whole = float(total[district, month])
                share = float(calendar.expected[district, inside, month].sum()) / max(whole, 1e-9)
                unit = float(np.sqrt(DISPERSION * whole * share * (1 - share)))
                # On small counts the donors have not enough for the full size; the truth tells the real one.
                most = 0.75 * float(calendar.expected[district, donors, month].sum())
                cards = max(1, round(min(d * unit, most)))
                cells.append(Cell(district, leaf, month, whole * share, cards, d=cards / max(unit, 1e-9)))
            detail = {"total": float(total[district, first]), "share": share, "donors": donors}
            events.append(Event(f"mix-{size}-{n + 1:02d}", "mix", size, tuple(cells), detail=detail))
    return events


def _free_mix(
    calendar: Calendar, rng: np.random.Generator, fit: npt.NDArray[np.bool_], d: float
) -> tuple[int, int, int, list[int]]:
    """Return a district, a leaf, a first month, and leaves of other categories that can give the cards."""
    for attempt in range(6000):
        # A small scale has no donors for the full size: ask for less and less.
        demand = 1.7 * 0.5 ** (attempt // 200)
        district = int(rng.choice(np.flatnonzero(fit)))
        first = int(rng.integers(12, 117))
        months = slice(first, first + LONG)
        if calendar.active[district, :, months].any():
            continue
        expected = calendar.expected[district, :, months].mean(axis=1)
        groups = np.bincount(CATEGORY_OF, expected).astype(float)
        whole = float(groups.sum())
        free = np.asarray(~calendar.blocked[district, :, months].any(axis=1))
        floor = min(5.0, float(np.sort(groups)[-3]))
        categories = np.flatnonzero((groups >= floor) & (groups <= 0.4 * whole))
        for category in rng.permutation(categories).tolist():
            inside = np.equal(CATEGORY_OF, category)
            leaf = int(np.where(inside, expected, -1).argmax())
            share = float(groups[category]) / whole
            wanted = d * float(np.sqrt(DISPERSION * whole * share * (1 - share)))
            donors = np.flatnonzero(free & ~inside & (expected >= min(1.5, whole / 30)))
            if free[leaf] and len(donors) and expected[donors].sum() >= demand * wanted:
                return district, leaf, first, donors.tolist()
    raise ValueError("no further shifted mix fits")


def plan_completeness(calendar: Calendar, seed: int) -> list[Event]:
    """Plan 15 districts of each size where a field that is .90 filled is left empty for three months."""
    rng = stream(seed, "plan", "completeness")
    total = calendar.expected.sum(axis=1)
    floor = min(LEAST_CARDS, float(np.quantile(total, 0.7)))
    taken = np.zeros((len(total), len(FIELDS), total.shape[1]), dtype=bool)
    events = []
    for n in range(EMPTY_PER_CLASS):
        for size, filled in EMPTY.items():
            while True:
                district = int(rng.integers(len(total)))
                first = int(rng.integers(12, 117))
                attribute = int(rng.integers(len(FIELDS)))
                months = slice(first, first + LONG)
                if total[district, months].min() >= floor and not taken[district, attribute, months].any():
                    break
            taken[district, attribute, max(0, first - 12) : first + LONG + 12] = True
            cells = tuple(
                Cell(district, -1, month, float(total[district, month]), factor=filled)
                for month in range(first, first + LONG)
            )
            detail = {"attribute": FIELDS[attribute], "filled": filled, "usual": 0.90}
            events.append(
                Event(f"completeness-{size}-{n + 1:02d}", "completeness", size, cells, detail=detail)
            )
    return events
