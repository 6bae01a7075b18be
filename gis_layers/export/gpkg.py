"""GeoPackage, with the layer's style inside, as QGIS finds it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pyogrio

from ..layers.model import SHAPES
from ..release.tables import to_frame
from .ogr import MULTI, joined
from .select import Selection
from .source import source_line, source_note

# The table that QGIS (and GeoServer's users) read styles from; its names are QGIS's.
_STYLES = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),
  styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30),
  ui TEXT(30), update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
)
"""
# QGIS 3.22 warns at every file of a newer version.
_VERSION = {"VERSION": "1.2"}
_CONTENTS = "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES (?, 'attributes', ?)"
_STYLE = """
INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,
  styleQML, styleSLD, useAsDefault, description, owner) VALUES ('', '', ?, ?, ?, ?, ?, ?, ?, '')
"""


def write_gpkg(selection: Selection, path: Path) -> int:
    """Write a GeoPackage of one layer; a layer without shapes becomes a table of attributes.

    The origin is the layer's description and, whole, its metadata. A style per language is stored; that of
    the area's first language is the default.
    """
    note = source_note(selection)
    lang = selection.edition.catalogue["area"]["languages"][0]
    options = {"IDENTIFIER": note["title"][lang], "DESCRIPTION": source_line(selection)}
    metadata = {"source": json.dumps(note, ensure_ascii=False)}
    if selection.has_shapes:
        pyogrio.write_arrow(
            joined(selection, multi=True),
            path,
            layer=selection.layer,
            driver="GPKG",
            geometry_name=SHAPES,
            geometry_type=MULTI[selection.entry["geometry"]],
            crs="EPSG:4326",
            layer_metadata=metadata,
            layer_options={"GEOMETRY_NAME": SHAPES, **options},
            dataset_options=_VERSION,
        )
    else:
        pyogrio.write_dataframe(
            to_frame(selection.table()),
            path,
            layer=selection.layer,
            driver="GPKG",
            use_arrow=True,
            layer_metadata=metadata,
            layer_options=options,
            dataset_options=_VERSION,
        )
    with closing(sqlite3.connect(path)) as database, database:
        if selection.has_shapes:
            _add_styles(database, selection, lang)
        (rows,) = database.execute(f'SELECT count(*) FROM "{selection.layer}"').fetchone()
    return int(rows)


def _add_styles(database: sqlite3.Connection, selection: Selection, default: str) -> None:
    database.execute(_STYLES)
    database.execute(_CONTENTS, ("layer_styles", "layer_styles"))
    layer, title = selection.layer, selection.entry["title"]
    for lang in selection.edition.catalogue["area"]["languages"]:
        qml = selection.edition.style(layer, "qml", lang)
        sld = selection.edition.style(layer, "sld", lang)
        row = (layer, SHAPES, f"{layer}-{lang}", qml, sld, lang == default, title[lang])
        database.execute(_STYLE, row)
