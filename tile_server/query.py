"""Read the query of a figures route; anything unknown or not honoured is a 400."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from .collections import Collection
from .errors import bad_request
from .places import CRS84, known_crs

Days: TypeAlias = tuple[np.datetime64 | None, np.datetime64 | None]

CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")
DEFAULT_LIMIT, MAX_LIMIT = 100, 10_000
RESERVED = (
    "bbox", "bbox-crs", "crs", "datetime", "offence", "limit", "offset", "sortby", "properties",
    "filter", "filter-lang", "filter-crs",
)  # fmt: skip

_INSTANT = re.compile(
    r"(\d{4})(?:-(\d{2})(?:-(\d{2})"
    r"(?:[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d{2}:?\d{2})?)?)?)?"
)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")


@dataclass(frozen=True)
class ItemsQuery:
    """A checked query of items.

    Parameters
    ----------
    offences
        Offences asked for, None for the collection's own choice.
    days
        First day and the day after the last, each may be open; None for every month.
    box, box_crs
        Corners in the axis order of their system.
    equal
        Column and text that must be equal.
    sort
        Columns with True for descending.
    columns
        Columns wanted, in the layer's order.
    """

    offences: list[str] | None = None
    days: Days | None = None
    box: tuple[float, float, float, float] | None = None
    box_crs: str = CRS84
    crs: str = CRS84
    equal: dict[str, str] = field(default_factory=dict)
    sort: tuple[tuple[str, bool], ...] = ()
    columns: tuple[str, ...] = ()
    filter: str | None = None
    filter_lang: str = "cql2-text"
    filter_crs: str = CRS84
    limit: int = DEFAULT_LIMIT
    offset: int = 0


def read_items_query(collection: Collection, params: dict[str, str]) -> ItemsQuery:
    """Check the parameters of an items request against a collection."""
    table, types = collection.table, collection.table.types
    if unknown := [name for name in params if name not in RESERVED and name not in types]:
        known = ", ".join(("f", "lang", *RESERVED, *types))
        raise bad_request(f"unknown parameter {unknown[0][:64]!r}; {collection.id} takes {known}")
    if not table.has_geometry and (given := {"bbox", "bbox-crs", "crs", "filter-crs"} & set(params)):
        raise bad_request(f"{collection.id} has no geometry, so it takes no {sorted(given)[0]}")
    if "bbox-crs" in params and "bbox" not in params:
        raise bad_request("bbox-crs stands without bbox")
    if "filter" not in params and {"filter-lang", "filter-crs"} & set(params):
        raise bad_request("filter-lang and filter-crs stand without filter")
    guess = "cql2-json" if params.get("filter", "").lstrip()[:1] == "{" else "cql2-text"
    language = params.get("filter-lang", guess)
    # GDAL knows the language by its draft's name.
    language = "cql2-text" if language == "cql-text" else language
    if language not in ("cql2-text", "cql2-json"):
        raise bad_request("filter-lang is cql2-text or cql2-json")
    by_offence = "offence" in params and table.has_offences
    if "offence" in params and not by_offence and "offence" not in types:
        raise bad_request(f"{collection.id} has no offences")
    return ItemsQuery(
        offences=read_offences(params["offence"]) if by_offence else None,
        days=read_datetime(collection, params.get("datetime")),
        box=read_box(params["bbox"]) if "bbox" in params else None,
        box_crs=known_crs(params.get("bbox-crs", CRS84)),
        crs=known_crs(params.get("crs", CRS84)),
        equal={n: v for n, v in params.items() if n in types and not (n == "offence" and by_offence)},
        sort=_sort(params.get("sortby"), types),
        columns=read_columns(params.get("properties"), types, tuple(types)),
        filter=params.get("filter"),
        filter_lang=language,
        filter_crs=known_crs(params.get("filter-crs", CRS84)),
        limit=_count("limit", params.get("limit"), DEFAULT_LIMIT, 1, None),
        offset=_count("offset", params.get("offset"), 0, 0, 2**40),
    )


def read_offences(text: str) -> list[str] | None:
    """Read one offence or several with commas; `*` is every one (None)."""
    if text == "*":
        return None
    codes = text.split(",")
    if len(codes) > 200 or not all(CODE.fullmatch(code) for code in codes):
        raise bad_request(f"offence {text[:64]!r} is no code of [A-Za-z0-9_-]")
    return codes


def read_datetime(collection: Collection, text: str | None) -> Days | None:
    """Read an instant, a month, a year or an interval with open ends as days [first, stop)."""
    if text is None:
        return None
    if not collection.table.has_months:
        raise bad_request(f"{collection.id} has no months, so it takes no datetime")
    parts = text.split("/")
    if len(parts) == 1:
        first, stop = _instant(parts[0])
        return first, stop
    if len(parts) != 2:
        raise bad_request("datetime is an instant, or two with a slash between them")
    begin = None if parts[0] in ("", "..") else _instant(parts[0])[0]
    end = None if parts[1] in ("", "..") else _instant(parts[1])[1]
    if begin is not None and end is not None and begin >= end:
        raise bad_request(f"datetime {text[:64]!r} ends before it begins")
    return begin, end


def _instant(text: str) -> Days:
    found = _INSTANT.fullmatch(text.strip())
    try:
        if not found or found[1] == "0000":
            raise ValueError(text)
        year, month, day = found.groups()
        if day:
            first = np.datetime64(f"{year}-{month}-{day}", "D")
            return first, first + 1
        if month:
            start = np.datetime64(f"{year}-{month}", "M")
            return start.astype("datetime64[D]"), (start + 1).astype("datetime64[D]")
        start = np.datetime64(year, "Y")
        return start.astype("datetime64[D]"), (start + 1).astype("datetime64[D]")
    except ValueError:
        hint = "write 2022-08, 2022-08-15 or 2022-01/2022-08"
        raise bad_request(f"datetime {text[:64]!r} is no time; {hint}") from None


def read_box(text: str) -> tuple[float, float, float, float]:
    """Read four numbers, or six whose heights are left out."""
    parts = text.split(",")
    if len(parts) not in (4, 6) or not all(_NUMBER.fullmatch(part.strip()) for part in parts):
        raise bad_request("bbox is four numbers with commas, or six with heights")
    numbers = [float(part) for part in parts]
    if not np.isfinite(numbers).all():
        raise bad_request("bbox holds a number that is too large")
    west, south, east, north = numbers if len(parts) == 4 else (*numbers[:2], *numbers[3:5])
    return west, south, east, north


def read_columns(text: str | None, types: dict[str, str], default: tuple[str, ...]) -> tuple[str, ...]:
    """Read names of columns with commas; the answer keeps the layer's order."""
    if text is None:
        return default
    names = [name for name in text.split(",") if name]
    if unknown := [name for name in names if name not in types]:
        raise bad_request(f"there is no column {unknown[0][:64]!r}; there are {', '.join(types)}")
    return tuple(name for name in types if name in names)


