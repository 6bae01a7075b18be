"""From a request to an answer: parameters checked, format and language agreed, tag compared, body packed.

A handler is a plain function `(call) -> Answer`. It runs in a thread, sees one snapshot, and never sees HTTP.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import orjson
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from gis_layers import __version__

from .cache import Answer
from .errors import bad_request
from .ranges import partial as part_of
from .release import Snapshot
from .settings import ServerSettings

if TYPE_CHECKING:
    from .auth.views import View

_HOST = re.compile(r"[A-Za-z0-9.\-_]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")
_PACKABLE = re.compile(r"text/|json|xml|mapbox-vector-tile|protobuf|javascript|svg")


@dataclass(frozen=True)
class Call:
    """A checked request.

    Parameters
    ----------
    snapshot
        The release that answers.
    settings
        The server's settings.
    path
        Values of the path's parameters.
    params
        Query parameters beside `f` and `lang`, each given once.
    format, lang
        What was agreed on.
    asked_lang
        Whether the caller named the language in the query.
    base
        Address of the server, without a slash at its end.
    route
        Path of the request, from the server's root.
    """

    snapshot: Snapshot
    settings: ServerSettings
    path: dict[str, str]
    params: dict[str, str]
    format: str
    lang: str
    asked_lang: bool
    base: str
    route: str


Handler: TypeAlias = Callable[[Call], Answer]


@dataclass(frozen=True)
class Hot:
    """One route: its handler, the formats it knows (the first is the default), the parameters it takes.

    `params` None leaves the check of names to the handler.
    """

    path: str
    handler: Handler
    formats: tuple[str, ...] = ("json",)
    params: tuple[str, ...] | None = ()
    people_first: bool = False
    """Whether a browser, which asks for text/html, gets `html` rather than the default."""

    async def answer(self, request: Request) -> Response:
        """Answer a request."""
        view: View = request.state.view
        call = self._call(request, view.snapshot, view.settings)
        key = (call.base, call.route, str(request.url.query), call.format, call.lang)
        tag = etag(call.snapshot.release, (view.key, *key))
        headers = {
            "ETag": tag,
            "Cache-Control": "private, no-cache" if view.private else "public, max-age=30, must-revalidate",
            "Vary": "Accept, Accept-Encoding, Accept-Language",
        }
        if matches(request.headers.get("if-none-match"), tag):
            return Response(status_code=304, headers=headers)
        answer = call.snapshot.cache.get(key)
        packs = "gzip" in request.headers.get("accept-encoding", "")
        if answer is None or (packs and answer.packed is None and packable(answer)):
            answer = await to_thread.run_sync(
                partial(self._make, call, answer, packs), abandon_on_cancel=True
            )
            call.snapshot.cache.put(key, answer)
        headers |= answer.headers
        if call.format != "mvt":
            headers["Content-Language"] = call.lang
        return part_of(request, answer, headers) or send(request, answer, headers)

    def _make(self, call: Call, known: Answer | None, packs: bool) -> Answer:
        answer = known or self.handler(call)
        return pack(answer) if packs else answer

    def _call(self, request: Request, snapshot: Snapshot, settings: ServerSettings) -> Call:
        params: dict[str, str] = {}
        for name, value in request.query_params.multi_items():
            if name in params:
                raise bad_request(f"parameter {name[:64]!r} is given twice")
            if "\x00" in value or "\x00" in name:
                raise bad_request("a parameter holds a zero byte")
            params[name] = value
        asked, lang = params.pop("f", None), params.pop("lang", None)
        if self.params is not None and (unknown := [name for name in params if name not in self.params]):
            known = ", ".join(("f", "lang", *self.params))
            raise bad_request(f"unknown parameter {unknown[0][:64]!r}; this address takes {known}")
        return Call(
            snapshot=snapshot,
            settings=settings,
            path={name: str(value) for name, value in request.path_params.items()},
            params=params,
            format=self._format(asked, request.headers.get("accept", "")),
            lang=_language(lang, request.headers.get("accept-language", ""), snapshot.languages),
            asked_lang=lang is not None,
            base=settings.base_url or _base(request),
            route=request.url.path.removeprefix(request.scope.get("root_path", "")),
        )

    def _format(self, asked: str | None, accept: str) -> str:
        if asked is None:
            browser = "text/html" in accept and "html" in self.formats
            return "html" if browser and (self.people_first or "json" not in accept) else self.formats[0]
        short = {"geojson": "json", "application/json": "json", "pbf": "mvt"}.get(asked, asked)
        if short not in self.formats:
            offered = ", ".join(self.formats)
            raise bad_request(f"format {asked[:64]!r} is not offered here; offered are {offered}")
        return short


def json_answer(value: object, media_type: str = "application/json") -> Answer:
    """Return an object as a JSON answer; NaN becomes null."""
    return Answer(orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY), media_type)


def packable(answer: Answer) -> bool:
    """Tell whether gzip pays for an answer."""
    return len(answer.body) >= 600 and bool(_PACKABLE.search(answer.media_type))


def pack(answer: Answer) -> Answer:
    """Add the gzip form where it pays; what is too large to be kept is packed in haste."""
    if answer.packed is not None or not packable(answer):
        return answer
    level = 6 if len(answer.body) < 4 << 20 else 1
    return Answer(answer.body, answer.media_type, answer.headers, gzip.compress(answer.body, level, mtime=0))


def send(request: Request, answer: Answer, headers: dict[str, str]) -> Response:
    """Answer with the packed body where the client takes it; HEAD gets no body."""
    body = answer.body
    if answer.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        body, headers = answer.packed, headers | {"Content-Encoding": "gzip"}
    length = {"Content-Length": str(len(body))}
    return Response(
        b"" if request.method == "HEAD" else body, headers=headers | length, media_type=answer.media_type
    )


def etag(release: str, key: object) -> str:
    """Return the tag of an answer: the release, and a hash of what was asked and of the program's version."""
    return f'"{release}-{hashlib.sha256(repr((key, __version__)).encode()).hexdigest()[:12]}"'


def matches(header: str | None, tag: str) -> bool:
    """Tell whether If-None-Match names the tag; weak and strong compare alike (RFC 9110, 13.1.2)."""
    if not header:
        return False
    return header.strip() == "*" or tag in (part.strip().removeprefix("W/") for part in header.split(","))


def _base(request: Request) -> str:
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        raise bad_request("the Host header is no host")
    return f"{request.url.scheme}://{host}{request.scope.get('root_path', '')}"


def _language(asked: str | None, accepted: str, languages: list[str]) -> str:
    if asked is not None:
        if asked not in languages:
            raise bad_request(f"language {asked[:32]!r} is not offered; offered are {', '.join(languages)}")
        return asked
    wishes = []
    for part in accepted.split(",")[:20]:
        tag, _, weight = part.partition(";")
        quality = re.fullmatch(r"\s*q=([01](?:\.\d{0,3})?)\s*", weight) if weight else None
        wishes.append((float(quality[1]) if quality else 1.0, tag.strip()[:2].lower()))
    for _, tag in sorted(wishes, key=lambda wish: -wish[0]):
        if tag in languages:
            return tag
    return languages[0]
