"""The rating of every district × offence × month, each month judged only from data up to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...codes import Codebook
from ...errors import InputError, Where
from ...settings.area import RatingSection
from ..norm import OwnHalf, OwnPast
from ..norm.tails import interval
from .cauchy import combine, magnitude
from .cube import DIMS, FORETOLD, Cube, cube_of
from .exposure import rates_of
from .funnel import Funnel, peer_half, rolling_sum
from .harm import harm_of
from .history import History, rows_of
from .join import join_months
from .points import levels
from .pooling import OWN_PERIOD, Answers, Nodes, Step, climb, widths_of
from .reasons import FIRED, Verdicts, reasons

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


BLOCK = 12
"""Months judged at once: enough to be fast, few enough to tell how far the work is."""


@dataclass(frozen=True)
class _Core:
    """What a block of months says before it is set beside the months before it."""

    rows: slice
    steps: list[Step]
    own: Funnel
    answers: Answers
    has_peers: Bools
    size: Floats
    level: Floats
    points: Floats
    past: OwnHalf
    silent: npt.NDArray[np.int32]
    foretold: Floats


def judge_rating(
    panel: xr.Dataset,
    codebook: Codebook,
    settings: RatingSection | None = None,
    *,
    months: Iterable[object] | None = None,
    earlier: xr.Dataset | None = None,
    past: OwnPast | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> xr.Dataset:
    """Judge every cell of a panel beside its peers and its own past, or those of the months asked for.

    Parameters
    ----------
    panel
        Dimensions district, offence, month; variables `count` (NaN = not collected), `population`
        (district, month), `incomplete` and `provisional` (month); coordinates `peer_group` and `status`
        (district), and `peer_group_then` (district, month) where groups are frozen year by year. Attributes
        `period`, `rate_per` and `unsettled` (how many of the newest complete rows `points_12m` leaves out;
        without it those that are provisional).
    codebook
        The offences of the panel.
    settings
        `[rating]` of the area file. Without `harm` the column `harm` is null.
    months
        First days of the months to judge; None is every month. Each month is judged from the data up to it
        alone, so judging in parts, in any order, gives what judging at once does.
    earlier
        Verdicts given before, for `standing`, `points_12m` and `months_judged`, which look back on them.
        Months before the last one asked for that are neither asked for nor here are judged again.
    past
        The own past of the same panel, where another indicator asks it too; what it has found out is not worked
        out again.
    progress
        Called with how many months are judged, and of how many.

    Returns
    -------
    xarray.Dataset
        Dimensions (offence, month, district), one variable a column of the layer `rating`, and `foretold`: what
        the own past let expect, also where that was too little to judge, for the months after. Texts are small
        integers with their table in ``attrs["categories"]`` (-1 is null); `level`, `points` NaN is null. Give
        it to :func:`rating_frame` for a table. If no month is asked for, it has none.

    Raises
    ------
    InputError
        If the panel has no population: without an exposure there is no peer half and no rating.

    Notes
    -----
    `p_peers`, `p_own`, `magnitude`, `level`, `points` are always those of the month itself. Magnitude, level and
    points are the peers' half; a cell with an own half alone has level 0 and may still be a signal. Pooling decides
    whether the cell has an answer at all, and whether a rise is a signal (`fired`, `q_value`).
    """
    settings = settings or RatingSection.model_validate({})
    if "population" not in panel:
        raise InputError(
            "the panel has no population, so districts cannot be set beside their peers",
            Where(key="population"),
            remedy="add [[population]] to the area file, or leave the layer `rating` out",
        )
    cube = cube_of(panel, codebook, settings)
    past = OwnPast(panel, codebook) if past is None else past
    if earlier is not None:
        told = np.flatnonzero(rows_of(panel, earlier["month"].values))
        past.recall(told, earlier[FORETOLD].transpose(*DIMS).sortby("month").values)
    asked = rows_of(panel, months)
    history = History.of(panel, earlier)
    blocks = history.blocks(asked, cube.group, longest=BLOCK)
    lag = int(panel.attrs.get("unsettled", (cube.provisional & ~cube.incomplete).sum()))
    found = [_nothing_judged(panel, cube)]
    done, of = 0, sum(rows.stop - rows.start for rows in blocks)
    for rows in blocks:
        core = _judge(cube, past, rows, settings)
        history.add(rows, core.level, core.points, core.answers.fired == FIRED.index("peers"))
        if asked[rows.start]:
            year, judged_months = history.year_points(rows, lag=lag, per_year=12 // cube.step)
            if cube.step == 12:
                # Points are those of twelve months; one year's four cannot be made twelve times as many.
                year = np.full_like(year, np.nan)
            red = history.standing(rows, months=settings.standing_months)
            found.append(_columns(panel, cube, core, year, judged_months, red))
        done += rows.stop - rows.start
        if progress is not None:
            progress(done, of)
    return join_months(found)


def _judge(cube: Cube, past: OwnPast, rows: slice, settings: RatingSection) -> _Core:
    """Judge a block of months, of which all have the same peer groups, from the data up to each."""
    lead = min(rows.start, 12 // cube.step - 1)
    window = slice(rows.start - lead, rows.stop)
    judgeable, group = cube.judgeable[:, rows], cube.group[rows.start]
    steps, funnels = _steps(
        cube.judgeable[:, window], cube.population[window], group, cube.status, cube.phi[:, window],
        cube.step, lead,
    )  # fmt: skip
    own = funnels[0]
    has_peers = ~np.isnan(own.p_rise)
    widths = widths_of(cube.step)
    places = np.arange(rows.start, rows.stop)
    halves = past.halves(places, widths=widths.values())
    steps = _with_own(steps, halves, widths)
    answers = climb(
        steps, cube.nodes, has_peers | ~np.isnan(halves[1].p_rise),
        q=settings.q, gate=settings.gate, fall_gate=settings.fall_gate, signal_count=settings.signal_count,
    )  # fmt: skip
    size = _magnitudes(own.p_rise, cube.members)
    moved = cube.moved[None, rows]
    level = np.where(np.isnan(judgeable) | moved, np.nan, levels(size, has_peers & (answers.step >= 0)))
    points = np.where(np.isnan(level), np.nan, np.maximum(level - 1, 0))
    foretold = past.foretold(places)
    silent = past.silent(places)
    return _Core(rows, steps, own, answers, has_peers, size, level, points, halves[1], silent, foretold)


def _columns(
    panel: xr.Dataset,
    cube: Cube,
    core: _Core,
    year: Floats,
    judged_months: npt.NDArray[np.int64],
    red: Bools,
) -> xr.Dataset:
    """Return the columns of the layer for a block of months."""
    rows, own, answers = core.rows, core.own, core.answers
    count, judgeable, population = cube.count[:, rows], cube.judgeable[:, rows], cube.population[rows]
    lower, upper = interval(own.expected, own.heterogeneity)
    period_code, offence_code = _pooled(answers, core.steps, cube.nodes, cube.codes)
    lead = min(rows.start, 12 // cube.step - 1)
    window = slice(rows.start - lead, rows.stop)
    crude, smoothed = rates_of(
        cube.judgeable[:, window], cube.population[window], cube.group[rows.start], cube.status,
        cube.nodes.category, months=cube.step, per=cube.per,
    )  # fmt: skip
    verdicts = Verdicts(
        codes=cube.codes, steps=core.steps, answers=answers, count=count, expected=own.expected, lower=lower,
        upper=upper, p_fall=own.p_fall, magnitude=core.size, level=core.level, standing=red,
        pooled_offence=offence_code,
        incomplete=np.broadcast_to(cube.incomplete[None, rows, None], count.shape),
        no_exposure=np.broadcast_to(~(population > 0)[None], count.shape),
        moved=np.broadcast_to(cube.moved[None, rows], count.shape), yearly=cube.step == 12,
        has_peers=core.has_peers, past=core.past, nodes=cube.nodes, members=cube.members,
        silent=core.silent, months=panel["month"].values.astype("datetime64[M]"),
    )  # fmt: skip
    reason_code, reason_texts = reasons(verdicts)

    def texts(values: npt.NDArray[np.generic], table: list[str]) -> tuple[object, ...]:
        return DIMS, values, {"categories": table}

    periods = [str(panel.attrs.get("period", "month"))]
    data: dict[str, object] = {
        "period": texts(np.broadcast_to(np.int8(0), count.shape), periods),
        "count": (DIMS, count),
        "population": (DIMS, np.broadcast_to(cube.residents[None, rows], count.shape)),
        "rate": (DIMS, crude[:, lead:]),
        "rate_smoothed": (DIMS, smoothed[:, lead:]),
        "expected": (DIMS, own.expected),
        "lower": (DIMS, lower),
        "upper": (DIMS, upper),
        "p_peers": (DIMS, own.p_rise),
        "p_own": (DIMS, core.past.p_rise),
        "q_value": (DIMS, answers.q_value),
        "fired": texts(np.where(np.isnan(judgeable), -1, answers.fired).astype(np.int8), list(FIRED)),
        "standing": (DIMS, red),
        "magnitude": (DIMS, core.size),
        "level": (DIMS, core.level),
        "points": (DIMS, core.points),
        "points_12m": (DIMS, year),
        "months_judged": (DIMS, judged_months),
        "harm": (DIMS, harm_of(count, own.expected, cube.weight, cube.members)),
        "pooled_period": texts(period_code, [step.period for step in core.steps if step.own]),
        "pooled_offence": texts(offence_code, cube.codes),
        "provisional": (DIMS, np.broadcast_to(cube.provisional[None, rows, None], count.shape)),
        "suppressed": (DIMS, np.broadcast_to(np.False_, count.shape)),
        "reason": texts(reason_code, reason_texts),
        FORETOLD: (DIMS, core.foretold),
    }
    coords = {
        "offence": cube.codes,
        "month": panel["month"].values[rows],
        "district": panel["district"].values,
    }
    return xr.Dataset(data, coords=coords, attrs=dict(panel.attrs))


def _nothing_judged(panel: xr.Dataset, cube: Cube) -> xr.Dataset:
    """Return the columns without any month, so that a result has them all even if none was asked for."""
    none = slice(0, 0)
    shape = (len(cube.codes), 0, panel.sizes["district"])
    empty = np.empty(shape)
    found = Answers(empty.astype(np.int8), empty.astype(np.int8), empty, empty.astype(bool))
    steps = [Step(name, True, empty, empty, empty, empty, empty) for name in widths_of(cube.step)]
    half, funnel = OwnHalf(empty, empty, empty, empty), Funnel(empty, empty, empty, empty)
    core = _Core(
        none, steps, funnel, found, empty.astype(bool), empty, empty, empty, half,
        empty.astype(np.int32), empty,
    )  # fmt: skip
    return _columns(panel, cube, core, empty, empty.astype(np.int64), empty.astype(bool))


def _steps(
    count: Floats, population: Floats, group: npt.NDArray[np.intp], status: npt.NDArray[np.intp],
    phi: Floats, months: int, lead: int,
) -> tuple[list[Step], list[Funnel]]:  # fmt: skip
    """Return the rungs (month, 3 months, category, category over 3 months, 12 months) and their funnels.

    The first `lead` months are only looked back on.
    """
    own_name = OWN_PERIOD[months]
    own: dict[str, Step] = {}
    funnels = []
    for name, width in widths_of(months).items():
        counted = rolling_sum(count, width, axis=1) if width > 1 else count
        exposed = rolling_sum(population, width, axis=0) if width > 1 else population
        # the spread is that of a year: twelve months, four windows of three, or the one window of twelve
        lags = tuple(range(0, max(12 // months, 1), width))
        found = peer_half(counted, exposed, group, status, lags=lags, phi=phi)
        found = Funnel(*(getattr(found, part.name)[:, lead:] for part in fields(found)))
        nothing = np.full(found.p_rise.shape, np.nan)
        own[name] = Step(name, True, counted[:, lead:], found.expected, found.p_rise, nothing, nothing)
        funnels.append(found)
    as_category = {name: replace(step, own=False) for name, step in own.items()}
    order = [own.get(own_name), own.get("rolling3"), as_category.get(own_name), as_category.get("rolling3")]
    return [step for step in [*order, own.get("rolling12")] if step is not None], funnels


def _with_own(steps: list[Step], past: Mapping[int, OwnHalf], widths: Mapping[str, int]) -> list[Step]:
    """Return the rungs with the own half of each, which `past` holds by the rows taken together."""
    return [
        replace(step, expected_own=past[widths[step.period]].expected, p_own=past[widths[step.period]].p_rise)
        for step in steps
    ]


def _magnitudes(p_rise: Floats, members: dict[int, npt.NDArray[np.intp]]) -> Floats:
    combined = p_rise.copy()
    for node, leaves in members.items():
        combined[node] = combine(p_rise[node], p_rise[leaves])
    return magnitude(combined)


def _pooled(
    answers: Answers, steps: list[Step], nodes: Nodes, codes: list[str]
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int16]]:
    """Return the period and offence that a pooled answer is of; -1 where the cell needs none or has none."""
    pooled = answers.step > 0
    by_category = pooled & ~np.array([step.own for step in steps])[answers.step]
    row = np.arange(len(codes))[:, None, None]
    offence = np.where(by_category, nodes.category[:, None, None], row)
    names = [step.period for step in steps if step.own]
    period = np.array([names.index(step.period) for step in steps])[answers.step]
    return np.where(pooled, period, -1).astype(np.int8), np.where(pooled, offence, -1).astype(np.int16)
