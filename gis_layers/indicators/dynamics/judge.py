"""Dynamics of every district × offence × month: outbreak or fall from one predictive distribution, and why."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...codes import Codebook
from ...settings.area import RatingSection
from ...times import PERIOD_MONTHS
from ..norm import OwnHalf, OwnPast
from ..norm.tails import heterogeneity_of, interval
from ..rating.cube import DIMS, nodes_of
from ..rating.funnel import rolling_sum
from ..rating.history import rows_of
from ..rating.join import join_months
from ..rating.pooling import Nodes, widths_of
from . import evidence as tests
from .change import Change, plain_change
from .clues import Clues
from .cusum import LONGEST, Shifts, shifts
from .instability import WINDOW, Instability, instability
from .short import short_history
from .signals import FALL, OUTBREAK, SIGNALS, Signals, rungs, signals

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

BLOCK = 12
"""Months judged at once."""


@dataclass(frozen=True)
class _Cube:
    """What holds for all months: counts offence × month × district, and who is set beside whom."""

    codes: list[str]
    nodes: Nodes
    count: Floats
    judgeable: Floats
    incomplete: npt.NDArray[np.bool_]
    group: Ints
    calendar: Ints
    begin: npt.NDArray[np.int32]
    step: int
    change: Change


def judge_dynamics(
    panel: xr.Dataset,
    codebook: Codebook,
    settings: RatingSection | None = None,
    *,
    months: Iterable[object] | None = None,
    past: OwnPast | None = None,
    clues: Clues | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> xr.Dataset:
    """Judge what changes in every cell of a panel, or in those of the months asked for.

    Parameters
    ----------
    panel
        As :func:`gis_layers.indicators.norm.judge_own` takes it; no exposure is needed.
    codebook
        The offences of the panel.
    settings
        `[rating]` of the area file: `q`, `gate`, `fall_gate` and `signal_count` are shared.
    months
        First days of the months to judge; None is every month. Each is judged from the data up to it alone.
    past
        The own past of the same panel, as the rating left it: then nothing of the norm is worked out twice.
    clues
        Figures beside the counts, for the evidence on falls.
    progress
        Called with how many months are judged, and of how many.

    Returns
    -------
    xarray.Dataset
        Dimensions (offence, month, district), one variable a column of the layer `dynamics`; `signal` and `evidence`
        are small integers with their table in ``attrs["categories"]`` (-1 is null).

    Examples
    --------
    >>> import numpy as np, pandas as pd, xarray as xr
    >>> from gis_layers.codes.load import codebook_from
    >>> count = np.random.default_rng(1).poisson(60, (9, 1, 49)).astype(float)
    >>> count[0, 0, -1], count[1, 0, -1] = 130, 15
    >>> panel = xr.Dataset(
    ...     {"count": (("district", "offence", "month"), count)},
    ...     coords={"district": list("abcdefghi"), "offence": ["theft"],
    ...             "month": pd.date_range("2020-01-01", periods=49, freq="MS").astype("datetime64[s]")},
    ... )
    >>> found = judge_dynamics(panel, codebook_from([{"code": "theft"}]), months=["2024-01-01"])["signal"]
    >>> [found.attrs["categories"][code] for code in found.values[0, 0, :3]]
    ['outbreak', 'fall', 'norm']
    """
    settings = settings or RatingSection.model_validate({})
    past = OwnPast(panel, codebook) if past is None else past
    cube = _cube_of(panel, codebook, past)
    asked = np.flatnonzero(rows_of(panel, months))
    texts: dict[str, int] = {}
    parts = []
    for start in range(0, len(asked), BLOCK):
        places = asked[start : start + BLOCK]
        parts.append(_judge(panel, cube, past, places, settings, clues or Clues(), texts))
        if progress is not None:
            progress(min(start + BLOCK, len(asked)), len(asked))
    if not parts:
        parts = [_judge(panel, cube, past, asked, settings, Clues(), texts)]
    data: dict[str, object] = {}
    for name, first in parts[0].items():
        values = np.concatenate([part[name] for part in parts], axis=1)
        attributes: dict[str, object] = {}
        if name == "signal":
            attributes["categories"] = list(SIGNALS)
        if name == "evidence":
            attributes["categories"] = list(texts)
        data[name] = (DIMS, values.astype(first.dtype), attributes)
    coords = {
        "offence": cube.codes,
        "month": panel["month"].values[asked],
        "district": panel["district"].values,
    }
    return join_months([xr.Dataset(data, coords=coords, attrs=dict(panel.attrs))])


def _cube_of(panel: xr.Dataset, codebook: Codebook, past: OwnPast) -> _Cube:
    count = np.ascontiguousarray(panel["count"].transpose(*DIMS).values, dtype=np.float64)
    codes = [str(code) for code in panel["offence"].values]
    incomplete = np.zeros(count.shape[1], dtype=bool)
    if "incomplete" in panel:
        incomplete = panel["incomplete"].values.astype(bool)
    step = PERIOD_MONTHS[str(panel.attrs.get("period", "month"))]
    calendar = panel["month"].values.astype("datetime64[M]").astype(np.intp) // step
    judgeable = np.where(incomplete[None, :, None], np.nan, count)
    return _Cube(
        codes=codes, nodes=nodes_of(codes, codebook), count=count, judgeable=judgeable, incomplete=incomplete,
        group=past.groups, calendar=calendar, begin=past.begin, step=step,
        change=plain_change(judgeable, calendar, per_year=max(12 // step, 1)),
    )  # fmt: skip


def _judge(
    panel: xr.Dataset, cube: _Cube, past: OwnPast, places: Ints, settings: RatingSection, clues: Clues,
    texts: dict[str, int],
) -> dict[str, npt.NDArray[Any]]:  # fmt: skip
    """Judge a block of months."""
    widths = widths_of(cube.step)
    halves = dict(past.halves(places, widths=widths.values()))
    counts = {
        width: rolling_sum(cube.judgeable, width, axis=1)[:, places]
        if width > 1
        else cube.judgeable[:, places]
        for width in widths.values()
    }
    month, short = _with_short(cube, past, halves[1], places)
    halves[1] = month
    found = signals(month, rungs(halves, counts, widths), cube.nodes, cube.incomplete[places], settings)
    lower, upper = interval(month.expected, heterogeneity_of(month.expected, month.phi))
    unstable = np.full(month.expected.shape, np.nan)
    evidence = np.full(month.expected.shape, -1, dtype=np.int32)
    for place, at in enumerate(places.tolist()):
        back = _Back.of(cube, past, at)
        measured = back.instability(cube, at)
        unstable[:, place] = measured.relative.reshape(back.shape)
        shifted = back.shifts({width: half.phi[:, place] for width, half in halves.items()})
        told = _Told(cube, found, halves, counts, widths, short, measured, shifted, place, at)
        _tell(told, back, clues, evidence, texts)
    known = ~cube.incomplete[places][None, :, None]

    def settled(values: Floats) -> Floats:
        return np.where(known, values[:, places], np.nan)

    change = cube.change
    return {
        "expected": month.expected, "lower": lower, "upper": upper,
        "p_rise": month.p_rise, "p_fall": month.p_fall, "q_value": found.q_value, "signal": found.signal,
        "instability": np.where(np.isnan(month.p_rise), np.nan, unstable),
        "change_month": settled(change.change_month), "change_year": settled(change.change_year),
        "ytd": settled(change.ytd), "ytd_last_year": settled(change.ytd_last_year),
        "change_ytd": settled(change.change_ytd), "evidence": evidence,
    }  # fmt: skip


def _with_short(
    cube: _Cube, past: OwnPast, month: OwnHalf, places: Ints
) -> tuple[OwnHalf, npt.NDArray[np.bool_]]:
    """Fill cells without an own half from their short history; say which those are."""
    parts = [getattr(month, name).copy() for name in ("expected", "phi", "p_rise", "p_fall")]
    filled = np.zeros(month.expected.shape, dtype=bool)
    offences, _, districts = cube.count.shape
    # months of an excluded span or a transition are no base, and nothing is said of them
    usable = np.where(past.outside(np.arange(cube.count.shape[1])), np.nan, cube.judgeable)
    series = np.swapaxes(usable, 1, 2).reshape(offences * districts, -1)
    for place, at in enumerate(places.tolist()):
        lacks = np.isnan(month.expected[:, place])
        if cube.step > 1 or not lacks.any():
            continue
        found = short_history(
            series, at, _families(cube, at), begin=cube.begin[:, at].reshape(-1).astype(np.intp)
        )
        expected, phi, rise = (part.reshape(offences, districts) for part in found)
        filled[:, place] = lacks & ~np.isnan(rise)
        for part, values in zip(parts[:3], (expected, phi, rise), strict=True):
            part[:, place] = np.where(filled[:, place], values, part[:, place])
    return OwnHalf(*parts), filled


def _families(cube: _Cube, at: int) -> Ints:
    """Number the series by offence and group of a month."""
    group = cube.group[:, at]
    rows = np.arange(len(cube.codes))[:, None] * (int(group.max(initial=0)) + 1) + group[None, :]
    return rows.reshape(-1).astype(np.intp)


@dataclass(frozen=True)
class _Back:
    """The months up to the one judged, as series × months: what came, and what had been foretold."""

    count: Floats
    expected: Floats
    shape: tuple[int, int]

    @staticmethod
    def of(cube: _Cube, past: OwnPast, at: int) -> _Back:
        first = max(at - WINDOW, 0)
        rows = np.arange(first, at + 1)
        offences, _, districts = cube.count.shape
        begun = rows[None, :, None] >= cube.begin[:, at][:, None, :]
        count = np.where(begun, cube.judgeable[:, first : at + 1], np.nan)
        made = np.where(begun, past.foretold(rows), np.nan)
        came, told = (np.swapaxes(part, 1, 2).reshape(offences * districts, -1) for part in (count, made))
        return _Back(came, told, (offences, districts))

    def instability(self, cube: _Cube, at: int) -> Instability:
        """Measure the months before the one judged."""
        return instability(self.count[:, :-1], self.expected[:, :-1], _families(cube, at))

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
class _Told:
    """Everything that the evidence of one month may tell."""

    cube: _Cube
    found: Signals
    halves: dict[int, OwnHalf]
    counts: dict[int, Floats]
    widths: dict[str, int]
    short: npt.NDArray[np.bool_]
    unstable: Instability
    shifted: Shifts
    place: int
    at: int


def _tell(
    told: _Told, back: _Back, clues: Clues, evidence: npt.NDArray[np.int32], texts: dict[str, int]
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


def _fell_at_the_end(told: _Told, record: tests.Record) -> npt.NDArray[np.bool_]:
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


def _pooled(told: _Told, offence: int, district: int) -> list[tests.Item]:
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
