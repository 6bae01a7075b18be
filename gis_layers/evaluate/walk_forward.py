"""Table (d): every month of a real area foretold from the months before it, beside two plainer forecasts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..codes import Codebook
from ..errors import UsageError, Where
from ..indicators.norm import OwnPast
from ..times import PERIOD_MONTHS, label
from .detectors import Forecast, farrington_ahead, seasonal_naive
from .scores import coverage, crps, ranks, width

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

CUTS = (0.001, 0.005, 0.05)
SIZES = (0.0, 1.0, 3.0, 17.0, 37.0, 100.0, 300.0, np.inf)
"""Bounds of the expected counts that are told apart; from 17 a doubling is seen, from 37 a halving."""

_KINDS = {"category": "categories", "leaf": "articles", "other": "articles"}
_BLOCK = 12


@dataclass(frozen=True)
class Asked:
    """What is judged.

    Parameters
    ----------
    first
        First month foretold; None is the first that can be.
    without
        Stretches of months that are not foretold, both ends in them: a break that everyone knows of.
    left_out
        Offences (with all below them) that are left out.
    seed
        Of the randomised ranks.
    """

    first: np.datetime64 | None = None
    without: tuple[tuple[np.datetime64, np.datetime64], ...] = ()
    left_out: tuple[str, ...] = ()
    seed: int = 1


def walk_forward(
    panel: xr.Dataset,
    codebook: Codebook,
    asked: Asked | None = None,
    *,
    say: Callable[[str], None] = lambda text: None,
) -> dict[str, Any]:
    """Return how well each month was foretold, by kind of offence; see `docs/methods/evaluation.md` for the figures.

    Parameters
    ----------
    panel, codebook
        As the own half of the norm takes them.
    asked
        What is judged; None is everything.
    say
        Told how far it is.

    Raises
    ------
    UsageError
        If an offence that is to be left out is unknown.
    """
    what = asked or Asked()
    codes = [str(code) for code in panel["offence"].values]
    for code in what.left_out:
        if code not in codes:
            raise UsageError("there is no such offence to leave out", Where(value=code))
    count = panel["count"].transpose("offence", "district", "month").values.astype(np.float64)
    months = panel["month"].values.astype("datetime64[M]")
    wanted = _months(panel, months, what)
    rows = 12 // PERIOD_MONTHS[str(panel.attrs.get("period", "month"))]
    flat = count.reshape(-1, len(months))[:, : wanted.max(initial=-1) + 1]
    forecasts = {"ours": _ours(panel, codebook, wanted, say)}
    say("walk-forward: seasonal-naive")
    forecasts["seasonal_naive"] = seasonal_naive(flat, wanted, rows=rows)
    if rows == 12:
        say("walk-forward: Farrington")
        forecasts["farrington"] = farrington_ahead(flat, wanted)
    truth = flat[:, wanted]
    in_all = ~np.isnan(truth)
    for forecast in forecasts.values():
        in_all &= ~np.isnan(forecast.expected)
    kinds = [str(kind) for kind in panel["kind"].values]
    kept = np.array([not _below(code, what.left_out, codebook) for code in codes])
    result: dict[str, Any] = {
        "area": str(panel.attrs.get("area", "")), "months": [label(months[at]) for at in wanted],
        "left_out": list(what.left_out), "without": [f"{label(a)}..{label(b)}" for a, b in what.without],
        "kinds": {},
    }  # fmt: skip
    by_year = months[wanted].astype("datetime64[Y]").astype(str)
    for title in dict.fromkeys(_KINDS.values()):
        rows_of = np.repeat(kept & np.array([_KINDS.get(kind) == title for kind in kinds]), count.shape[1])
        of_kind: dict[str, Any] = {}
        for name, forecast in forecasts.items():
            say(f"walk-forward: scores of {title}, {name}")
            known = rows_of[:, None] & ~np.isnan(truth) & ~np.isnan(forecast.expected)
            if known.any():
                of_kind[name] = _told(truth, forecast, known, in_all, by_year, what.seed)
        if of_kind:
            result["kinds"][title] = of_kind
    return result


def _months(panel: xr.Dataset, months: npt.NDArray[np.datetime64], what: Asked) -> npt.NDArray[np.intp]:
    wanted = np.ones(len(months), dtype=bool)
    if "incomplete" in panel:
        wanted &= ~panel["incomplete"].values.astype(bool)
    if what.first is not None:
        wanted &= months >= what.first.astype("datetime64[M]")
    for begin, end in what.without:
        wanted &= ~((months >= begin.astype("datetime64[M]")) & (months <= end.astype("datetime64[M]")))
    return np.flatnonzero(wanted)


def _ours(
    panel: xr.Dataset, codebook: Codebook, wanted: npt.NDArray[np.intp], say: Callable[[str], None]
) -> Forecast:
    past = OwnPast(panel, codebook)
    shape = panel.sizes["offence"] * panel.sizes["district"], len(wanted)
    expected, phi = np.full(shape, np.nan), np.full(shape, np.nan)
    for first in range(0, len(wanted), _BLOCK):
        block = wanted[first : first + _BLOCK]
        say(f"walk-forward: own half, {first} of {len(wanted)} months")
        half = past.halves(block)[1]
        for out, cube in ((expected, half.expected), (phi, half.phi)):
            out[:, first : first + len(block)] = np.swapaxes(cube, 1, 2).reshape(-1, len(block))
    return Forecast(expected, phi)


def _below(code: str, tops: Iterable[str], codebook: Codebook) -> bool:
    at: str | None = code
    while at is not None:
        if at in tops:
            return True
        at = codebook.parent_of.get(at)
    return False


def _told(
    truth: Floats, forecast: Forecast, known: Bools, in_all: Bools, by_year: npt.NDArray[np.str_], seed: int
) -> dict[str, Any]:
    """Return the figures of all cells, by year and by size; CRPS over the cells that every forecast has."""
    y, mean, phi = truth[known], forecast.expected[known], forecast.phi[known]
    rank = ranks(y, mean, phi, np.random.default_rng(seed))
    rise, fall = Forecast(mean, phi).tails(y)
    score, wide = crps(y, mean, phi), width(mean, phi)
    shared = in_all[known]
    year = np.broadcast_to(by_year, known.shape)[known]

    def figures(part: Bools) -> dict[str, Any]:
        both = part & shared
        return {
            "cells": int(part.sum()),
            "coverage": coverage(rank[part]),
            "rises": {f"{cut:g}": round(float((rise[part] <= cut).mean()), 6) for cut in CUTS},
            "falls": {f"{cut:g}": round(float((fall[part] <= cut).mean()), 6) for cut in CUTS},
            "share_magnitude_3": round(float((rise[part] <= 0.001).mean()), 6),
            "bias": round(float(y[part].sum() / mean[part].sum()), 6),
            "width_80": round(float(wide[part].mean()), 4),
            "crps_cells": int(both.sum()),
            "crps": round(float(score[both].mean()), 4) if both.any() else None,
        }

    sizes = {}
    for low, high in pairwise(SIZES):
        part = (mean >= low) & (mean < high)
        if part.any():
            sizes[f"{low:g}-{high:g}" if np.isfinite(high) else f"{low:g}-"] = figures(part)
    enough = mean >= 17
    return {
        "all": figures(np.ones(len(y), dtype=bool)),
        "expected_17": figures(enough) if enough.any() else None,
        "by_year": {name: figures(year == name) for name in np.unique(year)},
        "by_size": sizes,
        "ranks": np.histogram(rank, bins=20, range=(0, 1))[0].tolist(),
    }
