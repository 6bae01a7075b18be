"""Dynamics of every district × offence × month: outbreak or fall from one predictive distribution, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...codes import Codebook
from ...settings.area import RatingSection
from ..norm import OwnHalf, OwnPast
from ..norm.tails import heterogeneity_of, interval
from ..rating.cube import DIMS
from ..rating.funnel import rolling_sum
from ..rating.history import rows_of
from ..rating.join import join_months
from ..rating.pooling import widths_of
from .clues import Clues
from .cube import Cube, cube_of, families
from .short import short_history
from .signals import SIGNALS, rungs, signals
from .telling import Back, Told, tell

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

BLOCK = 12
"""Months judged at once."""


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
    cube = cube_of(panel, codebook, past)
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


def _judge(
    panel: xr.Dataset, cube: Cube, past: OwnPast, places: Ints, settings: RatingSection, clues: Clues,
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
        back = Back.of(cube, past, at)
        measured = back.instability(cube, at)
        unstable[:, place] = measured.relative.reshape(back.shape)
        shifted = back.shifts({width: half.phi[:, place] for width, half in halves.items()})
        told = Told(cube, found, halves, counts, widths, short, measured, shifted, place, at)
        tell(told, back, clues, evidence, texts)
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
    cube: Cube, past: OwnPast, month: OwnHalf, places: Ints
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
            series, at, families(cube, at), begin=cube.begin[:, at].reshape(-1).astype(np.intp)
        )
        expected, phi, rise = (part.reshape(offences, districts) for part in found)
        filled[:, place] = lacks & ~np.isnan(rise)
        for part, values in zip(parts[:3], (expected, phi, rise), strict=True):
            part[:, place] = np.where(filled[:, place], values, part[:, place])
    return OwnHalf(*parts), filled
