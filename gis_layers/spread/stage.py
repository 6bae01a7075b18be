"""The layer `spread_paths` of an area: what is searched, and why there may be no layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd
import shapely
import xarray as xr

from ..codes.asked import asked
from ..districts import Districts, neighbours
from ..indicators import Verdicts
from ..indicators.kept_tables import kept_table, name_of
from ..layers import Absent, Judged, Layer, only_tracks_note, spread_paths_layer
from ..settings.places import SpreadSection
from ..times import label
from .judge import FIRST, judge_spread
from .lines import bent_lines

METHOD = "spread:3"
"""Raised when the same input gives other paths."""

LEAST_MONTHS = FIRST + 12


@dataclass(frozen=True)
class Tracks:
    """Steps of tracks, where they were sought, and the names under which they are kept.

    Parameters
    ----------
    frame
        Rows of the layer `spread_paths`.
    judged
        Months and offences.
    names
        Of kept tables.
    """

    frame: gpd.GeoDataFrame = field(repr=False)
    judged: Judged
    names: tuple[str, ...] = ()


def spread_of(
    panel: xr.Dataset,
    districts: Districts,
    settings: SpreadSection,
    dynamics: xr.Dataset,
    kept: Verdicts | None = None,
    *,
    tracks: Tracks | None = None,
    languages: Sequence[str] = (),
    progress: Callable[[str], None] = lambda stage: None,
) -> tuple[Layer | Absent, tuple[str, ...]]:
    """Find the paths by which offences spread between the districts of a panel, and join the tracks of incidents.

    Either part stands without the other; a layer of tracks alone says at `kind` why none is between districts.

    Parameters
    ----------
    panel
        `count`, `incomplete`, `kind` and `status`.
    districts
        Those of the panel, in its order.
    settings
        `[spread]` of the area file.
    dynamics
        The `signal` that is told at the stops of chains.
    kept
        Where tables of earlier builds are kept.
    tracks
        Those of incidents, where there are points.
    languages
        Of notes.
    progress
        Told the stage.

    Returns
    -------
    Layer or Absent, names
        The layer, or why there is none; and the names of what was kept.
    """
    if not settings.enabled:
        return Absent("spread_paths", "absent.switched_off"), ()
    between = _between(panel, districts, settings, dynamics, kept, progress)
    if tracks is None:
        return (
            (between, ()) if isinstance(between, Absent) else (spread_paths_layer(*between[:2]), between[2])
        )
    if isinstance(between, Absent):
        note = only_tracks_note(between, languages)
        return spread_paths_layer(tracks.frame, tracks.judged, notes=note), tracks.names
    frame, judged, names = between
    parts = [part for part in (frame, tracks.frame) if len(part)] or [frame]
    both = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=4326)
    return spread_paths_layer(both, _both(judged, tracks.judged)), names + tracks.names


def _both(one: Judged, other: Judged) -> Judged:
    """Return the months and offences of either."""
    first, last = min(one.first_month, other.first_month), max(one.last_month, other.last_month)
    return Judged(first, last, tuple(dict.fromkeys((*one.offences, *other.offences))))


def _between(
    panel: xr.Dataset,
    districts: Districts,
    settings: SpreadSection,
    dynamics: xr.Dataset,
    kept: Verdicts | None,
    progress: Callable[[str], None],
) -> tuple[gpd.GeoDataFrame, Judged, tuple[str, ...]] | Absent:
    """Return the paths between districts, where they were sought and the names of what was kept; or why none."""
    if panel.sizes["district"] < 2:
        return Absent("spread_paths", "absent.one_district")
    if str(panel.attrs.get("period", "month")) != "month":
        return Absent("spread_paths", "absent.not_by_month")
    cut = panel.isel(month=~panel["incomplete"].values.astype(bool))
    cut = cut.isel(month=slice(-settings.months if settings.months else None, None))
    if cut.sizes["month"] < LEAST_MONTHS:
        return Absent("spread_paths", "absent.needs_months", {"n": LEAST_MONTHS})
    progress("spread")
    codes = [str(code) for code in cut["offence"].values]
    wanted = codes if settings.offences is None else asked(settings.offences, codes, section="spread")
    kinds = dict(zip(codes, cut["kind"].values, strict=True))
    leaves = [code for code in wanted if kinds[code] in ("leaf", "other")]
    cut = cut.sel(offence=leaves)
    told = dynamics["signal"].reindex(offence=leaves, month=cut["month"], fill_value=-1)
    parents = [str(code) for code in districts.frame["parent"].fillna("")]
    name = name_of(
        METHOD,
        [settings.model_dump_json(), *leaves, *map(str, cut["month"].values), *map(str, districts.codes), *parents,
         *map(str, cut["status"].values)],
        [cut["count"], told, shapely.to_wkb(districts.geometry)],
    )  # fmt: skip
    found = kept_table(
        kept,
        name,
        lambda: bent_lines(
            judge_spread(
                cut, neighbours(districts), parents, dynamics=dynamics, alpha=settings.alpha,
                edge_alpha=settings.edge_alpha,
            ).paths,
            districts,
        ),
    )  # fmt: skip
    months = cut["month"].values.astype("datetime64[M]")
    return found, Judged(label(months[0]), label(months[-1]), tuple(leaves)), (name,)
