"""Stand-ins for classes of qgis.utils."""

iface = None
