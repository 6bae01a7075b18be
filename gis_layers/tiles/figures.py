"""Which columns of a layer its tiles carry, and in what form: the same over HTTP and in an archive."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from .wire import Value

CLASSED = ("signal",)
"""Texts that a tile carries because styles colour by them."""

KINDS = {"integer": "Number", "number": "Number", "boolean": "Boolean"}
PARENTS = "parents"
"""The layer of the parents' borders, beside `districts`."""


def tile_fields(
    layer: str, types: Mapping[str, str], keys: Sequence[str] = (), *, own_shapes: bool = False
) -> dict[str, str]:
    """Return the fields of a layer's tiles and their kinds, as `vector_layers` names them.

    Parameters
    ----------
    layer
        Id of the layer.
    types
        Type of every column by name, as the catalogue has it.
    keys
        Keys besides the district that the tiles carry as text.
    own_shapes
        Whether the layer has shapes of its own: their features carry every column but JSON.

    Examples
    --------
    >>> tile_fields("rating", {"district": "text", "level": "integer", "reason": "json"})
    {'district': 'String', 'name': 'String', 'level': 'Number'}
    """
    if own_shapes:
        return {name: KINDS.get(kind, "String") for name, kind in types.items() if kind != "json"}
    fields = {"district": "String", "name": "String"} | dict.fromkeys(keys, "String")
    fields |= {name: KINDS[kind] for name, kind in types.items() if kind in KINDS}
    fields |= {name: "String" for name in types if name in CLASSED}
    if layer == "districts":
        fields |= {name: "String" for name, kind in types.items() if kind in ("text", "date")}
    return fields


def slice_columns(
    fields: Mapping[str, str],
    *,
    codes: Sequence[str],
    names: Sequence[str],
    places: Sequence[int],
    read: Callable[[str], Sequence[Any]],
    keys: Mapping[str, str] | None = None,
) -> dict[str, list[Value | None]]:
    """Return what every district carries in one slice; of a district without a row, what is known of it.

    Parameters
    ----------
    fields
        Fields and their kinds (:func:`tile_fields`).
    codes, names
        Of every district (n).
    places
        The district of each row, as a number among the n.
    read
        Returns a column of the slice's rows by name.
    keys
        Values that all districts share: of the keys besides the district.

    Examples
    --------
    >>> fields = tile_fields("rating", {"magnitude": "number"})
    >>> slice_columns(fields, codes=["a", "b"], names=["A", "B"], places=[1], read=lambda name: [1.2345])
    {'district': ['a', 'b'], 'name': ['A', 'B'], 'magnitude': [None, 1.23]}
    """
    known: dict[str, list[Value | None]] = {"district": list(codes), "name": list(names)}
    known |= {name: [value] * len(codes) for name, value in (keys or {}).items()}
    columns: dict[str, list[Value | None]] = {}
    for name, kind in fields.items():
        if name in known:
            columns[name] = known[name]
            continue
        column: list[Value | None] = [None] * len(codes)
        for place, value in zip(places, read(name), strict=True):
            column[place] = _plain(name, kind, value)
        columns[name] = column
    return columns


def row_columns(
    fields: Mapping[str, str], read: Callable[[str], Sequence[Any]]
) -> dict[str, list[Value | None]]:
    """Return what every row carries that is a feature of its own.

    Parameters
    ----------
    fields
        Fields and their kinds (:func:`tile_fields`).
    read
        Returns a column of the rows by name.

    Examples
    --------
    >>> row_columns({"cluster": "String", "count": "Number"}, {"cluster": ["a"], "count": [None]}.__getitem__)
    {'cluster': ['a'], 'count': [None]}
    """
    return {name: [_plain(name, kind, value) for value in read(name)] for name, kind in fields.items()}


def _plain(name: str, kind: str, value: Any) -> Value | None:
    if value is None:
        return None
    if kind == "String":
        # a plain date, however it is stored
        return str(value.date() if isinstance(value, datetime) else value)
    return round(value, 2) if name == "magnitude" else value  # type: ignore[no-any-return]


def parent_columns(
    districts: pd.DataFrame, parents: Sequence[str], languages: Sequence[str]
) -> dict[str, list[Value | None]]:
    """Return what the borders of parents carry: their code, and their name in each language.

    Parameters
    ----------
    districts
        The table of districts, with `parent` and `parent_name_<lang>` where there are parents.
    parents
        Codes of the parents whose borders there are.
    """
    columns: dict[str, list[Value | None]] = {"parent": list(parents)}
    for name in (f"parent_name_{lang}" for lang in languages):
        if name in districts.columns and "parent" in districts.columns:
            pairs = zip(districts["parent"].astype(object), districts[name].astype(object), strict=True)
            first: dict[Any, Any] = {}
            for code, text in pairs:
                first.setdefault(code, text)
            columns[name] = [text if isinstance(text := first.get(code), str) else None for code in parents]
    return columns


def vector_layers(
    layer: str,
    description: str,
    fields: Mapping[str, str],
    *,
    max_zoom: int,
    border_fields: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """Describe the layers of a tileset as TileJSON 3.0 and PMTiles do.

    Parameters
    ----------
    border_fields
        Fields of the parents' borders, if the tiles hold them.
    """
    span = {"minzoom": 0, "maxzoom": max_zoom}
    made = [{"id": layer, "description": description, **span, "fields": dict(fields)}]
    if border_fields:
        described = {"id": PARENTS, "description": "Borders of parents", **span}
        made.append(described | {"fields": dict.fromkeys(border_fields, "String")})
    return made
