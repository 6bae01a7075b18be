"""Signals as feeds: Atom for readers of news, GeoJSON for maps. The server and the files write the same bytes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

import orjson

from ..messages import LANGUAGES, render
from .signal import Signal
from .words import NamesOf, as_dict

ATOM, GEOJSON = "application/atom+xml", "application/geo+json"
_SPACE = "http://www.w3.org/2005/Atom"


def atom(
    signals: Sequence[Signal],
    catalogue: Mapping[str, Any],
    lang: str,
    names: NamesOf,
    *,
    base: str | None = None,
    address: str | None = None,
) -> bytes:
    """Return signals as an Atom feed (RFC 4287); an entry keeps its id from release to release.

    Parameters
    ----------
    catalogue
        Of the edition that they are from.
    names
        Names of codes.
    base, address
        Address of the server and of the feed, for links.
    """
    area = catalogue["area"]
    updated = _instant(str(catalogue["created"]))
    feed = ElementTree.Element("feed", {"xmlns": _SPACE, "xml:lang": lang})
    _add(feed, "id", _urn(area["id"], f"feed.{catalogue['edition']}"))
    _add(feed, "title", title(area, lang))
    _add(feed, "updated", updated)
    ElementTree.SubElement(_add(feed, "author"), "name").text = str(area.get("attribution") or area["id"])
    if address:
        _add(feed, "link", rel="self", type=ATOM, href=address)
    for signal in signals:
        told = as_dict(signal, lang, names, base)
        entry = _add(feed, "entry")
        _add(entry, "id", _urn(area["id"], signal.key))
        _add(entry, "title", told["title"])
        _add(entry, "updated", updated)
        _add(entry, "category", term=signal.kind)
        _add(entry, "content", told["text"] or told["title"], type="text")
        if base:
            _add(entry, "link", rel="alternate", type="text/html", href=told["link"])
            _add(entry, "link", rel="related", type="application/json", href=told["explain"])
    text: bytes = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return text


def geojson(
    signals: Sequence[Signal],
    catalogue: Mapping[str, Any],
    lang: str,
    names: NamesOf,
    places: Mapping[str, tuple[float, float]],
    *,
    base: str | None = None,
) -> bytes:
    """Return signals as GeoJSON points, each within its district.

    Parameters
    ----------
    places
        Longitude and latitude of a point within each district; other parameters as of :func:`atom`.
    """
    features = []
    for signal in signals:
        place = places.get(signal.district)
        told = as_dict(signal, lang, names, base)
        features.append(
            {
                "type": "Feature",
                "id": told.pop("key"),
                "geometry": None if place is None else {"type": "Point", "coordinates": list(place)},
                "properties": told,
            }
        )
    area = catalogue["area"]
    return orjson.dumps(
        {
            "type": "FeatureCollection",
            "title": title(area, lang),
            "attribution": area.get("attribution"),
            "edition": catalogue["edition"],
            "updated": _instant(str(catalogue["created"])),
            "features": features,
        },
        option=orjson.OPT_SERIALIZE_NUMPY,
    )


def title(area: Mapping[str, Any], lang: str) -> str:
    """Return the title of an area's feed."""
    name = area["name"].get(lang) or next(iter(area["name"].values()), area["id"])
    return render(lang if lang in LANGUAGES else "en", "alert.feed", {"area": name})


def points(districts: Any) -> dict[str, tuple[float, float]]:
    """Return a point within each district of a frame of shapes."""
    found = districts.geometry.representative_point()
    return {
        str(code): (round(float(point.x), 5), round(float(point.y), 5))
        for code, point in zip(districts["district"], found, strict=True)
        if point is not None and not point.is_empty
    }


def _add(parent: ElementTree.Element, tag: str, text: str | None = None, **given: str) -> ElementTree.Element:
    made = ElementTree.SubElement(parent, tag, given)
    # XML has no control signs, not even escaped.
    made.text = text if text is None else "".join(sign if sign.isprintable() else " " for sign in text)
    return made


def _urn(area: str, key: str) -> str:
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'audan:{area}:{key}')}"


def _instant(text: str) -> str:
    return text if text.endswith("Z") or "+" in text[10:] else f"{text}Z"
