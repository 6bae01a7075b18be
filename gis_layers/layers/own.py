"""Layers of own shapes: clusters as polygons, spread paths as lines."""

from __future__ import annotations

import geopandas as gpd

from ..times import Period
from .describe import describe
from .model import Judged, Layer


def clusters_layer(frame: gpd.GeoDataFrame, judged: Judged, *, period: Period = "month") -> Layer:
    """Return the layer `clusters` from what :func:`gis_layers.places.clusters.judge_clusters` found.

    Parameters
    ----------
    frame
        A row per cluster, with its polygon; it may be empty.
    judged
        Months and offences that were scanned.
    period
        Period of the counts.
    """
    columns = describe("clusters", frame.columns)
    return Layer("clusters", "polygon", ("cluster",), columns, frame, period, "ratio", judged)


def spread_paths_layer(frame: gpd.GeoDataFrame, judged: Judged) -> Layer:
    """Return the layer `spread_paths` from :func:`gis_layers.spread.judge_spread` and its lines.

    Parameters
    ----------
    frame
        A row per edge and per step of a chain, with its line; it may be empty.
    judged
        Months and offences that were searched.
    """
    columns = describe("spread_paths", frame.columns)
    return Layer("spread_paths", "line", ("path", "step"), columns, frame, "month", "kind", judged)
