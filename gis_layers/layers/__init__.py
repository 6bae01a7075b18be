"""Layers: results as described tables, their classes, legends, styles and catalogue."""

from .catalogue import Absent, area_entry
from .items import item_ids
from .make import (
    completeness_layer,
    counts_layer,
    density_layer,
    districts_layer,
    dynamics_layer,
    harm_note,
    hotspot_cells_layer,
    hotspots_layer,
    near_repeat_layer,
    offences_layer,
    peer_groups_layer,
    rating_layer,
    rounding_note,
    safety_layer,
    structure_layer,
)  # fmt: skip
from .model import Column, Judged, Layer
from .own import clusters_layer, only_tracks_note, spread_paths_layer

__all__ = [
    "Absent",
    "Column",
    "Judged",
    "Layer",
    "area_entry",
    "clusters_layer",
    "completeness_layer",
    "counts_layer",
    "density_layer",
    "districts_layer",
    "dynamics_layer",
    "harm_note",
    "hotspot_cells_layer",
    "hotspots_layer",
    "item_ids",
    "near_repeat_layer",
    "offences_layer",
    "only_tracks_note",
    "peer_groups_layer",
    "rating_layer",
    "rounding_note",
    "safety_layer",
    "spread_paths_layer",
    "structure_layer",
]
