"""Tables (a) and (b): what detectors find in the 42 invented series, by week and by month."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from ..indicators.norm.farrington import Options
from .detectors import Forecast, ours, truth
from .r import Surveillance
from .scenarios import KEPT, MONTHS, SIZES, WEEKS, Calendar, Draws, draw, scenarios

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

ALPHA = 0.005
"""Level of every test, one-sided."""

_NOUFAILY = Options(years=5, method="nb", alpha=ALPHA)
"""How R's regression is asked to judge weeks [Noufaily 2013]."""

_AT_ONCE = 25
"""Runs of all scenarios that are drawn and judged together: 1,050 series."""

Say = Callable[[str], None]
Detector = Callable[[Draws, Floats], tuple[Bools, Bools]]
"""Given the draws and their counts, tells rises and falls among the judged rows."""


def weekly(runs: int, *, seed: int = 1, r_runs: int = 0, say: Say = lambda text: None) -> dict[str, Any]:
    """Return table (a): false positives on clean series and outbreaks found, by scenario and in all.

    Parameters
    ----------
    runs
        Of each of the 42 scenarios.
    seed
        Of everything.
    r_runs
        How many of these runs R's `farringtonFlexible` judges too (about a quarter of a second a series).
    say
        Told how far it is.

    Examples
    --------
    >>> table = weekly(1, seed=3)
    >>> sorted(table["detectors"]), len(table["detectors"]["truth"]["scenarios"])
    (['ours', 'truth'], 42)
    """
    return _table("weeks", WEEKS, runs, seed, r_runs, say)


def monthly(runs: int, *, seed: int = 1, say: Say = lambda text: None) -> dict[str, Any]:
    """Return table (b): the same by month, with falls.

    Examples
    --------
    >>> table = monthly(1, seed=3)
    >>> sorted(table["detectors"]["ours"]["found_falls"])
    ['0.25', '0.5', '0.75']
    """
    return _table("months", MONTHS, runs, seed, 0, say)


def _table(name: str, calendar: Calendar, runs: int, seed: int, r_runs: int, say: Say) -> dict[str, Any]:
    detectors: dict[str, tuple[Detector, int]] = {
        "ours": (lambda draws, count: _passes(ours(count, calendar), draws, count), runs),
        "truth": (lambda draws, count: _passes(truth(draws.mean, draws.phi, calendar), draws, count), runs),
    }
    r = Surveillance.found() if r_runs else None
    if r is not None:
        detectors["surveillance"] = (
            lambda draws, count: (alarms := r.alarms(count, calendar.watched, _NOUFAILY), alarms),
            r_runs,
        )
    tallies = {known: _Tally() for known in detectors}
    for first in range(0, runs, _AT_ONCE):
        block = range(first, min(first + _AT_ONCE, runs))
        for known, (detector, limit) in detectors.items():
            mine = [run for run in block if run < limit]
            if not mine:
                continue
            say(f"{name}: run {first + 1} of {runs}, {known}")
            _judge(draw(calendar, mine, seed=seed), detector, tallies[known], falls=name == "months")
    result = {known: tally.summary(falls=name == "months") for known, tally in tallies.items() if tally.runs}
    if r is not None:
        result["surveillance"]["version"] = r.version
        result["surveillance"].pop("false_falls", None)
    return {
        "alpha": ALPHA, "runs": runs, "seed": seed, "sizes": list(SIZES),
        "kept": list(KEPT) if name == "months" else [], "detectors": result,
    }  # fmt: skip


def _passes(forecast: Forecast, draws: Draws, count: Floats) -> tuple[Bools, Bools]:
    rise, fall = forecast.tails(count[:, draws.calendar.judged])
    return rise <= ALPHA, fall <= ALPHA


class _Tally:
    """Counts of what a detector said, by scenario."""

    def __init__(self) -> None:
        self.runs = 0
        self.cells = np.zeros(42)
        self.false: dict[str, npt.NDArray[np.float64]] = {"rises": np.zeros(42), "falls": np.zeros(42)}
        self.put: dict[tuple[str, float], npt.NDArray[np.float64]] = {}
        self.found: dict[tuple[str, float], npt.NDArray[np.float64]] = {}

    def hit(
        self, key: tuple[str, float], scenario: npt.NDArray[np.intp], planted: Bools, found: Bools
    ) -> None:
        for table, values in ((self.put, planted), (self.found, found)):
            table.setdefault(key, np.zeros(42))
            np.add.at(table[key], scenario - 1, values.any(axis=1))

    def summary(self, *, falls: bool) -> dict[str, Any]:
        def rate(over: Floats, under: Floats) -> list[float]:
            found: list[float] = np.divide(over, under, out=np.zeros(42), where=under > 0).round(6).tolist()
            return found

        rows = []
        false = {side: rate(values, self.cells) for side, values in self.false.items()}
        shares = {key: rate(self.found[key], self.put[key]) for key in self.put}
        for place, one in enumerate(scenarios()):
            row: dict[str, Any] = {
                "scenario": one.number,
                "name": one.name,
                "false_rises": false["rises"][place],
            }
            if falls:
                row["false_falls"] = false["falls"][place]
            for kind in ("outbreaks", "falls"):
                of = {f"{key[1]:g}": share[place] for key, share in shares.items() if key[0] == kind}
                if of:
                    row[f"found_{kind}"] = of
            rows.append(row)
        whole: dict[str, Any] = {"runs": self.runs}
        for side, values in self.false.items():
            if side == "rises" or falls:
                whole[f"false_{side}"] = round(float(values.sum() / self.cells.sum()), 6)
                whole[f"false_{side}_worst"] = max(false[side])
        for kind in ("outbreaks", "falls"):
            of = {
                f"{key[1]:g}": round(float(self.found[key].sum() / max(self.put[key].sum(), 1)), 6)
                for key in self.put if key[0] == kind
            }  # fmt: skip
            if of:
                whole[f"found_{kind}"] = of
        return {**whole, "scenarios": rows}


def _judge(draws: Draws, detector: Detector, tally: _Tally, *, falls: bool) -> None:
    told = detector(draws, draws.clean)
    tally.runs += len(draws.scenario) // 42
    np.add.at(tally.cells, draws.scenario - 1, float(len(draws.calendar.judged)))
    for side, alarms in zip(("rises", "falls"), told, strict=True):
        np.add.at(tally.false[side], draws.scenario - 1, alarms.sum(axis=1))
    for size in SIZES:
        count, inside = draws.with_outbreaks(size)
        rises, _ = detector(draws, count)
        tally.hit(("outbreaks", size), draws.scenario, inside, rises & inside)
    for kept in KEPT if falls else ():
        count, inside = draws.with_falls(kept)
        _, lows = detector(draws, count)
        tally.hit(("falls", kept), draws.scenario, inside, lows & inside)
