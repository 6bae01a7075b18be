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

from ..errors import InputError
from .block import Known

if TYPE_CHECKING:
    from .protect import Protection

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

    def homes(self, districts: Sequence[str], regions: Sequence[str]) -> list[str]:
        """Return the region of each district: the one it was protected in first, else the one given.

        The sums of old regions were published, so a district that moves stays in its old one here.

        Raises
        ------
        InputError
            If a district that the release knew is gone: sums it stood in would tell what it had withheld.
        """
        then = {district: region for district, region in self.units if district}
        if gone := sorted(set(then) - set(districts)):
            raise InputError(
                f"districts are gone of which this store has withheld counts ({', '.join(gone[:10])})",
                remedy="keep them in the file of districts, or publish into a new store: beside what was published of "
                "them, the sums of their regions would tell counts",
            )
        return [then.get(district, region) for district, region in zip(districts, regions, strict=True)]

    def block(
        self, districts: Sequence[str], region: str, offences: Sequence[str], month: np.datetime64
    ) -> Known | None:
        """Return what was published of a block, None if nothing was; districts that are new had no counts."""
        at_month = self.months.get(str(month))
        if at_month is None:
            return None
        keys = [*((district, region) for district in districts), ("", region)]
        rows = np.array([self.units.get(key, -1) for key in keys])
        places = np.array([self.offences.get(code, -1) for code in offences])
        cut = np.ix_(np.maximum(rows, 0), np.maximum(places, 0))
        there = (rows >= 0)[:, None] & (places >= 0)[None, :]
        why = np.where(there, self.why[:, :, at_month][cut], -1)
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


def read_earlier(path: Path) -> Earlier:
    """Read the record of a release (:meth:`gis_layers.disclosure.Protection.record`)."""
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
