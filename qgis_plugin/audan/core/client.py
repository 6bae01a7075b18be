"""What the plugin asks a server: one method per route, each waiting for its answer in a task's thread."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Optional
from urllib.parse import quote, urlencode

from .fault import Fault
from .models import Catalogue, LayerInfo, read_catalogue
from .network import Ear, Reply, fetch
from .servers import Server
from .words import language

PAGE = 10_000
"""Rows of a page: the most that a server gives."""
TOP_ZOOM = 14


@dataclass(frozen=True)
class Values:
    """Columns of one layer and offence: ``columns[name][month][district]``, months and districts in order."""

    release: str
    layer: str
    offence: Optional[str]
    period: Optional[str]
    months: list[str]
    districts: list[str]
    columns: dict[str, list[list[Any]]]

    def at(self, column: str, month: str, district: str) -> Any:
        """Return a figure; None where there is none."""
        if column not in self.columns or month not in self.months or district not in self.districts:
            return None
        return self.columns[column][self.months.index(month)][self.districts.index(district)]


@dataclass(frozen=True)
class Slice:
    """Rows of a layer as GeoJSON features, in degrees."""

    features: list[dict[str, Any]] = field(default_factory=list)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows without shapes."""
        return [one["properties"] for one in self.features]


class Client:
    """Asks one server.

    Parameters
    ----------
    server
        The server.
    ear
        Says when to stop, and shows progress: a task, a QgsFeedback.
    lang
        Language of sentences; the window's by default.
    patience
        Seconds of silence after which a request is given up.

    Raises
    ------
    Fault
        From every method: what went wrong, in words, with a remedy.
    Cancelled
        From every method, if the ear says so.
    """

    def __init__(
        self,
        server: Server,
        ear: Optional[Ear] = None,
        lang: Optional[str] = None,
        patience: float = 60.0,
    ) -> None:
        self.server, self.ear, self.patience = server, ear, patience
        self.lang = lang or language()

    def catalogue(self) -> Catalogue:
        """Return what the server offers."""
        return read_catalogue(self.json("/catalogue"))

    def rows(
        self,
        layer: str,
        *,
        datetime: Optional[str] = None,
        offence: Optional[str] = None,
        limit: Optional[int] = None,
        **more: str,
    ) -> Slice:
        """Return rows of a collection with their shapes, page by page.

        Parameters
        ----------
        layer
            Collection: a layer, or ``<layer>_latest``.
        datetime, offence
            Month (YYYY-MM) or interval; code, codes with commas, or ``*``.
        limit
            Rows at most; every one by default.
        more
            Further parameters of the items: ``bbox``, ``properties``, ``filter``, ``district=…``.
        """
        params = {**{k.replace("_crs", "-crs"): v for k, v in more.items()}, "lang": self.lang}
        if datetime is not None:
            params["datetime"] = datetime
        if offence is not None:
            params["offence"] = offence
        features: list[dict[str, Any]] = []
        while True:
            size = PAGE if limit is None else min(PAGE, limit - len(features))
            page = self.json(
                f"/collections/{quote(layer)}/items",
                {**params, "limit": str(size), "offset": str(len(features))},
            )
            features += page["features"]
            matched = int(page.get("numberMatched") or len(features))
            wanted = matched if limit is None else min(matched, limit)
            if self.ear is not None and wanted:
                self.ear.setProgress(100.0 * len(features) / wanted)
            if len(features) >= wanted or not page["features"]:
                return Slice(features)

    def values(
        self,
        layer: str,
        columns: Sequence[str],
        *,
        datetime: Optional[str] = None,
        offence: Optional[str] = None,
        attribute: Optional[str] = None,
    ) -> Values:
        """Return columns of a layer by month and district, without shapes."""
        params = {"columns": ",".join(columns)}
        cut = {"datetime": datetime, "offence": offence, "attribute": attribute}
        params.update({name: value for name, value in cut.items() if value is not None})
        told = self.json(f"/collections/{quote(layer)}/values", params)
        names = ("release", "layer", "offence", "period", "months", "districts", "columns")
        return Values(**{name: told[name] for name in names})

    def explain(self, district: str, offence: str, month: str) -> dict[str, Any]:
        """Return the story of a district: ``story`` (facts) and ``text`` (sentences in the client's language)."""
        asked = {"district": district, "offence": offence, "datetime": month, "lang": self.lang}
        return self._told("/explain", asked)

    def explain_found(self, kind: str, name: str) -> dict[str, Any]:
        """Return the story of one ``cluster`` or one ``path``."""
        return self._told("/explain", {kind: name, "lang": self.lang})

    def style(self, layer: str) -> str:
        """Return a layer's style as QML in the client's language."""
        return self.ask(
            f"/styles/{quote(layer)}", {"f": "qml", "lang": self.lang}, accept="*/*"
        ).body.decode()

    def raster(self, layer: LayerInfo, offence: str, month: str, period: str) -> bytes:
        """Return a density raster as a cloud-optimised GeoTIFF."""
        params = {"offence": offence, "datetime": month, "period": period}
        return self.ask(f"/collections/{quote(layer.id)}/coverage", params, accept="*/*").body

    def tiles(self, layer: str, params: dict[str, str]) -> str:
        """Return the address of vector tiles, with {z}, {x} and {y}."""
        query = "?" + urlencode(params) if params else ""
        return f"{self.server.url}/collections/{quote(layer)}/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}{query}"

    def _told(self, path: str, params: dict[str, str]) -> dict[str, Any]:
        told = self.json(path, params)
        if not isinstance(told, dict):
            raise Fault("no_audan", server=self.server.name)
        return told

    def json(self, path: str, params: Optional[dict[str, str]] = None) -> Any:
        """Return what a route answers."""
        reply = self.ask(path, params)
        try:
            return json.loads(reply.body)
        except ValueError:
            raise Fault("no_audan", server=self.server.name, url=self.server.url) from None

    def ask(
        self, path: str, params: Optional[dict[str, str]] = None, *, accept: str = "application/json"
    ) -> Reply:
        """Return the reply of a route that is fine.

        Raises
        ------
        Fault
            If it is not.
        Cancelled
            If the ear says so.
        """
        reply = fetch(
            self.server.url + path,
            params,
            authcfg=self.server.authcfg,
            accept=accept,
            ear=self.ear,
            patience=self.patience,
        )
        if reply.status in (200, 304):
            return reply
        raise self._fault(reply)

    def _fault(self, reply: Reply) -> Fault:
        name, url = self.server.name, self.server.url
        if reply.status == 0:
            if reply.late:
                return Fault("slow", server=name, seconds=int(self.patience))
            if reply.error in ("authentication", "size"):
                return Fault(reply.error, server=name)
            return Fault("unreachable", server=name, url=url, said=reply.error)
        if reply.status == 401:
            return Fault("token" if self.server.authcfg else "needs_token", server=name)
        if reply.status == 403:
            return Fault("opens_nothing", server=name)
        if reply.status == 429:
            return Fault("wait", server=name, seconds=reply.headers.get("retry-after", "60"))
        if reply.status in (502, 503, 504):
            return Fault("no_release", server=name, said=_said(reply))
        if reply.status in (400, 404) and (said := _said(reply)):
            return Fault("refused", server=name, said=said)
        if reply.status == 404 or 300 <= reply.status < 400:
            return Fault("no_audan", server=name, url=url)
        return Fault("answer", server=name, status=reply.status, said=_said(reply))


def _said(reply: Reply) -> str:
    """Return the sentence of an OGC API exception, empty if there is none."""
    try:
        told = json.loads(reply.body)
        return str(told["description"])[:500]
    except (ValueError, KeyError, TypeError):
        return ""
