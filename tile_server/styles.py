"""`/styles`: the release's styles with this server's addresses filled in."""

from __future__ import annotations

from typing import Any

from gis_layers.release.edition import StyleKind

from .answers import Call, json_answer
from .cache import Answer
from .errors import not_found
from .ogc.media import STYLES as MEDIA
from .table import Table


def _styled(call: Call) -> list[Table]:
    return [table for table in call.snapshot.tables.values() if table.has_geometry]


def styles(call: Call) -> Answer:
    """List the styles: one for each layer with shapes, under the layer's name."""
    listed: list[dict[str, Any]] = []
    for table in _styled(call):
        here = f"{call.base}/styles/{table.id}"
        links = [
            {"rel": "stylesheet", "type": media, "href": f"{here}?f={kind}", "title": kind}
            for kind, media in MEDIA.items()
        ]
        links.append(
            {
                "rel": "describes",
                "type": "application/json",
                "href": f"{call.base}/collections/{table.id}",
                "title": table.id,
            }
        )
        listed.append(
            {"id": table.id, "title": call.snapshot.collections[table.id].title(call.lang), "links": links}
        )
    return json_answer(
        {
            "styles": listed,
            "links": [{"rel": "self", "type": "application/json", "href": f"{call.base}/styles"}],
        }
    )


def style(call: Call) -> Answer:
    """Answer one style as MapLibre JSON, SLD or QML."""
    wanted = call.path["style"]
    if wanted not in {table.id for table in _styled(call)}:
        raise not_found(f"there is no style {wanted[:64]!r}; /styles lists them")
    kind: StyleKind = next(kind for kind in MEDIA if kind == call.format)
    text = call.snapshot.edition.style(wanted, kind, call.lang)
    return Answer(text.replace("{base}", call.base).encode(), MEDIA[kind])
