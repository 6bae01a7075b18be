"""What a bulletin tells, fetched in one go: rows with shapes, the ranked list, two years of figures, the why."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Optional

from qgis.core import QgsGeometry

from ..core.choice import Choice
from ..core.client import Client, Values
from ..core.fault import Fault
from ..core.features import shape_of
from ..core.models import Catalogue, Class, LayerInfo
from ..core.months import nearest, shifted
from ..core.names import attribute_name, named, offence_names
from ..core.ranking import needed_columns, rank, ranks
from ..core.words import of
from .why import sentences

MONTHS = 24
"""Months of a chart."""
_NORM = ("expected", "lower", "upper")
_STORY = ("count", *_NORM, "provisional")


@dataclass(frozen=True)
class District:
    """A district: its code, its name in the language asked for, the region it lies in, its shape in degrees."""

    code: str
    name: str
    region: str
    shape: QgsGeometry


@dataclass(frozen=True)
class Row:
    """A row of the layer; `shape` only where it is not that of its district."""

    figures: Mapping[str, Any]
    shape: Optional[QgsGeometry] = None


@dataclass(frozen=True)
class Facts:
    """What a bulletin tells.

    Parameters
    ----------
    catalogue, info
        The release, and the layer in it.
    choice
        The slice, with what it left open filled in: the newest month, all offences.
    offence, attribute
        Their names; empty where the layer has no such key.
    districts
        Every district by its code.
    rows
        Rows of the slice.
    listed
        Codes of the districts to look at, the most serious first; empty in a public edition.
    story
        Two years up to the month: `count`, the norm that the layer judges by, and whether it is `provisional`;
        None where there is no rating.
    why
        Sentences on a district by its code.
    """

    catalogue: Catalogue
    info: LayerInfo
    choice: Choice
    offence: str
    attribute: str
    districts: Mapping[str, District]
    rows: tuple[Row, ...]
    listed: tuple[str, ...]
    story: Optional[Values]
    why: Mapping[str, str]
    _by_district: Mapping[str, Row] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        found = {row.figures["district"]: row for row in self.rows if row.figures.get("district")}
        object.__setattr__(self, "_by_district", found)

    @property
    def is_public(self) -> bool:
        """Whether the edition is the public one, which ranks nobody."""
        return self.catalogue.is_public

    @property
    def ranked(self) -> tuple[str, ...]:
        """The list as it may be shown: none in a public edition."""
        return () if self.is_public else self.listed

    @property
    def is_ranking(self) -> bool:
        """Whether districts of this layer can be ranked at all."""
        return ranks(self.info)

    @property
    def is_provisional(self) -> bool:
        """Whether records of this month may still be added."""
        if self.story is None or self.choice.month not in self.story.months:
            return False
        flags = self.story.columns.get("provisional") or [()]
        return any(flags[-1])

    @property
    def findings(self) -> tuple[str, ...]:
        """Sentences on what has a shape of its own, a cluster or a path, the least likely by chance first."""
        rows = [row.figures for row in self.rows if row.shape is not None and row.figures.get("text")]
        rows.sort(key=_chance)
        return tuple(dict.fromkeys(str(one["text"]) for one in rows))

    def knows(self, column: str) -> bool:
        """Tell whether there is a figure of that name, the layer's own or the rating's."""
        return self.info.has(column) or (self.story is not None and column in self.story.columns)

    def value(self, code: str, column: str) -> Any:
        """Return a figure of a district in this month: the layer's own, else that of the rating."""
        row = self._by_district.get(code)
        if row is not None and column in row.figures:
            return row.figures[column]
        if self.story is None or self.choice.month is None:
            return None
        return self.story.at(column, self.choice.month, code)

    def class_of(self, row: Optional[Row]) -> Optional[Class]:
        """Return the class of the legend that a row is of."""
        if row is None or self.info.default_column is None:
            return None
        return self.info.class_of(row.figures.get(self.info.default_column))

    def class_of_district(self, code: str) -> Optional[Class]:
        """Return the class of the legend that a district is of."""
        return self.class_of(self._by_district.get(code))


