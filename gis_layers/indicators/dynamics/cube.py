"""What dynamics takes from a panel for all months at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...codes import Codebook
from ...times import PERIOD_MONTHS
from ..norm import OwnPast
from ..rating.cube import DIMS, nodes_of
from ..rating.pooling import Nodes
from .change import Change, plain_change

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Cube:
    """What holds for all months: counts offence × month × district, and who is set beside whom."""

    codes: list[str]
    nodes: Nodes
    count: Floats
    judgeable: Floats
    incomplete: npt.NDArray[np.bool_]
    group: Ints
    calendar: Ints
    begin: npt.NDArray[np.int32]
    step: int
    change: Change


def cube_of(panel: xr.Dataset, codebook: Codebook, past: OwnPast) -> Cube:
    count = np.ascontiguousarray(panel["count"].transpose(*DIMS).values, dtype=np.float64)
    codes = [str(code) for code in panel["offence"].values]
    incomplete = np.zeros(count.shape[1], dtype=bool)
    if "incomplete" in panel:
        incomplete = panel["incomplete"].values.astype(bool)
    step = PERIOD_MONTHS[str(panel.attrs.get("period", "month"))]
    calendar = panel["month"].values.astype("datetime64[M]").astype(np.intp) // step
    judgeable = np.where(incomplete[None, :, None], np.nan, count)
    return Cube(
        codes=codes, nodes=nodes_of(codes, codebook), count=count, judgeable=judgeable, incomplete=incomplete,
        group=past.groups, calendar=calendar, begin=past.begin, step=step,
        change=plain_change(judgeable, calendar, per_year=max(12 // step, 1)),
    )  # fmt: skip


def families(cube: Cube, at: int) -> Ints:
    """Number the series by offence and group of a month."""
    group = cube.group[:, at]
    rows = np.arange(len(cube.codes))[:, None] * (int(group.max(initial=0)) + 1) + group[None, :]
    return rows.reshape(-1).astype(np.intp)
