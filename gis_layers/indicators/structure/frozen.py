"""Frozen structure: a month is judged once, and again only if something that it rests on has changed."""

from __future__ import annotations

from collections.abc import Callable

import xarray as xr

from ...codes import Codebook
from ..kept import judge_kept, names_of
from ..rating import Fingerprint, Verdicts
from .judge import judge_structure

METHOD = 1
"""Version of the method. Raise it with any change of code that can change a row."""


def judge_structure_kept(
    panel: xr.Dataset,
    codebook: Codebook,
    marks: Fingerprint | None,
    kept: Verdicts | None = None,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[xr.Dataset, tuple[str, ...]]:
    """Judge the months that are not kept yet, keep them, and return all with the hashes of their inputs.

    Parameters
    ----------
    panel, codebook, progress
        As :func:`gis_layers.indicators.structure.judge_structure` takes them.
    marks
        Hashes of the panel's months, as the rating made them; None keeps nothing.
    kept
        Verdicts kept from earlier builds.
    """
    names = () if marks is None else names_of("structure", METHOD, marks)
    found = judge_kept(
        names or None, panel, kept,
        lambda months: judge_structure(panel, codebook, months=months, progress=progress),
    )  # fmt: skip
    return found, names
