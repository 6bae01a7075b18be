"""What is found of where crime is and where it goes, stage by stage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import xarray as xr

from .. import disclosure, layers
from ..indicators import PanelVerdicts, Verdicts, rating_frame
from ..layers import Absent, Layer
from ..spread.stage import Tracks, spread_of
from .clusters.stage import clusters_of
from .hotspots import judge_hotspots_kept, links_of

if TYPE_CHECKING:
    from ..districts import Districts
    from ..settings import AreaSettings

Found = tuple[Layer | Absent, tuple[str, ...]]


def in_space(
    settings: AreaSettings,
    districts: Districts,
    panel: xr.Dataset,
    told: PanelVerdicts,
    kept: Verdicts | None = None,
    *,
    exposed: bool,
    tracks: Tracks | None = None,
    progress: Callable[[str], None] = lambda stage: None,
) -> Iterator[Found]:
    """Yield hotspots, clusters and spread paths or why there are none, each with the names of what was kept of it.

    Parameters
    ----------
    settings, districts
        The area.
    panel, told
        Its panel, and what was judged of it.
    kept
        Verdicts of earlier builds.
    exposed
        Whether there is a population.
    tracks
        Those of incidents, where there are points.
    progress
        Told each stage as it begins.
    """
    progress("hotspots")
    yield hotspots_of(settings, districts, panel, told, kept, exposed=exposed)
    yield clusters_of(panel, districts, settings.clusters, told.dynamics, kept, progress=progress)
    languages = settings.area.languages
    yield spread_of(
        panel, districts, settings.spread, told.dynamics, kept, tracks=tracks, languages=languages, progress=progress
    )  # fmt: skip


def hotspots_of(
    settings: AreaSettings,
    districts: Districts,
    panel: xr.Dataset,
    told: PanelVerdicts,
    kept: Verdicts | None = None,
    *,
    exposed: bool,
    protection: disclosure.Protection | None = None,
) -> Found:
    """Return the layer `hotspots` of an edition's panel, or why there is none, and the names of its kept verdicts."""
    if not exposed:
        return Absent("hotspots", "absent.no_exposure", text=settings.area.no_exposure_reason), ()
    links = links_of(districts.geometry, districts.metric_crs)
    found, names = judge_hotspots_kept(panel, links, told.marks, kept)
    if protection is not None:
        found = disclosure.public_hotspots(found, protection)
    return layers.hotspots_layer(rating_frame(found), period=settings.area.period), names