def _sort(text: str | None, types: dict[str, str]) -> tuple[tuple[str, bool], ...]:
    if text is None:
        return ()
    made = []
    for part in text.split(","):
        name = part.strip().lstrip("+-")
        if types.get(name, "json") == "json" or len(part.strip()) - len(name) > 1:
            raise bad_request(f"sortby {part[:64]!r} is no column to sort by; write +column or -column")
        made.append((name, part.strip().startswith("-")))
    return tuple(made)


def _count(name: str, text: str | None, default: int, least: int, most: int | None) -> int:
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 15) or int(text) < least:
        raise bad_request(f"{name} {text[:32]!r} is no whole number of at least {least}")
    if most is not None and int(text) > most:
        raise bad_request(f"{name} is larger than {most}")
    # Features, part 1, 7.15.5: a limit above the server's is answered with the server's, not with an error.
    return min(int(text), MAX_LIMIT) if name == "limit" else int(text)


def typed(column: str, kind: str, text: str) -> Any:
    """Read a text as a value of a column, for a comparison."""
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    if kind in ("integer", "number") and _NUMBER.fullmatch(text):
        return float(text)
    if kind == "date" and (found := _INSTANT.fullmatch(text)) and found[2]:
        return _instant(text[:10])[0].astype("datetime64[D]").astype(object)  # type: ignore[union-attr]
    if kind == "text":
        return text
    if kind == "json":
        raise bad_request(f"{column} cannot be filtered by")
    raise bad_request(f"{column}={text[:64]!r} is no {kind}")
