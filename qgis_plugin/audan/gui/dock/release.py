"""What the dock fetches, in tasks: a release with its names, figures of all months, evidence about a district."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional

from ...core.choice import Choice
from ...core.client import Client, Values
from ...core.models import Catalogue, LayerInfo
from ...core.months import nearest
from ...core.names import named
from ...core.ranking import needed_columns, ranked_layers
from ...core.servers import Server

TOLD_FINDINGS = 3
"""Clusters and spread paths that are told in full; a district rarely lies in more."""


@dataclass(frozen=True)
class Place:
    """A district: its names in the window's language and its shape as GeoJSON in degrees."""

    code: str
    name: str
    parent: str
    geometry: Optional[Mapping[str, Any]]


@dataclass(frozen=True)
class Offence:
    """A node of the codebook, `depth` steps below its root."""

    code: str
    name: str
    depth: int
    kind: str


@dataclass(frozen=True)
class Release:
    """A release of a server with the names that its codes stand for."""

    server: Server
    catalogue: Catalogue
    layers: tuple[LayerInfo, ...]
    places: Mapping[str, Place]
    offences: Mapping[str, Offence]

    def layer(self, name: str) -> Optional[LayerInfo]:
        """Return a layer that ranks, None if it does not."""
        return next((one for one in self.layers if one.id == name), None)


@dataclass(frozen=True)
class Figures:
    """Columns of a layer over all months, and counts of the rating for layers without their own."""

    values: Values
    counts: Optional[Values]


@dataclass(frozen=True)
class Part:
    """An offence's share in a district and in its group."""

    name: str
    share: float
    peers: float


@dataclass(frozen=True)
class Evidence:
    """Why a district is listed: sentences, those of findings that touch it, and what it differs in."""

    text: str
    found: tuple[str, ...]
    parts: tuple[Part, ...]


def load_release(client: Client) -> Release:
    """Return what a server offers with the names and shapes of its districts."""
    catalogue = client.catalogue()
    layers = tuple(ranked_layers(catalogue))
    if not layers:
        return Release(client.server, catalogue, (), {}, {})
    places = {}
    for feature in client.rows("districts").features:
        row = feature["properties"]
        code, name, parent = row["district"], named(row, client.lang), named(row, client.lang, "parent_name")
        places[code] = Place(code, name or code, parent, feature.get("geometry"))
    offences = _tree(client.rows("offences").rows, client) if catalogue.find("offences") else {}
    return Release(client.server, catalogue, layers, places, offences)


def load_figures(client: Client, release: Release, choice: Choice) -> Figures:
    """Return a layer's figures of all months, so that another month needs no request."""
    client.keep_to(release.catalogue)
    layer = release.catalogue.layer(choice.layer)
    values = client.values(
        layer.id, needed_columns(layer), offence=choice.offence, attribute=choice.attribute
    )
    rating = release.catalogue.find("rating")
    if layer.has("count") or rating is None or choice.offence not in rating.offences:
        return Figures(values, None)
    columns = [name for name in ("count", "expected", "lower", "upper") if rating.has(name)]
    return Figures(values, client.values("rating", columns, offence=choice.offence))


def load_evidence(client: Client, release: Release, choice: Choice, district: str) -> Evidence:
    """Return why a district is listed in a month."""
    client.keep_to(release.catalogue)
    offence, month = choice.offence or "all", choice.month or ""
    told = client.explain(district, offence, month)
    touching = told.get("story", {}).get("part_of") or {}
    names = [("cluster", one["cluster"]) for one in touching.get("clusters") or ()]
    names += [("path", one["path"]) for one in touching.get("paths") or ()]
    found = [client.explain_found(*one)["text"] for one in list(dict.fromkeys(names))[:TOLD_FINDINGS]]
    return Evidence(told["text"], tuple(found), _parts(client, release, district, month))


def resolved(release: Release, choice: Choice) -> Choice:
    """Return the nearest choice that a release has: another layer, offence, attribute or month where it must be."""
    layer = release.layer(choice.layer) or release.layers[0]
    offence = attribute = None
    if layer.offences:
        usual = "all" if "all" in layer.offences else layer.offences[0]
        offence = choice.offence if choice.offence in layer.offences else usual
    if layer.attributes:
        attribute = choice.attribute if choice.attribute in layer.attributes else layer.attributes[0]
    month = nearest(choice.month or layer.months[-1], layer.months)
    return Choice(release.server, layer.id, offence, month, attribute)


def _parts(client: Client, release: Release, district: str, month: str) -> tuple[Part, ...]:
    structure = release.catalogue.find("structure")
    if structure is None or not structure.has("share_peers") or month not in structure.months:
        return ()
    rows = client.rows("structure", datetime=month, offence="*", district=district).rows
    leaves = [
        one
        for one in rows
        if (one.get("lift") or 0.0) > 1.0
        and (one.get("share") or 0.0) > (one.get("share_peers") or 0.0) > 0.0
        and one["offence"] in release.offences
        and release.offences[one["offence"]].kind == "leaf"
    ]
    leaves.sort(key=lambda one: -one["lift"])
    return tuple(
        Part(release.offences[one["offence"]].name, one["share"] or 0.0, one["share_peers"])
        for one in leaves[:6]
    )


def _tree(rows: list[dict[str, Any]], client: Client) -> dict[str, Offence]:
    codes = {row["offence"] for row in rows}
    below: dict[Optional[str], list[dict[str, Any]]] = {}
    for row in rows:
        parent = row.get("parent")
        below.setdefault(parent if parent in codes else None, []).append(row)
    found: dict[str, Offence] = {}

    def visit(parent: Optional[str], depth: int) -> None:
        for row in below.get(parent, ()):
            code = row["offence"]
            if code not in found:
                found[code] = Offence(
                    code, named(row, client.lang) or code, depth, str(row.get("kind") or "")
                )
                visit(code, depth + 1)

    visit(None, 0)
    return found
