"""`/explain`: the whole story of a cell, as facts and as sentences."""

from __future__ import annotations

import re

from gis_layers.errors import UsageError

from .answers import Call, json_answer
from .cache import Answer
from .errors import bad_request, not_found
from .query import CODE, read_datetime

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,200}")
"""Of a cluster or a path: codes and months joined by dashes or dots."""


def explain(call: Call) -> Answer:
    """Answer the story of one district, offence and month (the newest and `all` by default)."""
    from gis_layers.explain import explain as tell
    from gis_layers.explain import explain_text

    for kind in ("cluster", "path"):
        if kind in call.params:
            return _found(call, kind)
    district, offence = call.params.get("district"), call.params.get("offence", "all")
    if district is None:
        raise bad_request("explain needs district, or cluster or path alone")
    if not CODE.fullmatch(district) or not CODE.fullmatch(offence):
        raise bad_request("district and offence are codes of [A-Za-z0-9_-]")
    if district not in call.snapshot.places.codes:
        raise not_found(f"there is no district {district!r}")
    if "rating" not in call.snapshot.tables:
        raise not_found(f"the {call.settings.edition} edition holds no rating to explain")
    rating = call.snapshot.collection("rating")
    if offence not in rating.table.offences:
        raise not_found(f"there is no offence {offence!r}")
    month = None
    if "datetime" in call.params:
        blocks = rating.blocks([offence], read_datetime(rating, call.params["datetime"]))
        if len(blocks) != 1:
            raise not_found("datetime names no single month of the rating")
        month = str(rating.table.block_month[blocks[0]])
    try:
        story = tell(call.snapshot.edition, district, offence, month)
    except UsageError as error:
        raise not_found(str(error)) from None
    return json_answer(
        {"release": call.snapshot.release, "story": story, "text": explain_text(story, call.lang)}
    )


def _found(call: Call, kind: str) -> Answer:
    """Answer the story of one cluster or one path."""
    from gis_layers.explain import explain_found, found_text

    name = call.params[kind]
    if set(call.params) != {kind}:
        raise bad_request(f"{kind} stands alone in explain")
    if not _NAME.fullmatch(name):
        raise bad_request(f"{kind} {name[:64]!r} is no name of a {kind}")
    try:
        story = explain_found(call.snapshot.edition, kind, name)
    except UsageError as error:
        raise not_found(str(error)) from None
    return json_answer(
        {"release": call.snapshot.release, "story": story, "text": found_text(story, call.lang)}
    )
