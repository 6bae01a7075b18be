"""Where and when single cards were: five small arrays, read from the spool a batch at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyproj

from ..times import Months
from .spool import read_spool

Floats = npt.NDArray[np.float64]

_MISSING = -1


@dataclass(frozen=True, eq=False)
class Points:
    """Cards with a place and a day.

    Parameters
    ----------
    x, y
        Metres of `crs`, (n,).
    day
        When, by the date that decides the month of a card, (n,) datetime64[s].
    code
        Place of its offence in `offences`, (n,).
    place
        Place of its district in `districts`, (n,); -1 where it is none of them.
    offences, districts
        Codes of the leaves, and of the districts.
    crs
        Projected, in metres.
    """

    x: Floats = field(repr=False)
    y: Floats = field(repr=False)
    day: npt.NDArray[np.datetime64] = field(repr=False)
    code: npt.NDArray[np.int16] = field(repr=False)
    place: npt.NDArray[np.int32] = field(repr=False)
    offences: tuple[str, ...]
    districts: tuple[str, ...] = field(repr=False)
    crs: str

    def __len__(self) -> int:
        return len(self.x)

    @property
    def month(self) -> Months:
        """Month of each, (n,)."""
        return self.day.astype("datetime64[M]")

    def of(self, leaves: Sequence[str], first: np.datetime64, last: np.datetime64) -> Points:
        """Return those of some leaves from one month to another, both included."""
        wanted = [place for place, code in enumerate(self.offences) if code in set(leaves)]
        keep = np.isin(self.code, wanted) & (self.month >= first) & (self.month <= last)
        return replace(
            self,
            x=self.x[keep],
            y=self.y[keep],
            day=self.day[keep],
            code=self.code[keep],
            place=self.place[keep],
        )

    @property
    def district(self) -> list[str | None]:
        """Code of the district of each, None where it is none of `districts`."""
        return [self.districts[place] if place >= 0 else None for place in self.place.tolist()]


def read_points(
    spool: Path,
    *,
    offences: Sequence[str],
    crs: str,
    by: Literal["registered", "committed"],
    months: tuple[np.datetime64, np.datetime64],
    districts: Sequence[str] = (),
    rows: int = 200_000,
) -> Points | None:
    """Read where the cards of some months were.

    Parameters
    ----------
    spool
        Folder of the spool.
    offences
        Leaves wanted; a card of any other is left out.
    crs
        Projected CRS, in metres, that the points are to be in.
    by
        Which date of a card decides its month.
    months
        First and last month: what is held in memory is bounded by them, 30 bytes a card.
    districts
        Codes of the districts that the points are to know themselves in.
    rows
        Cards read at a time.

    Returns
    -------
    Points or None
        None where no card has a point. A card without a point, or without a date, is left out.
    """
    codes, places = (pa.array(list(known), pa.string()) for known in (offences, districts))
    first, stop = (month.astype("datetime64[D]") for month in (months[0], months[1] + 1))
    to_metres = pyproj.Transformer.from_crs(4326, crs, always_xy=True)
    parts: list[
        tuple[Floats, Floats, npt.NDArray[np.datetime64], npt.NDArray[np.int16], npt.NDArray[np.int32]]
    ] = []
    for batch in read_spool(spool, columns=("district", "offence", by, "x", "y"), rows=rows):
        lon, lat = (batch[name].to_numpy() for name in ("x", "y"))
        day = batch[by].to_numpy().astype("datetime64[s]")
        code, place = (
            pc.fill_null(pc.index_in(batch[name], value_set=known), _MISSING).to_numpy()
            for name, known in (("offence", codes), ("district", places))
        )
        keep = np.isfinite(lon) & np.isfinite(lat) & (code >= 0) & (day >= first) & (day < stop)
        if keep.any():
            x, y = to_metres.transform(lon[keep], lat[keep])
            parts.append((x, y, day[keep], code[keep].astype(np.int16), place[keep].astype(np.int32)))
    if not parts:
        return None
    x, y, day, code, place = (np.concatenate(part) for part in zip(*parts, strict=True))
    known = np.isfinite(x) & np.isfinite(y)
    return Points(
        x[known], y[known], day[known], code[known], place[known], tuple(offences), tuple(districts), crs
    )
