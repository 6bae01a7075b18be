"""Read the polygons of an area file as `Districts`."""

from __future__ import annotations

import re
import warnings
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from .. import limits
from ..archives import refuse_bomb
from ..errors import InputError, Where
from ..layer_files import refuse_other_formats
from ..metres import in_metres
from ..settings import AreaSettings
from ..settings.area import CODE
from ..tables.table import guarded
from .coverage import clean_coverage
from .model import Districts
from .tables import as_dates, as_text, need_column, read_aliases, read_attributes, read_crosswalk

POLYGONS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


def load_districts(settings: AreaSettings) -> Districts:
    """Read, check and clean the districts of an area.

    Parameters
    ----------
    settings
        The area file; its `[districts]` says where the polygons are and what the columns are called.

    Returns
    -------
    Districts
        Sorted by code, in EPSG:4326, a clean coverage; what cleaning changed stands in `moved`, `repaired`.
        A name that is missing in one language is the plain name.

    Raises
    ------
    InputError
        If the file or layer cannot be read, a column or the CRS is missing, a code is blank, no code, or
        stands twice, a geometry is missing or no polygon, coordinates lie outside the world, or `[density]` asks for
        more cells than such an area can have.
    """
    section = settings.districts
    file = settings.resolve(section.path)
    layer = _read_layer(file, section.layer)
    crs = _crs(layer, file, section.crs)
    metric = _metric(settings.area.metric_crs)

    frame = _attributes(layer, settings, file)
    geometry = _polygons(layer, frame["district"], file)
    _inside_world(geometry, crs, metric, file)

    codes = frame["district"].tolist()
    try:
        clean = clean_coverage(geometry, codes, crs=crs, metric_crs=metric, tolerance=section.tolerance)
    except InputError as error:
        row = codes.index(error.where.value) + 1 if error.where.value in codes else None
        where = replace(error.where, file=file, row=row, column="geometry")
        raise InputError(error.what, where, remedy=error.remedy) from None
    frame["area_km2"] = clean.area_km2
    table = gpd.GeoDataFrame(frame, geometry=list(clean.geometry), crs="EPSG:4326")
    return Districts(
        frame=table.sort_values("district", ignore_index=True),
        metric_crs=settings.area.metric_crs,
        moved=clean.moved,
        repaired=clean.repaired,
        crosswalk=read_crosswalk(settings, frame["district"]),
        aliases=read_aliases(settings, frame["district"]),
    )


def _read_layer(file: Path, layer: str | None) -> gpd.GeoDataFrame:
    where = Where(file=file, key="districts.path")
    if not file.exists():
        raise InputError("there is no such layer of districts", where, remedy="correct districts.path")
    refuse_bomb(file)
    found = guarded(file, lambda: _open_layer(file, layer))
    if not isinstance(found, gpd.GeoDataFrame):
        raise InputError("the file has no geometry", where, remedy="give a layer of polygons")
    if found.empty:
        raise InputError("the layer of districts is empty", where, remedy="give a layer of polygons")
    if len(found) > limits.DISTRICTS:
        what = f"the layer has {len(found):,} districts, more than {limits.DISTRICTS:,}"
        raise InputError(what, where, remedy="give a layer of districts, not of addresses or cells")
    if (size := int(shapely.get_num_coordinates(np.asarray(found.geometry.array)).sum())) > limits.VERTICES:
        what = f"the polygons have {size:,} vertices, more than {limits.VERTICES:,}"
        raise InputError(what, where, remedy="simplify the layer")
    return found


