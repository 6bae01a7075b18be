"""What the sheet of a form is made of: the row that numbers its graphs, their headers, its numbered lines.

A form of the Committee has merged headers, then the row `А Б 1 2 3 …`, then lines: label, number, figures. The
row of numbers is what is looked for; all else lies around it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ...errors import InputError, Where

_A, _B = ("А", "A"), ("Б", "B")
_BLANKS = re.compile(r"[\s\u00a0\u202f]+")
_ARTICLE = re.compile(r"\(ст\.?\s*(\d{1,4}(?:-\d{1,2})?)\.?\s*\)$")
_CONNECTORS = ("из них", "из них:", "в том числе", "в том числе:", "в т.ч.")


@dataclass(frozen=True)
class Line:
    """One line of a form.

    Parameters
    ----------
    row
        Row of the sheet, the first being 1.
    number
        Its number in the form.
    label
        Its own label, without those of the lines above it.
    article
        Article of the criminal code that the label ends in, None for totals and for parts of articles.
    parent
        Place of the line that it is a part of, None for the first ones.
    """

    row: int
    number: int
    label: str
    article: str | None
    parent: int | None


@dataclass(frozen=True)
class Form:
    """A sheet of a form.

    Parameters
    ----------
    graphs
        Numbers of the graphs, in order.
    columns
        Their columns in the sheet, the first being 1.
    headers
        Their headers, parts of merged ones joined by ` > `.
    lines
        The lines.
    figures
        Shape (lines, graphs); NaN where the cell is empty.
    """

    graphs: tuple[str, ...]
    columns: tuple[int, ...]
    headers: tuple[str, ...]
    lines: tuple[Line, ...]
    figures: npt.NDArray[np.float64] = field(repr=False)

    def cell(self, line: int, graph: int) -> str:
        """Return the name of a cell as a spreadsheet shows it.

        Examples
        --------
        >>> Form(("1",), (6,), ("",), (Line(7, 1, "All", None, None),), np.zeros((1, 1))).cell(0, 0)
        'F7'
        """
        return f"{letters(self.columns[graph])}{self.lines[line].row}"


def letters(column: int) -> str:
    """Return the letters of a column, the first being 1.

    Examples
    --------
    >>> letters(1), letters(26), letters(35)
    ('A', 'Z', 'AI')
    """
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def lay_out(rows: Sequence[Sequence[Any]], where: Where | None = None) -> Form:
    """Find what a sheet is made of.

    Parameters
    ----------
    rows
        All rows of the sheet, from its first; a merged cell stands in its first one alone.
    where
        The file and sheet, for errors.

    Raises
    ------
    InputError
        If no row numbers the graphs, a line's number is missing or stands twice, or a figure is no count.

    Examples
    --------
    >>> form = lay_out([["Offences", None, "Line", "Registered"], ["А", None, "Б", 1], ["All", None, 1, "2 474"],
    ...                 ["of them", "Murder (ст.99) ", "2", 5]])
    >>> form.lines[1].article, form.lines[1].parent, form.figures[:, 0].tolist(), form.cell(1, 0)
    ('99', 0, [2474.0, 5.0], 'D4')
    """
    where = where or Where()
    at, first, number, graphs = _numbering(rows, where)
    headers = _headers(rows[:at], number, list(graphs.values()))
    lines: list[Line] = []
    figures: list[list[float]] = []
    depths: list[tuple[int, int]] = []
    seen: dict[int, int] = {}
    for row, cells in enumerate(rows[at + 1 :], start=at + 2):
        label, depth = _label(cells, first, number)
        own = _cell(cells, number)
        values = [_cell(cells, column) for column in graphs.values()]
        if own is None and all(value is None for value in values):
            continue
        index = _whole(own)
        if index is None or not label:
            here = Where(file=where.file, sheet=where.sheet, row=row, column=letters(number + 1), value=own)
            remedy = "give each line its label and its number, or delete it"
            raise InputError("a line of the form has no number, or no label", here, remedy=remedy)
        if index in seen:
            here = Where(file=where.file, sheet=where.sheet, row=row, column=letters(number + 1), value=own)
            raise InputError(f"the line stands in row {seen[index]} too", here, remedy="keep one of the two")
        seen[index] = row
        parent = next((back for back in reversed(range(len(lines))) if depths[back] < depth), None)
        found = _ARTICLE.search(label)
        lines.append(Line(row, index, label, found[1] if found else None, parent))
        depths.append(depth)
        figures.append(
            [
                _figure(value, where, row, column)
                for value, column in zip(values, graphs.values(), strict=True)
            ]
        )
    if not lines:
        raise InputError("the form has no lines", where, remedy="choose the sheet that holds the figures")
    columns = tuple(column + 1 for column in graphs.values())
    return Form(tuple(graphs), columns, headers, tuple(lines), np.array(figures, dtype=np.float64))


def plain(value: Any) -> str:
    """Return the text of a cell with single blanks, in one form of Unicode."""
    return _BLANKS.sub(" ", unicodedata.normalize("NFKC", str(value))).strip() if value is not None else ""


def _numbering(rows: Sequence[Sequence[Any]], where: Where) -> tuple[int, int, int, dict[str, int]]:
    """Return the row of numbers, the columns of label and line, and the column of each graph (from 0)."""
    for at, cells in enumerate(rows):
        texts = [(column, plain(value)) for column, value in enumerate(cells) if plain(value)]
        if len(texts) < 3 or texts[0][1] not in _A or texts[1][1] not in _B:
            continue
        numbers = [_whole(text) for _, text in texts[2:]]
        if numbers == list(range(1, len(numbers) + 1)):
            graphs = {str(number): column for number, (column, _) in enumerate(texts[2:], start=1)}
            return at, texts[0][0], texts[1][0], graphs
    remedy = "choose the sheet of a form, and leave the row that numbers its graphs"
    raise InputError("no row of the sheet numbers its graphs (А Б 1 2 3 …)", where, remedy=remedy)


def _headers(rows: Sequence[Sequence[Any]], number: int, columns: Sequence[int]) -> tuple[str, ...]:
    """Return the header of each graph: a merged cell reaches right until its row, or one above, starts anew."""
    # Above the row that heads the numbers of lines, a single cell is the form's own title.
    heads = next((at for at, cells in enumerate(rows) if plain(_cell(cells, number))), 0)
    used = [
        cells
        for at, cells in enumerate(rows)
        if at >= heads or sum(bool(plain(_cell(cells, column))) for column in columns) > 1
    ]
    parts: list[list[str]] = [[] for _ in columns]
    starts = [False] * len(columns)
    for cells in used:
        held = ""
        for place, column in enumerate(columns):
            text = plain(_cell(cells, column))
            starts[place] = starts[place] or bool(text)
            held = text or ("" if starts[place] else held)
            if held:
                parts[place].append(held)
    return tuple(" > ".join(part) for part in parts)


def _label(cells: Sequence[Any], first: int, number: int) -> tuple[str, tuple[int, int]]:
    """Return the label of a line, and how deep it stands: its column, then the blanks before it."""
    for column in reversed(range(first, number)):
        text = plain(_cell(cells, column))
        if text and text.casefold() not in _CONNECTORS:
            raw = str(_cell(cells, column))
            return text, (column, len(raw) - len(raw.lstrip()))
    return "", (0, 0)


def _cell(cells: Sequence[Any], column: int) -> Any:
    return cells[column] if column < len(cells) else None


def _whole(value: Any) -> int | None:
    """Return a whole number, also one written as text, None where it is none."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return int(value) if float(value).is_integer() else None
    text = _BLANKS.sub("", str(value)).removesuffix(".0")
    return int(text) if text.isascii() and text.isdigit() else None


def _figure(value: Any, where: Where, row: int, column: int) -> float:
    if value is None or (isinstance(value, str) and not plain(value)):
        return np.nan
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        return float(value)
    if (found := _whole(value)) is not None and found >= 0:
        return float(found)
    text = _BLANKS.sub("", str(value)).replace(",", ".")
    if re.fullmatch(r"\d+\.\d+", text):
        return float(text)
    here = Where(file=where.file, sheet=where.sheet, row=row, column=letters(column + 1), value=value)
    remedy = "write a number, and leave the cell empty where nothing was collected"
    raise InputError("a cell of the form is no figure", here, remedy=remedy)
