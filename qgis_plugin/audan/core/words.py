"""The plugin's words in English, Russian and Kazakh; sentences about crime come from the server, ready made."""

import functools
import json
from collections.abc import Mapping
from pathlib import Path

from qgis.core import QgsApplication

LANGUAGES = ("en", "ru", "kk")
_FOLDER = Path(__file__).resolve().parent.parent / "i18n"


@functools.cache
def messages(language: str) -> dict[str, str]:
    """Return every message of a language: one file per part of the plugin."""
    found: dict[str, str] = {}
    for file in sorted((_FOLDER / language).glob("*.json")):
        found.update(json.loads(file.read_text(encoding="utf-8")))
    return found


def language() -> str:
    """Return the language of QGIS's window if the plugin speaks it, else English."""
    own = QgsApplication.instance().locale() if QgsApplication.instance() else "en"
    return spoken(own)


def spoken(name: str) -> str:
    """Return the language of a locale's name if the plugin speaks it, else English.

    Examples
    --------
    >>> spoken("kk_KZ"), spoken("de")
    ('kk', 'en')
    """
    short = name.replace("-", "_").split("_")[0].lower()
    return short if short in LANGUAGES else "en"


def say(key: str, **values: object) -> str:
    """Return a message in the language of the window; English where it is not translated, else its key."""
    return say_in(language(), key, **values)


def say_in(lang: str, key: str, **values: object) -> str:
    """Return a message in a language; English where it is not translated, else its key."""
    text = messages(spoken(lang)).get(key) or messages("en").get(key)
    return key if text is None else text.format(**values)


def edition_name(edition: str) -> str:
    """Return what people call an edition; its own name if it is neither of the two that there are."""
    known = {"analyst": say("edition.analyst"), "public": say("edition.public")}
    return known.get(edition, edition)


def capital(text: str) -> str:
    """Return a text as it stands at the beginning of a line.

    Examples
    --------
    >>> capital("public edition")
    'Public edition'
    """
    return text[:1].upper() + text[1:]


def of(texts: Mapping[str, str]) -> str:
    """Return the text of a mapping by language that suits the window."""
    return texts.get(language()) or texts.get("en") or next(iter(texts.values()), "")
