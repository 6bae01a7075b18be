"""Fetch and parse all that a set of layers needs: in a task, so that adding it takes a moment."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Optional

from qgis.core import QgsFeature

from ..core.client import Client
from ..core.fault import Fault
from ..core.models import Catalogue, LayerInfo
from ..core.months import nearest
from ..core.names import attribute_name, offence_names
from ..core.network import Ear
from ..core.words import say
from .density import fetch_raster
from .features import read_features
from .marks import Mark
from .names import points_of
from .naming import title_of, with_month


@dataclass(frozen=True)
class Wanted:
    """What a person asks for: layers, cut by an offence and a month; None is the first or newest of each."""

    layers: tuple[str, ...]
    offence: Optional[str] = None
    month: Optional[str] = None
    attribute: Optional[str] = None
    form: str = "tiles"


@dataclass(frozen=True)
class Part:
    """One layer to be: its mark, and what it is made of."""

    mark: Mark
    info: LayerInfo
    features: tuple[QgsFeature, ...] = ()
    qml: str = ""
    raster: Optional[Path] = None
    highest: float = 0.0


@dataclass(frozen=True)
class Prepared:
    """Everything of a set; `left_out` says why a layer of it is missing."""

    catalogue: Catalogue
    parts: tuple[Part, ...]
    left_out: tuple[Fault, ...] = ()


def prepare(client: Client, wanted: Wanted, ear: Optional[Ear] = None) -> Prepared:
    """Fetch what a set of layers needs.

    Raises
    ------
    Fault
        If the server does not answer, or if none of the layers can be shown.
    Cancelled
        If the ear says so.
    """
    if ear is not None:
        client.ear = ear
    catalogue = client.catalogue()
    offences = offence_names(client, catalogue)
    parts: list[Part] = []
    left_out: list[Fault] = []
    for name in dict.fromkeys(wanted.layers):
        try:
            info = _shown(catalogue, name)
            mark = _mark(client, catalogue, info, wanted, offences)
        except Fault as fault:
            left_out.append(fault)
            continue
        if info.geometry == "raster":
            try:
                file, highest, month = fetch_raster(client, catalogue, info, mark.offence)
            except Fault as fault:
                if fault.code != "no_raster":
                    raise
                left_out.append(fault)
                continue
            title = with_month(mark.title, month, None, mark.lang)
            parts.append(Part(mark.but(month=month, title=title), info, raster=file, highest=highest))
        elif mark.form == "tiles":
            parts.append(Part(mark, info))
        else:
            parts.append(Part(mark, info, tuple(fetch_features(client, mark, info)), client.style(info.id)))
    if not parts:
        raise left_out[0] if left_out else Fault("no_layers")
    names = _names(client, catalogue, parts)
    return Prepared(catalogue, (*parts, *names), tuple(left_out))


def newest(client: Client, layer: str, offence: Optional[str] = None) -> Optional[str]:
    """Return the newest month of a layer, None if it has none; of a raster that of the offence's."""
    info = client.catalogue().layer(layer)
    if info.rasters:
        return max((one["month"] for one in info.rasters if one["offence"] == offence), default=None)
    return max(info.months, default=None)


def fetch_features(client: Client, mark: Mark, info: LayerInfo) -> list[QgsFeature]:
    """Return the features that a mark asks for."""
    asked: dict[str, str] = {}
    if mark.attribute is not None:
        asked["attribute"] = mark.attribute
    # "all" holds every offence, and paths and clusters of each are of it
    every = mark.form == "interval" and mark.offence == "all" and mark.offence not in info.offences
    offence = None if every else mark.offence
    month = None if mark.form == "interval" else mark.month
    return read_features(client.rows(info.id, datetime=month, offence=offence, **asked).features, info)


def _shown(catalogue: Catalogue, name: str) -> LayerInfo:
    info = catalogue.layer(name)
    if info.geometry == "none":
        raise Fault("no_geometry", layer=name)
    if info.geometry != "raster" and not (info.classes and info.default_column):
        raise Fault("no_classes", layer=name)
    return info


def _mark(
    client: Client, catalogue: Catalogue, info: LayerInfo, wanted: Wanted, offences: dict[str, str]
) -> Mark:
    form = wanted.form
    if info.geometry == "raster":
        form = "raster"
    elif info.interval:
        form = "interval"
    elif info.geometry == "line":
        form = "features"
    offence = attribute = None
    if info.offences:
        offence = wanted.offence or ("all" if "all" in info.offences else info.offences[0])
        if form in ("tiles", "features") and offence not in info.offences:
            raise Fault("no_offence", layer=info.id, offence=offences.get(offence, offence))
    if info.attributes:
        attribute = wanted.attribute or info.attributes[0]
        if attribute not in info.attributes:
            raise Fault("no_attribute", layer=info.id, attribute=attribute)
    month = None
    if form in ("tiles", "features") and info.months:
        month = nearest(wanted.month or info.months[-1], info.months)
    server = client.server
    return Mark(
        server=server.name,
        url=server.url,
        authcfg=server.authcfg,
        layer=info.id,
        offence=offence,
        month=month,
        attribute=attribute,
        form=form,
        release=catalogue.release,
        edition=catalogue.edition,
        lang=client.lang,
        title=title_of(
            info, offences.get(offence, offence) if offence else None, attribute and attribute_name(attribute)
        ),
        months=info.months,
        period=info.period,
    )


def _names(client: Client, catalogue: Catalogue, parts: list[Part]) -> list[Part]:
    info = catalogue.find("districts")
    if info is None or all(part.info.geometry == "raster" for part in parts):
        return []
    mark = replace(
        parts[0].mark, layer="districts", offence=None, month=None, attribute=None, form="names",
        title=say("layers.names"), months=(), period=None,
    )  # fmt: skip
    features = fetch_features(client, mark, info)
    return [Part(mark, info, tuple(points_of(features)))]
