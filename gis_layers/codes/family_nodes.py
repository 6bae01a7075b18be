"""Families as nodes of the codebook, so that what came under an earlier code has a place to be counted in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from .codebook import OTHER, OTHER_NAMES, ROOT, Codebook, tree_order

FLAGS = ("reported", "sensitive", "public_safety")


def with_former(codebook: Codebook, codes: Iterable[str]) -> Codebook:
    """Return a codebook to read sources by, which knows articles that are no more.

    Examples
    --------
    >>> from gis_layers.codes.load import codebook_from
    >>> with_former(codebook_from([{"code": "188"}]), ["175", "188"]).codes
    ['all', '188', '175']
    """
    new = [code for code in dict.fromkeys(str(code) for code in codes) if code not in codebook.row_of]
    rows: dict[str, Any] = {str(code): row for code, row in codebook.nodes.to_dict("index").items()}
    like = rows[ROOT]
    names = {name: "" for name in codebook.nodes.columns if name.startswith("name_")}
    for code in new:
        rows[code] = like | {"parent": ROOT, "severity": None, "kind": "leaf", "labels": ()} | names
    return _book(codebook, rows)


def family_place(codebook: Codebook, name: str, members: Iterable[str]) -> str:
    """Return the node that a family's figures are counted in while its members have none.

    Members side by side stand below a node of the family, and the figures are that node's remainder. A member that
    holds all the others is the family itself. Of members in different branches the family is a leaf below
    what they have in common.
    """
    new = list(members)
    top = next((code for code in new if all(code in _line(codebook, one) for one in new)), None)
    if top is not None:
        return f"{top}{OTHER}"
    return f"{name}{OTHER}" if len({codebook.parent_of[code] for code in new}) == 1 else name


def with_families(
    codebook: Codebook, families: Mapping[str, tuple[str, ...]], since: Mapping[str, np.datetime64]
) -> Codebook:
    """Return a codebook with nodes for families.

    Parameters
    ----------
    codebook
        Today's.
    families
        Names and members.
    since
        First month of those members that have no figures of their own before: before it they are not zero.
    """
    if not families:
        return codebook
    rows: dict[str, Any] = {str(code): row for code, row in codebook.nodes.to_dict("index").items()}
    for code, month in since.items():
        for below in (one for one in codebook.codes if code in _line(codebook, one)):
            if pd.isna(rows[below]["valid_from"]):
                rows[below]["valid_from"] = pd.Timestamp(month)
    for name, new in families.items():
        place = family_place(codebook, name, new)
        if place in rows:
            continue
        top = place.removesuffix(OTHER)
        leaf = _leaf(codebook, rows, name, new)
        if place != name and top not in rows:
            parent = rows[new[0]]["parent"]
            rows[top] = leaf | {"parent": parent, "severity": None, "kind": "category"}
            for code in new:
                rows[code]["parent"] = top
        if top in rows:
            leaf["parent"] = top
        for lang, text in OTHER_NAMES.items():
            if place != name and f"name_{lang}" in leaf:
                leaf[f"name_{lang}"] = text.format(rows[top][f"name_{lang}"])
        rows[place] = leaf | {"kind": "leaf" if place == name else "other"}
    return _book(codebook, rows)


def _leaf(codebook: Codebook, rows: Mapping[str, Any], name: str, new: tuple[str, ...]) -> dict[str, Any]:
    """Return a row for a family's own figures: careful where its members differ."""
    below = [rows[leaf] for code in new for leaf in codebook.members(code)]
    severities = {row["severity"] if isinstance(row["severity"], str) else None for row in below}
    lines = [_line(codebook, code)[1:] for code in new]
    common = next((code for code in lines[0] if all(code in line for line in lines)), ROOT)
    row = dict(rows[new[0]])
    row |= {flag: all(one[flag] for one in below) for flag in FLAGS}
    row |= {"sensitive": any(one["sensitive"] for one in below), "labels": (), "parent": common}
    row |= {"severity": severities.pop() if len(severities) == 1 else None}
    row |= {"additive": all(rows[code]["additive"] for code in new)}
    row |= {"valid_from": pd.NaT, "valid_to": pd.NaT}
    for column in (one for one in row if one.startswith("name_")):
        row[column] = " + ".join(dict.fromkeys(str(rows[code][column]) for code in new))
    return row


def _line(codebook: Codebook, code: str) -> list[str]:
    return [code, *codebook.ancestors(code)]


def _book(codebook: Codebook, rows: Mapping[str, Any]) -> Codebook:
    """Return the rows as a codebook, every node below its parent, severities last."""
    parents = {code: row["parent"] if isinstance(row["parent"], str) else None for code, row in rows.items()}
    order = tree_order(parents)
    order += [code for code, parent in parents.items() if parent is None and code != ROOT]
    frame = pd.DataFrame.from_dict({code: rows[code] for code in order}, orient="index")
    frame = frame[list(codebook.nodes.columns)]
    for column in ("valid_from", "valid_to"):
        frame[column] = pd.to_datetime(frame[column])
    return Codebook(frame.astype(codebook.nodes.dtypes.to_dict()).rename_axis("code"))
