"""What the plugin asks a server: one method per route, each waiting for its answer in a task's thread."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf
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
_TAG = re.compile(r'"(\d{8}T\d{6}Z-[0-9a-f]{8})-')
"""How an entity tag names the release that an answer is of."""


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
        Language of sentences, the window's by default; another where the server does not speak it.
    patience
        Seconds of silence after which a request is given up.

    Raises
    ------
    Fault
        From every method: what went wrong, in words, with a remedy.
    Cancelled
        From every method, if the ear says so.

    Notes
    -----
    Answers of two releases do not mix: the first one, or the catalogue, says which release the others must be of.
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
        self._release: Optional[str] = None
        self._spoken = False

    def catalogue(self) -> Catalogue:
        """Return what the server offers; what is asked later is of this release."""
        self._release = None
        found = read_catalogue(self.json("/catalogue"))
        self.keep_to(found)
        return found

    def keep_to(self, catalogue: Catalogue) -> None:
        """Ask in a language that a catalogue has, and for its release alone."""
        self.lang = catalogue.spoken(self.lang)
        self._release, self._spoken = catalogue.release, True

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
        params = {**{k.replace("_crs", "-crs"): v for k, v in more.items()}, "lang": self._language()}
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
            some = self._part(page, "features")
            features += some
            matched = page.get("numberMatched")
            if self.ear is not None and matched:
                self.ear.setProgress(min(100.0, 100.0 * len(features) / min(matched, limit or matched)))
            # a server need not say how many there are, nor give as many at once as it was asked for
            if not some or len(features) >= min(one for one in (matched, limit, inf) if one is not None):
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
        return Values(**{name: self._part(told, name) for name in names})

    def explain(self, district: str, offence: str, month: str) -> dict[str, Any]:
        """Return the story of a district: ``story`` (facts) and ``text`` (sentences in the client's language)."""
        asked = {"district": district, "offence": offence, "datetime": month, "lang": self._language()}
        return self._told("/explain", asked)

    def explain_found(self, kind: str, name: str) -> dict[str, Any]:
        """Return the story of one ``cluster`` or one ``path``."""
        return self._told("/explain", {kind: name, "lang": self._language()})

    def style(self, layer: str) -> str:
        """Return a layer's style as QML in the client's language."""
        params = {"f": "qml", "lang": self._language()}
        return self.ask(f"/styles/{quote(layer)}", params, accept="*/*").body.decode()

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
        self._part(told, "text")
        return dict(told)

    def _language(self) -> str:
        """Return the language to ask in; a server refuses one that it does not speak."""
        if not self._spoken:
            self.catalogue()
        return self.lang

    def _part(self, told: Any, name: str) -> Any:
        if not isinstance(told, dict) or name not in told:
            raise Fault("no_audan", server=self.server.name, url=self.server.url)
        return told[name]

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
        reply = self._fetch(path, params, accept)
        if reply.status in (200, 304):
            self._compare(_TAG.search(reply.headers.get("etag", "")))
            return reply
        if reply.status in (400, 404) and self._release is not None:
            # what a newer release has no longer is refused
            self._compare(_TAG.search(self._fetch("/catalogue", None, accept).headers.get("etag", "")))
        raise self._fault(reply)

    def _fetch(self, path: str, params: Optional[dict[str, str]], accept: str) -> Reply:
        return fetch(
            self.server.url + path,
            params,
            authcfg=self.server.authcfg,
            accept=accept,
            ear=self.ear,
            patience=self.patience,
        )

    def _compare(self, tag: Optional[re.Match[str]]) -> None:
        """Hold the release of an answer against that of those before it."""
        if tag is None:
            return
        self._release = self._release or tag[1]
        if tag[1] != self._release:
            raise Fault("new_release", server=self.server.name)

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
