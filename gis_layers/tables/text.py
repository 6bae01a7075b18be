"""CSV with any delimiter and encoding, every cell a text. Nothing is guessed to be a number."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from .. import limits
from ..errors import InputError, Where
from .encoding import Look, find_encoding, look_through
from .table import Rows

_DELIMITERS = (",", ";", "\t", "|")
_HEAD_LINES = 50
_END = "\0 the end of the file \0"


class CsvReader:
    """A CSV file, every cell text; an empty cell is an empty text.

    Parameters
    ----------
    file
        Its path.
    encoding, delimiter
        A name and one character, or `auto`.
    """

    sheet = None

    def __init__(self, file: Path, encoding: str = "auto", delimiter: str = "auto") -> None:
        self.file = file
        self.encoding = find_encoding(file) if encoding == "auto" else encoding
        lines = self._head()
        self._blank_before = next((at for at, line in enumerate(lines) if line.strip()), len(lines))
        lines = lines[self._blank_before :]
        if not lines:
            raise InputError("the file is empty", Where(file=file), remedy="give it a header and rows")
        self.delimiter = _find_delimiter(lines) if delimiter == "auto" else delimiter
        self._raw = next(csv.reader(lines, delimiter=self.delimiter))
        self.names = tuple(name.strip() for name in self._raw)
        self._look: Look | None = None

    def _head(self) -> list[str]:
        lines: list[str] = []
        letters = 0
        try:
            with self.file.open(encoding=self.encoding, newline="") as stream:
                while len(lines) < _HEAD_LINES and letters < limits.HEAD_LETTERS:
                    line = stream.readline(limits.HEAD_LETTERS)
                    if not line:
                        break
                    if len(line) == limits.HEAD_LETTERS:
                        text = f"a line of the head is longer than {limits.HEAD_LETTERS // 10**6} MB"
                        where = Where(file=self.file, row=len(lines) + 1)
                        remedy = "check its line ends and its number of columns"
                        raise InputError(text, where, remedy=remedy)
                    lines.append(line)
                    letters += len(line)
        except (LookupError, UnicodeError) as error:
            where = Where(file=self.file, key="encoding", value=self.encoding)
            remedy = "set `encoding` of the source to that of the file"
            raise InputError(f"the text is not of this encoding: {error}", where, remedy=remedy) from error
        return lines

    def batches(self, columns: Sequence[str], rows: int) -> Iterator[Rows]:
        """Yield rows of text columns; lines with nothing in any column are no rows."""
        rename = {name: self._raw[self.names.index(name)] for name in columns}
        if self._look is None:
            self._look = look_through(self.file, self.encoding)
            if self._look.odd_quotes:
                self._refuse_open_quote()
        unique = len(set(self._raw)) == len(self._raw)
        wanted = self._raw if self._look.blank_lines and unique else list(rename.values())
        numbers = _Numbers(self._blank_before + 2)
        wrong: list[Any] = []

        def note(row: Any) -> str:
            if not row.text.strip():
                numbers.skip(row.number)
                return "skip"
            wrong.append(row)
            return "error"

        try:
            stream = arrow_csv.open_csv(
                self.file,
                # One thread, so that a broken row can be named by its number.
                read_options=arrow_csv.ReadOptions(
                    encoding=self.encoding,
                    block_size=limits.CSV_BLOCK_BYTES,
                    use_threads=False,
                    skip_rows=self._blank_before,
                ),
                parse_options=arrow_csv.ParseOptions(
                    delimiter=self.delimiter,
                    newlines_in_values=True,
                    # Counted, so that every row keeps its number; dropped below.
                    ignore_empty_lines=False,
                    invalid_row_handler=note,
                ),
                convert_options=arrow_csv.ConvertOptions(
                    column_types=dict.fromkeys(self._raw, pa.string()),
                    strings_can_be_null=False,
                    include_columns=wanted,
                ),
            )
            held: list[Rows] = []
            count = 0
            for batch in stream:
                part = _filled(numbers.take(batch.num_rows), pa.Table.from_batches([batch]), self._look)
                held.append(Rows(part.number, part.cells.select(list(rename.values()))))
                count += len(part.number)
                if count >= rows:
                    yield _joined(held, rename)
                    held, count = [], 0
            if held:
                yield _joined(held, rename)
        except (pa.ArrowInvalid, UnicodeError) as error:
            if wrong:
                row = wrong[0]
                message = (
                    f"the row has {row.actual_columns} cells where the header has {row.expected_columns}"
                )
                where = Where(file=self.file, row=row.number, value=row.text)
                remedy = "put text with delimiters in double quotes, and close every quote"
                raise InputError(message, where, remedy=remedy) from None
            if "Empty CSV" in str(error):
                return
            remedy = "check its encoding, its quotes and the length of its lines"
            where = Where(file=self.file)
            raise InputError(f"the file cannot be read as CSV: {error}", where, remedy=remedy) from error

    def _refuse_open_quote(self) -> None:
        """Refuse a file whose last quote is never closed: all rows behind it would be one cell, unseen."""
        limit = csv.field_size_limit(2**31 - 1)
        last: tuple[int, list[str]] = (0, [])
        try:
            with self.file.open(encoding=self.encoding, newline="") as stream:
                # A line of our own at the end: it stays a row by itself unless a quote swallows it.
                for number, row in enumerate(csv.reader(chain(stream, [_END]), delimiter=self.delimiter), 1):
                    last = (number, row)
        except (csv.Error, UnicodeError):
            return  # what is wrong with it, the reader of the rows says better
        finally:
            csv.field_size_limit(limit)
        if last[1] != [_END]:
            where = Where(file=self.file, row=last[0], value=last[1][-1])
            raise InputError("a quote is never closed", where, remedy='close it, or write "" for one quote')


class _Numbers:
    """Counts rows as people do, lines that were skipped among them."""

    def __init__(self, first: int) -> None:
        self._next = first
        self._skipped: list[int] = []

    def skip(self, number: int) -> None:
        self._skipped.append(number)

    def take(self, size: int) -> npt.NDArray[np.int64]:
        """Return the numbers of the next rows."""
        mine = np.arange(self._next, self._next + size + len(self._skipped), dtype=np.int64)
        mine = mine[~np.isin(mine, self._skipped)][:size]
        if size:
            self._next = int(mine[-1]) + 1
            self._skipped = [number for number in self._skipped if number >= self._next]
        return mine


def _filled(number: npt.NDArray[np.int64], cells: pa.Table, look: Look) -> Rows:
    if not look.blank_lines:
        return Rows(number, cells)
    filled = np.zeros(cells.num_rows, dtype=bool)
    for column in cells.columns:
        filled |= np.asarray(pc.not_equal(pc.utf8_trim_whitespace(column), ""))
    return Rows(number[filled], cells.filter(pa.array(filled)))


def _joined(held: list[Rows], rename: dict[str, str]) -> Rows:
    cells = pa.concat_tables([part.cells for part in held]).rename_columns(list(rename))
    return Rows(np.concatenate([part.number for part in held]), cells)


def _find_delimiter(lines: list[str]) -> str:
    def score(delimiter: str) -> tuple[bool, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        # The last line of the head may be cut within a quoted cell.
        even = len(set(widths[: max(1, len(widths) - 1)])) == 1
        return (even and widths[0] > 1, widths[0])

    return max(_DELIMITERS, key=score)
