"""What a layer of ours knows of itself: custom properties that a project keeps."""

import json
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Optional

from qgis.core import QgsMapLayer, QgsProject

from ..core.servers import Server
from .naming import with_month

_KEY = "audan/mark"


@dataclass(frozen=True)
class Mark:
    """Where a layer comes from, and which slice it shows.

    Parameters
    ----------
    server, url, authcfg
        The server, without a secret.
    layer, offence, month, attribute
        The slice; None where the layer has no such key.
    form
        ``tiles``, ``features``, ``interval`` (every month at once), ``names`` or ``raster``.
    release, edition, lang
        What was shown when it was added.
    title
        The layer's name without its month.
    months, period
        Months that it can show.
    """

    server: str
    url: str
    authcfg: str
    layer: str
    offence: Optional[str]
    month: Optional[str]
    attribute: Optional[str]
    form: str
    release: str
    edition: str
    lang: str
    title: str
    months: tuple[str, ...] = ()
    period: Optional[str] = None

    @property
    def home(self) -> Server:
        """The server as others know it."""
        return Server(self.server, self.url, self.authcfg)

    @property
    def name(self) -> str:
        """The layer's name with its month."""
        return with_month(self.title, self.month, self.period, self.lang)

    @property
    def moves(self) -> bool:
        """Whether the layer shows one month of several."""
        return self.form in ("tiles", "features") and bool(self.months)

    def but(self, **changes: Any) -> "Mark":
        """Return the same with some parts changed."""
        return replace(self, **changes)


def put_mark(layer: QgsMapLayer, mark: Mark) -> None:
    """Write a mark on a layer."""
    layer.setCustomProperty(_KEY, json.dumps(asdict(mark), ensure_ascii=False))


def mark_of(layer: QgsMapLayer) -> Optional[Mark]:
    """Return the mark of a layer, None if it is not ours."""
    text = layer.customProperty(_KEY)
    if not text:
        return None
    try:
        told = json.loads(text)
        known = {one.name: told[one.name] for one in fields(Mark)}
    except (ValueError, KeyError, TypeError):  # written by another version, or by hand
        return None
    return Mark(**{**known, "months": tuple(known["months"])})


def marked(project: QgsProject) -> list[tuple[QgsMapLayer, Mark]]:
    """Return the layers of ours in a project, each with its mark."""
    pairs = ((layer, mark_of(layer)) for layer in project.mapLayers().values())
    return [(layer, mark) for layer, mark in pairs if mark is not None]
