"""The collections of a snapshot: every layer, and `<layer>_latest` for layers by district and month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .table import Rows, Table, item_names


@dataclass(frozen=True)
class Collection:
    """A layer as it is offered under one name.

    Parameters
    ----------
    id
        Name of the collection.
    table
        Its rows.
    latest
        Whether it holds the newest month alone, one row per district.
    """

    id: str
    table: Table
    latest: bool = False

    @property
    def layer(self) -> str:
        return self.table.id

    @property
    def default_offences(self) -> list[str] | None:
        """Offences meant when none is asked for: `all` in the newest month, everything elsewhere."""
        if not (self.latest and self.table.has_offences):
            return None
        return ["all"] if "all" in self.table.offences else self.table.offences[:1]

    def blocks(self, offences: list[str] | None, days: Any) -> Rows:
        """Return the blocks asked for, in the order of serving."""
        found = self.table.blocks(offences if offences is not None else self.default_offences, days)
        if self.latest and len(found):
            found = found[self.table.block_month[found] == self.table.block_month.max()]
        return found

    def title(self, lang: str) -> str:
        titles = self.table.meta.get("title") or {}
        plain = str(titles.get(lang) or titles.get("en") or next(iter(titles.values()), self.layer))
        newest = {"ru": "последний месяц", "kk": "соңғы ай"}.get(lang, "newest month")
        return f"{plain} ({newest})" if self.latest else plain

    def description(self, lang: str) -> str:
        texts = self.table.meta.get("description") or {}
        return str(texts.get(lang) or texts.get("en") or next(iter(texts.values()), self.title(lang)))

    def ids(self, rows: Rows) -> list[str]:
        """Return the item ids of rows: the district, or the keys joined by dots with months as YYYY-MM."""
        return item_names(self.table, rows, ["district"] if self.latest else None)

    def find(self, item: str, offences: list[str] | None = None) -> int | None:
        """Return the row of an item id, None if there is none."""
        keys = ["district"] if self.latest else self.table.keys
        # a path's name has dots of its own
        parts = item.rsplit(".", len(keys) - 1)
        if len(parts) != len(keys):
            return None
        wanted = dict(zip(keys, parts, strict=True))
        months = self.table.block_month.astype(str)
        blocks = self.blocks(offences, None)
        if "month" in wanted:
            blocks = blocks[months[blocks] == wanted.pop("month")]
        if "offence" in wanted and self.table.has_offences:
            blocks = blocks[self.table.block_offence[blocks] == wanted.pop("offence")]
        rows = self.table.rows(blocks)
        for key, value in wanted.items():
            text = self.table.column(key, rows).cast(pa.string())
            rows = rows[pc.equal(text, value).to_numpy(zero_copy_only=False)]
        return int(rows[0]) if len(rows) == 1 else None


def collections_of(tables: dict[str, Table]) -> dict[str, Collection]:
    """Return the collections of a release in the catalogue's order, each `_latest` before its layer."""
    made: dict[str, Collection] = {}
    for table in tables.values():
        keys = set(table.keys)
        if {"district", "month"} <= keys <= {"district", "month", "offence"} and len(table.block_start):
            made[f"{table.id}_latest"] = Collection(f"{table.id}_latest", table, latest=True)
        made[table.id] = Collection(table.id, table)
    return made


def newest(table: Table) -> str | None:
    """Return the newest month as YYYY-MM."""
    return str(np.max(table.block_month)) if table.has_months and len(table.block_month) else None
