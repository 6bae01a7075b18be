"""One edition of a release, read lazily: catalogue, shapes, slices of figures, styles."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio

from ..errors import SystemFault, UsageError, Where
from ..layers.model import SHAPES
from ..tiles.prepared import Prepared, prepare
from ..times import parse_month
from .coverages import boundaries_of
from .tables import read_figures, to_frame
from .verify import reading

StyleKind: TypeAlias = Literal["maplibre", "sld", "qml"]
Month: TypeAlias = np.datetime64 | str
STYLE_ENDINGS: dict[StyleKind, str] = {"maplibre": "json", "sld": "sld", "qml": "qml"}


class Edition:
    """The public or the analyst edition of a release.

    Nothing is read until asked for; what is asked for twice (catalogue, shapes, footers) is kept.

    Parameters
    ----------
    folder
        Folder of the edition, e.g. ``STORE/releases/<id>/public``.
    release
        Id of the release, for tags and messages.
    """

    def __init__(self, folder: Path, release: str) -> None:
        self.folder = folder
        self.release = release
        self.name = folder.name

    def __repr__(self) -> str:
        return f"Edition({self.name!r}, release={self.release!r})"

    @cached_property
    def catalogue(self) -> dict[str, Any]:
        """The edition's catalogue: area, layers with columns, months, offences and classes, absent layers."""
        path = self.folder / "catalogue.json"
        with reading(path, self.release):
            made: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            if not isinstance(made, dict) or not {"area", "layers", "absent"} <= made.keys():
                raise ValueError("it is no catalogue")
        return made

    @cached_property
    def layer_ids(self) -> tuple[str, ...]:
        return tuple(layer["id"] for layer in self.catalogue["layers"])

    def entry(self, layer: str) -> dict[str, Any]:
        """Return a layer's entry of the catalogue.

        Raises
        ------
        UsageError
            If the edition has no such layer; the message names the edition that has it, or why it is absent.
        """
        for entry in self.catalogue["layers"]:
            if entry["id"] == layer:
                return entry  # type: ignore[no-any-return]
        raise self._no_layer(layer)

    def _no_layer(self, layer: str) -> UsageError:
        what = f"the {self.name} edition has no layer {layer!r}"
        for sibling in sorted(self.folder.parent.glob("*/catalogue.json")):
            other = sibling.parent.name
            if other != self.name and layer in Edition(sibling.parent, self.release).layer_ids:
                return UsageError(f"{what}; the {other} edition has it", remedy=f"use `--edition {other}`")
        for absent in self.catalogue["absent"]:
            if absent["id"] == layer:
                why = absent["text"].get("en") or next(iter(absent["text"].values()), "")
                return UsageError(f"{what}. {why.rstrip('.')}")
        return UsageError(what, remedy=f"choose one of {', '.join(self.layer_ids)}")

    def path(self, layer: str) -> Path:
        """Return the Parquet file of a layer (GeoParquet for `districts` and layers of own shapes)."""
        self.entry(layer)
        return self.folder / "layers" / f"{layer}.parquet"

    @cached_property
    def _districts(self) -> gpd.GeoDataFrame:
        path = self.path("districts")
        with reading(path, self.release):
            return gpd.read_parquet(path)

    def districts(self) -> gpd.GeoDataFrame:
        """Return the districts with their shapes, EPSG:4326, sorted by code (one row per district)."""
        return self._districts.copy()

    def parents(self) -> gpd.GeoDataFrame | None:
        """Return the borders of the parents as lines, or None where districts have no parent."""
        path = self.folder / "geometry" / "parents.fgb"
        if not path.is_file():
            return None
        with reading(path, self.release):
            return pyogrio.read_dataframe(path)

    def prepared(self) -> Prepared:
        """Return the tiles' geometry; of a release that was published without, made now."""
        path = self.folder / "tiles" / "coverages.parquet"
        return Prepared(path.read_bytes() if path.is_file() else prepare(boundaries_of(self._districts)))

    def raster(self, name: str) -> Path:
        """Return a raster by the name that a row of its layer gives."""
        return self.folder / "rasters" / name

    def table(
        self,
        layer: str,
        months: tuple[Month, Month] | None = None,
        offences: Sequence[str] | None = None,
        columns: Sequence[str] | None = None,
    ) -> pa.Table:
        """Return a slice of a layer's figures as an Arrow table (dates as date32).

        Parameters
        ----------
        layer
            Id of the layer.
        months
            First and last month, both included: ``datetime64[M]`` or ``YYYY-MM``. None is every month. Rows that
            last from one month to another are taken if they overlap.
        offences
            Offence codes, or None for every one.
        columns
            Columns wanted, in that order; None is every one. `geometry` gives a layer's own shapes as WKB.

        Raises
        ------
        UsageError
            If the layer or a column is unknown, or a filter names what the layer has not.
        """
        entry = self.entry(layer)
        names = [column["name"] for column in entry["columns"]]
        held = [*names, SHAPES] if entry.get("own_shapes") else names
        if columns is not None and (unknown := [name for name in columns if name not in held]):
            raise UsageError(
                f"layer {layer!r} has no column {unknown[0]!r}", remedy=f"choose of {', '.join(held)}"
            )
        if months is not None and "month" not in entry["keys"] and not entry.get("interval"):
            raise UsageError(f"layer {layer!r} has no months", remedy="leave the month out")
        if offences is not None and ("offence" not in names or layer == "offences"):
            raise UsageError(f"layer {layer!r} has no offences", remedy="leave the offence out")
        span = None if months is None else (_month(months[0]), _month(months[1]))
        path = self.path(layer)
        with reading(path, self.release):
            return read_figures(
                path,
                months=span,
                offences=None if offences is None else tuple(offences),
                columns=tuple(columns if columns is not None else names),
                metadata=self._footer(layer),
            )

    def read(
        self,
        layer: str,
        months: tuple[Month, Month] | None = None,
        offences: Sequence[str] | None = None,
        columns: Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """Return a slice of a layer's figures as a frame; parameters and errors as :meth:`table`.

        Integers are ``Int64`` and booleans ``boolean`` (both know null), dates are ``datetime64[s]`` without
        a zone, codes and texts are strings. No geometry: join it by `district`, as late as possible. If
        nothing matches, the frame is empty and has its columns.
        """
        return to_frame(self.table(layer, months, offences, columns))

    def _footer(self, layer: str) -> pq.FileMetaData:
        footers: dict[str, pq.FileMetaData] = self.__dict__.setdefault("_footers", {})
        if layer not in footers:
            footers[layer] = pq.read_metadata(self.path(layer))
        return footers[layer]

    def style(self, layer: str, kind: StyleKind, lang: str | None = None) -> str:
        """Return a layer's style as text.

        Parameters
        ----------
        kind
            ``maplibre`` (JSON; ``{base}`` in its source stands for the server's root address and is to be
            filled in), ``sld`` (1.0.0) or ``qml`` (QGIS 3.22 and newer).
        lang
            Language of the class names in SLD and QML; the area's first by default.

        Raises
        ------
        UsageError
            If the layer or the kind is unknown, or the layer is not drawn.
        """
        entry = self.entry(layer)
        if kind not in STYLE_ENDINGS:
            raise UsageError("unknown kind of style", Where(value=kind), remedy="use maplibre, sld or qml")
        if entry["geometry"] in ("none", "raster"):
            raise UsageError(f"layer {layer!r} has no shapes and so no style")
        languages = self.catalogue["area"]["languages"]
        chosen = lang if lang in languages else languages[0]
        middle = "" if kind == "maplibre" else f".{chosen}"
        path = self.folder / "styles" / f"{layer}{middle}.{STYLE_ENDINGS[kind]}"
        with reading(path, self.release):
            return path.read_text(encoding="utf-8")


def _month(month: Month) -> np.datetime64:
    return parse_month(month) if isinstance(month, str) else month.astype("datetime64[M]")


def open_edition(folder: Path, release: str) -> Edition:
    """Open an edition's folder.

    Raises
    ------
    SystemFault
        If the folder holds no edition.
    """
    if not (folder / "catalogue.json").is_file():
        raise SystemFault(f"release {release} has no {folder.name} edition here", Where(file=folder))
    return Edition(folder, release)


def published_rasters(release: Path) -> tuple[pd.DataFrame, Path] | None:
    """Return what the public edition in a release's folder holds of densities: rows, and the folder of their files."""
    edition = Edition(release / "public", release.name)
    if not edition.folder.is_dir() or "density" not in edition.layer_ids:
        return None
    return edition.read("density"), edition.raster("")
