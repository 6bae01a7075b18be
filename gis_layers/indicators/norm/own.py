"""The own half of normal: every count beside what its own past lets expect, month by month, walk-forward.

expected = level × season, each from the months before; the variance is φ times the expected count, φ from the errors
that the same rule made before. What is said of a month never changes when later months come.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...codes import Codebook
from .series import Break, series_of
from .tails import heterogeneity_of, interval, mid_p
from .walk import Walk

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

REASONS = (
    "own.judged",
    "own.short_history",
    "own.not_collected",
    "own.incomplete",
    "own.break",
    "own.settling",
)

JUDGED, IN_BREAK, SHORT_HISTORY, SETTLING, SINCE = range(5)
"""Why there is no own half: see :meth:`OwnPast.silent`."""


@dataclass(frozen=True)
class OwnHalf:
    """What its past makes of every cell, offence × month × district; NaN where there is no own half.

    Parameters
    ----------
    expected
        Expected count of the months taken together.
    phi
        Variance over mean of the prediction, not cut at 1.
    p_rise, p_fall
        Mid-p of a count as large or larger, as small or smaller.
    """

    expected: Floats
    phi: Floats
    p_rise: Floats
    p_fall: Floats


def judge_own(
    panel: xr.Dataset,
    codebook: Codebook,
    *,
    months: slice | Sequence[int] | Ints | None = None,
    breaks: Iterable[Break] = (),
) -> xr.Dataset:
    """Judge every cell of a panel beside its own past.

    Parameters
    ----------
    panel
        Dimensions district, offence, month; `count` (NaN = not collected), `incomplete` (month); coordinates
        `status` and `peer_group` (district) or `peer_group_then` (district, month), whose seasons a short
        series borrows. No exposure is needed. `stretch` (offence, month, or with district), where the area
        declares breaks, numbers the stretches of each series: the history of a month are the earlier months of
        its number, and a month of −1 is no history and has none.
    codebook
        The offences of the panel; its root tells how much of everything a district has.
    months
        Places of the months to judge; None is all. A month's verdict is the same whichever are asked for.
    breaks
        Where a series starts anew, beside what `stretch` says.

    Returns
    -------
    xarray.Dataset
        Dimensions (district, offence, month), months as asked for. `expected`, `lower`, `upper` (95 %), `phi` (not
        cut at 1; the tails take a Poisson below it), `p_rise` and `p_fall` (mid-p), `p_own` (`p_rise`: the
        rating looks upward), all NaN where there is no verdict, save that an incomplete month and one not
        collected keep what was expected of them. `reason`: number of the text in ``attrs["categories"]``.

    Examples
    --------
    >>> import numpy as np, pandas as pd, xarray as xr
    >>> from gis_layers.codes.load import codebook_from
    >>> count = np.random.default_rng(1).poisson(30, (2, 1, 49)).astype(float)
    >>> count[0, 0, -1] = 70
    >>> panel = xr.Dataset(
    ...     {"count": (("district", "offence", "month"), count)},
    ...     coords={"district": ["a", "b"], "offence": ["theft"],
    ...             "month": pd.date_range("2020-01-01", periods=49, freq="MS").astype("datetime64[s]")},
    ... )
    >>> found = judge_own(panel, codebook_from([{"code": "theft"}]), months=slice(-1, None))
    >>> bool(found["p_own"].values[0, 0, 0] < 1e-4), bool(found["p_own"].values[1, 0, 0] > 0.01)
    (True, True)
    """
    asked = np.arange(panel.sizes["month"])[slice(None) if months is None else months]
    past = OwnPast(panel, codebook, breaks=breaks)
    half = past.halves(asked)[1]
    lower, upper = interval(half.expected, heterogeneity_of(half.expected, half.phi))
    count = panel["count"].transpose("offence", "month", "district").values[:, asked]
    reason = np.where(np.isnan(half.expected), 1, np.where(np.isnan(half.p_rise), 3, 0))
    reason = np.where(past.settling(asked), 5, np.where(past.outside(asked), 4, reason))
    reason = np.where(np.isnan(count), 2, reason).astype(np.int8)

    def cube(values: npt.NDArray[np.generic]) -> tuple[tuple[str, ...], npt.NDArray[np.generic]]:
        return ("district", "offence", "month"), values.transpose(2, 0, 1)

    data: dict[str, tuple[object, ...]] = {
        "expected": cube(half.expected),
        "lower": cube(lower),
        "upper": cube(upper),
        "phi": cube(half.phi),
        "p_rise": cube(half.p_rise),
        "p_fall": cube(half.p_fall),
        "p_own": cube(half.p_rise),
        "reason": (*cube(reason), {"categories": list(REASONS)}),
    }
    coords = {
        "district": panel["district"].values,
        "offence": panel["offence"].values,
        "month": panel["month"].values[asked],
    }
    return xr.Dataset(data, coords=coords, attrs=dict(panel.attrs))


class OwnPast:
    """The past of a panel, asked for one block of months after another.

    What one block found out is kept for the next, so that a history judged in parts costs no more than at once; and
    for the next who asks: rating and dynamics share one past.

    Parameters
    ----------
    panel, codebook, breaks
        As :func:`judge_own` takes them.
    """

    def __init__(self, panel: xr.Dataset, codebook: Codebook, *, breaks: Iterable[Break] = ()) -> None:
        self._walk = Walk(series_of(panel, codebook, breaks))
        self._shape = panel.sizes["offence"], panel.sizes["district"]
        self._halves: dict[tuple[int, int], OwnHalf] = {}

    @property
    def begin(self) -> npt.NDArray[np.int32]:
        """First month that may be used for each month, offence × month × district: that of its last break."""
        begin = self._walk.series.begin
        found: npt.NDArray[np.int32] = np.swapaxes(begin.reshape(*self._shape, -1), 1, 2)
        return found

    @property
    def groups(self) -> Ints:
        """Number of each district's group in each month, districts × months; a group lies within a status."""
        return self._walk.series.group

    def outside(self, months: Ints) -> npt.NDArray[np.bool_]:
        """Return which cells are of an excluded span or a transition, offence × month × district."""
        return self._cells(self._walk.series.outside, months)

    def settling(self, months: Ints) -> npt.NDArray[np.bool_]:
        """Return which cells come just after a long excluded span, offence × month × district."""
        return self._cells(self._walk.series.settling, months)

    def _cells(self, flags: npt.NDArray[np.bool_], months: Ints) -> npt.NDArray[np.bool_]:
        return np.swapaxes(flags[:, months].reshape(*self._shape, len(months)), 1, 2)

    def silent(self, months: Ints) -> npt.NDArray[np.int32]:
        """Return why cells have no own half, offence × month × district.

        Returns
        -------
        array
            `JUDGED` where there is one (or the month itself is not there, or not complete), `IN_BREAK` where the month
            is of no stretch, `SETTLING` just after a long span of such months, `SHORT_HISTORY`, or, after a break, the
            row in which it begins, from `SINCE` on.
        """
        half = self.halves(months)[1]
        begin = self.begin[:, months]
        why = np.where(begin > 0, SINCE + begin, SHORT_HISTORY)
        why = np.where(np.isnan(half.expected), why, JUDGED)
        why = np.where(self.settling(months), SETTLING, why)
        found: npt.NDArray[np.int32] = np.where(self.outside(months), IN_BREAK, why).astype(np.int32)
        return found

    def recall(self, months: Ints, foretold: Floats) -> None:
        """Take what :meth:`foretold` gave for months when they were judged: a new month needs those of 48 others.

        Parameters
        ----------
        months
            Places of the months in the panel.
        foretold
            Offence × month × district.
        """
        self._walk.recall(
            months, np.swapaxes(foretold, 1, 2).reshape(len(self._walk.series.count), len(months))
        )

    def foretold(self, months: Ints) -> Floats:
        """Return what was expected of months that have been judged, offence × month × district, NaN if nothing."""
        return np.swapaxes(self._walk.made(months).reshape(*self._shape, len(months)), 1, 2)

    def halves(self, months: Ints, *, widths: Iterable[int] = (1,)) -> dict[int, OwnHalf]:
        """Judge months, each alone and pooled with those before it.

        Parameters
        ----------
        months
            Places of the months in the panel.
        widths
            How many rows of the panel are taken together.

        Returns
        -------
        dict
            By width, arrays offence × month × district.
        """
        asked = tuple(widths)
        fresh = np.array(
            [at for at in months if any((width, int(at)) not in self._halves for width in asked)],
            dtype=np.intp,
        )
        if len(fresh):
            self._judge(fresh, asked)
        none = np.empty((self._shape[0], 0, self._shape[1]))
        found = {}
        for width in asked:
            kept = [self._halves[width, int(at)] for at in months]
            parts = ([getattr(one, name) for one in kept] for name in ("expected", "phi", "p_rise", "p_fall"))
            found[width] = OwnHalf(*(np.stack(part, axis=1) if part else none for part in parts))
        return found

    def _judge(self, months: Ints, widths: tuple[int, ...]) -> None:
        """Judge months and keep each, offence × district."""
        told = self._walk.series.incomplete[months]
        for width, what in self._walk.foretell(months, widths=widths).items():
            count, expected, phi = (
                np.swapaxes(part.reshape(*self._shape, len(months)), 1, 2)
                for part in (what.count, what.expected, what.phi)
            )
            judged = np.where(told[None, :, None], np.nan, count)
            rise, fall = mid_p(judged, expected, heterogeneity_of(expected, phi))
            for place, at in enumerate(months):
                parts = (part[:, place].copy() for part in (expected, phi, rise, fall))
                self._halves[width, int(at)] = OwnHalf(*parts)
