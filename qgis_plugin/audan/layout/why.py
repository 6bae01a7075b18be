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
        told = client.explain(code, offence, month)["text"].split("\n\n")
        found[code] = "\n".join([*_first_sentences(told), *_of_layer(facts, code, told)])
    return found


def _texts(rows: Any) -> dict[str, str]:
    return {row["district"]: row["text"] for row in rows if row.get("district") and row.get("text")}


def _first_sentences(told: list[str]) -> list[str]:
    """Return how a story begins below its title: the reasons, the level, and how rare it is."""
    return [" ".join(told[1].split("\n")[:3])] if len(told) > 1 else []


def _of_layer(facts: "Facts", code: str, told: list[str]) -> list[str]:
    """Return what the story says of the layer itself: a row's own sentence, or the part on hotspots."""
    if facts.info.id == "hotspots":  # Gi* is called so in every language
        return [" ".join(part.split("\n")[:2]) for part in told if "Gi*" in part]
    text = facts.value(code, "text") if facts.info.id != "rating" else None
    return [text] if text else []
