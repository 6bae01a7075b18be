"""The evidence column of one month: what speaks for an outbreak, what of a fall needs a check, and lasting shifts."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..norm import OwnHalf, OwnPast
from . import evidence as tests
from .clues import Clues
from .cube import Cube, families
from .cusum import LONGEST, Shifts, shifts
from .instability import WINDOW, Instability, instability
from .signals import FALL, OUTBREAK, Signals, rungs

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Back:
    """The months up to the one judged, as series × months: what came, and what had been foretold."""

    count: Floats
    expected: Floats
    shape: tuple[int, int]

    @staticmethod
    def of(cube: Cube, past: OwnPast, at: int) -> Back:
        first = max(at - WINDOW, 0)
        rows = np.arange(first, at + 1)
        offences, _, districts = cube.count.shape
        begun = rows[None, :, None] >= cube.begin[:, at][:, None, :]
        count = np.where(begun, cube.judgeable[:, first : at + 1], np.nan)
        made = np.where(begun, past.foretold(rows), np.nan)
        came, told = (np.swapaxes(part, 1, 2).reshape(offences * districts, -1) for part in (count, made))
        return Back(came, told, (offences, districts))

    def instability(self, cube: Cube, at: int) -> Instability:
        """Measure the months before the one judged."""
        return instability(self.count[:, :-1], self.expected[:, :-1], families(cube, at))

    def shifts(self, phi: dict[int, Floats]) -> Shifts:
        """Look for shifts under way."""
        return shifts(
            self.count[:, -LONGEST:], self.expected[:, -LONGEST:],
            {width: part.reshape(-1) for width, part in phi.items()},
        )  # fmt: skip

    def record(self, codes: list[str], phi: Floats) -> tests.Record:
        """Return the same as the tests on falls take it."""
        came, told = (
            np.swapaxes(part.reshape(*self.shape, -1), 1, 2) for part in (self.count, self.expected)
        )
        return tests.Record(codes, came, told, phi)


@dataclass(frozen=True)
class Told:
    """Everything that the evidence of one month may tell."""

    cube: Cube
    found: Signals
    halves: dict[int, OwnHalf]
    counts: dict[int, Floats]
    widths: dict[str, int]
    short: npt.NDArray[np.bool_]
    unstable: Instability
    shifted: Shifts
    place: int
    at: int


def tell(
    told: Told, back: Back, clues: Clues, evidence: npt.NDArray[np.int32], texts: dict[str, int]
) -> None:
    """Write the evidence of a month's cells: of signals, of shifts, and of falls that came back."""
    offences, districts = back.shape
    signal = told.found.signal[:, told.place]
    phi = told.halves[1].phi[:, told.place]
    record = back.record(told.cube.codes, phi)
    moved = _clues_upto(clues, told.at, record.count.shape[1])
    alarm = told.shifted.alarm.reshape(offences, districts) & (signal >= 0) & (signal <= 3)
    alarm &= ~told.short[:, told.place]
    came_back = _fell_at_the_end(told, record)
    wanted = (signal == OUTBREAK) | (signal == FALL) | alarm | came_back
    for offence, district in np.argwhere(wanted).tolist():
        items: list[tests.Item] = []
        cell = offence * districts + district
        if signal[offence, district] == FALL:
            items += tests.of_fall(record, moved, offence, district)
        if signal[offence, district] == OUTBREAK:
            items += _pooled(told, offence, district)
        if came_back[offence, district]:
            pairs = [
                (float(record.count[offence, row, district]), float(record.expected[offence, row, district]))
                for row in (-2, -1)
            ]
            items.append(tests.rebound(pairs[0], pairs[1], float(phi[offence, district])))
        if alarm[offence, district]:
            items.append(_shift(told.shifted, cell))
        if signal[offence, district] in (OUTBREAK, FALL) and not np.isnan(told.unstable.relative[cell]):
            items.append(_unstable(told.unstable, cell))
        if items:
            text = json.dumps(items, separators=(",", ":"), ensure_ascii=False)
            evidence[offence, told.place, district] = texts.setdefault(text, len(texts))


def _fell_at_the_end(told: Told, record: tests.Record) -> npt.NDArray[np.bool_]:
    """Return which cells fell in the last month of a quarter, just over, and rose in this one."""
    nothing = np.zeros(record.phi.shape, dtype=bool)
    if told.cube.step > 1 or told.cube.calendar[told.at] % 3 or record.count.shape[1] < 2:
        return nothing
    spread = np.sqrt(np.maximum(record.phi, 1.0))
    with np.errstate(invalid="ignore"):
        fell = record.count[:, -2] <= record.expected[:, -2] - 2.58 * spread * np.sqrt(record.expected[:, -2])
        rose = record.count[:, -1] >= record.expected[:, -1] + spread * np.sqrt(record.expected[:, -1])
    enough = record.expected[:, -2] >= 17
    return np.asarray(fell & rose & enough & ~told.short[:, told.place])


def _pooled(told: Told, offence: int, district: int) -> list[tests.Item]:
    """Return what an outbreak was judged by where it is not the month beside its own norm."""
    if told.short[offence, told.place, district]:
        return [{"code": "dynamics.short", "values": {}}]
    rung = int(told.found.step[offence, told.place, district])
    if rung <= 0:
        return []
    steps = rungs(told.halves, told.counts, told.widths)
    values = {
        "period": steps[rung].period,
        "count": int(steps[rung].count[offence, told.place, district]),
        "expected": float(f"{steps[rung].expected_own[offence, told.place, district]:.4g}"),
    }
    return [{"code": "dynamics.pooled", "values": values}]


def _shift(found: Shifts, cell: int) -> tests.Item:
    count, expected = float(found.count[cell]), float(found.expected[cell])
    values = {
        "way": "up" if count > expected else "down", "months": int(found.months[cell]), "count": int(count),
        "expected": float(f"{expected:.4g}"), "ratio": float(f"{found.ratio[cell]:.3g}"),
    }  # fmt: skip
    return {"code": "dynamics.shift", "values": values}


def _unstable(found: Instability, cell: int) -> tests.Item:
    values = {
        name: float(f"{getattr(found, name)[cell]:.3g}")
        for name in ("relative", "p_value", "robust_cv", "von_neumann")
        if not np.isnan(getattr(found, name)[cell])
    }
    values["p"] = max(values.pop("p_value", 1.0), 1e-9)
    return {"code": "dynamics.instability", "values": {"robust_cv": 0.0, "von_neumann": 0.0, **values}}


def _clues_upto(clues: Clues, at: int, length: int) -> Clues:
    """Cut the clues to the months of a record: nothing after the month judged, and nothing before its first."""
    rows = slice(at + 1 - length, at + 1)
    bunching = tuple(
        type(one)(one.attribute, one.value, one.above, one.below, one.near[rows], one.known[rows])
        for one in clues.bunching
    )
    return Clues(
        clues.lesser,
        {name: figures[:, rows] for name, figures in clues.proxy.items()},
        None if clues.cards is None else clues.cards[:, rows],
        {name: figures[:, rows] for name, figures in clues.filled.items()},
        bunching,
    )
