"""The rating of every district × offence × month, each month judged only from data up to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from ...codes import Codebook
from ...errors import InputError, Where
from ...settings.area import RatingSection
from ...times import PERIOD_MONTHS
from .cauchy import combine, magnitude
from .dispersion import dispersion
from .exposure import rates_of
from .funnel import Funnel, interval, peer_half, rolling_sum
from .points import levels, standing, year_points
from .pooling import Answers, Nodes, Step, climb
from .reasons import Verdicts, reasons

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

DIMS = ("offence", "month", "district")
FIRED = ("none", "peers", "own", "both")

_WINDOWS = {"rolling3": 3, "rolling12": 12}


def judge_rating(
    panel: xr.Dataset,
    codebook: Codebook,
    settings: RatingSection | None = None,
    *,
    weights: Mapping[str, float] | None = None,
) -> xr.Dataset:
    """Judge every cell of a panel beside its peer group.

    Parameters
    ----------
    panel
        Dimensions district, offence, month; variables `count` (NaN = not collected), `population`
        (district, month), `incomplete` and `provisional` (month); coordinates `peer_group` and `status`
        (district). Attributes `period` and `rate_per`.
    codebook
        The offences of the panel.
    settings
        `[rating]` of the area file.
    weights
        Weight of each severity, for `harm`; without it `harm` is null.

    Returns
    -------
    xarray.Dataset
        Dimensions (offence, month, district), one variable a column of the layer `rating`. Texts are small
        integers with their table in ``attrs["categories"]`` (-1 is null); `level`, `points` NaN is null. Give
        it to :func:`rating_frame` for a table.

    Raises
    ------
    InputError
        If the panel has no population: without an exposure there is no peer half and no rating.

    Notes
    -----
    `p_peers`, `magnitude`, `level`, `points` are always those of the month itself. Pooling decides whether
    the cell has an answer at all, and whether a rise is a signal (`fired`, `q_value`).
    """
    settings = settings or RatingSection.model_validate({})
    if "population" not in panel:
        raise InputError(
            "the panel has no population, so districts cannot be set beside their peers",
            Where(key="population"),
            remedy="add [[population]] to the area file, or leave the layer `rating` out",
        )
    months = PERIOD_MONTHS[str(panel.attrs.get("period", "month"))]
    codes = [str(code) for code in panel["offence"].values]
    count = panel["count"].transpose(*DIMS).values.astype(np.float64)
    population = panel["population"].transpose("month", "district").values.astype(np.float64)
    moved = _moved(panel)
    residents, population = population, np.where(moved, np.nan, population)
    incomplete = _flag(panel, "incomplete")
    provisional = _flag(panel, "provisional")
    group = _numbers(panel, "peer_group")
    status = _numbers(panel, "status")
    nodes = nodes_of(codes, codebook)
    judgeable = np.where(incomplete[None, :, None], np.nan, count)

    steps, funnels = _steps(judgeable, population, group, status, nodes, months)
    own = funnels[0]
    has_peers = ~np.isnan(own.p_rise)
    answers = climb(
        steps, nodes, has_peers,
        q=settings.q, gate=settings.gate, fall_gate=settings.fall_gate, signal_count=settings.signal_count,
    )  # fmt: skip
    size = _magnitudes(own.p_rise, codes, codebook)
    answered = answers.step >= 0
    level = np.where(np.isnan(judgeable) | moved, np.nan, levels(size, answered))
    points = np.where(np.isnan(level), np.nan, np.maximum(level - 1, 0))
    lag = int((provisional & ~incomplete).sum())
    year, judged_months = year_points(points, answered, lag=lag, per_year=12 // months)
    if months == 12:
        # Points are those of twelve months; one year's four cannot be made twelve times as many.
        year = np.full_like(year, np.nan)
    red = standing(answers.fired, answered, months=settings.standing_months)
    lower, upper = interval(own.expected, own.heterogeneity)
    period_code, offence_code = _pooled(answers, steps, nodes, codes)
    per = float(panel.attrs.get("rate_per", 10_000))
    crude, smoothed = rates_of(judgeable, population, group, status, nodes.category, months=months, per=per)

    verdicts = Verdicts(
        codes=codes, steps=steps, answers=answers, count=count, expected=own.expected, lower=lower,
        upper=upper, p_fall=own.p_fall, magnitude=size, level=level, standing=red,
        pooled_offence=offence_code,
        incomplete=np.broadcast_to(incomplete[None, :, None], count.shape),
        no_exposure=np.broadcast_to(~(population > 0)[None], count.shape),
        moved=np.broadcast_to(moved[None], count.shape),
        yearly=months == 12,
        has_peers=has_peers, nodes=nodes, members=_members(codes, codebook),
    )  # fmt: skip
    reason_code, reason_texts = reasons(verdicts)

    def texts(values: npt.NDArray[np.generic], table: list[str]) -> tuple[object, ...]:
        return DIMS, values, {"categories": table}

    nothing = np.broadcast_to(np.float64("nan"), count.shape)
    periods = [str(panel.attrs.get("period", "month"))]
    data: dict[str, object] = {
        "period": texts(np.broadcast_to(np.int8(0), count.shape), periods),
        "count": (DIMS, count),
        "population": (DIMS, np.broadcast_to(residents[None], count.shape)),
        "rate": (DIMS, crude),
        "rate_smoothed": (DIMS, smoothed),
        "expected": (DIMS, own.expected),
        "lower": (DIMS, lower),
        "upper": (DIMS, upper),
        "p_peers": (DIMS, own.p_rise),
        "p_own": (DIMS, nothing),
        "q_value": (DIMS, answers.q_value),
        "fired": texts(np.where(np.isnan(judgeable), -1, answers.fired).astype(np.int8), list(FIRED)),
        "standing": (DIMS, red),
        "magnitude": (DIMS, size),
        "level": (DIMS, level),
        "points": (DIMS, points),
        "points_12m": (DIMS, year),
        "months_judged": (DIMS, judged_months),
        "harm": (DIMS, _harm(count, own.expected, codes, codebook, weights)),
        "pooled_period": texts(period_code, [step.period for step in steps if step.own]),
        "pooled_offence": texts(offence_code, codes),
        "provisional": (DIMS, np.broadcast_to(provisional[None, :, None], count.shape)),
        "suppressed": (DIMS, np.broadcast_to(np.False_, count.shape)),
        "reason": texts(reason_code, reason_texts),
    }
    coords = {"offence": codes, "month": panel["month"].values, "district": panel["district"].values}
    return xr.Dataset(data, coords=coords, attrs=dict(panel.attrs))


def nodes_of(codes: list[str], codebook: Codebook) -> Nodes:
    """Return which rows are leaves, the row of each leaf's category, and the family of inner nodes."""
    kinds = [str(codebook.nodes["kind"].get(code, "leaf")) for code in codes]
    row = {code: place for place, code in enumerate(codes)}
    leaf = np.array([kind in ("leaf", "other") for kind in kinds])
    category = np.full(len(codes), -1, dtype=np.intp)
    for place, code in enumerate(codes):
        parent = codebook.parent_of.get(code)
        if leaf[place] and parent is not None and codebook.nodes["kind"].get(parent) == "category":
            category[place] = row.get(parent, -1)
    return Nodes(leaf, category, pd.factorize(np.array(kinds, dtype=object))[0].astype(np.intp))


