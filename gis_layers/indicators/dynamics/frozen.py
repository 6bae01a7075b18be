"""Frozen dynamics: a month is judged once, and again only if something that it rests on has changed."""

from __future__ import annotations

import json
from collections.abc import Callable

import xarray as xr

from ...codes import Codebook
from ...settings.area import RatingSection
from ..kept import chained, judge_kept, names_of
from ..norm import OwnPast
from ..rating import Fingerprint, Verdicts
from .clues import Clues
from .gather import figures_of
from .judge import judge_dynamics

METHOD = 2
"""Version of the method. Raise it with any change of code that can change a row."""


def judge_dynamics_kept(
    panel: xr.Dataset,
    codebook: Codebook,
    settings: RatingSection,
    marks: Fingerprint | None,
    kept: Verdicts | None = None,
    *,
    past: OwnPast | None = None,
    clues: Clues | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[xr.Dataset, tuple[str, ...]]:
    """Judge the months that are not kept yet, keep them, and return all with the hashes of their inputs.

    Parameters
    ----------
    panel, codebook, settings, past, clues, progress
        As :func:`gis_layers.indicators.dynamics.judge_dynamics` takes them.
    marks
        Hashes of the panel's months, as the rating made them; None keeps nothing.
    kept
        Verdicts kept from earlier builds.
    """
    known = clues or Clues()
    names: tuple[str, ...] = ()
    if marks is not None:
        whole = json.dumps([sorted(known.lesser.items()), [str((b.above, b.value)) for b in known.bunching]])
        links = chained(panel.sizes["month"], figures_of(known), whole)
        names = names_of("dynamics", METHOD, marks, links)
    found = judge_kept(
        names or None, panel, kept,
        lambda months: judge_dynamics(
            panel, codebook, settings, months=months, past=past, clues=clues, progress=progress
        ),
    )  # fmt: skip
    return found, names
