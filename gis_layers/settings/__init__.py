"""The area file: its models, how it is read, and its published JSON Schema."""

from .area import AreaSettings
from .file import read_settings
from .load import json_schema, load_area, naming_lines
from .ready import ready_area, ready_areas

__all__ = [
    "AreaSettings",
    "json_schema",
    "load_area",
    "naming_lines",
    "read_settings",
    "ready_area",
    "ready_areas",
]
