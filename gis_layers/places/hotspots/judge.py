"""Hotspots of every offence and month: which districts, or cells, have high neighbourhoods, and since when."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr
from scipy import sparse

from ...errors import UsageError, Where
from ...indicators.rating.fdr import bh_adjust
from ...indicators.rating.history import rows_of
from .cube import trailing_patterns
from .getis_ord import gi_star
from .moran import QUADRANTS, local_moran
from .patterns import PATTERNS
from .permute import permutation_p
from .standardise import standardised_rates

Floats = npt.NDArray[np.float64]

LEAST_COUNT = 1.0
"""Mean count of a place from which a map of an offence and month is judged; see `judge_hotspots`."""

DIMS = ("offence", "month", "district")


def judge_hotspots(
    panel: xr.Dataset,
    links: sparse.csr_array,
    *,
    months: Iterable[object] | None = None,
    patterns: bool = True,
    rng: np.random.Generator | None = None,
) -> xr.Dataset:
    """Find the hot and cold neighbourhoods of every offence and month, or of the months asked for.

    Parameters
    ----------
    panel
        Dimensions district, offence, month; `count` (NaN = not collected), `incomplete` (month), `population`
        (district, month). Of cells (`district` then names them) `population` may be their ground, or all ones.
    links
        Which districts touch, in the order of the panel; see `join_islands`.
    months
        First days of the months to judge; None is every month. Each is judged from the data up to it alone.
    patterns
        False leaves out the emerging patterns, which look back 24 months.
    rng
        Gives p by permutation, which both statistics share, in place of three moments: for values as skewed as those of
        cells, most of which are empty, the moments' tail ends where there still is one.

    Returns
    -------
    xarray.Dataset
        Dimensions (offence, month, district), the columns of the layer `hotspots`. Statistics are of empirical-Bayes
        standardised rates, p are two-sided by three moments, and q by Benjamini and Hochberg over the districts of one
        offence and month. NaN, and None for texts, where the mean count of the known districts is under 1,
        fewer than four districts are known, or all rates are equal; `pattern` also with under ten judged months.

    Raises
    ------
    UsageError
        If the panel has no exposure.

    Examples
    --------
    >>> import numpy as np, pandas as pd, xarray as xr
    >>> from scipy import sparse
    >>> rng = np.random.default_rng(1)
    >>> count = rng.poisson(40, (64, 1, 12)).astype(float)
    >>> count[[9, 10, 11, 17, 18, 19]] *= 2
    >>> panel = xr.Dataset(
    ...     {"count": (("district", "offence", "month"), count),
    ...      "population": (("district", "month"), np.full((64, 12), 10_000.0))},
    ...     coords={"district": [f"d{n}" for n in range(64)], "offence": ["all"],
    ...             "month": pd.date_range("2020-01-01", periods=12, freq="MS").astype("datetime64[s]")},
    ... )
    >>> x, y = np.divmod(np.arange(64), 8)
    >>> near = (abs(x[:, None] - x) <= 1) & (abs(y[:, None] - y) <= 1) & ~np.eye(64, dtype=bool)
    >>> found = judge_hotspots(panel, sparse.csr_array(near)).isel(offence=0, month=-1)
    >>> hot = found.district.values[(found["q_value"] <= 0.05) & (found["gi_star"] > 0)].tolist()
    >>> "d10" in hot, found["pattern"].sel(district="d10").item(), found["quadrant"].sel(district="d10").item()
    (True, 'persistent_hot', 'high-high')
    """
    if "population" not in panel or not np.isfinite(panel["population"].values).any():
        raise UsageError(
            "hotspots need an exposure",
            Where(key="population"),
            remedy="give residents, or another named column; the layer is left out without",
        )
    count = np.ascontiguousarray(panel["count"].transpose("district", "offence", "month").values, np.float64)
    if "incomplete" in panel:
        count = np.where(panel["incomplete"].values.astype(bool)[None, None, :], np.nan, count)
    people = panel["population"].transpose("district", "month").values[:, None, :]
    values = standardised_rates(count, np.broadcast_to(people, count.shape))
    values[:, _too_few(np.where(np.isfinite(values), count, np.nan))] = np.nan
    asked = np.flatnonzero(rows_of(panel, months))
    gi, moran = gi_star(values[..., asked], links), local_moran(values[..., asked], links)
    p_gi, p_moran = gi.p, moran.p
    if rng is not None:
        dealt = permutation_p(values[..., asked], links, rng=rng)
        p_gi, p_moran = (np.where(np.isfinite(one), dealt, np.nan) for one in (p_gi, p_moran))
    out: dict[str, npt.NDArray[Any]] = {
        "gi_star": _front(gi.z),
        "p_value": _front(p_gi),
        "q_value": bh_adjust(_front(p_gi)),
        "pattern": np.full((count.shape[1], len(asked), count.shape[0]), None, dtype=object),
        "local_moran": _front(moran.i),
        "p_moran": _front(p_moran),
        "q_moran": bh_adjust(_front(p_moran)),
        "quadrant": np.array([None, *QUADRANTS[1:]], dtype=object)[_front(moran.quadrant)],
    }
    if patterns:
        names = np.array([*PATTERNS, None], dtype=object)
        out["pattern"] = names[_front(trailing_patterns(values, links, asked))]
    coords = {
        "offence": panel["offence"].values,
        "month": panel["month"].values[asked],
        "district": panel["district"].values,
    }
    return xr.Dataset(
        {name: (DIMS, cube) for name, cube in out.items()}, coords=coords, attrs=dict(panel.attrs)
    )


def _too_few(count: Floats) -> npt.NDArray[np.bool_]:
    """Return which maps hold so few that a single card would make a hotspot, shape (offence, month)."""
    known = np.isfinite(count).sum(axis=0)
    few: npt.NDArray[np.bool_] = np.nansum(count, axis=0) < LEAST_COUNT * np.maximum(known, 1)
    return few


def _front(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Turn (district, offence, month) to (offence, month, district)."""
    return np.ascontiguousarray(np.moveaxis(values, 0, -1))
