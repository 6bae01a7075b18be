"""What a server says of itself: its catalogue, as frozen objects with the names of DESIGN.md."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

from .fault import Fault

QUIET = ("too_few", "incomplete", "norm_rise_only", "norm", "none")
"""Signals that nothing need be done about."""
_COLOUR = re.compile(r"#([0-9a-fA-F]{3}){1,2}")


@dataclass(frozen=True)
class Column:
    """A column of a layer."""

    name: str
    type: str
    unit: str
    description: str


@dataclass(frozen=True)
class Class:
    """A class of a legend: the rows whose column equals `value`, or lies in [`min`, `max`)."""

    label: Mapping[str, str]
    colour: str
    value: Any = None
    min: Optional[float] = None
    max: Optional[float] = None

    def holds(self, value: Any) -> bool:
        """Tell whether a value is of this class."""
        if value is None:
            return False
        if self.value is not None:
            return bool(value == self.value)
        return (self.min is None or value >= self.min) and (self.max is None or value < self.max)


@dataclass(frozen=True)
class LayerInfo:
    """A layer of the catalogue.

    Parameters
    ----------
    id, title, description
        Name of the collection, and what people call it by language.
    geometry
        ``polygon``, ``line``, ``raster`` or ``none``.
    keys, columns
        What names a row, and every column.
    period, months, offences, attributes
        What there is to cut by; empty where a layer has no such key.
    interval
        Whether a row lasts from `first_month` to `last_month`.
    own_shapes
        Whether rows have shapes that are not those of districts.
    default_column, classes, legends
        What colours the map; legends by column.
    rasters
        Of ``density``: a row for each raster.
    """

    id: str
    title: Mapping[str, str]
    description: Mapping[str, str]
    geometry: str
    keys: tuple[str, ...]
    columns: tuple[Column, ...]
    period: Optional[str] = None
    months: tuple[str, ...] = ()
    offences: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    interval: bool = False
    own_shapes: bool = False
    default_column: Optional[str] = None
    classes: tuple[Class, ...] = ()
    legends: Mapping[str, tuple[Class, ...]] = field(default_factory=dict)
    rasters: tuple[Mapping[str, Any], ...] = ()
    rows: int = 0

    def has(self, column: str) -> bool:
        """Tell whether the layer has a column."""
        return any(one.name == column for one in self.columns)

    @property
    def is_judged(self) -> bool:
        """Whether the layer judges: one without population holds counts alone, and there is nothing to rank."""
        return self.default_column == "level" and self.has("magnitude")

    @property
    def is_signalled(self) -> bool:
        """Whether a layer tells by its class alone which districts to look at."""
        return self.default_column == "signal"

    def class_of(self, value: Any) -> Optional[Class]:
        """Return the class of a value of the default column, None without one."""
        return next((one for one in self.classes if one.holds(value)), None)


@dataclass(frozen=True)
class Catalogue:
    """What a server offers to whoever asks: a release of an edition."""

    release: str
    edition: str
    created: str
    area: Mapping[str, Any]
    layers: tuple[LayerInfo, ...]
    absent: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def layer(self, name: str) -> LayerInfo:
        """Return a layer by its id.

        Raises
        ------
        Fault
            ``no_layer`` if the edition has none of that name.
        """
        for one in self.layers:
            if one.id == name:
                return one
        raise Fault("no_layer", layer=name, edition=self.edition)

    def find(self, name: str) -> Optional[LayerInfo]:
        """Return a layer by its id, None if there is none."""
        return next((one for one in self.layers if one.id == name), None)

    @property
    def is_public(self) -> bool:
        """Whether the edition is the public one, which ranks nobody."""
        return self.edition == "public"

    def spoken(self, wish: str) -> str:
        """Return a language if the release speaks it, else English, else its first."""
        offered = list(self.area.get("languages") or ())
        return wish if wish in offered or not offered else "en" if "en" in offered else str(offered[0])

    @property
    def released(self) -> str:
        """Day of the release as YYYY-MM-DD."""
        return self.created[:10]

    @property
    def bbox(self) -> tuple[float, float, float, float]:
        """West, south, east and north in degrees."""
        west, south, east, north = self.area["bbox"]
        return west, south, east, north


def read_catalogue(told: Any) -> Catalogue:
    """Return the catalogue that a server told.

    Raises
    ------
    Fault
        ``no_audan`` if it is none.
    """
    try:
        return Catalogue(
            release=str(told["release"]),
            edition=str(told["edition"]),
            created=str(told["created"]),
            area=_area(told["area"]),
            layers=tuple(_layer(one) for one in told["layers"]),
            absent={one["id"]: one.get("text") or {} for one in told.get("absent") or ()},
        )
    except (KeyError, TypeError, AttributeError, ValueError):
        raise Fault("no_audan") from None


def _area(told: dict[str, Any]) -> dict[str, Any]:
    west, south, east, north = map(float, told["bbox"])
    return {**told, "name": dict(told["name"]), "bbox": (west, south, east, north)}


def _layer(told: dict[str, Any]) -> LayerInfo:
    legends = {name: tuple(map(_class, some)) for name, some in (told.get("legends") or {}).items()}
    return LayerInfo(
        id=str(told["id"]),
        title=told["title"],
        description=told.get("description") or {},
        geometry=told["geometry"],
        keys=tuple(told["keys"]),
        columns=tuple(
            Column(one["name"], one["type"], one.get("unit") or "", one.get("description") or "")
            for one in told["columns"]
        ),
        period=told.get("period"),
        months=tuple(told.get("months") or ()),
        offences=tuple(told.get("offences") or ()),
        attributes=tuple(told.get("attributes") or ()),
        interval=bool(told.get("interval")),
        own_shapes=bool(told.get("own_shapes")),
        default_column=told.get("default_column"),
        classes=tuple(map(_class, told.get("classes") or ())),
        legends=legends,
        rasters=tuple(told.get("rasters") or ()),
        rows=int(told.get("rows") or 0),
    )


def _class(told: dict[str, Any]) -> Class:
    colour = str(told["colour"])
    # it stands in drawings and styles, where anything else would be markup
    colour = colour if _COLOUR.fullmatch(colour) else "#808080"
    return Class(told["label"], colour, told.get("value"), told.get("min"), told.get("max"))
