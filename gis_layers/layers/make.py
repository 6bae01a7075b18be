"""Results become layers: the same few columns in the same order, whatever the area."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from ..codes import Codebook
from ..districts import Districts, PeerGroups, newest_population
from ..settings.area import HarmSection
from ..times import Period
from .describe import COLUMNS, describe
from .model import Geometry, Layer
from .texts import texts


def districts_layer(
    districts: Districts,
    groups: PeerGroups | None = None,
    population: pd.DataFrame | None = None,
    *,
    visitors: Iterable[str] = (),
) -> Layer:
    """Return the layer `districts`, the only one with shapes.

    Parameters
    ----------
    districts
        The districts, sorted by code.
    groups
        Their peer groups; None leaves `peer_group` null.
    population
        Residents by `district` and `month`; the newest known is taken. None leaves `population` and
        `density` null.
    visitors
        Codes of districts with many visitors.
    """
    frame = districts.frame.drop(columns="geometry")
    made = pd.DataFrame(frame).assign(
        population=newest_population(districts, population).to_numpy(),
        visitors=frame["district"].isin(list(visitors)).to_numpy(),
    )
    made["density"] = made["population"] / made["area_km2"]
    made["peer_group"] = None if groups is None else made["district"].map(groups.of).to_numpy(dtype=object)
    made["valid_from"] = pd.to_datetime(made["valid_from"]).astype("datetime64[s]")
    made = _in_order("districts", made)
    shapes = gpd.GeoDataFrame(made, geometry=districts.frame.geometry.to_numpy(), crs=4326)
    drawn = "density" if made["density"].notna().any() else None
    return _layer("districts", "polygon", ("district",), shapes, default_column=drawn)


def offences_layer(codebook: Codebook) -> Layer:
    """Return the layer `offences`: every node of the codebook in its order, `all` first."""
    nodes = codebook.nodes.rename_axis("offence").reset_index()
    names = [name for name in nodes.columns if name.startswith("name_")]
    nodes["name"] = nodes[names[0]] if names else nodes["offence"]
    return _layer("offences", "none", ("offence",), _in_order("offences", nodes.drop(columns="labels")))


def peer_groups_layer(groups: PeerGroups, languages: Sequence[str]) -> Layer:
    """Return the layer `peer_groups`: each group with its ranges, members and the sentence of its rule."""
    table = groups.table.rename(columns={"members": "districts"})
    said = [sentence[0] for sentence in table["sentence"]]
    for lang in languages:
        table[f"text_{lang}"] = [texts([lang], one["code"], one["values"])[lang] for one in said]
    table["districts"] = [json.dumps(list(members)) for members in table["districts"]]
    table["sentence"] = [json.dumps(sentence, ensure_ascii=False) for sentence in table["sentence"]]
    return _layer("peer_groups", "none", ("peer_group",), _in_order("peer_groups", table))


def rating_layer(
    frame: pd.DataFrame, *, period: Period = "month", notes: Mapping[str, Mapping[str, str]] | None = None
) -> Layer:
    """Return the layer `rating` from the frame of :func:`gis_layers.indicators.rating.rating_frame`.

    Parameters
    ----------
    frame
        Rows sorted by (offence, month, district). Columns of the layer that it lacks become null: `p_own`
        and `harm` where there is no history or severity, `suppressed` false.
    period
        The period that a row covers.
    notes
        What the area says of single columns, by column and language.
    """
    made = frame.copy(deep=False)
    for name in COLUMNS["rating"]:
        if name not in made:
            made[name] = False if name == "suppressed" else period if name == "period" else None
    keys = ("district", "offence", "month")
    layer = _layer(
        "rating", "polygon", keys, _in_order("rating", made), period=period, default_column="level"
    )
    noted = tuple(replace(one, note=(notes or {}).get(one.name)) for one in layer.columns)
    return replace(layer, columns=noted)


def dynamics_layer(frame: pd.DataFrame, *, period: Period = "month") -> Layer:
    """Return the layer `dynamics` from the frame of its rows, sorted by (offence, month, district).

    Parameters
    ----------
    frame
        Keys and columns of the layer; rows may be missing (the public edition has outbreaks alone).
    period
        The period that a row covers.
    """
    keys = ("district", "offence", "month")
    made = _in_order("dynamics", frame)
    return _layer("dynamics", "polygon", keys, made, period=period, default_column="signal")


def structure_layer(frame: pd.DataFrame, *, period: Period = "month") -> Layer:
    """Return the layer `structure` from the frame of its rows, sorted by (offence, month, district).

    Parameters
    ----------
    frame
        Keys and columns of the layer; a row without a share is left out: nothing was judged there.
    period
        The period that a row covers.
    """
    made = _in_order("structure", frame[frame["share"].notna()])
    keys = ("district", "month", "offence")
    return _layer("structure", "polygon", keys, made, period=period, default_column="imbalance")


def completeness_layer(frame: pd.DataFrame, *, period: Period = "month") -> Layer:
    """Return the layer `completeness` from :func:`gis_layers.indicators.completeness_frame`."""
    keys = ("district", "attribute", "month")
    made = _in_order("completeness", frame)
    return _layer("completeness", "polygon", keys, made, period=period, default_column="signal")


def hotspots_layer(frame: pd.DataFrame, *, period: Period = "month") -> Layer:
    """Return the layer `hotspots` from the frame of its rows, sorted by (offence, month, district).

    Parameters
    ----------
    frame
        Keys and columns of the layer; `place` repeats the district.
    period
        The period that a row covers.
    """
    made = frame.assign(place=frame["district"], place_kind="district", period=period)
    keys = ("district", "offence", "month")
    return _layer(
        "hotspots", "polygon", keys, _in_order("hotspots", made), period=period, default_column="signal"
    )


def hotspot_cells_layer(frame: gpd.GeoDataFrame) -> Layer:
    """Return the layer `hotspot_cells` from its rows with their squares, sorted by (offence, month, place)."""
    made = gpd.GeoDataFrame(
        _in_order("hotspot_cells", pd.DataFrame(frame.drop(columns="geometry"))),
        geometry=frame.geometry.to_numpy(),
        crs=frame.crs,
    )
    keys = ("place", "offence", "month")
    return _layer("hotspot_cells", "polygon", keys, made, period="month", default_column="signal")


def density_layer(frame: pd.DataFrame, rasters: Sequence[Path]) -> Layer:
    """Return the layer `density`: a row for each raster, sorted by offence, and the files that they name."""
    layer = _layer("density", "raster", ("offence", "period", "month"), _in_order("density", frame))
    return replace(layer, rasters=tuple(rasters))


def near_repeat_layer(frame: pd.DataFrame) -> Layer:
    """Return the layer `near_repeat` from the rows of all offences, sorted by offence and bands."""
    keys = ("offence", "metres_to", "days_to")
    return _layer("near_repeat", "none", keys, _in_order("near_repeat", frame))


def harm_note(harm: HarmSection | None, languages: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return the note on the column `harm`: whose weights these are, or why there are none."""
    said = texts(languages, "absent.no_harm") if harm is None else {str(k): v for k, v in harm.source.items()}
    return {"harm": said}


