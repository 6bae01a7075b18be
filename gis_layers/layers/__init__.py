"""Layers: results as described tables, their classes, legends, styles and catalogue."""

from .catalogue import Absent, area_entry
from .items import item_ids
from .make import (
    counts_layer,
    districts_layer,
    harm_note,
    offences_layer,
    peer_groups_layer,
    rating_layer,
    rounding_note,
    safety_layer,
)  # fmt: skip
from .model import Column, Layer

__all__ = [
    "Absent",
    "Column",
    "Layer",
    "area_entry",
    "counts_layer",
    "districts_layer",
    "harm_note",
    "item_ids",
    "offences_layer",
    "peer_groups_layer",
    "rating_layer",
    "rounding_note",
    "safety_layer",
]
