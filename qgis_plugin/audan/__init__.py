# SPDX-License-Identifier: GPL-2.0-or-later
"""Audan in QGIS: the layers, the situation and the bulletins of an Audan server."""

from typing import Any


def classFactory(iface: Any) -> Any:
    """Return the plugin; QGIS calls it by this name."""
    from .plugin import AudanPlugin

    return AudanPlugin(iface)
