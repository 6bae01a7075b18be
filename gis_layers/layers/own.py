"""Layers of own shapes: clusters as polygons, spread paths as lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import geopandas as gpd

from ..times import Period
from .catalogue import Absent
from .describe import describe
from .model import Judged, Layer
from .texts import texts


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


def spread_paths_layer(
    frame: gpd.GeoDataFrame, judged: Judged, *, notes: Mapping[str, Mapping[str, str]] | None = None
) -> Layer:
    """Return the layer `spread_paths` from :func:`gis_layers.spread.judge_spread` and its lines.

    Parameters
    ----------
    frame
        A row per edge and per step of a chain or a track, with its line; it may be empty.
    judged
        Months and offences that were searched.
    notes
        What is to be said of columns, by language.
    """
    columns = tuple(
        replace(column, note=note) if (note := (notes or {}).get(column.name)) else column
        for column in describe("spread_paths", frame.columns)
    )
    return Layer("spread_paths", "line", ("path", "step"), columns, frame, "month", "kind", judged)


def only_tracks_note(absent: Absent, languages: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return the note on `kind` of a layer that has tracks of incidents alone.

    Parameters
    ----------
    absent
        Why no path between districts was sought.
    languages
        Languages of the note.
    """
    said, why = texts(languages, "note.only_tracks"), absent.as_dict(languages)["text"]
    return {"kind": {lang: f"{said[lang]} {why[lang]}" for lang in said}}
