"""A panel as one row a series, offence by offence, with what belongs to each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...codes import Codebook
from ...times import PERIOD_MONTHS

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.intp]

LONG_SPAN = 6
"""Months of an excluded span after which the level before it tells little of the level since."""

SETTLING = 3
"""Months after such a span of which nothing is said: the newest two are not learnt from, and one is not enough."""


@dataclass(frozen=True)
class Break:
    """A month from which figures cannot be set beside earlier ones.

    Parameters
    ----------
    month
        First month of the new figures.
    district, offence
        What it bears on; None is all of them. A node above a changed offence needs a break of its own.
    """

    month: np.datetime64
    district: str | None = None
    offence: str | None = None


@dataclass(frozen=True)
class Series:
    """All series of a panel.

    Parameters
    ----------
    count
        Counts, series × months; NaN is not collected, or of no level (`outside`).
    usable
        The same without incomplete months.
    begin
        First month that may be used for each series and month: that of the last break before it.
    outside
        Months of an excluded span or of a transition, series × months: nothing is learnt from them or said of them.
    settling
        The months just after a long excluded span, the same shape: they are learnt from, but nothing is said of them.
    offence, status
        Number of each series' offence and status.
    group
        Number of each district's group in each month, districts × months; a group lies within a status.
    all_cards
        Cards of every kind, districts × months.
    calendar
        Number of each month in the calendar, counted in rows of the panel.
    incomplete
        Months that are not complete.
    rows
        Rows in a year: 12 where a row is a month.
    """

    count: Floats
    usable: Floats
    begin: npt.NDArray[np.int32]
    outside: Bools
    settling: Bools
    offence: Ints
    status: Ints
    group: Ints
    all_cards: Floats
    calendar: Ints
    incomplete: Bools
    rows: int

    def in_rows(self, months: int) -> int:
        """Return how many whole rows a number of months is."""
        return months * self.rows // 12

    def groups(self, at: int) -> Ints:
        """Return the group that each series is of in a month."""
        return np.tile(self.group[:, at], len(self.count) // len(self.group))


def series_of(panel: xr.Dataset, codebook: Codebook, breaks: Iterable[Break] = ()) -> Series:
    """Lay a panel out in series; see :func:`gis_layers.indicators.norm.judge_own` for what it must hold."""
    codes = [str(code) for code in panel["offence"].values]
    names = [str(name) for name in panel["district"].values]
    count = panel["count"].transpose("offence", "district", "month").values.astype(np.float64)
    offences, districts, months = count.shape
    step = PERIOD_MONTHS[str(panel.attrs.get("period", "month"))]
    when = panel["month"].values.astype("datetime64[M]")
    incomplete = np.zeros(months, dtype=bool)
    if "incomplete" in panel:
        incomplete = panel["incomplete"].values.astype(bool)
    begin, outside = _stretches(panel)
    count = np.where(outside, np.nan, count)
    for one in breaks:
        at = int(np.searchsorted(when, one.month.astype("datetime64[M]")))
        rows = np.array([one.offence in (None, code) for code in codes])
        of = np.array([one.district in (None, name) for name in names])
        cells = np.ix_(rows, of, np.arange(months) >= at)
        begin[cells] = np.maximum(begin[cells], at)
    status = _sorted_numbers(texts_of(panel, "status"))
    then = "peer_group_then" if "peer_group_then" in panel.variables else "peer_group"
    peers = np.broadcast_to(
        _sorted_numbers(texts_of(panel, then)).reshape(districts, -1), (districts, months)
    )
    within = status[:, None] * (int(peers.max(initial=0)) + 1) + peers
    group = np.unique(within, return_inverse=True)[1].reshape(districts, months)
    root = next((place for place, code in enumerate(codes) if codebook.parent_of.get(code) is None), 0)
    of_all = np.nan_to_num(panel["count"].transpose("offence", "district", "month").values[root])
    return Series(
        count=count.reshape(-1, months),
        usable=np.where(incomplete, np.nan, count).reshape(-1, months),
        begin=begin.reshape(-1, months),
        outside=outside.reshape(-1, months),
        settling=_settling(
            outside.reshape(-1, months), begin.reshape(-1, months), LONG_SPAN // step, SETTLING // step
        ),
        offence=np.repeat(np.arange(offences), districts),
        status=np.tile(status, offences),
        group=group,
        all_cards=np.where(incomplete, 0.0, of_all),
        calendar=when.astype(np.intp) // step,
        incomplete=incomplete,
        rows=12 // step,
    )


def _stretches(panel: xr.Dataset) -> tuple[npt.NDArray[np.int32], Bools]:
    """Return the first month of each month's stretch, and the months of none; offence × district × month.

    `stretch` numbers the stretches of a series between its declared breaks; see :func:`gis_layers.codes.breaks_for`.
    """
    shape = tuple(panel.sizes[name] for name in ("offence", "district", "month"))
    if "stretch" not in panel:
        return np.zeros(shape, dtype=np.int32), np.zeros(shape, dtype=bool)
    number = panel["stretch"]
    if "district" not in number.dims:
        number = number.expand_dims(district=panel["district"].values)
    values = np.broadcast_to(number.transpose("offence", "district", "month").values, shape)
    # A month of no stretch goes on with the number before it, so that the next one of that number is no new level.
    level = np.maximum.accumulate(values, axis=2)
    turn = np.zeros(shape, dtype=np.int32)
    turn[:, :, 1:] = np.where(np.diff(level, axis=2) != 0, np.arange(1, shape[2], dtype=np.int32), 0)
    return np.maximum.accumulate(turn, axis=2), np.asarray(values < 0)


def _settling(outside: Bools, begin: npt.NDArray[np.int32], long: int, rows: int) -> Bools:
    """Return the first rows after each run of at least `long` rows outside, where the series goes on from before it."""
    found = np.zeros_like(outside)
    run = np.zeros(len(outside), dtype=np.intp)
    left = np.zeros(len(outside), dtype=np.intp)
    for at in range(outside.shape[1]):
        ended = ~outside[:, at] & (run >= max(long, 1)) & (begin[:, at] < at - run)
        left = np.where(ended, rows, left)
        found[:, at] = ~outside[:, at] & (left > 0)
        left = np.maximum(left - ~outside[:, at], 0)
        run = np.where(outside[:, at], run + 1, 0)
    return found


def texts_of(panel: xr.Dataset, name: str) -> npt.NDArray[np.object_]:
    """Return a coordinate by district (and month) as texts, "" where it is missing, empty or no coordinate at all.

    Examples
    --------
    >>> panel = xr.Dataset(coords={"district": ["a", "b"], "status": ("district", ["city", None])})
    >>> texts_of(panel, "status").tolist(), texts_of(panel, "peer_group").tolist()
    (['city', ''], ['', ''])
    """
    if name not in panel.variables:
        return np.full(panel.sizes["district"], "", dtype=object)
    values = panel[name].transpose("district", ...).values
    texts = [one if isinstance(one, str) else "" for one in values.ravel()]
    return np.array(texts, dtype=object).reshape(values.shape)


def _sorted_numbers(texts: npt.NDArray[np.object_]) -> Ints:
    """Number texts in their order: another would add a season's series up in another order, to other last digits."""
    return np.unique(texts, return_inverse=True)[1].reshape(texts.shape).astype(np.intp)
