"""A panel as the rating takes it: arrays, who belongs to whom, and what holds for all months."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from ...codes import Codebook
from ...settings.area import RatingSection
from ...times import PERIOD_MONTHS
from ..norm.series import texts_of
from .dispersion import dispersion
from .harm import weights_of
from .pooling import Nodes

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

DIMS = ("offence", "month", "district")

TOLD = ("reason", "evidence")
"""Columns of texts without a fixed table: only those that occur are kept."""

FORETOLD = "foretold"
"""A variable of the verdicts that is no column of the layer: later months measure their errors by it."""


@dataclass(frozen=True)
class Cube:
    """A panel as arrays, offence × month × district, with what holds for all of its months.

    `population` is NaN where `moved`: counts and residents are of different ground there. `residents` is not.
    """

    codes: list[str]
    nodes: Nodes
    members: dict[int, npt.NDArray[np.intp]]
    count: Floats
    judgeable: Floats
    population: Floats
    residents: Floats
    moved: Bools
    incomplete: Bools
    provisional: Bools
    group: npt.NDArray[np.intp]
    status: npt.NDArray[np.intp]
    phi: Floats
    weight: Floats
    step: int
    per: float


def cube_of(panel: xr.Dataset, codebook: Codebook, settings: RatingSection) -> Cube:
    """Return a panel as arrays; `incomplete` months are not judgeable."""
    # Contiguous, so that sums over districts are added in the same order however the months are cut.
    count = np.ascontiguousarray(panel["count"].transpose(*DIMS).values, dtype=np.float64)
    residents = np.ascontiguousarray(panel["population"].transpose("month", "district").values, np.float64)
    moved = _moved(panel)
    codes = [str(code) for code in panel["offence"].values]
    incomplete = _flag(panel, "incomplete")
    judgeable = np.where(incomplete[None, :, None], np.nan, count)
    step = PERIOD_MONTHS[str(panel.attrs.get("period", "month"))]
    return Cube(
        codes=codes, nodes=nodes_of(codes, codebook), members=members_of(codes, codebook), count=count,
        judgeable=judgeable, population=np.where(moved, np.nan, residents), residents=residents, moved=moved,
        incomplete=incomplete,
        provisional=_flag(panel, "provisional"), group=groups_of(panel), status=numbers_of(panel, "status"),
        phi=dispersion(
            judgeable, window=3 * 12 // step, least=max(12 // step, 3), stretch=_stretch_of(panel)
        ),
        weight=weights_of(codes, codebook, settings.harm),
        step=step, per=float(panel.attrs.get("rate_per", 10_000)),
    )  # fmt: skip


def nodes_of(codes: list[str], codebook: Codebook) -> Nodes:
    """Return which rows are leaves, the row of each leaf's category, and the family of inner nodes."""
    kinds = [str(codebook.nodes["kind"].get(code, "leaf")) for code in codes]
    row = {code: place for place, code in enumerate(codes)}
    leaf = np.array([kind in ("leaf", "other") for kind in kinds])
    category = np.full(len(codes), -1, dtype=np.intp)
    for place, code in enumerate(codes):
        parent = codebook.parent_of.get(code)
        if leaf[place] and parent is not None and codebook.nodes["kind"].get(parent) == "category":
            category[place] = row.get(parent, -1)
    return Nodes(leaf, category, pd.factorize(np.array(kinds, dtype=object))[0].astype(np.intp))


def members_of(codes: list[str], codebook: Codebook) -> dict[int, npt.NDArray[np.intp]]:
    """Return the rows of the leaves of each inner node that has any."""
    row = {code: place for place, code in enumerate(codes)}
    found = {}
    for place, code in enumerate(codes):
        leaves = [row[leaf] for leaf in codebook.members(code) if leaf in row and leaf != code]
        if leaves:
            found[place] = np.array(leaves, dtype=np.intp)
    return found


def groups_of(panel: xr.Dataset) -> npt.NDArray[np.intp]:
    """Return the number of each district's peer group in each month, month × district."""
    if "peer_group_then" not in panel.variables:
        return np.tile(numbers_of(panel, "peer_group"), (panel.sizes["month"], 1))
    return np.array([_numbered(row) for row in texts_of(panel, "peer_group_then").T], dtype=np.intp)


def numbers_of(panel: xr.Dataset, name: str) -> npt.NDArray[np.intp]:
    """Number a coordinate by district; all are 0 where there is none."""
    if name not in panel.variables:
        return np.zeros(panel.sizes["district"], dtype=np.intp)
    return _numbered(texts_of(panel, name))


def _numbered(texts: npt.NDArray[np.object_]) -> npt.NDArray[np.intp]:
    """Number texts as they appear, so that what they are called bears on nothing; those missing are -1."""
    named = np.array([text or None for text in texts], dtype=object)
    return pd.factorize(named)[0].astype(np.intp)


def _moved(panel: xr.Dataset) -> Bools:
    """Return where counts and residents are of different ground, month × district."""
    if "moved" in panel:
        return np.ascontiguousarray(panel["moved"].transpose("month", "district").values, dtype=bool)
    return np.zeros((panel.sizes["month"], panel.sizes["district"]), dtype=bool)


def _stretch_of(panel: xr.Dataset) -> npt.NDArray[np.integer] | None:
    """Return the stretches between declared breaks, of all districts or of each; None without any break."""
    if "stretch" not in panel:
        return None
    number = panel["stretch"]
    if "district" not in number.dims:
        number = number.expand_dims("district")
    return np.ascontiguousarray(number.transpose(*DIMS).values)


def _flag(panel: xr.Dataset, name: str) -> Bools:
    if name in panel:
        return np.asarray(panel[name].values, dtype=bool)
    return np.zeros(panel.sizes["month"], dtype=bool)
