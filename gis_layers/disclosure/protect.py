"""Decide for every count of a panel whether it may be public, and put an estimate where it may not.

The estimates are made from what is public alone: whatever is computed from the protected panel is therefore a
function of published figures, and cannot tell more than they do. `docs/decisions/0041-disclosure.md` says why.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import xarray as xr

from ..codes import Codebook
from .block import Block, protect_again, protect_fresh
from .earlier import Earlier, record
from .estimate import estimate, priors
from .relations import MARGINS, Region, Tree, cube_of, equations, regions_of, tree_of, with_total

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Protection:
    """What may be public of a panel.

    Parameters
    ----------
    panel
        The panel as the public edition knows it: published counts, and estimates where one is withheld.
    tree, regions
        The sums that were minded.
    why
        int8, district × node × month: a number of :data:`gis_layers.disclosure.block.WHY`, 0 is published.
    why_regions
        The same for the totals of regions, region × node × month.
    truth, totals
        The counts behind, of districts and regions: those of the panel, but for blocks that stay as an earlier
        release published them.
    shown, shown_totals
        The same with estimates where a count is withheld.
    frozen
        Region × month: blocks whose revision is not shown, because the two releases together would tell a count.
    rounded
        True if nothing is withheld and every count rounded instead (:func:`gis_layers.disclosure.round_counts`).
    """

    panel: xr.Dataset
    tree: Tree
    regions: tuple[Region, ...]
    why: npt.NDArray[np.int8]
    why_regions: npt.NDArray[np.int8]
    truth: Floats
    totals: Floats
    shown: Floats
    shown_totals: Floats
    frozen: Bools
    rounded: bool = False

    @property
    def hidden(self) -> Bools:
        """Withheld counts, district × offence × month (without the sum behind `safety`)."""
        offences = self.panel.sizes["offence"]
        found: Bools = self.why[:, :offences, :] > 0
        return found

    def record(self) -> pa.Table | None:
        """Return what the next release must know of this one; it belongs beside the editions, never in one.

        None if counts were rounded: the store's secret is all that the next one needs.
        """
        return None if self.rounded else record(self)


def protect(
    panel: xr.Dataset,
    codebook: Codebook,
    parents: pd.Series,
    *,
    earlier: Earlier | None = None,
    complementary: bool = True,
    margins: tuple[str, ...] = MARGINS,
    workers: int | None = None,
) -> Protection:
    """Withhold small counts, and what would tell them.

    Parameters
    ----------
    panel
        The panel of an area; `count` and, if there is an exposure, `population`.
    codebook
        The codebook of the panel (:func:`gis_layers.panel.panel_codebook`).
    parents
        Region of each district, in the order of the panel; missing where districts have none.
    earlier
        What the previous release published: unchanged blocks stay exactly as they were, and each district in the
        region that it was in.
    complementary, margins
        Switches for the tests that show what each is for: complementary suppression as a whole, and the kinds
        of sums that it minds.
    workers
        Threads; by default one a processor.

    Returns
    -------
    Protection
    """
    offences = [str(code) for code in panel["offence"].values]
    tree = tree_of(offences, codebook)
    names = [str(code) for code in panel["district"].values]
    if earlier is not None:
        parents = pd.Series(earlier.homes(names, parents.fillna("").astype(str).tolist()))
    regions = regions_of(parents)
    cube = cube_of(panel, tree)
    months = panel["month"].values.astype("datetime64[M]")

    def work(number: int) -> list[Block]:
        region = regions[number]
        values = with_total(cube[region.districts]).transpose(2, 0, 1)
        units = [names[at] for at in region.districts]
        known = [
            None if earlier is None else earlier.block(units, region.code, tree.codes, month)
            for month in months
        ]
        switches: Any = {"complementary": complementary, "margins": margins}
        fresh = [month for month, before in enumerate(known) if before is None]
        made = iter(protect_fresh(values[fresh], tree, **switches, rng=_random(region.code)))
        return [
            next(made)
            if before is None
            else protect_again(
                values[month], before, tree, **switches, rng=_random(f"{region.code} {months[month]}")
            )
            for month, before in enumerate(known)
        ]

    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        by_region = list(pool.map(work, range(len(regions))))
    jobs = [(number, month) for number in range(len(regions)) for month in range(len(months))]
    blocks = [block for region in by_region for block in region]
    found = _gather(blocks, jobs, regions, cube)
    kept = {job: block.shown for job, block in zip(jobs, blocks, strict=True) if block.shown is not None}
    shown, shown_totals = estimates(panel, tree, regions, found, kept=kept, workers=workers)
    counts = (("district", "offence", "month"), shown[:, : len(offences), :])
    return Protection(
        panel.assign(count=counts), tree, regions, found.why, found.why_regions, found.truth, found.totals,
        shown, shown_totals, found.frozen,
    )  # fmt: skip


@dataclass(frozen=True)
class Decided:
    """Counts of districts and of regions × node × month, why each is withheld, and which blocks are frozen."""

    truth: Floats
    why: npt.NDArray[np.int8]
    totals: Floats
    why_regions: npt.NDArray[np.int8]
    frozen: Bools


def estimates(
    panel: xr.Dataset,
    tree: Tree,
    regions: tuple[Region, ...],
    found: Decided,
    *,
    kept: Mapping[tuple[int, int], Floats] | None = None,
    workers: int | None = None,
) -> tuple[Floats, Floats]:
    """Return the counts of districts and regions with estimates where one is withheld.

    They depend on published counts, residents and the pattern of what is withheld alone: a test changes the withheld
    counts and finds the same estimates. `kept` are blocks, by region and month, that an earlier release showed.
    """
    number = np.zeros(len(found.truth), dtype=np.intp)
    for place, region in enumerate(regions):
        number[region.districts] = place
    hidden, hidden_totals = found.why > 0, found.why_regions > 0
    prior = priors(_people(panel), found.truth, hidden, found.totals, hidden_totals, number)
    shown, shown_totals = found.truth.copy(), found.totals.copy()

    def fill(job: tuple[int, int]) -> None:
        place, month = job
        of = regions[place].districts
        block = (kept or {}).get(job)
        if block is None:
            values = np.concatenate([found.truth[of, :, month], found.totals[None, place, :, month]])
            hide = np.concatenate([hidden[of, :, month], hidden_totals[None, place, :, month]])
            sums = equations(np.isfinite(values), tree, values=values)
            block = estimate(values, hide, sums, prior[of, :, month])
        shown[of, :, month], shown_totals[place, :, month] = block[:-1], block[-1]

    months = found.truth.shape[2]
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        list(pool.map(fill, [(place, month) for place in range(len(regions)) for month in range(months)]))
    return shown, shown_totals


def _gather(
    blocks: list[Block], jobs: list[tuple[int, int]], regions: tuple[Region, ...], cube: Floats
) -> Decided:
    _, nodes, months = cube.shape
    why = np.zeros(cube.shape, dtype=np.int8)
    why_regions = np.zeros((len(regions), nodes, months), dtype=np.int8)
    truth, totals = cube.copy(), np.full((len(regions), nodes, months), np.nan)
    frozen = np.zeros((len(regions), months), dtype=bool)
    for (number, month), block in zip(jobs, blocks, strict=True):
        of = regions[number].districts
        why[of, :, month], why_regions[number, :, month] = block.why[:-1], block.why[-1]
        truth[of, :, month], totals[number, :, month] = block.values[:-1], block.values[-1]
        frozen[number, month] = block.frozen
    return Decided(truth, why, totals, why_regions, frozen)


def _random(name: str) -> np.random.Generator:
    """Return the same source of random numbers in every build."""
    return np.random.default_rng(zlib.crc32(name.encode()))


def _people(panel: xr.Dataset) -> Floats:
    """Return residents, district × month; one each where none are known."""
    if "population" not in panel:
        return np.ones((panel.sizes["district"], panel.sizes["month"]))
    return np.nan_to_num(panel["population"].transpose("district", "month").values.astype(np.float64))
