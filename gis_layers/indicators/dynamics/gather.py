"""Lay out what stands beside the counts as the panel is: proxies, fields of cards, thresholds."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from ...settings.area import DynamicsSection
from ...sources.fields import Fields, Near
from ...times import PERIOD_MONTHS
from .clues import Bunching, Clues

Floats = npt.NDArray[np.float64]


def thresholds_of(settings: DynamicsSection) -> tuple[Near, ...]:
    """Return the thresholds under which cards are to be counted (:func:`gis_layers.sources.fields.read_fields`)."""
    return tuple(Near(one.attribute, one.below, one.value, one.share) for one in settings.thresholds)


def gather_clues(
    panel: xr.Dataset, settings: DynamicsSection, proxies: Mapping[str, pd.DataFrame], fields: Fields | None
) -> Clues:
    """Return the clues of an area, in the order of its panel.

    Parameters
    ----------
    panel
        Dimensions district, offence, month.
    settings
        `[dynamics]` of the area file.
    proxies
        Counts by the name of their source: `district, offence, month, count`.
    fields
        What the fields of cards hold, laid out by the panel's offences, months and districts; None without cards.

    Examples
    --------
    >>> panel = xr.Dataset(coords={"district": ["a"], "offence": ["theft"],
    ...     "month": pd.to_datetime(["2020-01-01", "2020-02-01"])}, attrs={"period": "month"})
    >>> calls = pd.DataFrame({"district": ["a"], "offence": ["theft"], "month": ["2020-02-01"], "count": [7]})
    >>> gather_clues(panel, DynamicsSection(), {"calls": calls}, None).proxy["calls"].ravel()
    array([nan,  7.])
    """
    nothing = Clues(
        lesser=settings.lesser, proxy={name: _laid(panel, frame) for name, frame in proxies.items()}
    )
    if fields is None:
        return nothing
    bunching = []
    for one, near in zip(settings.thresholds, thresholds_of(settings), strict=True):
        if near in fields.near:
            close, under = (part.astype(np.float64) for part in fields.near[near])
            bunching.append(Bunching(one.attribute, one.value, one.above, one.below, close, under))
    # what is empty everywhere tells nothing of a fall
    filled = {
        name: part.astype(np.float64)
        for name, part in zip(fields.attributes, fields.filled, strict=True)
        if part.any()
    }
    return Clues(
        nothing.lesser, nothing.proxy, fields.cards.astype(np.float64), filled, tuple(bunching)
    )  # fmt: skip


def figures_of(clues: Clues) -> dict[str, Floats]:
    """Return all figures of clues by name, … × month × district, for the hashes of what a verdict rests on."""
    found = {f"proxy:{name}": part for name, part in clues.proxy.items()}
    found |= {f"filled:{name}": part for name, part in clues.filled.items()}
    if clues.cards is not None:
        found["cards"] = clues.cards
    for one in clues.bunching:
        found |= {
            f"near:{one.attribute}:{one.below}": one.near,
            f"known:{one.attribute}:{one.below}": one.known,
        }
    return found


def _laid(panel: xr.Dataset, frame: pd.DataFrame) -> Floats:
    """Return a table of counts as a cube, offence × month × district; NaN where it has none."""
    step = PERIOD_MONTHS[str(panel.attrs.get("period", "month"))]
    months = panel["month"].values.astype("datetime64[M]")
    axes = [pd.Index([str(code) for code in panel[name].values]) for name in ("offence", "district")]
    offence, district = (
        axis.get_indexer(pd.Index(frame[name].astype(str)))
        for axis, name in zip(axes, ("offence", "district"), strict=True)
    )
    when = pd.to_datetime(frame["month"]).to_numpy().astype("datetime64[M]")
    month = np.searchsorted(months, when, side="right") - 1
    known = (offence >= 0) & (district >= 0) & (month >= 0)
    known &= (when - months[np.maximum(month, 0)]).astype(np.int64) < step
    at = offence[known], month[known], district[known]
    shape = len(axes[0]), len(months), len(axes[1])
    total, there = np.zeros(shape), np.zeros(shape)
    np.add.at(total, at, frame["count"].to_numpy(np.float64)[known])
    np.add.at(there, at, 1.0)
    return np.where(there >= step, total, np.nan)
