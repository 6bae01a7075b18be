"""Qt 6 under the names of QGIS."""
