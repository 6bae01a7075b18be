"""Offences as a tree up to `all`, with severities as a second roll-up of the same leaves."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import InputError, Where

ROOT = "all"
OTHER = "-other"
SEVERITY = "severity-"

OTHER_NAMES = {"en": "{}: other", "ru": "{}: прочее", "kk": "{}: өзгелері"}


def plain_label(text: str) -> str:
    """Return a label as it is compared: one form of Unicode, one case, single blanks.

    Examples
    --------
    >>> plain_label("  Theft  FROM the Person ")
    'theft from the person'
    """
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip().casefold()


@dataclass(frozen=True)
class Codebook:
    """The nodes of the codebook and who adds into whom.

    Parameters
    ----------
    nodes
        One row a node, index `code`; columns `parent, severity, additive, reported, sensitive, public_safety,
        valid_from, valid_to` (datetime64[s], NaT where open), `name_<lang>`..., `kind` (root, category, leaf,
        other, severity) and `labels` (tuples of source labels). `all` is first, every node stands after its
        parent, severities are last. Made by :func:`gis_layers.codes.load_codebook`.

    Notes
    -----
    A node with `additive` false is loaded as delivered and adds into nothing. A leaf is a node without
    additive children. A `-other` node is what a delivered total holds beyond its parts; it is made by
    :meth:`with_remainders` only where the data call for it.

    Examples
    --------
    >>> from gis_layers.codes.load import codebook_from
    >>> book = codebook_from([{"code": "theft"}, {"code": "bike", "parent": "theft", "severity": "minor"}])
    >>> book.nodes["kind"].to_dict()
    {'all': 'root', 'theft': 'category', 'bike': 'leaf', 'severity-minor': 'severity'}
    >>> book.ancestors("bike"), book.members("severity-minor")
    (['theft', 'all'], ['bike'])
    """

    nodes: pd.DataFrame = field(repr=False)

    @cached_property
    def codes(self) -> list[str]:
        """Codes of all nodes, in order."""
        return [str(code) for code in self.nodes.index]

    @cached_property
    def row_of(self) -> dict[str, int]:
        """Row number of each node."""
        return {code: row for row, code in enumerate(self.codes)}

    @cached_property
    def leaves(self) -> list[str]:
        """What a card or a count can carry: leaves and remainders, additive or not."""
        return [
            c for c, kind in zip(self.codes, self.nodes["kind"], strict=True) if kind in ("leaf", "other")
        ]

    @cached_property
    def parent_of(self) -> dict[str, str | None]:
        """Parent of each node; None for `all` and the severities."""
        return {
            c: (p if isinstance(p, str) else None)
            for c, p in zip(self.codes, self.nodes["parent"], strict=True)
        }

    @cached_property
    def additive(self) -> frozenset[str]:
        """Nodes that take part in sums."""
        return frozenset(c for c, add in zip(self.codes, self.nodes["additive"], strict=True) if add)

    @cached_property
    def _children(self) -> dict[str, list[str]]:
        children: dict[str, list[str]] = {code: [] for code in self.codes}
        severities = self.nodes["severity"]
        for code, parent in self.parent_of.items():
            if code in self.additive and parent is not None:
                children[parent].append(code)
        for code in self.leaves:
            severity = severities[code]
            if (
                code in self.additive
                and isinstance(severity, str)
                and f"{SEVERITY}{severity}" in self.additive
            ):
                children[f"{SEVERITY}{severity}"].append(code)
        return children

    def children(self, code: str) -> list[str]:
        """Return the nodes that add directly into a node (leaves, for a severity)."""
        return list(self._children[self._known(code)])

    def ancestors(self, code: str) -> list[str]:
        """Return the parents of a node, nearest first; none for `all` and severities."""
        found: list[str] = []
        parent = self.parent_of[self._known(code)]
        while parent is not None:
            found.append(parent)
            parent = self.parent_of[parent]
        return found

    def members(self, node: str) -> list[str]:
        """Return the leaves that sum to a node; a leaf or a node that is not summed is its own member."""
        children = self._children[self._known(node)]
        if not children:
            return [node]
        return [leaf for child in children for leaf in self.members(child)]

    def matrix(self, leaves: Sequence[str]) -> tuple[list[str], npt.NDArray[np.bool_]]:
        """Return which of the leaves sum to which node.

        Returns
        -------
        codes
            The additive nodes, in the order of the codebook.
        sums
            Shape (nodes, leaves); true where the leaf adds into the node.
        """
        place = {leaf: column for column, leaf in enumerate(leaves)}
        codes = [code for code in self.codes if code in self.additive]
        sums = np.zeros((len(codes), len(leaves)), dtype=bool)
        for row, code in enumerate(codes):
            sums[row, [place[leaf] for leaf in self.members(code) if leaf in place]] = True
        return codes, sums

    @cached_property
    def _of_label(self) -> dict[str, str]:
        return {plain_label(label): code for code, labels in self.nodes["labels"].items() for label in labels}  # type: ignore[misc]

    def find(self, labels: Iterable[str | None], *, by: str = "label") -> npt.NDArray[np.object_]:
        """Return the code that each label (or code, `by="code"`) names, None where there is none.

        Examples
        --------
        >>> from gis_layers.codes.load import codebook_from
        >>> book = codebook_from([{"code": "bike", "labels": "BICYCLE THEFT;Theft of a bike"}])
        >>> book.find(["bicycle  theft", "arson"]).tolist()
        ['bike', None]
        """
        if by == "code":
            found = [text if text in self.row_of else None for text in labels]
        else:
            found = [None if text is None else self._of_label.get(plain_label(text)) for text in labels]
        out = np.empty(len(found), dtype=object)
        out[:] = found
        return out

    def with_remainders(self, categories: Iterable[str]) -> Codebook:
        """Return a codebook that has a node `<code>-other` under each of the categories given.

        Categories that already have one, and codes that are no category, are passed over.
        """
        kinds = self.nodes["kind"]
        wanted = {
            c for c in categories if kinds.get(c) in ("category", "root") and f"{c}{OTHER}" not in self.row_of
        }
        if not wanted:
            return self
        rows = self.nodes.to_dict("index")
        languages = [name.removeprefix("name_") for name in self.nodes.columns if name.startswith("name_")]
        made: dict[str, dict[str, object]] = {}
        for code in sorted(wanted, key=self.row_of.__getitem__):
            remainder: dict[str, object] = {str(key): value for key, value in rows[code].items()}
            remainder |= {"parent": code, "severity": None, "kind": "other", "labels": ()}
            for lang in languages:
                remainder[f"name_{lang}"] = OTHER_NAMES.get(lang, "{}: other").format(
                    rows[code][f"name_{lang}"]
                )
            made[code] = remainder
        ordered: dict[str, object] = {}
        pending: dict[str, list[str]] = {}
        for code in wanted:
            pending.setdefault(self._last_below(code), []).append(code)
        for code in self.codes:
            ordered[code] = rows[code]
            for category in sorted(pending.get(code, ()), key=self.row_of.__getitem__, reverse=True):
                ordered[f"{category}{OTHER}"] = made[category]
        frame = pd.DataFrame.from_dict(ordered, orient="index")[list(self.nodes.columns)]
        return Codebook(frame.astype(self.nodes.dtypes.to_dict()).rename_axis("code"))

    def _last_below(self, code: str) -> str:
        below = [c for c in self.codes if c == code or code in self.ancestors(c)]
        return below[-1]

    def _known(self, code: str) -> str:
        if code not in self.row_of:
            raise InputError("the codebook has no such offence", Where(value=code))
        return code


def tree_order(parents: Mapping[str, str | None]) -> list[str]:
    """Return the root and the nodes below it, each after its parent, siblings in the order given.

    Parameters
    ----------
    parents
        Each node's parent; what has none, or is not below the root, is left out.

    Examples
    --------
    >>> tree_order({"theft": "property", "property": "all", "arson": "property"})
    ['all', 'property', 'theft', 'arson']
    """
    below: dict[str, list[str]] = {}
    for code, parent in parents.items():
        if parent is not None:
            below.setdefault(parent, []).append(code)
    order: list[str] = []
    stack = [ROOT]
    while stack:
        code = stack.pop()
        order.append(code)
        stack += reversed(below.get(code, []))
    return order
