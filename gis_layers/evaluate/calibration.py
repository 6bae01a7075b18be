"""Table (c): how often clean counts of the demo are taken for unusual, by size of the series and of the district."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from ..demo import Plants, demo_counts
from ..demo.geography import country
from ..indicators.norm.series import Series
from ..indicators.norm.tails import heterogeneity_of, mid_p
from ..indicators.norm.walk import Walk

Floats = npt.NDArray[np.float64]

CUTS = (0.001, 0.005, 0.05)
CARDS = (0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, np.inf)
RESIDENTS = (0.0, 20_000.0, 40_000.0, 80_000.0, 160_000.0, np.inf)
_BLOCK = 12


def calibration(
    worlds: int, *, seed: int = 1, scale: float = 1.0, months: int | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> dict[str, Any]:  # fmt: skip
    """Return the false alarm rates of the own half on worlds in which nothing was planted.

    Parameters
    ----------
    worlds
        How many worlds are invented: 210 districts × 34 offences × 120 months each.
    seed
        Of the first; the next have the numbers after it.
    scale
        Multiplies the number of cards.
    months
        How many newest months are judged; None is all that can be.
    say
        Told how far it is.

    Examples
    --------
    >>> table = calibration(1, months=1)
    >>> table["all"]["cells"], sorted(table["all"]["rises"])
    (7140, ['0.001', '0.005', '0.05'])
    """
    tails: list[tuple[Floats, Floats]] = []
    cards, residents = [], []
    for world in range(worlds):
        say(f"demo: world {world + 1} of {worlds}")
        demo = demo_counts(seed + world, scale, Plants.none())
        count = np.swapaxes(demo.counts, 0, 1).astype(np.float64)
        series = _series(count)
        size = count.mean(axis=2)
        flat = count.reshape(-1, count.shape[2])
        walk = Walk(series)
        judged = np.arange(24, count.shape[2])[-(months or count.shape[2]) :]
        for first in range(0, len(judged), _BLOCK):
            say(f"demo: world {world + 1} of {worlds}, {first} of {len(judged)} months")
            block = judged[first : first + _BLOCK]
            found = walk.foretell(block)[1]
            tails.append(mid_p(flat[:, block], found.expected, heterogeneity_of(found.expected, found.phi)))
            cards.append(np.repeat(size.ravel(), len(block)))
            people = np.broadcast_to(demo.population[None, :, block], (*count.shape[:2], len(block)))
            residents.append(people.ravel())
    rise = np.concatenate([part.ravel() for part, _ in tails])
    fall = np.concatenate([part.ravel() for _, part in tails])
    by_cards, by_residents = np.concatenate(cards), np.concatenate(residents)
    whole = ~np.isnan(rise)
    return {
        "worlds": worlds, "seed": seed, "scale": scale,
        "all": _rates(rise, fall, whole),
        "by_cards": _classes(rise, fall, whole, by_cards, CARDS),
        "by_residents": _classes(rise, fall, whole, by_residents, RESIDENTS),
    }  # fmt: skip


def _series(count: Floats) -> Series:
    offences, districts, months = count.shape
    status = np.unique(country().frame["status"].astype(str), return_inverse=True)[1].astype(np.intp)
    flat = count.reshape(-1, months)
    return Series(
        count=flat,
        usable=flat,
        begin=np.zeros(flat.shape, dtype=np.int32),
        outside=np.zeros(flat.shape, dtype=bool),
        settling=np.zeros(flat.shape, dtype=bool),
        offence=np.repeat(np.arange(offences), districts),
        status=np.tile(status, offences),
        group=np.broadcast_to(status[:, None], (districts, months)),
        all_cards=count.sum(axis=0),
        calendar=np.arange(months),
        incomplete=np.zeros(months, dtype=bool),
        rows=12,
    )


def _rates(rise: Floats, fall: Floats, part: npt.NDArray[np.bool_]) -> dict[str, Any]:
    return {
        "cells": int(part.sum()),
        "rises": {f"{cut:g}": round(float((rise[part] <= cut).mean()), 6) for cut in CUTS},
        "falls": {f"{cut:g}": round(float((fall[part] <= cut).mean()), 6) for cut in CUTS},
    }


def _classes(
    rise: Floats, fall: Floats, whole: npt.NDArray[np.bool_], size: Floats, bounds: tuple[float, ...]
) -> dict[str, Any]:
    found = {}
    for low, high in pairwise(bounds):
        part = whole & (size >= low) & (size < high)
        if part.any():
            found[f"{low:g}-{high:g}" if np.isfinite(high) else f"{low:g}-"] = _rates(rise, fall, part)
    return found