def fetch_facts(client: Client, choice: Choice) -> Facts:
    """Ask a server for what a bulletin tells; it waits, so call it in a task.

    Parameters
    ----------
    client
        Asks the server; its language is that of names and sentences.
    choice
        What the bulletin is about; parts left open are filled in.

    Raises
    ------
    Fault
        ``not_mapped`` if the layer has no classes to draw, and whatever the client raises.
    Cancelled
        If the client's ear says so.
    """
    catalogue = client.catalogue()
    info = catalogue.layer(choice.layer)
    if info.geometry not in ("polygon", "line") or not info.classes:
        raise Fault("not_mapped", layer=of(info.title))
    choice = _filled(choice, info)
    cut = _cut(choice)
    districts = {
        one["properties"]["district"]: _district(one, client.lang)
        for one in client.rows("districts").features
    }
    rows = tuple(
        Row(one["properties"], shape_of(one.get("geometry")) if info.own_shapes else None)
        for one in client.rows(info.id, **cut).features
    )
    story = _story(client, catalogue, info, choice)
    listed = _listed(client, info, choice, story)
    facts = Facts(
        catalogue,
        info,
        choice,
        offence=offence_names(client, catalogue).get(choice.offence or "", choice.offence or ""),
        attribute=attribute_name(choice.attribute or ""),
        districts=districts,
        rows=rows,
        listed=tuple(code for code in listed if code in districts),
        story=story,
        why={},
    )
    return replace(facts, why=sentences(client, facts))


def _filled(choice: Choice, info: LayerInfo) -> Choice:
    month = nearest(choice.month or max(info.months, default=""), info.months)
    offence = choice.offence if choice.offence in info.offences else None
    if offence is None and info.offences:
        offence = "all" if "all" in info.offences else info.offences[0]
    attribute = choice.attribute if choice.attribute in info.attributes else None
    if attribute is None and info.attributes:
        attribute = info.attributes[0]
    return choice.but(month=month, offence=offence, attribute=attribute)


def _cut(choice: Choice) -> dict[str, str]:
    """Return what a server is asked for, by the names of its parameters."""
    parts = {"datetime": choice.month, "offence": choice.offence, "attribute": choice.attribute}
    return {name: value for name, value in parts.items() if value is not None}


def _listed(client: Client, info: LayerInfo, choice: Choice, story: Optional[Values]) -> tuple[str, ...]:
    if not ranks(info) or choice.month is None:
        return ()
    values = client.values(info.id, needed_columns(info), **_cut(choice))
    return tuple(row.district for part in rank(info, values, choice.month, story) for row in part.rows)


def _district(told: Mapping[str, Any], lang: str) -> District:
    row = told["properties"]
    region = named(row, lang, "parent_name") or str(row.get("parent") or "")
    return District(
        row["district"], named(row, lang) or row["district"], region, shape_of(told.get("geometry"))
    )


def _chance(row: Mapping[str, Any]) -> float:
    """Return how likely a finding is by chance; one that nobody has tested comes last."""
    told = (row.get(name) for name in ("p_value", "q_value"))
    return next((float(one) for one in told if one is not None), 1.0)


def _story(client: Client, catalogue: Catalogue, info: LayerInfo, choice: Choice) -> Optional[Values]:
    rating = catalogue.find("rating")
    offence = choice.offence or "all"
    if rating is None or choice.month is None or offence not in rating.offences:
        return None
    months = f"{shifted(choice.month, 1 - MONTHS)}/{choice.month}"
    columns = [name for name in _STORY if rating.has(name)]
    story = client.values("rating", columns, datetime=months, offence=offence)
    if info.is_signalled and all(info.has(name) for name in _NORM):
        own = client.values(info.id, _NORM, datetime=months, offence=offence)
        story.columns.update(
            {
                name: [[own.at(name, month, code) for code in story.districts] for month in story.months]
                for name in _NORM
            }
        )
    return story
