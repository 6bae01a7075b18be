"""Dynamics and structure as the public edition holds them: rows of outbreaks, and shares of categories.

Both are judged on the protected panel, so what is computed from a withheld count is made of published figures. What is
left is to name nothing that leans on a withheld count as if it were recorded: such rows are left out, and
changes and sums that reach back to one are null.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from ..codes import Codebook
from ..indicators import rating_frame
from ..indicators.rating.funnel import rolling_sum
from ..indicators.safety import significant
from ..indicators.structure.judge import LEAST_CARDS, WINDOWS
from ..times import PERIOD_MONTHS
from .protect import Protection

Bools = npt.NDArray[np.bool_]

_DIMS = ("offence", "month", "district")
_DIGITS = 2
_ANALYSTS = ("p_fall", "evidence")
"""Columns of `dynamics` that are the analysts' own: a fall is a question to the office, not news."""

_SHARES = ("share", "share_peers")


def public_dynamics(dynamics: xr.Dataset, protection: Protection | None) -> pd.DataFrame:
    """Return the rows of outbreaks that may be public.

    Parameters
    ----------
    dynamics
        Result of :func:`gis_layers.indicators.judge_dynamics`, on ``protection.panel`` where there is one.
    protection
        Which counts are withheld; None where the area's counts are open.

    Returns
    -------
    pandas.DataFrame
        The columns of the layer, sorted by (offence, month, district); no row whose count is withheld, nothing of
        falls and no evidence. Where counts are protected, `expected` has two significant digits, and a change or a sum
        that reaches back to a withheld count is null.
    """
    ordered = dynamics.transpose(*_DIMS)
    outbreak = ordered["signal"].attrs["categories"].index("outbreak")
    shown = ordered["signal"].values == outbreak
    data: dict[str, Any] = {}
    if protection is not None:
        hidden = protection.hidden.transpose(1, 2, 0)
        shown = shown & ~hidden
        data = _changes(ordered, hidden)
        data["expected"] = ordered["expected"].copy(data=significant(ordered["expected"].values, _DIGITS))
    for name in _ANALYSTS:
        column = ordered[name]
        nothing = np.full(column.shape, -1 if "categories" in column.attrs else np.nan, dtype=column.dtype)
        data[name] = column.copy(data=nothing)
    data["evidence"].attrs = {"categories": []}
    return _rows(ordered.assign(data), shown)


def public_structure(
    structure: xr.Dataset, panel: xr.Dataset, codebook: Codebook, protection: Protection | None
) -> pd.DataFrame:
    """Return the shares of categories that may be public.

    Parameters
    ----------
    structure
        Result of :func:`gis_layers.indicators.judge_structure` on `panel`.
    panel
        The panel it was judged on: the protected one where there is a protection.
    codebook
        The offences of the panel.
    protection
        Which counts are withheld; None where the area's counts are open.

    Returns
    -------
    pandas.DataFrame
        The columns of the layer, all but `share` and `share_peers` null; a row for each category and month whose count,
        and that of all offences, are published in every month that the share is of.
    """
    ordered = structure.transpose(*_DIMS)
    codes = [str(code) for code in ordered["offence"].values]
    category = np.array([codebook.nodes["kind"].get(code) == "category" for code in codes])
    shown = np.isfinite(ordered["share"].values) & category[:, None, None]
    if protection is not None:
        hidden = protection.hidden.transpose(1, 2, 0)
        root = next((place for place, code in enumerate(codes) if codebook.parent_of.get(code) is None), 0)
        withheld = hidden | hidden[root][None]
        shown &= ~_in_window(withheld, panel["count"].transpose(*_DIMS).values[root], _step(panel))
    data = {
        str(name): column.copy(data=np.full(column.shape, np.nan))
        for name, column in ordered.data_vars.items()
        if name not in _SHARES
    }
    return _rows(ordered.assign(data), shown)


def _rows(cube: xr.Dataset, shown: Bools) -> pd.DataFrame:
    frame = rating_frame(cube.assign(_shown=(_DIMS, shown)))
    rows: pd.DataFrame = frame[frame["_shown"].to_numpy(dtype=bool)].drop(columns="_shown")
    return rows.reset_index(drop=True)


def _step(panel: xr.Dataset) -> int:
    return PERIOD_MONTHS[str(panel.attrs.get("period", "month"))]


def _changes(dynamics: xr.Dataset, hidden: Bools) -> dict[str, Any]:
    """Return the columns of plain change, null where a count that they are made of is withheld."""
    step = _step(dynamics)
    year = max(12 // step, 1)
    month = dynamics["month"].values.astype("datetime64[M]").astype(np.int64) // step % year
    so_far = np.zeros_like(hidden)
    for row, since in enumerate(month.tolist()):
        so_far[:, row] = hidden[:, max(row - since, 0) : row + 1].any(axis=1)
    gone = {
        "change_month": _lagged(hidden, 1), "change_year": _lagged(hidden, year), "ytd": so_far,
        "ytd_last_year": _lagged(so_far, year), "change_ytd": so_far | _lagged(so_far, year),
    }  # fmt: skip
    return {
        name: dynamics[name].copy(data=np.where(at, np.nan, dynamics[name].values))
        for name, at in gone.items()
    }


def _lagged(flags: Bools, rows: int) -> Bools:
    """Return the flags of so many months before; True where there is no such month."""
    out = np.ones_like(flags)
    out[:, rows:] = flags[:, : max(flags.shape[1] - rows, 0)]
    return out


def _in_window(hidden: Bools, total: npt.NDArray[np.float64], step: int) -> Bools:
    """Say which shares are of months of which one is withheld: the first window with enough cards, as judged."""
    found = np.ones_like(hidden)
    for width in sorted((max(months // step, 1) for months in WINDOWS if months >= step), reverse=True):
        summed = rolling_sum(total, width, axis=0) if width > 1 else total
        some = (
            rolling_sum(hidden.astype(np.float64), width, axis=1) if width > 1 else hidden.astype(np.float64)
        )
        found = np.where((summed >= LEAST_CARDS)[None], ~(some == 0), found)
    return np.asarray(found, dtype=bool)
