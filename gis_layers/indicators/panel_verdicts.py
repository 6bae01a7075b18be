"""Rating, dynamics and structure of a panel, which share one own past; and of both editions' panels side by side."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from threading import Event
from typing import TypeAlias

import xarray as xr

from ..codes import Codebook
from ..settings.area import RatingSection
from .dynamics import Clues, judge_dynamics_kept
from .norm import OwnPast
from .rating import Fingerprint, Verdicts, judge_frozen
from .structure import judge_structure_kept

Tell: TypeAlias = Callable[[str, int, int], None]
"""Told the stage, how many of its months are judged, and of how many."""


@dataclass(frozen=True)
class PanelVerdicts:
    """What the indicators say of one edition's panel, and the names of their kept verdicts.

    `rating`, and `marks` of what it was made of, are None without residents.
    """

    rating: xr.Dataset | None
    marks: Fingerprint | None
    dynamics: xr.Dataset
    structure: xr.Dataset
    kept: tuple[str, ...]


def judge_both(
    panel: xr.Dataset,
    public: xr.Dataset | None,
    codebook: Codebook,
    settings: RatingSection,
    kept: Verdicts | None = None,
    *,
    rated: bool = True,
    clues: Clues | None = None,
    progress: Callable[[str], None] = lambda stage: None,
) -> tuple[PanelVerdicts, PanelVerdicts | None]:
    """Judge the analysts' panel and, beside it in a thread, the public one.

    Parameters
    ----------
    panel, public
        Counts as recorded, and as they may be published; None where there is no public edition of its own.
    codebook
        The offences of both.
    settings
        `[rating]` of the area file.
    kept
        Verdicts of earlier builds.
    rated
        Whether there are residents, without whom there is no rating.
    clues
        Figures beside the counts, for the analysts' evidence on falls.
    progress
        Told each stage as it begins, and then `stage: 3 of 120 months`.

    Returns
    -------
    tuple
        What is said of `panel`, and of `public`.
    """
    stopped = Event()

    def go_on(stage: str, done: int, of: int) -> None:
        if stopped.is_set():
            raise CancelledError

    def tell(stage: str, done: int, of: int) -> None:
        progress(f"{stage}: {done} of {of} months" if done else stage)

    judge = partial(_judge, codebook=codebook, settings=settings, kept=kept, rated=rated)
    with ThreadPoolExecutor(1) as pool:
        waiting = None if public is None else pool.submit(judge, public, tell=go_on)
        try:
            mine = judge(panel, tell=tell, clues=clues)
            if waiting is None:
                return mine, None
            progress("public edition")
            return mine, waiting.result()
        except BaseException:
            stopped.set()
            raise


def _judge(
    panel: xr.Dataset,
    *,
    codebook: Codebook,
    settings: RatingSection,
    kept: Verdicts | None,
    rated: bool,
    tell: Tell,
    clues: Clues | None = None,
) -> PanelVerdicts:
    past = OwnPast(panel, codebook)
    rating = marks = None
    if rated:
        tell("rating", 0, 0)
        rating, marks = judge_frozen(
            panel, codebook, settings, kept, past=past, progress=partial(tell, "rating")
        )
    tell("dynamics", 0, 0)
    dynamics, names = judge_dynamics_kept(
        panel, codebook, settings, marks, kept, past=past, clues=clues, progress=partial(tell, "dynamics")
    )
    tell("structure", 0, 0)
    structure, more = judge_structure_kept(panel, codebook, marks, kept, progress=partial(tell, "structure"))
    return PanelVerdicts(rating, marks, dynamics, structure, names + more)
