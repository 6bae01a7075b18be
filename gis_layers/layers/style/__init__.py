"""Styles of a layer for web maps and desktops, all made from the same legend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .maplibre import maplibre
from .qml import qml
from .sld import sld

__all__ = ["maplibre", "qml", "sld", "styles"]


def styles(entry: Mapping[str, Any], area: Mapping[str, Any]) -> dict[str, str]:
    """Return the style files of a layer by file name; none for a layer without shapes.

    MapLibre styles carry every language in their metadata; SLD and QML come once per language.

    Parameters
    ----------
    entry, area
        The layer's and the area's part of the catalogue.
    """
    if entry["geometry"] in ("none", "raster"):
        return {}
    name = entry["id"]
    files = {f"{name}.json": maplibre(entry, area)}
    for lang in area["languages"]:
        files[f"{name}.{lang}.sld"] = sld(entry, lang)
        files[f"{name}.{lang}.qml"] = qml(entry, lang)
    return files
