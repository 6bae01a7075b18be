"""Reasons as sentences: codes and values of a row, worded by the message files, codes by the release's names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gis_layers import messages

from .table import Rows, Table

_NAMED = ("districts", "offences")


@dataclass(frozen=True)
class Names:
    """Names of districts and offences by language and code."""

    by_language: Mapping[str, Mapping[str, str]]

    def name(self, lang: str, code: str) -> str:
        """Return the name of a code; the code itself where it has none."""
        return self.by_language.get(lang, {}).get(code, code)


def names_of(tables: Mapping[str, Table], languages: list[str]) -> Names:
    """Return the names that a release gives its codes."""
    made: dict[str, dict[str, str]] = {lang: {} for lang in languages}
    for table in (tables[name] for name in _NAMED if name in tables):
        every = np.arange(table.data.num_rows)
        codes = table.column(table.keys[0], every).to_pylist()
        for lang in languages:
            column = f"name_{lang}" if f"name_{lang}" in table.types else "name"
            if column in table.types:
                named = zip(codes, table.column(column, every).to_pylist(), strict=True)
                made[lang] |= {code: name for code, name in named if name}
    return Names(made)


def row_texts(table: Table, rows: Rows, lang: str, names: Names) -> list[str | None] | None:
    """Return the reasons of rows as text in a language; None if the layer gives no reasons."""
    spoken = lang if lang in messages.LANGUAGES else "en"
    for name in ("reason", "evidence"):
        if table.types.get(name) == "json":
            return [
                None
                if text is None
                else " ".join(messages.retold(spoken, text, names=lambda code: names.name(lang, code)))
                or None
                for text in table.column(name, rows).to_pylist()
            ]
    return None
