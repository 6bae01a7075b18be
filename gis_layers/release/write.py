"""Write one edition of a release: shapes once, figures as columns, catalogue and styles."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio

from ..errors import InputError
from ..layers.catalogue import Absent, catalogue
from ..layers.model import Layer
from ..layers.style import styles
from ..tiles.mvt import feature_id
from ..tiles.prepared import Boundaries
from .coverages import boundaries_of
from .files import require_shapes
from .tables import to_arrow, to_frame, write_figures

RASTERS = "rasters"
"""Where the files lie that rows of a raster layer name."""


def write_edition(
    folder: Path,
    name: str,
    *,
    area: Mapping[str, Any],
    created: datetime,
    layers: Sequence[Layer],
    absent: Sequence[Absent],
    parents: gpd.GeoDataFrame | None,
    coverages: Callable[[Boundaries], bytes],
) -> None:
    """Write an edition's folder: ``catalogue.json``, ``geometry/``, ``layers/``, ``styles/``, ``tiles/``, ``rasters/``.

    Parameters
    ----------
    coverages
        Returns a boundary set's coverages (:func:`gis_layers.tiles.prepared.prepare`).

    Raises
    ------
    InputError
        If there is no `districts` layer, or another layer names a district that has no shape.
    """
    by_id = {layer.id: layer for layer in layers}
    if "districts" not in by_id:
        raise InputError(f"the {name} edition has no layer 'districts', to which every other is joined")
    districts = by_id["districts"].frame
    _check_feature_ids(districts["district"].tolist())
    for part in ("geometry", "layers", "styles", "tiles"):
        (folder / part).mkdir(parents=True)
    _write_shapes(districts[["district", "geometry"]], folder / "geometry" / "districts.fgb")
    if parents is not None and len(parents):
        _write_shapes(parents, folder / "geometry" / "parents.fgb")
    (folder / "tiles" / "coverages.parquet").write_bytes(coverages(boundaries_of(districts)))
    for layer in layers:
        _check_joins(layer, set(districts["district"]))
        path = folder / "layers" / f"{layer.id}.parquet"
        if layer.id == "districts":
            _typed(layer).to_parquet(path, compression="zstd", index=False, schema_version="1.1.0")
        else:
            write_figures(layer, path)
        for raster in layer.rasters:
            (folder / RASTERS).mkdir(exist_ok=True)
            shutil.copyfile(raster, folder / RASTERS / raster.name)
    described = catalogue(area, name, created, layers, absent)
    _write(folder / "catalogue.json", json.dumps(described, ensure_ascii=False, indent=1) + "\n")
    for entry in described["layers"]:
        for file, text in styles(entry, described["area"]).items():
            _write(folder / "styles" / file, text)


def _check_feature_ids(codes: Sequence[str]) -> None:
    """Refuse codes whose feature ids in tiles are the same; with 200 districts that is one area in 10^10."""
    by_number: dict[int, str] = {}
    for code in codes:
        if (other := by_number.setdefault(feature_id(code), code)) != code:
            raise InputError(
                f"the districts {other!r} and {code!r} have the same feature id in tiles",
                remedy="give one of them another code",
            )


def _check_joins(layer: Layer, districts: set[str]) -> None:
    if layer.id == "districts" or "district" not in layer.frame.columns:
        return
    if unknown := sorted(set(layer.frame["district"].dropna().unique()) - districts):
        raise InputError(f"layer {layer.id!r} names districts that have no shape: {', '.join(unknown[:5])}")


def _typed(layer: Layer) -> gpd.GeoDataFrame:
    """Return the districts with exactly the declared types, which Parquet then keeps."""
    return gpd.GeoDataFrame(to_frame(to_arrow(layer)), geometry=layer.frame["geometry"].to_numpy(), crs=4326)


def _write_shapes(frame: gpd.GeoDataFrame, path: Path) -> None:
    # No spatial index: it would reorder the features, and the order of the districts is a promise.
    options = {"SPATIAL_INDEX": "NO"}
    pyogrio.write_dataframe(gpd.GeoDataFrame(frame), path, driver="FlatGeobuf", layer_options=options)
    require_shapes(path, len(frame))


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
