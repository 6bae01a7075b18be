"""Audan: map layers of recorded crime by district, judged against what is normal.

The library knows no HTTP and no QGIS. Reading :mod:`gis_layers.pipeline` is reading the system.
"""

__version__ = "0.1.0"
