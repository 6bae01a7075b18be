"""Drill-down: what a cell is made of, node by node, and by severity down to the articles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import pandas as pd

from ..messages import render
from .plain import names_in, names_of, plain_value, short

TOLD = ("count", "expected", "lower", "upper", "rate", "magnitude", "level", "fired", "standing")
"""Columns of the rating that are told of peers, of the months before and of parts."""

_ARTICLES = 5
_LEAVES = ("leaf", "other")
_SEVERITY = "severity-"


class Rating(Protocol):
    """What of an edition is read here."""

    def read(
        self, layer: str, months: Any = ..., offences: Any = ..., columns: Any = ...
    ) -> pd.DataFrame: ...


def told_of(row: pd.Series) -> dict[str, Any]:
    """Return the columns that are told of a row, as JSON knows them."""
    return {name: plain_value(row[name]) for name in TOLD if name in row.index}


def parts_of(
    edition: Rating, book: pd.DataFrame, offence: str, district: str, month: np.datetime64
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the nodes right below an offence, and its severities with their most unusual articles.

    Parameters
    ----------
    edition
        Its `rating` is read.
    book
        The layer `offences`.
    offence, district, month
        The cell.

    Returns
    -------
    (list, list)
        Parts, most unusual first: `offence, names, additive` and the figures; `additive` is False of a line that
        is not summed with the others. Severities in the order of the codebook: `offence, names, count, n` (articles
        recorded), `articles` (the most unusual of them) and, of everything, the figures of the severity itself.
    """
    severity = offence.startswith(_SEVERITY)
    if severity:
        below = book[(book["severity"] == offence.removeprefix(_SEVERITY)) & book["kind"].isin(_LEAVES)]
    else:
        below = book[book["parent"] == offence]
    leaves = book[book["offence"].isin(_leaves(book, offence))] if not severity else book.iloc[:0]
    root = bool(book.loc[book["offence"] == offence, "parent"].isna().all()) and not severity
    grades = book[book["offence"].str.startswith(_SEVERITY)] if root or len(leaves) else book.iloc[:0]
    wanted = list(dict.fromkeys([*below["offence"], *leaves["offence"], *grades["offence"]]))
    if not wanted:
        return [], []
    rows = edition.read("rating", months=(month, month), offences=wanted)
    rows = rows[rows["district"] == district].set_index("offence")
    parts = [
        {**_named(row), "additive": bool(row.get("additive", True)), **told_of(rows.loc[row["offence"]])}
        for _, row in below.iterrows()
        if row["offence"] in rows.index
    ]
    by_severity = []
    for _, grade in grades.iterrows():
        mine = leaves[leaves["severity"] == grade["offence"].removeprefix(_SEVERITY)]
        articles = [
            {**_named(row), **told_of(rows.loc[row["offence"]])}
            for _, row in mine.iterrows()
            if row["offence"] in rows.index
        ]
        own = told_of(rows.loc[grade["offence"]]) if root and grade["offence"] in rows.index else {}
        if not articles and not own:
            continue
        counts = [one["count"] for one in articles]
        whole = None if None in counts else sum(counts)  # one that is withheld must not be had by subtraction
        recorded = [one for one in articles if one["count"]]
        by_severity.append(
            {
                **_named(grade),
                "count": whole,
                **own,
                "n": len(recorded),
                "articles": _unusual_first(recorded)[:_ARTICLES],
            }
        )
    return _unusual_first(parts), by_severity


def parts_text(parts: list[Mapping[str, Any]], lang: str) -> str:
    """Tell the parts, a line each; those that are not summed apart from the others."""
    blocks = []
    for code, additive in (("explain.parts", True), ("explain.of_which", False)):
        lines = [_line(one, lang) for one in parts if one["additive"] == additive and _there(one)]
        blocks += [render(lang, code), *lines] if lines else []
    return "\n".join(blocks)


def severities_text(severities: list[Mapping[str, Any]], lang: str) -> str:
    """Tell the severities, and below each its most unusual articles."""
    lines = []
    for one in severities:
        if _there(one):
            lines += [_line(one, lang), *(f"  {_line(article, lang)}" for article in one["articles"])]
    return "\n".join([render(lang, "explain.severities"), *lines]) if lines else ""


def _line(one: Mapping[str, Any], lang: str) -> str:
    values = {"offence": names_in(one["names"], lang, one["offence"]), "count": one["count"]}
    values |= {"known": "yes" if one.get("expected") else "no"}
    values |= {"expected": short(one.get("expected")), "magnitude": short(one.get("magnitude"))}
    return render(lang, "explain.part", values)


def _there(one: Mapping[str, Any]) -> bool:
    """Tell whether there is something to say: a count that is known, and not a zero where nothing was expected."""
    return one.get("count") is not None and bool(one["count"] or one.get("expected"))


def _leaves(book: pd.DataFrame, offence: str) -> list[str]:
    """Return the leaves anywhere below a node, itself left out."""
    children: dict[str, list[str]] = {}
    kinds = dict(zip(book["offence"], book["kind"], strict=True))
    for code, parent in zip(book["offence"], book["parent"], strict=True):
        if isinstance(parent, str):
            children.setdefault(parent, []).append(code)
    found, stack = [], list(children.get(offence, ()))
    while stack:
        code = stack.pop()
        found += [code] if kinds[code] in _LEAVES else []
        stack += children.get(code, ())
    return found


def _named(row: pd.Series) -> dict[str, Any]:
    return {"offence": row["offence"], "names": names_of(row)}


def _unusual_first(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda one: -(one.get("magnitude") or 0.0))
