"""The layers that are made of the points of cards, of both editions, or why they are not there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ..codes import Codebook
from ..errors import InputError, Where
from ..indicators import Verdicts
from ..layers import Absent, Layer, density_layer, hotspot_cells_layer, near_repeat_layer
from ..sources import read_points
from ..times import PERIOD_MONTHS
from .density.trailing import LEAST
from .hotspots.cube import WINDOW
from .of_points import NEWEST, Nodes, density_of, ground_of, judge_cells, near_repeats, nodes_drawn

if TYPE_CHECKING:
    from ..districts import Districts
    from ..settings import AreaSettings

LAYERS = ("hotspot_cells", "density", "near_repeat")

_RASTERS = "rasters"


@dataclass(frozen=True)
class PointLayers:
    """What was made, for analysts and for the public, what could not be, and the names of kept verdicts."""

    analyst: tuple[Layer, ...] = ()
    public: tuple[Layer, ...] = ()
    absent: tuple[Absent, ...] = ()
    kept: tuple[str, ...] = ()


def point_layers(
    settings: AreaSettings,
    districts: Districts,
    panel: xr.Dataset,
    codebook: Codebook,
    cards: Path | None,
    kept: Verdicts | None = None,
    *,
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
    progress
        Told each stage as it begins.

    Raises
    ------
    InputError
        If `[density]` names an offence that the panel lacks.
    """
    asked = settings.density
    offences = [str(code) for code in panel["offence"].values]
    if strange := [code for code in asked.offences or () if code not in offences]:
        raise InputError(
            "the codebook has no such offence",
            Where(key="density.offences", value=strange[0]),
            remedy=f"use those of the codebook: {', '.join(offences[:12])}",
        )
    last = _last_complete(panel)
    if not asked.enabled:
        return _none("absent.density_off")
    if cards is None or last is None:
        return _none("absent.no_points")
    progress("points")
    span = last - (WINDOW + NEWEST - 2), last
    by, crs = settings.area.count_by, districts.metric_crs
    points = read_points(cards, offences=codebook.leaves, crs=crs, by=by, months=span)
    if points is None:
        return _none("absent.no_points")
    nodes, ground = nodes_drawn(panel, codebook, asked.offences, last), ground_of(districts)
    progress("hotspot cells")
    cells = hotspot_cells_layer(*judge_cells(points, nodes, ground, last, side=asked.hotspot_cell))
    progress("near repeats")
    repeats, names = near_repeats(points, nodes, last, kept)
    progress("density")
    drawn = {"analyst": nodes, "public": _not_sensitive(nodes, codebook)}
    fine, coarse = (
        density_layer(
            density_of(
                points, drawn[edition], ground, cards / _RASTERS / edition, last, asked, edition=edition,
                protected=edition == "public" and settings.disclosure.counts == "protected",
            )
        )
        for edition in ("analyst", "public")
    )  # fmt: skip
    few = (
        *((Absent("density", "absent.density_few", {"least": LEAST}),) if fine.frame.empty else ()),
        *((Absent("near_repeat", "absent.near_repeat_groups"),) if repeats.empty else ()),
    )
    made = [cells, *([] if fine.frame.empty else [fine])]
    made += [] if repeats.empty else [near_repeat_layer(repeats)]
    return PointLayers(tuple(made), () if coarse.frame.empty else (coarse,), few, names)


def _none(code: str) -> PointLayers:
    return PointLayers(absent=tuple(Absent(layer, code) for layer in LAYERS))


def _not_sensitive(nodes: Nodes, codebook: Codebook) -> Nodes:
    """Return the offences that the public may see a raster of."""
    flags = codebook.nodes["sensitive"]
    return {node: leaves for node, leaves in nodes.items() if not bool(flags.get(node, False))}


def _last_complete(panel: xr.Dataset) -> np.datetime64 | None:
    """Return the last month of the last period that is complete."""
    months = panel["month"].values.astype("datetime64[M]")[~panel["incomplete"].values.astype(bool)]
    step = PERIOD_MONTHS[str(panel.attrs.get("period", "month"))]
    return None if not len(months) else np.datetime64(months.max() + (step - 1), "M")
