"""Gi*, local Moran's I and their permutations beside esda; the space-time scan, which has no peer in Python.

esda is asked only where it is present: it is no part of the project.
"""

from __future__ import annotations

import importlib.util
import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.spatial import Delaunay

from gis_layers.places.clusters import circular_zones, scan
from gis_layers.places.hotspots import gi_star, local_moran, permutation_p

from .figure import Bench, Figure
from .timing import forget_peak, peak_mb, timed

TITLE = "Hotspots and clusters"
NOTE = (
    "Invented maps: points of a plane, linked where they are neighbours of a triangulation. esda is given one map at a "
    "time, which is all it takes; each of its permutations is one-sided, ours two-sided, so agreement is that of the "
    "one-sided p (half of ours)."
)
PERMUTATIONS = 999
SCAN_SECONDS, SCAN_MB = 60.0, 2048.0


def run(bench: Bench) -> list[Figure]:
    """Measure maps of 200 districts and of 10,000 cells, and a scan of 200 districts and 60 months."""
    figures = []
    for places, what in ((200, "200 districts"), (10_000, "10,000 cells")):
        if bench.quick and places > 200:
            continue
        figures += _local(bench, places, what)
    return [*figures, _many_maps(bench), _scan(bench)]


def _map(places: int, maps: int) -> tuple[sparse.csr_array, npt.NDArray[np.float64]]:
    rng = np.random.default_rng(1)
    corners = Delaunay(rng.random((places, 2))).simplices
    pairs = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]])
    links = sparse.coo_array((np.ones(len(pairs), dtype=bool), tuple(pairs.T)), shape=(places, places))
    both = sparse.csr_array((links + links.T) != 0)
    both.sort_indices()
    return both, rng.gamma(2.0, 1.0, (places, maps))


def _local(bench: Bench, places: int, what: str) -> list[Figure]:
    links, values = _map(places, 1)
    map_ = values[:, 0]
    bench.say(f"Gi* and local Moran with {PERMUTATIONS} permutations: {what}")

    def ours() -> tuple[Any, Any, Any]:
        rng = np.random.default_rng(2)
        p = permutation_p(map_, links, rng=rng, permutations=PERMUTATIONS, finest=None)
        return gi_star(map_, links), local_moran(map_, links), p

    ours()
    (hot, moran, p), (clock, _) = timed(ours)
    if importlib.util.find_spec("esda") is None:
        return [Figure(f"Gi* and local Moran: {what}", clock, "s", note="esda is not here")]
    theirs, slow = _esda(map_, links)
    gi_z, moran_i, moran_p = theirs
    apart = np.nanmax(np.abs(moran.i * (places - 1) / places - moran_i))
    note = (
        f"{PERMUTATIONS} permutations. Largest difference of Gi* {np.nanmax(np.abs(hot.z - gi_z)):.1e}, of I "
        f"{apart:.1e}, of its one-sided p {np.nanmax(np.abs(p / 2 - moran_p)):.3f}. "
        "esda divides I by n − 1, we and spdep by n. Both are second calls. We run one permutation for both "
        "statistics, for they have the same p"
    )
    return [Figure(f"Gi* and local Moran: {what}", clock, "s", peer="esda", peer_value=slow, note=note)]


def _esda(values: npt.NDArray[np.float64], links: sparse.csr_array) -> tuple[tuple[Any, Any, Any], float]:
    from esda import G_Local, Moran_Local
    from libpysal.weights import WSP

    def work() -> tuple[Any, Any, Any]:
        star = G_Local(values, WSP(sparse.csr_matrix(links.astype(float))).to_W(silence_warnings=True),
                       transform="B", permutations=PERMUTATIONS, star=True, seed=1)  # fmt: skip
        weights = WSP(sparse.csr_matrix(links.astype(float))).to_W(silence_warnings=True)
        moran = Moran_Local(values, weights, permutations=PERMUTATIONS, seed=1)
        return star.Zs, moran.Is, moran.p_sim

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        work()
        made, (clock, _) = timed(work)
    return made, clock


def _many_maps(bench: Bench) -> Figure:
    maps = 60 if bench.quick else 6_000
    links, values = _map(200, maps)
    bench.say(f"Gi* of {maps} maps at once")
    gi_star(values[:, :10], links)
    _, (clock, _) = timed(lambda: gi_star(values, links))
    note = f"200 districts × {maps:,} maps of an offence and month, with the p of three moments"
    return Figure("Gi*: all offences and months at once", clock, "s", note=note)


def _scan(bench: Bench) -> Figure:
    districts, months, replicates = (40, 12, 19) if bench.quick else (200, 60, 999)
    bench.say(f"the scan: {districts} districts, {months} months, {replicates} replicates")
    rng = np.random.default_rng(1)
    spots, size = rng.random((districts, 2)), rng.lognormal(0, 0.7, districts)
    far = np.hypot(*(spots[:, None] - spots).transpose(2, 0, 1))
    mean = np.tile((size / size.mean() * 5)[:, None], (1, months))
    count = rng.poisson(rng.gamma(mean, 1.0))
    zones = circular_zones(far, mean.sum(axis=1))
    forget_peak()
    found, (clock, processor) = timed(
        lambda: scan(count, zones, rng=rng, expected=mean, variance=2 * mean, replicates=replicates)
    )
    note = (
        f"{replicates} negative binomial replicates, no early stop, {found.zones:,} different circles of up to half of "
        f"the expected cases, spans of up to half of the {months} months; processors {processor:.1f} s; at most "
        f"{SCAN_MB:.0f} MB. The best cluster of these clean counts has p {found.clusters[0].p_value:.2f}"
    )
    return Figure(
        f"space-time scan: {districts} districts × {months} months", clock, "s",
        goal=None if bench.quick else SCAN_SECONDS, peak_mb=peak_mb(), note=note,
    )  # fmt: skip