def rounding_note(languages: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return the note on the column `count` where counts are rounded."""
    return {"count": texts(languages, "note.rounded")}


def safety_layer(frame: pd.DataFrame) -> Layer:
    """Return the layer `safety` from the frame of :func:`gis_layers.indicators.safety.safety_frame`.

    Parameters
    ----------
    frame
        `district`, `month` (the last of the twelve), `level`, `rate`, `lower`, `upper`, `text_<lang>`...,
        sorted by (month, district). It may be empty: fewer than twelve complete months are known.
    """
    keys = ("district", "month")
    made = _in_order("safety", frame)
    return _layer("safety", "polygon", keys, made, period="rolling12", default_column="level")


def counts_layer(panel: xr.Dataset) -> Layer:
    """Return the layer `rating` of an area without an exposure: the counts, judged by nothing.

    `level` and everything computed from an expectation are null; `reason` says why.

    Parameters
    ----------
    panel
        Dimensions district, offence, month with `count` and `provisional`.
    """
    cube = panel["count"].transpose("offence", "month", "district")
    places = np.indices(cube.shape, dtype=np.int32).reshape(3, -1)
    names = {name: [str(code) for code in panel[name].values] for name in ("offence", "district")}
    frame = pd.DataFrame(
        {
            "district": pd.Categorical.from_codes(places[2], categories=pd.Index(names["district"])),
            "offence": pd.Categorical.from_codes(places[0], categories=pd.Index(names["offence"])),
            "month": panel["month"].values.astype("datetime64[s]")[places[1]],
            "count": cube.values.ravel(),
            "provisional": panel["provisional"].values.astype(bool)[places[1]],
            "reason": '[{"code":"rating.no_exposure","values":{}}]',
        }
    )
    layer = rating_layer(frame, period=str(panel.attrs.get("period", "month")))  # type: ignore[arg-type]
    return Layer(layer.id, layer.geometry, layer.keys, layer.columns, layer.frame, layer.period, "count")


def _in_order(layer: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Put columns in the contract's order, translations behind what they translate."""
    order: list[str] = []
    for name in COLUMNS[layer]:
        if name in frame.columns:
            order.append(name)
        order += sorted(str(other) for other in frame.columns if _translates(str(other), name))
    order += sorted(str(name) for name in frame.columns if name not in order)
    return frame[order]


def _translates(name: str, base: str) -> bool:
    stem = name[:-3] if name[-3:] in ("_en", "_ru", "_kk") else ""
    return stem == base or (base == "parent" and stem == "parent_name")


def _layer(
    layer: str,
    geometry: Geometry,
    keys: tuple[str, ...],
    frame: pd.DataFrame,
    *,
    period: Period | None = None,
    default_column: str | None = None,
) -> Layer:
    columns = describe(layer, [str(name) for name in frame.columns])
    kept: Any = frame.reset_index(drop=True)
    return Layer(layer, geometry, keys, columns, kept, period, default_column)
