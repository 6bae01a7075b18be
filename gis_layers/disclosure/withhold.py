"""The rating as the public edition holds it: withheld rows empty, the others made of published figures alone."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..indicators.rating.points import year_points
from ..indicators.safety import significant
from ..layers.model import Layer
from .protect import Protection

Bools = npt.NDArray[np.bool_]

KEPT = ("period", "population", "level", "provisional", "suppressed", "reason")
"""Columns of a withheld row that are not null; none of them is computed from its count (`level` is 0)."""

REASON = '[{"code":"rating.suppressed","values":{}}]'
_DIGITS = 2
_YEAR = 12
_DIMS = ("offence", "month", "district")


def withhold(rating: xr.Dataset, protection: Protection, *, leave: tuple[str, ...] = ()) -> xr.Dataset:
    """Empty the withheld rows of a rating that was judged on the protected panel.

    Parameters
    ----------
    rating
        Result of :func:`gis_layers.indicators.judge_rating` on ``protection.panel``: its other rows are then made
        of published counts and estimates, so they need no further care but for texts and sums over months.
    protection
        Which counts are withheld.
    leave
        Columns left as they are; only the tests that show what nulling is for give any.

    Returns
    -------
    xarray.Dataset
        The same columns. `rate_smoothed` is null too where a month of its year is withheld, `points_12m` and
        `months_judged` count the published months alone, `expected` has two significant digits, and a
        reason that tells of a withheld part or window is shortened.
    """
    ordered = rating.transpose(*_DIMS)
    hidden = protection.hidden.transpose(1, 2, 0)
    out: dict[str, Any] = {}
    for name, column in ordered.data_vars.items():
        name = str(name)
        if name in KEPT or name in leave:
            out[name] = column
        elif "categories" in column.attrs:
            out[name] = column.copy(data=np.where(hidden, -1, column.values).astype(column.dtype))
        elif column.dtype == bool:
            empty = column.values.astype(object)
            empty[hidden] = None
            out[name] = column.copy(data=empty)
        else:
            out[name] = column.copy(data=np.where(hidden, np.nan, column.values.astype(np.float64)))
    if "level" in out:
        level = np.where(hidden, 0.0, ordered["level"].values)
        out["level"] = ordered["level"].copy(data=level)
        out |= _points(ordered, level, hidden)
    if "expected" in out:
        out["expected"] = out["expected"].copy(
            data=significant(out["expected"].values.astype(float), _DIGITS)
        )
    if "rate_smoothed" in out and "rate_smoothed" not in leave:
        rows = max(_YEAR // _step(rating), 1)
        out["rate_smoothed"] = out["rate_smoothed"].where(~_any_of_last(hidden, rows))
    out["suppressed"] = ordered["suppressed"].copy(data=hidden)
    out["reason"] = _reasons(ordered["reason"], hidden, [str(code) for code in ordered["offence"].values])
    return rating.assign(out)


def withhold_counts(layer: Layer, protection: Protection) -> Layer:
    """Empty the withheld rows of the layer `rating` of an area without residents, which holds counts alone."""
    hidden = protection.hidden.transpose(1, 2, 0).ravel()
    frame = layer.frame.assign(
        count=layer.frame["count"].where(~hidden),
        suppressed=hidden,
        reason=layer.frame["reason"].where(~hidden, REASON),
    )
    return replace(layer, frame=frame)


def _step(rating: xr.Dataset) -> int:
    return {"month": 1, "quarter": 3, "year": 12}[str(rating.attrs.get("period", "month"))]


def _points(rating: xr.Dataset, level: npt.NDArray[np.float64], hidden: Bools) -> dict[str, Any]:
    """Return the year's points over the months that are published: a sum over all would tell a withheld level."""
    judged = np.nan_to_num(level) > 0
    points = np.where(judged, level - 1, 0.0)
    # as judge_rating counts them: provisional months that are judged at all
    provisional = rating["provisional"].values.any(axis=(0, 2)) & np.isfinite(level).any(axis=(0, 2))
    lag = int(provisional.sum())
    year, months = year_points(points, judged, lag=lag, per_year=_YEAR // _step(rating))
    return {
        "points_12m": rating["points_12m"].copy(data=np.where(hidden, np.nan, year)),
        "months_judged": rating["months_judged"].copy(data=np.where(hidden, np.nan, months.astype(float))),
    }


def _any_of_last(hidden: Bools, rows: int) -> Bools:
    """Say whether a month or one of those before it, `rows` in all, is withheld."""
    total = np.cumsum(hidden, axis=1)
    before = np.zeros_like(total)
    before[:, rows:] = total[:, :-rows] if rows else total
    found: Bools = np.asarray((total - before) > 0)
    return found


def _reasons(column: xr.DataArray, hidden: Bools, offences: list[str]) -> xr.DataArray:
    """Give withheld rows one reason, and drop from others what tells of a withheld part or window."""
    table: list[str] = list(column.attrs["categories"])
    numbers = column.values.astype(np.int32).copy()
    places = {text: number for number, text in enumerate(table)}
    row = {code: place for place, code in enumerate(offences)}
    year = _any_of_last(hidden, _YEAR)
    telling = np.array(['"rating.part"' in text or '"rating.pooled_signal"' in text for text in table])
    at = np.argwhere(telling[numbers] & (numbers >= 0) & ~hidden)
    for offence, month, district in at.tolist():
        parts = json.loads(table[numbers[offence, month, district]])
        kept = [
            part
            for part in parts
            if not (
                (part["code"] == "rating.part" and hidden[row[part["values"]["offence"]], month, district])
                or (part["code"] == "rating.pooled_signal" and year[offence, month, district])
            )
        ]
        if len(kept) < len(parts):
            text = json.dumps(
                kept or [{"code": "rating.usual", "values": {}}], separators=(",", ":"), ensure_ascii=False
            )
            numbers[offence, month, district] = places.setdefault(text, len(places))
    numbers[hidden] = places.setdefault(REASON, len(places))
    # only the texts that a published row has: the others told of withheld ones
    used, fresh = np.unique(numbers[numbers >= 0], return_inverse=True)
    texts = list(places)
    numbers[numbers >= 0] = fresh
    made = column.copy(data=numbers)
    made.attrs = {**column.attrs, "categories": [texts[number] for number in used]}
    return made
