"""An edition of which everything that a server needs is in memory: the disk is not asked again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa

from gis_layers.release import Edition
from gis_layers.release.edition import STYLE_ENDINGS, StyleKind
from gis_layers.release.tables import to_frame
from gis_layers.times import parse_month

from .table import Table


@dataclass(frozen=True)
class Remembered:
    """What explanations are told from, and the styles; figures are read from the tables of the snapshot.

    Parameters
    ----------
    catalogue
        The edition's catalogue.
    tables
        Layers by id.
    frame
        The districts with their shapes, sorted by code.
    rasters
        Files by name.
    """

    catalogue: dict[str, Any]
    tables: dict[str, Table] = field(repr=False)
    frame: gpd.GeoDataFrame = field(repr=False)
    _styles: dict[tuple[str, StyleKind, str], str] = field(repr=False)
    rasters: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def layer_ids(self) -> tuple[str, ...]:
        return tuple(self.tables)

    def districts(self) -> gpd.GeoDataFrame:
        """Return the districts with their shapes, one row each."""
        return self.frame

    def raster(self, name: str) -> bytes:
        """Return a raster; KeyError if there is none."""
        return self.rasters[name]

    def style(self, layer: str, kind: StyleKind, lang: str) -> str:
        """Return the style of a layer with shapes; KeyError if it has none."""
        return self._styles[layer, kind, lang]

    def read(
        self,
        layer: str,
        months: tuple[np.datetime64 | str, np.datetime64 | str] | None = None,
        offences: Sequence[str] | None = None,
        columns: Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """Return a slice of a layer as the edition on disk does, ordered by offence, month and district.

        Parameters
        ----------
        months
            First and last month, both included.
        offences, columns
            What is wanted; None is everything.
        """
        table = self.tables[layer]
        blocks = table.blocks(list(offences) if offences is not None else None)
        if months is not None:
            first, last = (
                parse_month(month) if isinstance(month, str) else month.astype("datetime64[M]")
                for month in months
            )
            month = table.block_month[blocks]
            end = table.block_until[blocks] - 1 if table.has_interval else month
            blocks = blocks[(end >= first) & (month <= last)]
        rows = np.sort(table.rows(blocks))
        wanted = list(columns) if columns is not None else table.data.column_names
        return to_frame(pa.table({name: table.column(name, rows) for name in wanted}))


def remember(edition: Edition, tables: dict[str, Table], frame: gpd.GeoDataFrame) -> Remembered:
    """Take what is not in the tables, the styles above all, from the disk into memory."""
    styles = {
        (table.id, kind, lang): edition.style(table.id, kind, lang)
        for table in tables.values()
        if table.has_geometry
        for kind in STYLE_ENDINGS
        for lang in edition.catalogue["area"]["languages"]
    }
    rasters = {
        name: edition.raster(name).read_bytes()
        for table in tables.values()
        if table.meta["geometry"] == "raster"
        for name in table.data.column("raster").to_pylist()
    }
    return Remembered(edition.catalogue, tables, frame, styles, rasters)
