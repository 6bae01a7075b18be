"""As much of QGIS 4 as the plugin's windows need to be drawn with Qt 6, which no Debian package brings yet."""
