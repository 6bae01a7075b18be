"""The part of the layer `spread_paths` that is made of points: tracks of incidents, kept from build to build."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from ..indicators import Verdicts
from ..indicators.kept_tables import kept_table, name_of
from ..layers import Judged
from ..spread import incident_paths
from ..spread.stage import Tracks
from ..times import label
from .of_points import YEAR, Nodes, incidents_of

if TYPE_CHECKING:
    import numpy as np

    from ..sources import Points

METHOD = "tracks:1"
"""Raised when the same points give other tracks."""


def tracks_of(
    points: Points, nodes: Nodes, repeats: pd.DataFrame, last: np.datetime64, kept: Verdicts | None = None
) -> Tracks | None:
    """Find the tracks of incidents of the twelve months up to `last`; None where no offence is a leaf.

    Parameters
    ----------
    points
        Cards, in metres, with their districts.
    nodes
        Offences drawn. Those of several leaves are left out, as of near repeats: what follows is of the same kind.
    repeats
        Rows of the layer `near_repeat`.
    last
        Last month.
    kept
        Tables kept from earlier builds.
    """
    leaves = [node for node, members in nodes.items() if list(members) == [node]]
    if not leaves:
        return None
    first = max(last - (YEAR - 1), points.month.min())
    parts, names = [], []
    for leaf in leaves:
        mine = points.of([leaf], first, last)
        near = repeats[repeats["offence"] == leaf]
        told = near[["metres_to", "days_to", "p_value"]]
        incidents = incidents_of(mine)
        names.append(
            name_of(
                METHOD,
                [leaf, points.crs, *mine.districts],
                [incidents.x, incidents.y, incidents.days, mine.place, told],
            )
        )
        parts.append(
            kept_table(
                kept,
                names[-1],
                lambda incidents=incidents, leaf=leaf, near=near, mine=mine: incident_paths(  # type: ignore[misc]
                    incidents, offence=leaf, repeats=near, district=mine.district
                ),
            )
        )
    found = [part for part in parts if len(part)] or parts[:1]
    frame = gpd.GeoDataFrame(pd.concat(found, ignore_index=True), crs=4326)
    return Tracks(frame, Judged(label(first), label(last), tuple(leaves)), tuple(names))