def _open_layer(file: Path, layer: str | None) -> pd.DataFrame:
    if file.suffix.lower() in (".parquet", ".geoparquet"):
        return _read_geoparquet(file)
    refuse_other_formats(file)
    names = [str(name) for name in pyogrio.list_layers(file)[:, 0]]
    if not names:
        raise InputError("the file has no layer", Where(file=file), remedy="give a layer of polygons")
    if layer is None and len(names) > 1:
        where = Where(file=file, key="districts.layer")
        remedy = f"set districts.layer to one of {names[:12]}"
        raise InputError(f"the file has {len(names)} layers", where, remedy=remedy)
    if layer is not None and layer not in names:
        where = Where(file=file, key="districts.layer", value=layer)
        raise InputError("there is no such layer in the file", where, remedy=f"choose one of {names[:12]}")
    with warnings.catch_warnings():
        # What GDAL and GEOS warn of (unclosed rings, NaN) is checked and said below.
        warnings.simplefilter("ignore")
        found: pd.DataFrame = gpd.read_file(file, layer=layer, engine="pyogrio")
        return found


def _read_geoparquet(file: Path) -> pd.DataFrame:
    if b"geo" not in (pq.read_schema(file).metadata or {}):
        remedy = "save it as GeoParquet, with its geometry"
        raise InputError("the Parquet file has no geometry", Where(file=file), remedy=remedy)
    found: pd.DataFrame = gpd.read_parquet(file)
    return found


def _crs(layer: gpd.GeoDataFrame, file: Path, declared: str | None) -> CRS:
    own = layer.crs
    if own is not None and own.is_engineering:
        own = None  # "arbitrary units" place nothing on Earth
    if declared is None:
        if own is None:
            raise InputError(
                "the layer of districts does not say its CRS",
                Where(file=file),
                remedy="set districts.crs in the area file, for example EPSG:4326",
            )
        return CRS.from_user_input(own)
    try:
        said = CRS.from_user_input(declared)
    except CRSError:
        raise InputError(
            "not a CRS", Where(key="districts.crs", value=declared), remedy="take an EPSG code"
        ) from None
    if own is not None and None not in (own.to_epsg(), said.to_epsg()) and own.to_epsg() != said.to_epsg():
        raise InputError(
            f"the layer is in EPSG:{own.to_epsg()} by its own word",
            Where(file=file, key="districts.crs", value=declared),
            remedy="remove districts.crs, or correct the file",
        )
    return own or said


def _metric(text: str) -> CRS:
    where = Where(key="area.metric_crs", value=text)
    try:
        crs = CRS.from_user_input(text)
    except CRSError:
        raise InputError(
            "not a CRS", where, remedy="take the EPSG code of a projected CRS in metres"
        ) from None
    if not in_metres(crs):
        raise InputError(
            "distances need a projected CRS in metres",
            where,
            remedy="take one in metres, for example EPSG:27700",
        )
    return crs


def _attributes(layer: gpd.GeoDataFrame, settings: AreaSettings, file: Path) -> pd.DataFrame:
    """Return the columns beside the geometry as text, with the attribute table and constants joined."""
    section = settings.districts
    mapping = {name: column for name, column in section.columns.model_dump().items() if column is not None}
    present = [str(name) for name in layer.columns if name != layer.geometry.name]
    found = pd.DataFrame(index=pd.RangeIndex(len(layer)))
    for name, column in mapping.items():
        need_column(present, column, file)
        found[name] = as_text(layer[column].reset_index(drop=True), file, column)
    _check_codes(found["district"], file, mapping["district"])
    if strangers := sorted(set(section.visitors) - set(found["district"])):
        where = Where(file=settings.folder / "area.toml", key="districts.visitors", value=strangers[0])
        remedy = f"correct the code: no district of {file.name} has it"
        raise InputError("visitors to a district that does not exist", where, remedy=remedy)
    joined = read_attributes(settings, found["district"])
    for name in joined.columns.astype(str):
        found[name] = joined[name]
    for key, constant in section.constants.items():
        found[key] = constant
    for key in ("parent", "status", "valid_from"):
        if key not in found:
            found[key] = None
    if found["status"].isna().any() and found["status"].notna().any():
        where = Where(file=file, value=found.loc[found["status"].isna(), "district"].iloc[0])
        remedy = "give every district a status, in the layer or its table of attributes, or none of them"
        raise InputError("a district has no status while others have one", where, remedy=remedy)
    if (nameless := np.flatnonzero(found["name"].isna())).size:
        at = int(nameless[0])
        where = Where(file=file, row=at + 1, column=mapping["name"], value=found["district"].iloc[at])
        raise InputError("a district has no name", where, remedy="give it one")
    columns = [str(name) for name in found]
    names = [name for name in columns if re.fullmatch("name_(en|ru|kk)", name)]
    parents = [name for name in columns if re.fullmatch("parent_name_(en|ru|kk)", name)]
    for name in names:
        found[name] = found[name].where(found[name].notna(), found["name"])
    found["valid_from"] = as_dates(found["valid_from"], file, "valid_from")
    return found[["district", "name", *names, "parent", *parents, "status", "valid_from"]]


