"""What a source collected: the districts, offences and months that it shows at least once."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

KEYS = ["district", "offence", "month"]


@dataclass(frozen=True)
class Coverage:
    """Which cells of a source are figures, so that "not collected" is never zero.

    Parameters
    ----------
    source
        Name of the source.
    step
        Months that one of its figures covers.
    last_complete
        Its last complete month; None without rows.
    zeros
        True: a row that is absent is zero, for each of `districts` x `offences` x `months`, but not before the
        district's first figure: it may have joined later. False: only the cells delivered were collected.
    districts, offences, months
        What the source shows at least once.
    since
        First month of each of `districts`.
    blanks
        Cells delivered empty (`district, offence, month`): not collected, even where absent rows are zero.
    """

    source: str
    step: int
    last_complete: np.datetime64 | None
    zeros: bool
    districts: npt.NDArray[np.object_] = field(repr=False)
    offences: npt.NDArray[np.object_] = field(repr=False)
    months: npt.NDArray[np.datetime64] = field(repr=False)
    since: npt.NDArray[np.datetime64] = field(repr=False)
    blanks: pd.DataFrame = field(repr=False)

    @staticmethod
    def of(
        source: str,
        counts: pd.DataFrame,
        *,
        step: int = 1,
        last_complete: np.datetime64 | None,
        zeros: bool,
        blanks: pd.DataFrame | None = None,
    ) -> Coverage:
        """Return what a table of counts shows to have been collected."""
        first = counts.groupby("district", sort=True)["month"].min()
        return Coverage(
            source=source,
            step=step,
            last_complete=last_complete,
            zeros=zeros,
            districts=first.index.to_numpy(dtype=object),
            offences=np.array(sorted(set(counts["offence"])), dtype=object),
            months=np.unique(counts["month"].to_numpy().astype("datetime64[M]")),
            since=first.to_numpy().astype("datetime64[M]"),
            blanks=counts.iloc[:0][KEYS] if blanks is None else blanks,
        )


@dataclass(frozen=True)
class Part:
    """What one source gives to the intake."""

    counts: pd.DataFrame = field(repr=False)
    coverage: Coverage
    unplaced: pd.DataFrame = field(repr=False)
    revised: pd.DataFrame = field(repr=False)
    quarantine: pd.DataFrame = field(repr=False)


def revised_frame(rows: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the table of revised figures: `source, file, district, offence, month, was, now`."""
    columns = {
        "source": "str", "file": "str", "district": "str", "offence": "str", "month": "datetime64[s]",
        "was": "Int64", "now": "Int64",
    }  # fmt: skip
    frame = pd.DataFrame(columns=list(columns)) if rows is None else rows[list(columns)]
    return frame.astype(columns).reset_index(drop=True)


def unplaced_frame(rows: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the table of offences without a district: `source, district, offence, month, count`."""
    columns = {
        "source": "str", "district": "str", "offence": "str", "month": "datetime64[s]", "count": "int64",
    }  # fmt: skip
    frame = pd.DataFrame(columns=list(columns)) if rows is None else rows[list(columns)]
    return frame.astype(columns).reset_index(drop=True)


def counts_frame(rows: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return a table of counts: `district, offence, month, count, source`."""
    columns = {
        "district": "str", "offence": "str", "month": "datetime64[s]", "count": "int64", "source": "str",
    }  # fmt: skip
    frame = pd.DataFrame(columns=list(columns)) if rows is None else rows[list(columns)]
    return frame.astype(columns).reset_index(drop=True)
