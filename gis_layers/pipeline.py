"""The order of the stages, and nothing else. Reading this file is reading the system.

    sources -> tables -> panel -> results -> layers -> release
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeAlias

from . import codes, disclosure, layers, panel, release, sources
from .districts import Districts, PeerGroups, load_districts, parent_borders, peer_groups_of
from .indicators import judge_rating, judge_safety
from .settings import AreaSettings, load_area

if TYPE_CHECKING:
    import xarray as xr

Progress: TypeAlias = Callable[[str], None]


@dataclass(frozen=True)
class Inputs:
    """What was read for an area, before anything is judged."""

    settings: AreaSettings
    districts: Districts
    codebook: codes.Codebook
    intake: sources.Intake


def read(area_file: Path, spool: Path, *, progress: Progress = lambda stage: None) -> Inputs:
    """Read and check every input of an area."""
    settings = load_area(area_file)
    progress("districts")
    districts = load_districts(settings)
    progress("codebook")
    codebook = codes.load_codebook(settings.resolve(settings.codebook.path))
    progress("sources")
    intake = sources.read_sources(settings, districts, codebook, spool=spool)
    return Inputs(settings, districts, codebook, intake)
