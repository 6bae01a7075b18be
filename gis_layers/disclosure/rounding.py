"""Round counts at random instead of withholding them: every row stays, none is exact.

The counts of leaves go up or down to a multiple of the base, so that they are right on average; totals are the sums
of rounded leaves and tell nothing besides. What the draw depends on is a secret of the store: the same count is
rounded the same way in every release, and nobody can turn it back by trying the counts out.
"""

from __future__ import annotations

import hashlib
import hmac

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from ..codes import Codebook
from .protect import Protection
from .relations import Sum, Tree, cube_of, regions_of, sums_hold, tree_of, with_total

Floats = npt.NDArray[np.float64]

BASE = 5
BASE_SENSITIVE = 10
"""A rounded count of 5 may be one of 1 to 9, which is small for a sensitive offence: those need a larger base."""

EPOCH = np.datetime64("1900-01", "M")


def round_counts(panel: xr.Dataset, codebook: Codebook, parents: pd.Series, *, key: bytes) -> Protection:
    """Round the counts of a panel at random to multiples of 5, of sensitive offences to multiples of 10.

    Parameters
    ----------
    panel, codebook, parents
        As in :func:`gis_layers.disclosure.protect`.
    key
        The store's secret (:func:`gis_layers.release.disclosure_key`).

    Returns
    -------
    Protection
        Withholds nothing; its panel holds the rounded counts.
    """
    tree = tree_of([str(code) for code in panel["offence"].values], codebook)
    regions = regions_of(parents)
    truth = cube_of(panel, tree)
    draws = _draws(panel, tree, key)
    base = bases(tree)[None, :, None]
    shown = base * np.floor((truth + base * draws) / base)
    for one in bottom_up(tree):
        parts = shown[:, list(one.parts), :]
        # a total that was delivered apart from its parts is a figure of its own, and rounded like one
        summed = sums_hold(truth, one) & np.isfinite(truth[:, one.total, :]) & np.isfinite(parts).any(axis=1)
        total = np.nan_to_num(parts).sum(axis=1)
        shown[:, one.total, :] = np.where(summed, total, shown[:, one.total, :])
    totals = np.stack([with_total(truth[region.districts])[-1] for region in regions])
    shown_totals = np.stack([with_total(shown[region.districts])[-1] for region in regions])
    offences = panel.sizes["offence"]
    return Protection(
        panel.assign(count=(("district", "offence", "month"), shown[:, :offences, :])), tree, regions,
        np.zeros(truth.shape, dtype=np.int8), np.zeros(totals.shape, dtype=np.int8),
        truth, totals, shown, shown_totals, np.zeros((len(regions), truth.shape[2]), dtype=bool), rounded=True,
    )  # fmt: skip


def bases(tree: Tree) -> Floats:
    """Return what the counts of each node are rounded to a multiple of.

    Examples
    --------
    >>> bases(Tree(("theft", "rape"), (), ("leaf", "leaf"), np.array([False, True]))).tolist()
    [5.0, 10.0]
    """
    return np.where(tree.sensitive, BASE_SENSITIVE, BASE).astype(np.float64)


def bottom_up(tree: Tree) -> list[Sum]:
    """Return the sums of a tree so that each comes after those of its parts."""
    waiting, done = list(tree.sums), []
    while waiting:
        totals = {one.total for one in waiting}
        ready = [one for one in waiting if not totals & set(one.parts)]
        done += ready
        waiting = [one for one in waiting if one not in ready]
    return done


def _draws(panel: xr.Dataset, tree: Tree, key: bytes) -> Floats:
    """Return the secret draw of each cell, in [0, 1): it depends on district, offence and month alone."""
    months = (panel["month"].values.astype("datetime64[M]") - EPOCH).astype(int)
    found = np.empty((panel.sizes["district"], len(tree.codes), len(months)))
    for row, district in enumerate(panel["district"].values):
        for column, code in enumerate(tree.codes):
            seed = hmac.new(key, f"{district}\0{code}".encode(), hashlib.sha256).digest()
            random = np.random.Generator(np.random.PCG64(int.from_bytes(seed)))
            found[row, column] = random.random(months.max() + 1)[months]
    return found
