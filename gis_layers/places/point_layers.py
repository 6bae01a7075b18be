"""The layers that are made of the points of cards, of both editions, or why they are not there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ..codes import Codebook
from ..codes.asked import asked
from ..indicators import Verdicts
from ..layers import Absent, Layer, density_layer, hotspot_cells_layer, near_repeat_layer
from ..sources import read_points
from ..spread.stage import Tracks
from ..times import PERIOD_MONTHS
from .density.trailing import LEAST, PERIODS
from .of_points import (
    NEWEST,
    YEAR,
    Nodes,
    Published,
    density_of,
    ground_of,
    judge_cells,
    near_repeats,
    nodes_drawn,
)
from .of_tracks import tracks_of

if TYPE_CHECKING:
    from ..districts import Districts
    from ..settings import AreaSettings

LAYERS = ("hotspot_cells", "density", "near_repeat")

SHORTEST = min(PERIODS.values())
"""Months that a raster needs."""

_RASTERS = "rasters"


@dataclass(frozen=True)
class PointLayers:
    """What analysts see or why they do not, each with the names of kept tables; what the public sees; tracks."""

    analyst: tuple[tuple[Layer | Absent, tuple[str, ...]], ...]
    public: tuple[Layer, ...] = ()
    tracks: Tracks | None = None


def point_layers(
    settings: AreaSettings,
    districts: Districts,
    panel: xr.Dataset,
    codebook: Codebook,
    cards: Path | None,
    kept: Verdicts | None = None,
    *,
    published: Published | None = None,
    progress: Callable[[str], None] = lambda stage: None,
) -> PointLayers:
    """Make hotspot cells, density rasters and near repeats of the newest months.

    Parameters
    ----------
    settings, districts
        The area.
    panel, codebook
        Its panel and the codebook of the panel.
    cards
        Folder of the spool; None where the area delivers counts alone. Rasters are written below it.
    kept
        Verdicts of earlier builds.
    published
        What the public edition of the release before held of protected rasters.
    progress
        Told each stage as it begins.

    Raises
    ------
    InputError
        If `[density]` names an offence that the panel lacks.
    """
    asked_for = settings.density
    offences = [str(code) for code in panel["offence"].values]
    wanted = None if asked_for.offences is None else asked(asked_for.offences, offences, section="density")
    last = _last_complete(panel)
    if not asked_for.enabled:
        return _none("absent.switched_off")
    if cards is None or last is None:
        return _none("absent.no_points")
    progress("points")
    protected = settings.disclosure.counts == "protected"
    # of protected counts the public sees calendar years, of which the last may have ended eleven months ago
    span = last - (2 * YEAR - 2 if protected else YEAR + NEWEST - 2), last
    by, crs = settings.area.count_by, districts.metric_crs
    known = [str(code) for code in districts.codes]
    points = read_points(cards, offences=codebook.leaves, crs=crs, by=by, months=span, districts=known)
    if points is None:
        return _none("absent.no_points")
    nodes, ground = nodes_drawn(panel, codebook, wanted, last), ground_of(districts)
    progress("hotspot cells")
    cells = hotspot_cells_layer(judge_cells(points, nodes, ground, last, side=asked_for.hotspot_cell))
    progress("near repeats")
    repeats, names = near_repeats(points, nodes, last, kept)
    progress("tracks")
    tracks = tracks_of(points, nodes, repeats, last, kept) if settings.spread.enabled else None
    progress("density")
    drawn = {"analyst": nodes, "public": _not_sensitive(nodes, codebook)}
    fine, coarse = (
        density_layer(
            *density_of(
                points, drawn[edition], ground, cards / _RASTERS / edition, last, asked_for, edition=edition,
                protected=protected and edition == "public",
                published=published if edition == "public" else None,
            )
        )
        for edition in ("analyst", "public")
    )  # fmt: skip
    near = near_repeat_layer(repeats) if len(repeats) else Absent("near_repeat", "absent.near_repeat_groups")
    few = Absent("density", "absent.density_few", {"least": LEAST})
    if points.month.min() > last - (SHORTEST - 1):
        few = Absent("density", "absent.needs_months", {"n": SHORTEST})
    public = () if coarse.frame.empty else (coarse,)
    return PointLayers(((cells, ()), (few if fine.frame.empty else fine, ()), (near, names)), public, tracks)


def _none(code: str) -> PointLayers:
    return PointLayers(tuple((Absent(layer, code), ()) for layer in LAYERS))


def _not_sensitive(nodes: Nodes, codebook: Codebook) -> Nodes:
    """Return the offences that the public may see a raster of, each without its sensitive leaves.

    With them in it a parent's raster, less those of its other parts, would be theirs.
    """
    flags = codebook.nodes["sensitive"]

    def open_ones(codes: Sequence[str]) -> list[str]:
        return [code for code in codes if not bool(flags.get(code, False))]

    return {node: kept for node in open_ones([*nodes]) if (kept := open_ones(nodes[node]))}


def _last_complete(panel: xr.Dataset) -> np.datetime64 | None:
    """Return the last month of the last period that is complete."""
    months = panel["month"].values.astype("datetime64[M]")[~panel["incomplete"].values.astype(bool)]
    step = PERIOD_MONTHS[str(panel.attrs.get("period", "month"))]
    return None if not len(months) else np.datetime64(months.max() + (step - 1), "M")
