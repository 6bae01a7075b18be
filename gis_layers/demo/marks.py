"""What events leave on single cards, not on counts: points drawn to a spot, near repeats, emptied and shaped fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .attributes import FILLED, VALUES
from .geography import country
from .population import FIRST_YEAR
from .streams import stream

if TYPE_CHECKING:
    from .cards import Drawn
    from .counts import DemoCounts
    from .plants import Event

DROPPED_TO = 0.45
SPOT_SD, REPEAT_SD, REPEAT_DAYS = 125.0, 80.0, 14


def _rows(cards: Drawn, district: int, leaf: int, months: list[int]) -> npt.NDArray[np.int64]:
    """Return the rows of one series in some months; leaf -1 is every leaf."""
    chosen = (cards.district == district) & np.isin(cards.month, months)
    if leaf >= 0:
        chosen &= cards.leaf == leaf
    return np.flatnonzero(chosen)


def _of_year(event: Event, year: int) -> list[int]:
    first = 12 * (year - FIRST_YEAR)
    return sorted({cell.month for cell in event.cells if first <= cell.month < first + 12})


def mark_points(cards: Drawn, demo: DemoCounts, year: int) -> None:
    """Draw a share of a series' cards to one spot of some 250 m."""
    homes = country().settlements
    for event in demo.events:
        months = _of_year(event, year)
        if event.kind != "hotspot" or event.detail["place_kind"] != "point" or not months:
            continue
        cell = event.cells[0]
        rng = stream(demo.seed, "marks", event.id, year)
        large = np.flatnonzero((homes.district == cell.district) & (homes.radius >= 400))
        if not len(large):
            large = np.flatnonzero(homes.district == cell.district)
        spot = int(large[int(event.detail["settlement"] * len(large))])
        rows = _rows(cards, cell.district, cell.offence, months)
        rows = rows[rng.random(len(rows)) < cell.factor]
        reach = min(2.0, 0.95 * homes.radius[spot] / SPOT_SD)
        step = np.clip(rng.normal(0, 1, (2, len(rows))), -reach / 1.5, reach / 1.5) * SPOT_SD
        cards.x[rows], cards.y[rows] = homes.x[spot] + step[0], homes.y[spot] + step[1]
        cards.half[rows] = homes.half[spot]


def repeat_nearby(cards: Drawn, demo: DemoCounts, year: int) -> None:
    """Let a share of a series' cards follow another of the same month: within 14 days, at some 80 m."""
    for event in demo.events:
        if event.kind != "near_repeat":
            continue
        rng = stream(demo.seed, "marks", event.id, year)
        cell = event.cells[0]
        for month in _of_year(event, year):
            rows = rng.permutation(_rows(cards, cell.district, cell.offence, [month]))
            n = int(rng.binomial(len(rows), cell.factor / (1 + cell.factor)))
            children, others = rows[:n], rows[n:]
            if not n or not len(others):
                continue
            parents = rng.choice(others, n)
            then = cards.committed[parents] + rng.integers(1, REPEAT_DAYS + 1, n)
            cards.committed[children] = np.minimum(then, cards.registered[children])
            step = np.clip(rng.normal(0, 1, (2, n)), -2, 2) * REPEAT_SD
            cards.x[children], cards.y[children] = cards.x[parents] + step[0], cards.y[parents] + step[1]
            cards.half[children] = cards.half[parents]


def mark_fields(cards: Drawn, demo: DemoCounts, year: int) -> None:
    """Empty fields where completeness drops, and give portraits their values."""
    for event in demo.events:
        months = _of_year(event, year)
        if not months:
            continue
        rng = stream(demo.seed, "marks", event.id, year)
        cell = event.cells[0]
        if event.kind == "completeness":
            rows = _rows(cards, cell.district, -1, months)
            _empty(cards, event.detail["attribute"], rows, event.detail["filled"], rng)
        elif event.evidence == "completeness_drop":
            rows = _rows(cards, cell.district, cell.offence, months)
            for name in ("place_type", "time_of_day", "method"):
                _empty(cards, name, rows, DROPPED_TO, rng)
        elif event.kind == "profile":
            rows = _rows(cards, cell.district, cell.offence, months)
            rows = rows[rng.random(len(rows)) < event.detail["share"]]
            for name, value in event.detail["values"].items():
                cards.fields[name][rows] = VALUES[name].index(value)


def _empty(
    cards: Drawn, name: str, rows: npt.NDArray[np.int64], filled: float, rng: np.random.Generator
) -> None:
    gone = rows[rng.random(len(rows)) > filled / FILLED]
    cards.fields[name][gone] = -1
