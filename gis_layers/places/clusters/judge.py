"""Clusters of the offences of a panel, as polygons with their first and last month."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
import xarray as xr
from scipy import sparse

from ...errors import UsageError, Where
from ...times import PERIOD_MONTHS
from .evidence import Scanned, evidence_of
from .expected import margin_expected, pearson_dispersion
from .replicates import Counts
from .scan import Cluster, scan
from .search import Direction
from .zones import circular_zones, distances_km, flexible_zones

Floats = npt.NDArray[np.float64]

SEED = 20261123
YEAR = 12

COLUMNS = (
    "cluster", "offence", "first_month", "last_month", "districts", "count", "expected", "ratio",
    "log_likelihood_ratio", "p_value", "recurrence_interval", "evidence",
)  # fmt: skip


@dataclass(frozen=True)
class ScanRules:
    """How clusters are looked for.

    Parameters
    ----------
    months
        Newest months that are scanned.
    longest
        Most months in a cluster: what lasts longer is a level, not a cluster.
    share
        Largest share of the expected cases in a zone.
    most
        Most districts in a circle: what holds more is a matter of regions. None leaves it to `share`.
    flexible
        Most districts in a connected shape; None takes circles.
    replicates
        Replicates of a scan; the tail beyond is Gumbel's.
    stop_after
        Replicates above the best cluster after which it is given up.
    cut
        Clusters with a larger p are not listed.
    least_count
        Cases in all that a scan needs.
    """

    months: int = 60
    longest: int = 12
    share: float = 0.25
    most: int | None = 12
    flexible: int | None = None
    replicates: int = 999
    stop_after: int | None = 10
    cut: float = 0.05
    least_count: int = 100


def judge_clusters(
    panel: xr.Dataset,
    geometry: npt.ArrayLike,
    *,
    offences: Iterable[str] | None = None,
    links: sparse.csr_array | None = None,
    rules: ScanRules | None = None,
    seed: int = SEED,
    progress: Callable[[int, int], None] | None = None,
) -> gpd.GeoDataFrame:
    """Scan the newest months of a panel for clusters of every offence.

    Parameters
    ----------
    panel
        Dimensions district, offence, month; `count` (NaN = not collected), `incomplete` (month). With `expected` and
        `variance` of the same shape these are the norm, where they are known of everything scanned of an offence;
        without, a district's and a month's own share of all cases are, with the dispersion fitted to them.
    geometry
        Polygons of the districts, EPSG:4326, in the order of the panel.
    offences
        Codes to scan; None is all of them.
    links
        Which districts touch, for flexible zones.
    rules
        How clusters are looked for.
    seed
        Of the replicates; the number of the offence is added to it.
    progress
        Told how many offences are scanned, and of how many.

    Returns
    -------
    GeoDataFrame
        EPSG:4326, the columns of the layer `clusters`, one row per cluster with p at most `cut`: high ones and low ones
        (`count` below `expected`) of the whole period, and high ones that still last, which alone have a
        `recurrence_interval`, in years. A cluster found both ways is listed once, as lasting. `districts` is a JSON
        list of codes, `cluster` an id (of its offence, first district and months; a lasting one has no last month, so
        that it keeps its name while it lasts), `ratio` count over expected, `evidence` why it is there and what would
        make it vanish (:func:`evidence_of`). Districts without a count in some of the months are left out. No rows
        where nothing is left to compare: one district, one month, or under `least_count` cases.

    Examples
    --------
    >>> import numpy as np, pandas as pd, shapely, xarray as xr
    >>> count = np.random.default_rng(1).poisson(10.0, (30, 1, 24)).astype(float)
    >>> count[:3, 0, -4:] += 12
    >>> panel = xr.Dataset(
    ...     {"count": (("district", "offence", "month"), count)},
    ...     coords={"district": [f"d{n:02}" for n in range(30)], "offence": ["all"],
    ...             "month": pd.date_range("2020-01-01", periods=24, freq="MS").astype("datetime64[s]")},
    ... )
    >>> x = np.arange(30.0) / 10
    >>> found = judge_clusters(panel, shapely.box(x, 0, x + 0.1, 0.1), rules=ScanRules(replicates=99))
    >>> best = found.iloc[0]
    >>> best["districts"], str(best["first_month"].date()), bool(best["count"] > best["expected"])
    ('["d00", "d01", "d02"]', '2021-09-01', True)
    """
    how = rules or ScanRules()
    polygons = np.asarray(geometry, dtype=object)
    if len(polygons) != panel.sizes["district"]:
        raise UsageError(
            "the polygons are not those of the panel", Where(key="geometry", value=len(polygons))
        )
    cut = panel
    if "incomplete" in panel:
        cut = panel.isel(month=~panel["incomplete"].values.astype(bool))
    step = PERIOD_MONTHS[str(panel.attrs.get("period", "month"))]
    cut = cut.isel(month=slice(-max(how.months // step, 1), None))
    known_codes = [str(code) for code in cut["offence"].values]
    codes = known_codes if offences is None else [str(code) for code in offences]
    points = shapely.point_on_surface(polygons)
    far = distances_km(shapely.get_x(points), shapely.get_y(points))
    rows: list[dict[str, Any]] = []
    for number, code in enumerate(codes):
        one = cut.isel(offence=known_codes.index(code))
        found = _of_offence(one, far, links, how, step, np.random.default_rng([seed, number]))
        rows += [_row(code, one, each, polygons, how, step) for each in found]
        if progress is not None:
            progress(number + 1, len(codes))
    frame = pd.DataFrame(rows, columns=[*COLUMNS, "geometry"])
    # two clusters may begin in the same place and month, and hold others beside
    again = frame.groupby("cluster").cumcount()
    frame["cluster"] = frame["cluster"].where(again == 0, frame["cluster"] + "-" + (again + 1).astype(str))
    for name in ("first_month", "last_month"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    return gpd.GeoDataFrame(frame, geometry="geometry", crs="EPSG:4326")


@dataclass(frozen=True, eq=False)
class _Found:
    """A cluster among the districts `here` and the months from `begun` on that were scanned."""

    cluster: Cluster
    lasting: bool
    field: Scanned
    here: npt.NDArray[np.intp]
    begun: int


def _of_offence(
    one: xr.Dataset, far: Floats, links: sparse.csr_array | None, how: ScanRules, step: int,
    rng: np.random.Generator,
) -> list[_Found]:  # fmt: skip
    """Return the clusters of one offence."""
    count = one["count"].transpose("district", "month").values
    known = np.isfinite(count)
    # Months before anything was collected are no months; a district with a gap after that cannot be compared.
    begun = np.flatnonzero(known.any(axis=0))
    count, known = count[:, begun], known[:, begun]
    here = np.flatnonzero(known.all(axis=1)) if len(begun) else np.empty(0, dtype=np.intp)
    cases = count[here]
    if len(here) < 2 or len(begun) < 2 or cases.sum() < how.least_count:
        return []
    norm = [
        one[name].transpose("district", "month").values[here][:, begun]
        for name in ("expected", "variance")
        if name in one
    ]
    by: Literal["norm", "margins"] = "margins"
    if norm and all(np.isfinite(part).all() for part in norm):
        by = "norm"
        mean, variance = norm
    else:
        mean = margin_expected(cases)
        variance = mean * pearson_dispersion(cases, mean, fitted=sum(cases.shape) - 1)
    distance, load = far[np.ix_(here, here)], mean.sum(axis=1)
    if how.flexible is None:
        zones = circular_zones(distance, load, share=how.share, most=how.most)
    else:
        if links is None:
            raise UsageError("flexible zones need the neighbours", Where(key="links"))
        inside = sparse.csr_array(links[here][:, here])
        zones = flexible_zones(distance, inside, load, share=how.share, most=how.flexible)
    longest = max(min(how.longest // step, len(begun) // 2), 1)
    kinds: tuple[tuple[Direction, bool], ...] = (("high", True), ("high", False), ("low", False))
    out: list[_Found] = []
    seen: set[tuple[object, ...]] = set()
    drawn: list[Counts] = []
    for direction, lasting in kinds:
        found = scan(
            cases, zones, rng=rng, expected=mean, variance=variance, direction=direction, prospective=lasting,
            longest=longest, replicates=how.replicates, stop_after=how.stop_after,
            drawn=drawn,
        )  # fmt: skip
        field = Scanned(cases, mean * (cases.sum() / mean.sum()), found.null, by)
        for cluster in found.clusters:
            same = (direction, cluster.start, cluster.end, frozenset(cluster.districts))
            if cluster.p_value <= how.cut and same not in seen:
                seen.add(same)
                out.append(_Found(cluster, lasting, field, here, int(begun[0])))
    return out


def _row(
    code: str, one: xr.Dataset, found: _Found, polygons: npt.NDArray[np.object_], how: ScanRules, step: int
) -> dict[str, Any]:  # fmt: skip
    cluster = found.cluster
    members = np.sort(found.here[list(cluster.districts)])
    months = one["month"].values.astype("datetime64[M]")[found.begun :]
    recurrence = cluster.recurrence(step / YEAR) if found.lasting else np.nan
    evidence = evidence_of(
        cluster,
        found.field,
        districts=[str(name) for name in one["district"].values[found.here]],
        months=[str(month) for month in months],
        cut=how.cut,
        recurrence=recurrence,
    )
    first, last = months[cluster.start], months[cluster.end - 1] + (step - 1)
    names = [str(name) for name in one["district"].values[members]]
    # what lasts ends a month later in the next build, and keeps its name
    span = f"{first}" if found.lasting else f"{first}-{last}"
    low = "" if cluster.direction == "high" else "-low"
    return {
        "cluster": f"{code}-{names[0]}-{span}{low}",
        "offence": code,
        "first_month": first.astype("datetime64[s]"),
        "last_month": last.astype("datetime64[s]"),
        "districts": json.dumps(names),
        "count": cluster.count,
        "expected": cluster.expected,
        "ratio": cluster.count / cluster.expected if cluster.expected else np.nan,
        "log_likelihood_ratio": cluster.ratio,
        "p_value": cluster.p_value,
        "recurrence_interval": recurrence,
        "evidence": json.dumps(evidence),
        "geometry": shapely.unary_union(polygons[members]),
    }
