"""Sentences of layers in every language of an area, all from the message files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..messages import messages, render


def texts(languages: Iterable[str], code: str, values: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Return a message by language.

    Parameters
    ----------
    languages
        Languages wanted, e.g. ``("en", "ru", "kk")``.
    code
        Key of the message files.
    values
        What the message's placeholders are filled with.
    """
    return {lang: render(lang, code, dict(values or {})) for lang in languages}


def known(code: str) -> bool:
    """Return whether the message files have a message."""
    return code in messages("en")