def _check_codes(codes: pd.Series, file: Path, column: str) -> None:
    blank = np.flatnonzero(codes.isna())
    if len(blank):
        raise InputError(
            "a district has no code",
            Where(file=file, row=int(blank[0]) + 1, column=column),
            remedy="give every polygon a code, or remove it",
        )
    for place, code in enumerate(codes):
        if not re.fullmatch(CODE, code):
            raise InputError(
                "not a district code",
                Where(file=file, row=place + 1, column=column, value=code),
                remedy="a code is text of 1 to 64 of the characters A-Z a-z 0-9 _ -",
            )
    twice = codes[codes.duplicated()]
    if len(twice):
        more = twice.nunique() - 1
        raise InputError(
            "a district code stands more than once" + (f", as do {more} others" if more else ""),
            Where(file=file, column=column, value=twice.iloc[0]),
            remedy="merge the parts of each district to one multipolygon, or take another column",
        )


def _polygons(
    layer: gpd.GeoDataFrame, codes: pd.Series, file: Path
) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    geometry = np.asarray(layer.geometry.array, dtype=object)
    for place, shape in enumerate(geometry):
        where = Where(file=file, row=place + 1, column="geometry", value=codes.iloc[place])
        if shape is None or shape.is_empty:
            raise InputError("a district has no geometry", where, remedy="draw it, or remove the row")
        if shapely.get_type_id(shape) not in POLYGONS:
            remedy = "give a layer of polygons; remove points and lines"
            raise InputError(f"a district must be a polygon, not a {shape.geom_type}", where, remedy=remedy)
        if not np.isfinite(shapely.get_coordinates(shape)).all():
            raise InputError("a coordinate is not a number", where, remedy="correct the geometry")
    return geometry


def _inside_world(
    geometry: np.ndarray[tuple[int], np.dtype[np.object_]], crs: CRS, metric: CRS, file: Path
) -> None:
    west, south, east, north = shapely.total_bounds(geometry)
    where = Where(file=file, value=f"{west:.6g} {south:.6g} {east:.6g} {north:.6g}")
    if crs.is_geographic:
        if west < -180 or east > 180 or south < -90 or north > 90:
            swapped = west >= -90 and east <= 90 and south >= -180 and north <= 180
            hint = (
                "latitude and longitude seem to be swapped" if swapped else "the coordinates are not degrees"
            )
            raise InputError(
                f"districts lie outside the world: {hint}", where, remedy="correct districts.crs or the file"
            )
        world = (west, south, east, north)
    else:
        corners = gpd.GeoSeries(geometry, crs=crs).to_crs("EPSG:4326").total_bounds
        if not np.isfinite(corners).all():
            raise InputError(
                "districts lie outside the area of their CRS",
                where,
                remedy="correct districts.crs or the file",
            )
        world = (float(corners[0]), float(corners[1]), float(corners[2]), float(corners[3]))
    use = metric.area_of_use
    if use is None:
        return
    allowed = (use.west, use.south, use.east, use.north)
    if use.west <= use.east and not _overlap(world, allowed):
        turned = (world[1], world[0], world[3], world[2])
        hint = "; latitude and longitude seem to be swapped" if _overlap(turned, allowed) else ""
        raise InputError(
            f"districts lie outside the area of {metric.name} ({use.name}){hint}",
            where,
            remedy="correct the coordinates, districts.crs or area.metric_crs",
        )


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]
