"""Why a district stands out, in the server's own sentences."""

from typing import TYPE_CHECKING, Any

from ..core.client import Client

if TYPE_CHECKING:
    from .facts import Facts

EXPLAINED = 3
"""Districts whose story is told at length."""


def sentences(client: Client, facts: "Facts") -> dict[str, str]:
    """Return sentences: those of the rows for every district, more for the first of the list."""
    month, offence = facts.choice.month, facts.choice.offence or "all"
    found = _texts(row.figures for row in facts.rows)
    if facts.story is None or month is None:
        return found
    if facts.info.id != "rating":
        rated = _texts(client.rows("rating", datetime=month, offence=offence).rows)
        found = {code: "\n".join(filter(None, (rated.get(code), found.get(code)))) for code in rated}
    for code in facts.ranked[:EXPLAINED]:
        answer = client.explain(code, offence, month)
        told = [part.split("\n") for part in answer["text"].split("\n\n")]
        found[code] = "\n".join([*_beginning(facts, told), *_of_layer(facts, code, told, answer["story"])])
    return found


def _texts(rows: Any) -> dict[str, str]:
    return {row["district"]: row["text"] for row in rows if row.get("district") and row.get("text")}


def _beginning(facts: "Facts", told: list[list[str]]) -> list[str]:
    """Return how a story begins below its title: the figures; of the rating also the level, and how rare it is."""
    return [" ".join(told[1][: 3 if facts.info.id == "rating" else 1])] if len(told) > 1 else []


def _of_layer(facts: "Facts", code: str, told: list[list[str]], story: dict[str, Any]) -> list[str]:
    """Return what the story says of the layer itself, and the row's own sentences."""
    text = facts.value(code, "text") if facts.info.id != "rating" else None
    parts = []
    if facts.info.id == "hotspots":  # Gi* is called so in every language
        parts = [part for part in told if any("Gi*" in line for line in part)]
    elif facts.info.id == "dynamics" and story.get("dynamics"):  # it comes next after the rating
        parts = told[2:3]
    return [*(" ".join(part[:2]) for part in parts), *([text] if text else [])]
