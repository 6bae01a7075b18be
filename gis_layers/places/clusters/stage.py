"""The layer `clusters` of an area: which offences are scanned, beside which norm, and why there may be no layer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely
import xarray as xr

from ...codes.asked import asked
from ...districts import Districts, neighbours
from ...indicators import Verdicts
from ...indicators.kept_tables import kept_table, name_of
from ...indicators.norm.tails import NORMAL_95
from ...layers import Absent, Judged, Layer, clusters_layer
from ...settings.places import ClustersSection
from ...times import PERIOD_MONTHS, label
from .judge import ScanRules, judge_clusters

METHOD = "clusters:4"
"""Raised when the same input gives other clusters."""

LARGEST = 4
"""Leaves that are scanned beside the inner nodes."""

LEAST_MONTHS = 6

REPLICATES = 199
"""Of each scan: beyond them p lies on Gumbel's tail, so more would cost a build minutes and say the same."""


def clusters_of(
    panel: xr.Dataset,
    districts: Districts,
    settings: ClustersSection,
    dynamics: xr.Dataset,
    kept: Verdicts | None = None,
    *,
    progress: Callable[[str], None] = lambda stage: None,
) -> tuple[Layer | Absent, tuple[str, ...]]:
    """Scan the newest months of a panel for clusters.

    Parameters
    ----------
    panel
        `count`, `incomplete` and `kind`.
    districts
        Those of the panel, in its order.
    settings
        `[clusters]` of the area file.
    dynamics
        `expected`, `lower` and `upper` of the norm.
    kept
        Where tables of earlier builds are kept.
    progress
        Told the stage, and then `stage: 3 of 12 offences`.

    Returns
    -------
    Layer or Absent, names
        The layer, or why there is none; and the names of what was kept.
    """
    period = str(panel.attrs.get("period", "month"))
    known = panel.isel(month=~panel["incomplete"].values.astype(bool))
    if not settings.enabled:
        return Absent("clusters", "absent.switched_off"), ()
    if panel.sizes["district"] < 2:
        return Absent("clusters", "absent.one_district"), ()
    if period == "year":
        return Absent("clusters", "absent.not_by_month"), ()
    if known.sizes["month"] < LEAST_MONTHS:
        return Absent("clusters", "absent.needs_months", {"n": LEAST_MONTHS}), ()
    progress("clusters")
    newest = known.isel(month=slice(-max(settings.months // PERIOD_MONTHS[period], 2), None))
    codes = [str(code) for code in newest["offence"].values]
    offences = scanned_offences(newest)
    if settings.offences is not None:
        offences = asked(settings.offences, codes, section="clusters")
    cut = beside_norm(newest.sel(offence=offences), dynamics)
    rules = ScanRules(
        months=settings.months, longest=settings.longest, most=settings.most, flexible=settings.flexible,
        cut=settings.alpha, replicates=REPLICATES,
    )  # fmt: skip
    name = name_of(
        METHOD,
        [settings.model_dump_json(), period, *offences, *map(str, cut["month"].values), *map(str, districts.codes)],
        [cut["count"], cut["expected"], cut["variance"], shapely.to_wkb(districts.geometry)],
    )  # fmt: skip
    found = kept_table(
        kept,
        name,
        lambda: judge_clusters(
            cut,
            districts.geometry,
            links=None if settings.flexible is None else neighbours(districts),
            rules=rules,
            progress=lambda done, of: progress(f"clusters: {done} of {of} offences"),
        ),
    )
    months = cut["month"].values.astype("datetime64[M]")
    judged = Judged(label(months[0]), label(months[-1]), tuple(offences))
    return clusters_layer(found, judged, period="quarter" if period == "quarter" else "month"), (name,)


def scanned_offences(panel: xr.Dataset) -> list[str]:
    """Return the offences that are scanned unless the area file names others: inner nodes and the largest leaves.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> panel = xr.Dataset(
    ...     {"count": (("district", "offence", "month"), np.array([[[9.0], [1.0], [8.0], [0.0]]]))},
    ...     coords={"offence": ["all", "a", "b", "c"], "kind": ("offence", ["root", "leaf", "leaf", "leaf"])})
    >>> scanned_offences(panel)
    ['all', 'a', 'b']
    """
    kinds = panel["kind"].values.astype(str)
    size = panel["count"].sum(["district", "month"]).values
    leaves = np.flatnonzero(np.isin(kinds, ["leaf", "other"]) & (size > 0))
    largest = leaves[np.argsort(-size[leaves], kind="stable")][:LARGEST]
    wanted = np.isin(kinds, ["root", "category"]) & (size > 0)
    wanted[largest] = True
    return [str(code) for code in panel["offence"].values[wanted]]


def beside_norm(panel: xr.Dataset, dynamics: xr.Dataset) -> xr.Dataset:
    """Add `expected` and `variance` of the norm to a panel, NaN where the norm says nothing.

    The norm of a district follows its own past, so a month in which the whole area has more stands out in all of them;
    its expected counts are scaled to what the month had in all, and are then about where, not about how much.
    """
    same = {name: panel[name] for name in ("district", "offence", "month")}
    norm = dynamics[["expected", "lower", "upper"]].reindex(same).transpose(*panel["count"].dims)
    expected = norm["expected"].where(panel["count"].notnull())
    factor = panel["count"].where(expected.notnull()).sum("district") / expected.sum("district")
    # of the interval that the layer `dynamics` shows; a count varies at least as one by chance does
    width = (norm["upper"] - norm["lower"]) / (2 * NORMAL_95)
    variance = np.maximum(width**2, expected)
    return panel.assign(expected=expected * factor, variance=variance * factor)
