"""Rows that are well formed but cannot be placed: kept by name and reason, and limited in number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import InputError, Where
from .ledger import QUARANTINE_COLUMNS, Ledger, SourceLedger, total

_MOST_SHARE = 0.5


@dataclass(frozen=True)
class Expected:
    """Patterns `column=value` of rows whose quarantine is no surprise.

    Examples
    --------
    >>> Expected.parse(["district=Unk*"]).matches(("district", "BoroughName"), ["Unknown", "Mars"]).tolist()
    [True, False]
    """

    patterns: tuple[tuple[str, str], ...] = ()

    @staticmethod
    def parse(patterns: Sequence[str]) -> Expected:
        """Read patterns; the column is a role (`district`, `offence`, `point`, ...) or a column of the file.

        Raises
        ------
        InputError
            If a pattern has no `=`.
        """
        for pattern in patterns:
            if "=" not in pattern:
                where = Where(key="quarantine.expected", value=pattern)
                raise InputError(
                    "not a pattern", where, remedy="write it as column=value, for example district=Unknown"
                )
        parts = (pattern.split("=", 1) for pattern in patterns)
        return Expected(tuple((column.strip(), value.strip()) for column, value in parts))

    def matches(self, columns: Sequence[str], values: Sequence[str | None]) -> npt.NDArray[np.bool_]:
        """Return which values match a pattern of one of the columns."""
        wanted = [value for column, value in self.patterns if column in columns]
        return np.array([any(fnmatchcase(text or "", one) for one in wanted) for text in values], dtype=bool)


@dataclass
class Quarantine:
    """Collects quarantined rows of one source and books them in its ledger."""

    ledger: SourceLedger
    expected: Expected
    frames: list[pd.DataFrame] = field(default_factory=list)

    def add(
        self,
        reason: str,
        *,
        file: Path,
        role: str,
        column: str,
        row: npt.NDArray[np.int64],
        value: npt.NDArray[np.object_],
        rows: npt.NDArray[np.int64],
        offences: npt.NDArray[np.int64],
        always_expected: bool = False,
    ) -> None:
        """Book rows of a file; the arrays have one entry a row of the file."""
        if len(row) == 0:
            return
        kinds, unique = pd.factorize(value, use_na_sentinel=False)
        shown = [None if pd.isna(text) else str(text) for text in unique]
        fine = (
            np.ones(len(unique), dtype=bool)
            if always_expected
            else self.expected.matches((role, column), shown)
        )
        for is_fine in (True, False):
            mine = fine[kinds] == is_fine
            if mine.any():
                self.ledger.quarantine(
                    reason, int(rows[mine].sum()), int(offences[mine].sum()), expected=is_fine
                )
        self.frames.append(
            pd.DataFrame(
                {
                    "source": self.ledger.source,
                    "file": file.name,
                    "row": row.astype(np.int64),
                    "column": column,
                    "value": pd.Series(np.array(shown, dtype=object)[kinds], dtype="str"),
                    "reason": reason,
                    "rows": rows.astype(np.int64),
                    "offences": offences.astype(np.int64),
                }
            )
        )

    def frame(self) -> pd.DataFrame:
        """Return the rows quarantined so far."""
        return quarantine_frame(self.frames)


def quarantine_frame(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Join frames of quarantined rows; without any, an empty one with the same columns."""
    full = [frame for frame in frames if len(frame)]
    if full:
        return pd.concat(full, ignore_index=True)
    text, number = ("source", "file", "column", "value", "reason"), ("row", "rows", "offences")
    kinds = dict.fromkeys(text, "str") | dict.fromkeys(number, "int64")
    return pd.DataFrame({name: pd.Series(dtype=kinds[name]) for name in QUARANTINE_COLUMNS})


def refuse_if_too_many(ledger: Ledger, max_share: float) -> None:
    """Refuse a build whose quarantine passes the limit.

    Parameters
    ----------
    ledger
        The accounts of all sources.
    max_share
        The share of a source's offences (of its rows, where it has none) that may be quarantined
        unexpectedly.

    Raises
    ------
    InputError
        If a source passes the limit, or if more than half of it is quarantined although that was expected:
        then a pattern or a mapping is wrong.
    """
    for source in ledger.sources:
        out = total(source.quarantined.values())
        by_offences = source.read.offences > 0
        whole = source.read.offences if by_offences else source.read.rows
        if whole == 0:
            continue
        unexpected = (source.unexpected.offences if by_offences else source.unexpected.rows) / whole
        share = (out.offences if by_offences else out.rows) / whole
        where = Where(key="quarantine.max_share", value=max_share)
        unit = "offences" if by_offences else "rows"
        if unexpected > max_share:
            raise InputError(
                f"{unexpected:.1%} of the {unit} of {source.source!r} are quarantined, by the reasons "
                + ", ".join(
                    f"{reason} ({tally.rows:,} rows)" for reason, tally in sorted(source.quarantined.items())
                ),
                where,
                remedy="`audan check` lists them; map the codes, correct the rows or set quarantine.expected",
            )
        if share > _MOST_SHARE:
            remedy = "check the columns, the codes and the patterns of quarantine.expected"
            raise InputError(
                f"{share:.0%} of the {unit} of {source.source!r} are quarantined", where, remedy=remedy
            )
