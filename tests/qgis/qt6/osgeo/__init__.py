"""Stand-ins for GDAL's Python, which comes with QGIS."""

from qgis.stand_in import stand_in


def __getattr__(name):
    return stand_in(name)
