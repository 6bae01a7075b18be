"""Media types of our answers."""

from __future__ import annotations

from gis_layers.release.edition import StyleKind

JSON = "application/json"
GEOJSON = "application/geo+json"
SCHEMA = "application/schema+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
HTML = "text/html"
CSV = "text/csv"
GEOTIFF = "image/tiff; application=geotiff; profile=cloud-optimized"
MVT = "application/vnd.mapbox-vector-tile"
STYLES: dict[StyleKind, str] = {
    "maplibre": "application/vnd.mapbox.style+json",
    "sld": "application/vnd.ogc.sld+xml;version=1.0",
    "qml": "application/vnd.qgis.qml",
}
