"""The own half of normal: every count beside what its own past lets expect, month by month, walk-forward.

expected = level × season, each from the months before; the variance is φ times the expected count, φ from the errors that
the same rule made before. What is said of a month never changes when later months come.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...codes import Codebook
from ...settings.area import RatingSection
from ...times import PERIOD_MONTHS
from .dispersion import WINDOW as ERRORS
from .dispersion import predictive_phi
from .level import FAINT, HALF_LIFE, LEFT_OUT, Past, level_of
from .level import WINDOW as LEVEL_WINDOW
from .season import YEARS, fit_seasons
from .tails import heterogeneity_of, interval, mid_p

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.intp]

WHOLE = 36
"""Months of history from which a series has its own season."""

SHORT = 24
"""Months of history from which a series is judged, with the season of its group."""

TRIED = 18
"""Months of history from which errors are noted, so that the first verdicts have a φ."""

REASONS = ("own.judged", "own.short_history", "own.not_collected", "own.incomplete")


@dataclass(frozen=True)
class Break:
    """A month from which figures cannot be set beside earlier ones.

    Parameters
    ----------
    month
        First month of the new figures.
    district, offence
        What it bears on; None is all of them. A node above a changed offence needs a break of its own.
    """

    month: np.datetime64
    district: str | None = None
    offence: str | None = None


def judge_own(
    panel: xr.Dataset,
    codebook: Codebook,
    settings: RatingSection | None = None,
    *,
    months: slice | Sequence[int] | Ints | None = None,
    breaks: Iterable[Break] = (),
) -> xr.Dataset:
    """Judge every cell of a panel beside its own past.

    Parameters
    ----------
    panel
        Dimensions district, offence, month; `count` (NaN = not collected), `incomplete` (month); coordinates
        `peer_group` and `status` (district), whose seasons a short series borrows. No exposure is needed.
    codebook
        The offences of the panel; its root tells how much of everything a district has.
    settings
        `[rating]` of the area file; none of it bears on the own half yet.
    months
        Places of the months to judge; None is all. A month's verdict is the same whichever are asked for.
    breaks
        Where a series starts anew.

    Returns
    -------
    xarray.Dataset
        Dimensions (district, offence, month), months as asked for. `expected`, `lower`, `upper` (95 %), `phi` (not
        cut at 1; the tails take a Poisson below it), `p_rise` and `p_fall` (mid-p), `p_own` (`p_rise`: the
        rating looks upward), all NaN where there is no verdict, save that an incomplete month and one not
        collected keep what was expected of them. `reason`: number of the text in ``attrs["categories"]``.

    Examples
    --------
    >>> import numpy as np, pandas as pd, xarray as xr
    >>> from gis_layers.codes.load import codebook_from
    >>> count = np.random.default_rng(1).poisson(30, (2, 1, 49)).astype(float)
    >>> count[0, 0, -1] = 70
    >>> panel = xr.Dataset(
    ...     {"count": (("district", "offence", "month"), count)},
    ...     coords={"district": ["a", "b"], "offence": ["theft"],
    ...             "month": pd.date_range("2020-01-01", periods=49, freq="MS").astype("datetime64[s]")},
    ... )
    >>> found = judge_own(panel, codebook_from([{"code": "theft"}]), months=slice(-1, None))
    >>> bool(found["p_own"].values[0, 0, 0] < 1e-6), bool(found["p_own"].values[1, 0, 0] > 0.01)
    (True, True)
    """
    series = _series_of(panel, codebook, breaks)
    asked = np.arange(series.count.shape[1])[slice(None) if months is None else months]
    expected, phi, history = _walk(series, asked)
    count = series.count[:, asked]
    told = np.isin(asked, np.flatnonzero(series.incomplete))[None, :]
    judged = history >= max(SHORT // series.step, 1)
    expected, phi = np.where(judged, expected, np.nan), np.where(judged, phi, np.nan)
    spread = heterogeneity_of(expected, phi)
    lower, upper = interval(expected, spread)
    rise, fall = mid_p(np.where(told, np.nan, count), expected, spread)
    reason = np.where(judged, 0, 1)
    reason = np.where(np.isnan(count), 2, np.where(told, 3, reason)).astype(np.int8)

    shape = (panel.sizes["offence"], panel.sizes["district"], len(asked))
    dims = ("district", "offence", "month")

    def cube(values: npt.NDArray[np.generic]) -> tuple[tuple[str, ...], npt.NDArray[np.generic]]:
        return dims, np.swapaxes(values.reshape(shape), 0, 1)

    found = {"expected": expected, "lower": lower, "upper": upper, "phi": phi, "p_rise": rise, "p_fall": fall}
    data: dict[str, tuple[object, ...]] = {name: cube(values) for name, values in found.items()}
    data["p_own"] = cube(rise)
    data["reason"] = (*cube(reason), {"categories": list(REASONS)})
    coords = {
        "district": panel["district"].values,
        "offence": panel["offence"].values,
        "month": panel["month"].values[asked],
    }
    return xr.Dataset(data, coords=coords, attrs=dict(panel.attrs))


@dataclass(frozen=True)
class _Series:
    """All series in a row, offence by offence; `begin` is the first month of each that may be used."""

    count: Floats
    usable: Floats
    begin: npt.NDArray[np.int32]
    offence: Ints
    status: Ints
    group: Ints
    share: Floats
    calendar: Ints
    incomplete: Bools
    step: int


def _series_of(panel: xr.Dataset, codebook: Codebook, breaks: Iterable[Break]) -> _Series:
    codes = [str(code) for code in panel["offence"].values]
    names = [str(name) for name in panel["district"].values]
    count = panel["count"].transpose("offence", "district", "month").values.astype(np.float64)
    offences, districts, months = count.shape
    step = PERIOD_MONTHS[str(panel.attrs.get("period", "month"))]
    when = panel["month"].values.astype("datetime64[M]")
    incomplete = (
        panel["incomplete"].values.astype(bool) if "incomplete" in panel else np.zeros(months, dtype=bool)
    )
    begin = np.zeros((offences, districts, months), dtype=np.int32)
    for one in breaks:
        at = int(np.searchsorted(when, np.datetime64(one.month, "M")))
        rows = [place for place, code in enumerate(codes) if one.offence in (None, code)]
        of = [place for place, name in enumerate(names) if one.district in (None, name)]
        cells = np.ix_(rows, of, np.arange(at, months))
        begin[cells] = np.maximum(begin[cells], at)
    status = _numbers(panel, "status")
    # a group lies within a status; districts without either are a group of their own
    group = np.unique(status * (districts + 2) + _numbers(panel, "peer_group"), return_inverse=True)[1]
    root = next((place for place, code in enumerate(codes) if codebook.parent_of.get(code) is None), 0)
    return _Series(
        count=count.reshape(-1, months),
        usable=np.where(incomplete, np.nan, count).reshape(-1, months),
        begin=begin.reshape(-1, months),
        offence=np.repeat(np.arange(offences), districts),
        status=np.tile(status, offences),
        group=np.tile(group, offences),
        share=np.nan_to_num(count[root]),
        calendar=when.astype(np.intp) // step,
        incomplete=incomplete,
        step=step,
    )


def _numbers(panel: xr.Dataset, name: str) -> Ints:
    if name not in panel.coords:
        return np.zeros(panel.sizes["district"], dtype=np.intp)
    texts = np.array([value if isinstance(value, str) else "" for value in panel[name].values])
    return np.unique(texts, return_inverse=True)[1].astype(np.intp)


def _walk(series: _Series, asked: Ints) -> tuple[Floats, Floats, Ints]:
    """Return expected, φ and months of history of each month asked for, series × months."""
    errors = max(ERRORS // series.step, 12)
    wanted = sorted({back for at in asked for back in range(max(at - errors, 0), at + 1)})
    known = ~np.isnan(series.usable)
    sums = _running(np.where(known, series.usable, 0.0)), _running(known.astype(np.float64))
    all_cards = _running(series.share)
    made: dict[int, Floats] = {at: _expected(series, at, sums, all_cards) for at in wanted}
    expected = np.full((len(known), len(asked)), np.nan)
    phi, history = expected.copy(), np.zeros(expected.shape, dtype=np.intp)
    rows = np.arange(len(known))
    for place, at in enumerate(asked):
        back = range(max(at - errors, 0), at)
        begin = series.begin[:, at]
        history[:, place] = sums[1][:, at] - sums[1][rows, begin]
        expected[:, place] = made[at]
        if len(back):
            earlier = np.array(back)[None, :] >= begin[:, None]
            before = np.column_stack([made[one] for one in back])
            before = np.where(earlier, before, np.nan)
            phi[:, place] = predictive_phi(series.usable[:, back[0] : at], before, series.offence)
    return expected, phi, history


def _running(values: Floats) -> Floats:
    """Return sums of all before each place, one place longer than the values."""
    out = np.zeros((len(values), values.shape[1] + 1))
    np.cumsum(values, axis=1, out=out[:, 1:])
    return out


def _expected(series: _Series, at: int, sums: tuple[Floats, Floats], all_cards: Floats) -> Floats:
    """Return what the months before `at` let expect of it, by series; NaN under the least history."""
    step = series.step
    rows = max(12 // step, 1)
    left_out = -(-LEFT_OUT // step)
    end = at - left_out
    every = np.arange(len(series.count))
    begin = series.begin[:, at]
    history = sums[1][:, at] - sums[1][every, begin]
    tried = history >= max(TRIED // step, 1)
    if end < 1 or not tried.any():
        return np.full(len(series.count), np.nan)
    first = max(end - YEARS * rows, 0)
    past = series.usable[:, first:end]
    past = np.where(np.arange(first, end)[None, :] >= begin[:, None], past, np.nan)
    calendar = series.calendar[first:end]
    window = min(max(LEVEL_WINDOW // step, 12), end - first)
    wanted = np.append(calendar[-window:], series.calendar[at])
    seasons = fit_seasons(
        past, calendar, wanted,
        offence=series.offence, status=series.status, group=series.group, rows=rows,
    )  # fmt: skip
    own = history >= WHOLE // step
    season = np.where(own[:, None], seasons.district, seasons.group)
    months = np.maximum(sums[1][:, end] - sums[1][every, np.minimum(begin, end)], 0.0)
    cards = np.maximum(sums[0][:, end] - sums[0][every, np.minimum(begin, end)], 0.0)
    usual = _usual(series, cards, months, all_cards[:, end])
    long_run = (cards + FAINT) / (months + FAINT / usual)
    level = level_of(
        Past(past[:, -window:], season[:, :-1], long_run), half_life=max(HALF_LIFE / step, 1.0)
    )
    return np.where(tried, level * season[:, -1], np.nan)


def _usual(series: _Series, cards: Floats, months: Floats, all_cards: Floats) -> Floats:
    """Return what a series would have by a month had it its share of all cards of its status."""
    districts = len(all_cards)
    number = series.offence * (series.status.max() + 1) + series.status
    share = np.tile(all_cards + 1.0, len(series.count) // districts)
    total, weight = np.bincount(number, cards), np.bincount(number, months * share)
    rate = np.divide(total + FAINT, weight, out=np.full_like(total, 1e-9), where=weight > 0)
    usual: Floats = rate[number] * share
    return usual
