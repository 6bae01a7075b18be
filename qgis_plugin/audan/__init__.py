# SPDX-License-Identifier: GPL-2.0-or-later
"""Audan for QGIS: districts whose recorded crime is not as usual, in layers, in time and in words."""


def classFactory(iface):
    """Return the plugin; QGIS calls it, ``qgis_process`` without a window."""
    from .plugin import AudanPlugin

    return AudanPlugin(iface)
