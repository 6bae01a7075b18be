"""Where a file's figures are from: carried by every format, in the way each has for it."""

from __future__ import annotations

from typing import Any

from ..layers.texts import texts
from .select import Selection


def source_note(selection: Selection) -> dict[str, Any]:
    """Return the origin of an export as plain values.

    `invented` is true for a fictional area, and `note` says so in words; both are in every format.
    """
    catalogue, entry = selection.edition.catalogue, selection.entry
    area = catalogue["area"]
    languages = area["languages"]
    notes = [texts(languages, "source.recorded")]
    if area["invented"]:
        notes.insert(0, texts(languages, "source.invented"))
    return {
        "layer": entry["id"],
        "title": entry["title"],
        "description": entry["description"],
        "area": area["id"],
        "area_name": area["name"],
        "attribution": area["attribution"],
        "invented": area["invented"],
        "note": {lang: " ".join(note[lang] for note in notes) for lang in languages},
        "edition": catalogue["edition"],
        "release": selection.edition.release,
        "created": catalogue["created"],
        "period": entry["period"],
        "rate_per": area["rate_per"],
        "complete_until": area["complete_until"],
    }


def source_line(selection: Selection) -> str:
    """Return the origin as one line of text in the area's first language."""
    note = source_note(selection)
    lang = selection.edition.catalogue["area"]["languages"][0]
    return f"{note['description'][lang]} {note['attribution']}. {note['note'][lang]} ({note['release']})"
