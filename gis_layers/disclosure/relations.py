"""The sums that a reader can write down: offences to their totals, districts to their region.

A *block* is one region (or the whole area, where districts have no region) in one period: its districts and the
region as a whole, each with every node of the codebook and with the sum behind the layer `safety`. No sum that the
public edition holds reaches over two blocks, so each is protected, and attacked, alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp
import xarray as xr

from ..codes import Codebook
from ..indicators.safety import public_nodes

Floats = npt.NDArray[np.float64]

MARGINS = ("offences", "severities", "safety", "regions")
"""Kinds of sums: categories up to `all`; severities; what bears on `safety`; districts to their region."""

SAFETY = "safety"
"""Name of the node that sums what the layer `safety` counts; it is no offence of any row."""


@dataclass(frozen=True)
class Sum:
    """A node and the nodes that add up to it, as row numbers, and the kind of margin."""

    total: int
    parts: tuple[int, ...]
    margin: str


@dataclass(frozen=True, eq=False)
class Tree:
    """The nodes of a table and their sums.

    Parameters
    ----------
    codes
        The nodes; the last is :data:`SAFETY` where any offence bears on it.
    sums
        Every sum that holds within one unit.
    kinds
        Kind of each node: root, category, leaf, other, severity, safety.
    sensitive
        Nodes of which small counts need special protection.
    """

    codes: tuple[str, ...]
    sums: tuple[Sum, ...]
    kinds: tuple[str, ...]
    sensitive: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Region:
    """A region: the numbers of its districts; its code is empty where it is the whole area."""

    code: str
    districts: npt.NDArray[np.intp]


def tree_of(codes: Sequence[str], codebook: Codebook) -> Tree:
    """Return the nodes and sums of a panel's offences.

    Examples
    --------
    >>> from gis_layers.codes.load import codebook_from
    >>> book = codebook_from([{"code": "theft"}, {"code": "bike", "parent": "theft"}])
    >>> tree_of(book.codes, book).sums[1]
    Sum(total=1, parts=(2,), margin='offences')
    """
    row = {code: place for place, code in enumerate(codes)}
    kinds = [str(codebook.nodes["kind"].get(code, "leaf")) for code in codes]
    sums = []
    for code in codes:
        parts = tuple(row[part] for part in codebook.children(code) if part in row)
        if parts:
            kind = "severities" if kinds[row[code]] == "severity" else "offences"
            sums.append(Sum(row[code], parts, kind))
    names = list(codes)
    if safe := tuple(row[code] for code in public_nodes(codes, codebook)):
        sums.append(Sum(len(names), safe, "safety"))
        names.append(SAFETY)
        kinds.append(SAFETY)
    flags = codebook.nodes["sensitive"].reindex(names).fillna(False).to_numpy(dtype=bool)
    return Tree(tuple(names), tuple(sums), tuple(kinds), flags)


def regions_of(parents: pd.Series) -> tuple[Region, ...]:
    """Return the regions of districts in order; one without a code where no district has a region.

    Examples
    --------
    >>> [region.districts.tolist() for region in regions_of(pd.Series(["B", "A", "B"]))]
    [[1], [0, 2]]
    """
    codes = parents.fillna("").astype(str).to_numpy()
    return tuple(Region(str(code), np.flatnonzero(codes == code)) for code in np.unique(codes))


def cube_of(panel: xr.Dataset, tree: Tree) -> Floats:
    """Return the counts, district × node × month, with the sum behind `safety` (NaN where a part is missing)."""
    count = panel["count"].transpose("district", "offence", "month").values.astype(np.float64)
    extra = [one for one in tree.sums if one.margin == "safety"]
    if not extra:
        return count
    parts = count[:, list(extra[0].parts), :]
    known = np.isfinite(parts)
    total = np.where(known.any(axis=1), np.where(known, parts, 0.0).sum(axis=1), np.nan)
    return np.concatenate([count, total[:, None, :]], axis=1)


def with_total(counts: Floats) -> Floats:
    """Add the region as a last unit to the counts of its districts, unit × node; NaN where nobody has any."""
    known = np.isfinite(counts)
    total = np.where(known.any(axis=0), np.where(known, counts, 0.0).sum(axis=0), np.nan)
    return np.concatenate([counts, total[None]])


def balanced(values: Floats, tree: Tree, margins: Sequence[str] = MARGINS) -> npt.NDArray[np.bool_]:
    """Say of each block (block × unit × node) whether all its sums hold, as far as they were collected.

    Examples
    --------
    >>> tree = Tree(("all", "theft", "fraud"), (Sum(0, (1, 2), "offences"),), ("root", "leaf", "leaf"),
    ...             np.zeros(3, bool))
    >>> balanced(np.array([[[3.0, 1, 2]], [[3, 1, 1]], [[np.nan, 1, 2]]]), tree).tolist()
    [True, False, True]
    """
    hold = np.ones(len(values), dtype=bool)
    cube = values.transpose(1, 2, 0)
    for one in tree.sums:
        if one.margin in margins:
            hold &= sums_hold(cube, one).all(axis=0)
    return hold


def sums_hold(cube: Floats, one: Sum) -> npt.NDArray[np.bool_]:
    """Say, unit × month, whether a total is that of its parts or either is missing; cube is unit × node × month."""
    total, parts = cube[:, one.total], cube[:, list(one.parts)]
    absent = ~np.isfinite(total) | ~np.isfinite(parts).any(axis=1)
    found: npt.NDArray[np.bool_] = absent | (np.nan_to_num(parts).sum(axis=1) == total)
    return found


def equations(
    known: npt.NDArray[np.bool_],
    tree: Tree,
    *,
    values: Floats | None = None,
    margins: Sequence[str] = MARGINS,
) -> sp.csr_matrix:
    """Return the sums of a block as a matrix: each row times the cells (unit by unit) is zero.

    Parameters
    ----------
    known
        Cells that were collected, unit × node, the region last.
    tree
        The nodes and their sums.
    values
        The counts: a sum that does not hold in them (a delivered total less than its parts) is left out.
    margins
        Kinds of sums to write down; leaving one out is what the tests do to see that it matters.
    """
    sums, totals = _every_sum(len(known), tree, tuple(margins))
    flat = known.ravel()
    if not flat.all():
        sums = sp.csr_matrix(sums @ sp.diags(flat.astype(np.float64)))
        sums.eliminate_zeros()
    # a sum without its total, or with nothing but its total, says nothing
    kept = flat[totals] & (np.diff(sums.indptr) > 1)
    if values is not None:
        kept &= sums @ np.nan_to_num(values).ravel() == 0
    return sums if kept.all() else sums[kept]


@lru_cache(maxsize=64)
def _every_sum(
    units: int, tree: Tree, margins: tuple[str, ...]
) -> tuple[sp.csr_matrix, npt.NDArray[np.intp]]:
    """Return every sum of a block as a row, and the cell that is its total."""
    nodes = len(tree.codes)
    listed: list[tuple[int, list[int]]] = [
        (unit * nodes + one.total, [unit * nodes + part for part in one.parts])
        for unit in range(units)
        for one in tree.sums
        if one.margin in margins
    ]
    if "regions" in margins:
        last = (units - 1) * nodes
        listed += [(last + node, [unit * nodes + node for unit in range(units - 1)]) for node in range(nodes)]
    rows = np.repeat(np.arange(len(listed)), [len(parts) + 1 for _, parts in listed])
    columns = [cell for total, parts in listed for cell in (total, *parts)]
    signs = [sign for _, parts in listed for sign in (-1.0, *[1.0] * len(parts))]
    matrix = sp.csr_matrix((signs, (rows, columns)), shape=(len(listed), units * nodes))
    return matrix, np.array([total for total, _ in listed], dtype=np.intp)
