"""What the previous release published, so that the next one does not tell what it withheld.

The record lies in the release beside its editions, never in one: it holds the counts behind the public edition.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from .block import Known

if TYPE_CHECKING:
    from .protect import Protection

FILE = "disclosure.parquet"
_COLUMNS = ("unit", "region", "offence", "month", "count", "why", "shown")


@dataclass(frozen=True)
class Earlier:
    """The record of a release as a cube.

    Parameters
    ----------
    units
        Row of each unit: (district, region), or ("", region) for the region's total.
    offences, months
        Row of each node and month.
    count, shown
        Counts behind the public edition and what stood in their place, unit × offence × month.
    why
        Why withheld, -1 where the release knew no such cell.
    """

    units: dict[tuple[str, str], int]
    offences: dict[str, int]
    months: dict[str, int]
    count: npt.NDArray[np.float64] = field(repr=False)
    shown: npt.NDArray[np.float64] = field(repr=False)
    why: npt.NDArray[np.int8] = field(repr=False)

    def block(
        self, districts: Sequence[str], region: str, offences: Sequence[str], month: np.datetime64
    ) -> Known | None:
        """Return what was published of a block, None if it is new (or the region's districts are others)."""
        keys = [*((district, region) for district in districts), ("", region)]
        at_month = self.months.get(str(month))
        mine = {key for key in self.units if key[1] == region}
        if at_month is None or mine != set(keys):
            return None
        rows = np.array([self.units[key] for key in keys])
        places = np.array([self.offences.get(code, -1) for code in offences])
        cut = np.ix_(rows, np.maximum(places, 0))
        why = np.where(places[None, :] >= 0, self.why[:, :, at_month][cut], -1)
        absent = why < 0
        if absent.all():
            return None
        return Known(
            np.where(absent, np.nan, self.count[:, :, at_month][cut]),
            np.where(absent, 0, why).astype(np.int8),
            np.where(absent, np.nan, self.shown[:, :, at_month][cut]),
        )


def record(found: Protection) -> pa.Table:
    """Return the record of a protected panel as a table, one row a cell that was collected."""
    districts = [str(code) for code in found.panel["district"].values]
    months = found.panel["month"].values.astype("datetime64[D]")
    of = np.full(len(districts), "", dtype=object)
    for region in found.regions:
        of[region.districts] = region.code
    names = [*districts, *[""] * len(found.regions)]
    wheres = [*of, *(region.code for region in found.regions)]
    count = np.concatenate([found.truth, found.totals])
    unit, node, month = np.nonzero(np.isfinite(count))
    at = (unit, node, month)

    def coded(numbers: npt.NDArray[np.intp], texts: Sequence[str]) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array(numbers, pa.int32()), pa.array(texts, pa.string()))

    columns = {
        "unit": coded(unit, names),
        "region": coded(unit, wheres),
        "offence": coded(node, list(found.tree.codes)),
        "month": pa.array(months[month], pa.date32()),
        "count": pa.array(count[at].astype(np.int64)),
        "why": pa.array(np.concatenate([found.why, found.why_regions])[at]),
        "shown": pa.array(np.concatenate([found.shown, found.shown_totals])[at]),
    }
    return pa.table([columns[name] for name in _COLUMNS], names=list(_COLUMNS))


def read_earlier(release: Path) -> Earlier | None:
    """Read the record of a release's folder; None where it has none (nothing was protected)."""
    path = release / FILE
    if not path.is_file():
        return None
    frame = pq.read_table(path, columns=list(_COLUMNS)).to_pandas(date_as_object=False)
    units = pd.MultiIndex.from_arrays([frame["unit"].astype(str), frame["region"].astype(str)])
    unit, unit_keys = units.factorize()
    offence, offence_keys = pd.factorize(frame["offence"].astype(str))
    month, month_keys = pd.factorize(frame["month"].to_numpy().astype("datetime64[M]"))
    shape = (len(unit_keys), len(offence_keys), len(month_keys))
    count, shown = np.full(shape, np.nan), np.full(shape, np.nan)
    why = np.full(shape, -1, dtype=np.int8)
    at = (unit, offence, month)
    count[at], shown[at], why[at] = frame["count"], frame["shown"], frame["why"]
    return Earlier(
        {(str(one), str(two)): place for place, (one, two) in enumerate(unit_keys)},
        {str(code): place for place, code in enumerate(offence_keys)},
        {str(key.astype("datetime64[M]")): place for place, key in enumerate(month_keys)},
        count, shown, why,
    )  # fmt: skip
