"""Layers: results as described tables, their classes, legends, styles and catalogue."""

from .catalogue import Absent, area_entry
from .items import item_ids
from .model import Column, Layer

__all__ = ["Absent", "Column", "Layer", "area_entry", "item_ids"]
