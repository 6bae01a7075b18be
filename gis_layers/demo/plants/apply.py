"""Plant: change the backdrop's counts as the events say, and remember what the cards must show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..backdrop import MONTHS
from ..offences import INDEX
from ..streams import stream
from .falls import SMOOTH_BEFORE
from .model import Event

REBOUND = 0.6
CALL_SHARE = 0.9
CALLED = tuple(INDEX[code] for code in ("121-1", "104-1", "105-1", "131-1", "122-1"))


@dataclass(frozen=True)
class Sown:
    """Counts with their plants, all (district, leaf, month).

    `late` of the counted cards were committed the month before, `bunched` have a damage just under the threshold;
    `touched` marks cells that any event changed; `changes` is the real change of each event's cells, in their order.
    `calls` (district, len(CALLED), month) are calls to the police: they know nothing of doctored records.
    """

    counts: npt.NDArray[np.int64]
    late: npt.NDArray[np.int64]
    bunched: npt.NDArray[np.int64]
    touched: npt.NDArray[np.bool_]
    calls: npt.NDArray[np.int64]
    changes: dict[str, list[int]]


class _Field:
    """The arrays while they are being changed."""

    def __init__(self, counts: npt.NDArray[np.int64]) -> None:
        self.counts = counts.copy()
        self.late = np.zeros_like(counts)
        self.bunched = np.zeros_like(counts)
        self.touched = np.zeros(counts.shape, dtype=bool)

    def add(self, place: tuple[int, int, int], cards: int) -> int:
        self.counts[place] += cards
        self.touched[place] = True
        return cards

    def thin(self, place: tuple[int, int, int], keep: float, rng: np.random.Generator) -> int:
        return self.add(place, -int(rng.binomial(self.counts[place], 1 - keep)))


def sow(counts: npt.NDArray[np.int64], events: Iterable[Event], seed: int) -> Sown:
    """Apply events to a backdrop's counts; what is not switched on is not in `events`."""
    field = _Field(counts)
    changes: dict[str, list[int]] = {}
    ordered = list(events)
    honest = [event for event in ordered if event.kind != "mix" or event.decoy]
    honest = [event for event in honest if event.kind != "fall" or event.decoy == "genuine"]
    for event in honest:
        changes[event.id] = _happen(field, event, stream(seed, "sow", event.id))
    calls = stream(seed, "sow", "calls").poisson(CALL_SHARE * field.counts[:, list(CALLED)])
    for event in ordered:
        rng = stream(seed, "sow", event.id)
        if event.kind == "fall" and event.decoy is None:
            changes[event.id] = _doctor(field, event, rng)
        elif event.kind == "mix" and event.decoy is None:
            changes[event.id] = _remix(field, event, rng)
        elif event.decoy == "late_registration":
            changes[event.id] = _delay(field, event, rng)
    return Sown(field.counts, field.late, field.bunched, field.touched, calls, changes)


def _happen(field: _Field, event: Event, rng: np.random.Generator) -> list[int]:
    """Let something really happen: more cards, or (where it is a true decline) fewer."""
    changed = []
    for cell in event.cells:
        place = (cell.district, cell.offence, cell.month)
        if (
            event.kind in ("completeness", "near_repeat", "profile")
            or event.detail.get("place_kind") == "point"
        ):
            changed.append(0)
        elif cell.change:
            changed.append(field.add(place, cell.change))
        elif cell.factor >= 1:
            changed.append(field.add(place, int(rng.poisson((cell.factor - 1) * cell.expected))))
        else:
            changed.append(field.thin(place, cell.factor, rng))
    return changed


def _doctor(field: _Field, event: Event, rng: np.random.Generator) -> list[int]:
    changed = []
    first = event.cells[0]
    if event.evidence == "under_dispersion":
        for month in range(first.month - SMOOTH_BEFORE, first.month):
            place = (first.district, first.offence, month)
            level = round(first.expected * float(np.exp(rng.normal(0, 0.015))))
            field.add(place, level - int(field.counts[place]))
    for cell in event.cells:
        place = (cell.district, cell.offence, cell.month)
        if event.evidence == "under_dispersion":
            level = round(cell.factor * cell.expected * float(np.exp(rng.normal(0, 0.015))))
            changed.append(field.add(place, level - int(field.counts[place])))
            continue
        removed = -field.thin(place, cell.factor, rng)
        changed.append(-removed)
        if event.evidence in ("lesser_rise", "threshold_bunching"):
            lesser = (cell.district, event.detail["lesser"], cell.month)
            field.add(lesser, removed)
            if event.evidence == "threshold_bunching":
                field.bunched[lesser] += removed
    if event.evidence == "dip_rebound":
        after = (first.district, first.offence, event.cells[-1].month + 1)
        if after[2] < MONTHS:
            back = round(-changed[-1] * REBOUND)
            field.add(after, back)
            field.late[after] += back
    return changed


def _remix(field: _Field, event: Event, rng: np.random.Generator) -> list[int]:
    changed = []
    donors = event.detail["donors"]
    for cell in event.cells:
        have = field.counts[cell.district, donors, cell.month]
        cards = min(cell.change, int(have.sum()))
        given = rng.multivariate_hypergeometric(have, cards)
        field.counts[cell.district, donors, cell.month] -= given
        field.touched[cell.district, donors, cell.month] = True
        changed.append(field.add((cell.district, cell.offence, cell.month), cards))
    return changed


def _delay(field: _Field, event: Event, rng: np.random.Generator) -> list[int]:
    changed = []
    for cell in event.cells:
        place = (cell.district, cell.offence, cell.month)
        moved = -field.thin(place, cell.factor, rng)
        after = (cell.district, cell.offence, cell.month + 1)
        field.add(after, moved)
        field.late[after] += moved
        changed.append(-moved)
    return changed
