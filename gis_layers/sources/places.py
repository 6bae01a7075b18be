"""Find the district that a row names, also by a code that has changed since."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

if TYPE_CHECKING:
    from ..districts import Districts

UNKNOWN, AMBIGUOUS, DIVIDED, EMPTY = -1, -2, -3, -4
REASONS = {
    UNKNOWN: "district is not known",
    AMBIGUOUS: "the name belongs to several districts",
    DIVIDED: "the district was divided later",
    EMPTY: "no district",
}


def plain_name(text: str) -> str:
    """Return a name as it is compared: one form of Unicode, one case, single blanks."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip().casefold()


class Places:
    """Turns codes or names of districts into row numbers of the frame of districts.

    Parameters
    ----------
    districts
        The districts of the newest boundaries, with the crosswalk from earlier ones. Older rows follow a code
        that maps whole; rows of a district that was divided later are not placed, and its parts are "no data"
        before.
    """

    def __init__(self, districts: Districts) -> None:
        frame = districts.frame
        self.codes = frame["district"].to_numpy(dtype=object)
        self._row = {str(code): row for row, code in enumerate(self.codes)}
        self._named: dict[str, int] = {}
        names = [name for name in frame.columns if name == "name" or name.startswith("name_")]
        for name in names:
            for row, text in enumerate(frame[name]):
                if isinstance(text, str):
                    key = plain_name(text)
                    self._named[key] = row if self._named.get(key, row) == row else AMBIGUOUS
        # What the area file says outright goes before what names have in common.
        self._named |= {plain_name(alias): self._row[code] for alias, code in districts.aliases.items()}
        table = districts.crosswalk.assign(
            valid_from=pd.to_datetime(districts.crosswalk["valid_from"]),
            weight=districts.crosswalk["weight"].astype(float),
        )
        self._changes = {str(old): part for old, part in table.groupby("old")}
        partial = table[table["weight"] < 1 - 1e-9]
        #: New districts whose ground was put together of parts: no data before the month.
        self.no_data_before: dict[int, np.datetime64] = {
            self._row[str(new)]: np.datetime64(start.max(), "M")
            for new, start in partial.dropna(subset="valid_from").groupby("new")["valid_from"]
        }
        self._parts = set(partial["new"].astype(str))

    def match(self, values: Sequence[str | None], *, by: str) -> npt.NDArray[np.int64]:
        """Return the row number of each code (or name), or the negative number of a reason."""
        table = self._row if by == "code" else self._named
        found = [
            EMPTY if v is None else table.get(v if by == "code" else plain_name(v), UNKNOWN) for v in values
        ]
        return np.array(found, dtype=np.int64)

    def place(
        self,
        kinds: npt.NDArray[np.int64],
        values: Sequence[str | None],
        months: npt.NDArray[np.datetime64],
        *,
        by: str,
    ) -> npt.NDArray[np.int64]:
        """Return the row number of the district of each row of data.

        Parameters
        ----------
        kinds
            Shape (rows,): which of `values` the row names.
        values
            The different codes or names.
        months
            Shape (rows,): the month of the row, which decides whether a changed code is the old or the new.
        by
            `code` or `name`.
        """
        found = self.match(values, by=by)
        out = found[kinds]
        if not self._changes:
            return out
        for kind, value in enumerate(values):
            code = str(self.codes[found[kind]]) if found[kind] >= 0 else value
            if code in self._changes:
                mine = kinds == kind
                out[mine] = self._follow(code, months[mine])
        return out

    def _follow(self, code: str, months: npt.NDArray[np.datetime64], depth: int = 0) -> npt.NDArray[np.int64]:
        out = np.full(len(months), self._row.get(code, UNKNOWN), dtype=np.int64)
        if code not in self._changes or depth > 20:
            return out
        change = self._changes[code]
        start = change["valid_from"].min()
        at = months.astype("datetime64[M]")
        before = np.ones(len(at), dtype=bool) if pd.isna(start) else at < np.datetime64(start, "M")
        # After the change a code that lives on is itself; one that has ended still names its ground.
        moved = before if code in self._row else np.ones(len(months), dtype=bool)
        whole = (
            len(change) == 1
            and change["weight"].iloc[0] >= 1 - 1e-9
            and str(change["new"].iloc[0]) not in self._parts
        )
        if not whole:
            out[moved] = DIVIDED
        elif (new := str(change["new"].iloc[0])) != code:
            out[moved] = self._follow(new, months[moved], depth + 1)
        return out