def _members(codes: list[str], codebook: Codebook) -> dict[int, npt.NDArray[np.intp]]:
    """Return the rows of the leaves of each inner node that has any."""
    row = {code: place for place, code in enumerate(codes)}
    found = {}
    for place, code in enumerate(codes):
        leaves = [row[leaf] for leaf in codebook.members(code) if leaf in row and leaf != code]
        if leaves:
            found[place] = np.array(leaves, dtype=np.intp)
    return found


def _numbers(panel: xr.Dataset, name: str) -> npt.NDArray[np.intp]:
    """Number the values of a district coordinate from 0 (-1 is missing); all are 0 where there is none."""
    if name not in panel.coords:
        return np.zeros(panel.sizes["district"], dtype=np.intp)
    values = np.asarray(panel[name].values, dtype=object)
    named = [value if isinstance(value, str) and value else None for value in values]
    return pd.factorize(np.array(named, dtype=object))[0].astype(np.intp)


def _moved(panel: xr.Dataset) -> Bools:
    """Return where counts and residents are of different ground, month × district."""
    if "moved" in panel:
        return np.asarray(panel["moved"].transpose("month", "district").values, dtype=bool)
    return np.zeros((panel.sizes["month"], panel.sizes["district"]), dtype=bool)


def _flag(panel: xr.Dataset, name: str) -> Bools:
    if name in panel:
        return np.asarray(panel[name].values, dtype=bool)
    return np.zeros(panel.sizes["month"], dtype=bool)


def _steps(
    count: Floats, population: Floats, group: npt.NDArray[np.intp], status: npt.NDArray[np.intp],
    nodes: Nodes, months: int,
) -> tuple[list[Step], list[Funnel]]:  # fmt: skip
    """Return the rungs (month, 3 months, category, category over 3 months, 12 months) and their funnels."""
    own_name = {1: "month", 3: "quarter", 12: "year"}[months]
    widths = {own_name: 1} | {name: width // months for name, width in _WINDOWS.items() if width > months}
    own: dict[str, Step] = {}
    funnels = []
    phi = dispersion(count, window=3 * 12 // months, least=max(12 // months, 3))
    for name, width in widths.items():
        counted = rolling_sum(count, width, axis=1) if width > 1 else count
        exposed = rolling_sum(population, width, axis=0) if width > 1 else population
        # the spread is that of a year: twelve months, four windows of three, or the one window of twelve
        lags = tuple(range(0, max(12 // months, 1), width))
        found = peer_half(counted, exposed, group, status, lags=lags, phi=phi)
        own[name] = Step(name, True, counted, found.expected, found.p_rise)
        funnels.append(found)
    as_category = {name: replace(step, own=False) for name, step in own.items()}
    order = [own.get(own_name), own.get("rolling3"), as_category.get(own_name), as_category.get("rolling3")]
    return [step for step in [*order, own.get("rolling12")] if step is not None], funnels


def _magnitudes(p_rise: Floats, codes: list[str], codebook: Codebook) -> Floats:
    combined = p_rise.copy()
    for node, leaves in _members(codes, codebook).items():
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


def _harm(
    count: Floats, expected: Floats, codes: list[str], codebook: Codebook, weights: Mapping[str, float] | None
) -> Floats:
    """Severity-weighted excess: the count less the expected one, times the severity's weight."""
    if not weights:
        return np.full(count.shape, np.nan)
    severity = codebook.nodes["severity"]
    weight = np.array([weights.get(str(severity.get(code)), np.nan) for code in codes])
    harm: Floats = weight[:, None, None] * (count - expected)
    for node, leaves in _members(codes, codebook).items():
        harm[node] = harm[leaves].sum(axis=0)
    return harm
