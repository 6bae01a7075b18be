"""One base class, three leaves. Every error says what, where and what to do, and carries the bad value.

The leaves are the exit codes of the command line: the input is at fault (1), the call is at fault (2),
the system is at fault (3). Nothing below the command line or the server's edge prints them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

_MOST_LETTERS = 1_000


def shown(text: str, most: int) -> str:
    """Return a text as one line that a terminal can show: no control signs, at most so many letters.

    Examples
    --------
    >>> print(shown("a\\x1b[31m\\nb", 80), shown("x" * 100, 8))
    a\\x1b[31m b xxxxx...
    """
    line = " ".join(text[: 4 * most].splitlines())
    line = "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in line)
    return line if len(line) <= most and len(text) <= 4 * most else line[: most - 3] + "..."


@dataclass(frozen=True)
class Where:
    """Where in the input something is wrong; every part may be absent.

    Examples
    --------
    >>> str(Where(file="counts.csv", row=7, column="count", value="-3"))
    "counts.csv, row 7, column 'count', value '-3'"
    """

    file: str | Path | None = None
    sheet: str | None = None
    line: int | None = None
    row: int | None = None
    key: str | None = None
    column: str | None = None
    value: Any = None

    def __str__(self) -> str:
        parts = []
        for field in fields(self):
            part = getattr(self, field.name)
            if part is None:
                continue
            if field.name == "file":
                parts.append(str(part))
            elif field.name in ("line", "row"):
                parts.append(f"{field.name} {part}")
            else:
                shown = repr(part if len(str(part)) <= 80 else str(part)[:77] + "...")
                parts.append(f"{field.name} {shown}")
        return ", ".join(parts)


class AudanError(Exception):
    """An error that a user can read: one paragraph of what, where and remedy.

    Parameters
    ----------
    what
        What is wrong, without a full stop.
    where
        The place in the input.
    remedy
        What to do about it.

    Examples
    --------
    >>> print(InputError("the count is negative", Where(row=7, value="-3"), remedy="correct the row"))
    the count is negative (row 7, value '-3'). To mend it: correct the row.
    """

    exit_code = 3

    def __init__(self, what: str, where: Where | None = None, *, remedy: str | None = None) -> None:
        self.what = what
        self.where = where or Where()
        self.remedy = remedy
        place = str(self.where)
        # Each part has its own bound, so that a long one never hides what to do.
        text = shown(what, _MOST_LETTERS) + (f" ({shown(place, _MOST_LETTERS)})" if place else "")
        super().__init__(text + (f". To mend it: {shown(remedy, _MOST_LETTERS)}." if remedy else "."))


class InputError(AudanError):
    """The input (a table, a polygon layer, an area file) is at fault."""

    exit_code = 1


class UsageError(AudanError):
    """The call (an option, an argument, a request) is at fault."""

    exit_code = 2


class SystemFault(AudanError):
    """The system (disk, store, another process) is at fault."""

    exit_code = 3
