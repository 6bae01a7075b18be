"""What a verdict needs of those before it: `standing` and `points_12m` look back on months already judged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from ...errors import UsageError, Where
from . import points as look_back

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.intp]

PEERS_ALONE = "peers"


@dataclass(frozen=True)
class History:
    """Which cells were judged, red by their peers alone, and their points; offence × month × district.

    `known` tells of which months it is known; it grows by :meth:`add`.
    """

    known: Bools
    judged: Bools
    red: Bools
    points: Floats

    @staticmethod
    def of(panel: xr.Dataset, earlier: xr.Dataset | None) -> History:
        """Return the history of a panel's months that `earlier` verdicts tell of."""
        shape = tuple(panel.sizes[name] for name in ("offence", "month", "district"))
        history = History(
            np.zeros(shape[1], dtype=bool),
            np.zeros(shape, dtype=bool),
            np.zeros(shape, dtype=bool),
            np.full(shape, np.nan),
        )
        if earlier is not None and earlier.sizes["month"]:
            rows = np.flatnonzero(rows_of(panel, earlier["month"].values))
            told = (
                earlier[["level", "fired", "points"]]
                .transpose("offence", "month", "district")
                .sortby("month")
            )
            fired = told["fired"].attrs["categories"].index(PEERS_ALONE)
            history.known[rows] = True
            history.judged[:, rows] = told["level"].values > 0
            history.red[:, rows] = told["fired"].values == fired
            history.points[:, rows] = told["points"].values
        return history

    def add(self, rows: slice, level: Floats, points: Floats, red: Bools) -> None:
        """Take in a block of months that has just been judged."""
        self.known[rows] = True
        self.judged[:, rows] = np.nan_to_num(level) > 0
        self.red[:, rows] = red
        self.points[:, rows] = points

    def blocks(self, asked: Bools, group: Ints, *, longest: int) -> list[slice]:
        """Return the runs of months to judge, in order: those asked for, and the unknown ones before them.

        Parameters
        ----------
        asked
            Which months are asked for.
        group
            Peer groups, month × district: one run has the same throughout.
        longest
            Most months of a run.
        """
        last = int(np.flatnonzero(asked)[-1]) if asked.any() else -1
        needed = asked | (~self.known & (np.arange(len(asked)) <= last))
        runs: list[slice] = []
        for row in np.flatnonzero(needed).tolist():
            run = runs[-1] if runs else None
            if (
                run is not None
                and run.stop == row
                and row - run.start < longest
                and asked[row] == asked[row - 1]
                and (group[row] == group[row - 1]).all()
            ):
                runs[-1] = slice(run.start, row + 1)
            else:
                runs.append(slice(row, row + 1))
        return runs

    def standing(self, rows: slice, *, months: int) -> Bools:
        """Return `standing` of a block; every month up to its end must be known."""
        upto = slice(0, rows.stop)
        return look_back.standing(self.red[:, upto], self.judged[:, upto], months=months)[:, rows]

    def year_points(self, rows: slice, *, lag: int, per_year: int) -> tuple[Floats, npt.NDArray[np.int64]]:
        """Return `points_12m` and `months_judged` of a block."""
        first = max(rows.start - lag - per_year, 0)
        upto = slice(first, rows.stop)
        rating, judged = look_back.year_points(
            self.points[:, upto], self.judged[:, upto], lag=lag, per_year=per_year
        )
        return rating[:, rows.start - first :], judged[:, rows.start - first :]


def rows_of(panel: xr.Dataset, months: Iterable[object] | None) -> Bools:
    """Return which rows of a panel are the months named; None names all.

    Raises
    ------
    UsageError
        If the panel has no such month.
    """
    rows = pd.DatetimeIndex(panel["month"].values).to_numpy().astype("datetime64[M]")
    if months is None:
        return np.ones(len(rows), dtype=bool)
    wanted = np.array([pd.Timestamp(str(month)).to_datetime64() for month in months], dtype="datetime64[M]")
    if len(strange := np.setdiff1d(wanted, rows)):
        raise UsageError("the panel has no such month", Where(value=strange[0]))
    return np.isin(rows, wanted)
