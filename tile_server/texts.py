"""Reasons as sentences: codes and values of a row, worded by the message files."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import orjson

from gis_layers import messages

from .table import Rows, Table


def row_texts(table: Table, rows: Rows, lang: str) -> list[str | None] | None:
    """Return the reasons of rows as text in a language; None if the layer gives no reasons."""
    for name in ("reason", "evidence"):
        if table.types.get(name) == "json":
            reasons = table.column(name, rows).to_pylist()
            return [None if text is None else _sentence(text, lang) for text in reasons]
    return None


@lru_cache(maxsize=4096)
def _sentence(reasons: str, lang: str) -> str:
    listed: list[dict[str, Any]] = orjson.loads(reasons)
    return " ".join(messages.render(lang, part["code"], part.get("values") or {}) for part in listed)
