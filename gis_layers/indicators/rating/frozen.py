"""Frozen verdicts: a month is judged once, and again only if something that its verdict rests on has changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
import pyarrow as pa
import xarray as xr

from ...codes import Codebook
from ...settings.area import RatingSection
from ..norm import OwnPast
from .cube import DIMS, FORETOLD
from .fingerprint import Fingerprint, fingerprint
from .history import rows_of
from .join import join_months
from .judge import judge_rating
from .stored import from_table, to_table


class Verdicts(Protocol):
    """Where verdicts are kept by the hash of their input; it may forget any of them at any time."""

    def load(self, name: str) -> pa.Table | None:
        """Return what was saved under a hash, None if it is not there or not whole."""
        ...

    def save(self, name: str, table: pa.Table) -> None:
        """Keep a table under a hash."""
        ...


def judge_frozen(
    panel: xr.Dataset,
    codebook: Codebook,
    settings: RatingSection,
    kept: Verdicts | None = None,
    *,
    past: OwnPast | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[xr.Dataset, Fingerprint]:
    """Judge the months that are not kept yet, keep them, and return all.

    Parameters
    ----------
    panel, codebook, settings
        As :func:`gis_layers.indicators.rating.judge_rating` takes them.
    kept
        Verdicts kept from earlier builds; None judges every month.
    past
        The own past of the same panel, shared with other indicators; it learns what kept verdicts know of it.
    progress
        Called with how many months are judged, and of how many.

    Returns
    -------
    (Dataset, Fingerprint)
        What `judge_rating` gives for all months, and the hashes of their inputs.
    """
    marks = fingerprint(panel, codebook, settings)
    # the hash of a month is found by its place: they stand in the order of the panel
    names = [mark.hash for mark in marks.months.values()]
    found: dict[int, xr.Dataset] = {}
    for place, name in enumerate(names):
        if kept is not None and (table := kept.load(name)) is not None:
            try:
                found[place] = from_table(table, panel.isel(month=[place]))
            except (ValueError, KeyError):
                continue  # whatever this is, it is not the verdict: judge the month again
    missing = [place for place in range(len(names)) if place not in found]
    old = join_months(list(found.values())) if found else None
    if old is not None and past is not None:
        told = np.flatnonzero(rows_of(panel, old["month"].values))
        past.recall(told, old[FORETOLD].transpose(*DIMS).sortby("month").values)
    if old is not None and not missing:
        return old, marks
    fresh = judge_rating(
        panel, codebook, settings, months=panel["month"].values[missing], earlier=old, past=past,
        progress=progress,
    )  # fmt: skip
    if kept is not None:
        for at, place in enumerate(missing):
            kept.save(names[place], to_table(fresh.isel(month=[at])))
    joined = fresh if old is None else join_months([old, fresh])
    return joined, marks
