"""The ledger: what became of every row that was read, so that nothing is lost unseen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

QUARANTINE_COLUMNS = ("source", "file", "row", "column", "value", "reason", "rows", "offences")


@dataclass(frozen=True)
class Tally:
    """A number of rows and the number of offences they stand for (equal for cards).

    Examples
    --------
    >>> Tally(2, 10) + Tally(1, 5)
    Tally(rows=3, offences=15)
    """

    rows: int = 0
    offences: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.rows + other.rows, self.offences + other.offences)

    def __sub__(self, other: Tally) -> Tally:
        return Tally(self.rows - other.rows, self.offences - other.offences)


def total(tallies: Iterable[Tally]) -> Tally:
    """Add tallies up; none at all are an empty one."""
    return sum(tallies, Tally())


@dataclass
class SourceLedger:
    """The account of one source: rows read = counted + quarantined + merged by a named rule.

    `translated` tells how many of the offences counted came under earlier codes: by `how` they are read, and by
    the `confidence` of the crosswalk. `files` names the cells that figures stand in, where a source is made of forms.
    """

    source: str
    read: Tally = Tally()
    counted: Tally = Tally()
    quarantined: dict[str, Tally] = field(default_factory=dict)
    unexpected: Tally = Tally()
    merged: dict[str, Tally] = field(default_factory=dict)
    translated: dict[str, dict[str, int]] = field(default_factory=dict)
    files: list[dict[str, object]] = field(default_factory=list)

    @property
    def balance(self) -> Tally:
        """What is read but accounted for nowhere: nothing, when all is well."""
        accounted = self.counted + total(self.quarantined.values()) + total(self.merged.values())
        return self.read - accounted

    @property
    def balances(self) -> bool:
        return self.balance == Tally()

    def quarantine(self, reason: str, rows: int, offences: int, *, expected: bool) -> None:
        """Book rows as quarantined for a reason; unexpected ones count against the limit."""
        tally = Tally(rows, offences)
        self.quarantined[reason] = self.quarantined.get(reason, Tally()) + tally
        if not expected:
            self.unexpected += tally

    def merge(self, rule: str, rows: int, offences: int) -> None:
        """Book rows as merged into others by a named rule."""
        self.merged[rule] = self.merged.get(rule, Tally()) + Tally(rows, offences)

    def as_dict(self) -> dict[str, Any]:
        def plain(tally: Tally) -> dict[str, int]:
            return {"rows": tally.rows, "offences": tally.offences}

        return {
            "source": self.source,
            "read": plain(self.read),
            "counted": plain(self.counted),
            "quarantined": {reason: plain(tally) for reason, tally in sorted(self.quarantined.items())},
            "unexpected": plain(self.unexpected),
            "merged": {rule: plain(tally) for rule, tally in sorted(self.merged.items())},
            "balances": self.balances,
            **({"translated": self.translated} if self.translated else {}),
            **({"files": self.files} if self.files else {}),
        }


@dataclass(frozen=True)
class Ledger:
    """The accounts of all sources of a build."""

    sources: tuple[SourceLedger, ...] = ()

    @property
    def balances(self) -> bool:
        return all(source.balances for source in self.sources)

    def as_dict(self) -> dict[str, Any]:
        return {"balances": self.balances, "sources": [source.as_dict() for source in self.sources]}
