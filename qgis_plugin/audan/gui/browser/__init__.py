"""The branch "Audan" of QGIS's browser: servers, their groups of layers, and slices of these."""
