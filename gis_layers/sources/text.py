"""Tables of text: CSV with any delimiter and encoding, and JSON lines. Nothing is guessed to be a number."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.csv as arrow_csv

from ..errors import InputError, Where

_DELIMITERS = (",", ";", "\t", "|")
_BLOCK = 1 << 22
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def find_encoding(file: Path) -> str:
    """Return the encoding of a text file: by its mark, else strict UTF-8, else the likeliest.

    Raises
    ------
    InputError
        If no encoding fits.
    """
    with file.open("rb") as stream:
        head = stream.read(_BLOCK)
        for mark, name in _BOMS:
            if head.startswith(mark):
                return name
        decoder = codecs.getincrementaldecoder("utf-8")()
        block = head
        try:
            while block:
                decoder.decode(block)
                block = stream.read(_BLOCK)
            decoder.decode(b"", final=True)
            return "utf-8"
        except UnicodeDecodeError as error:
            sample = (error.object[max(0, error.start - 200_000) : error.start + 200_000]) or head
    from charset_normalizer import from_bytes

    best = from_bytes(bytes(sample), cp_exclusion=["utf_16", "utf_32", "utf_7"]).best()
    if best is None:
        remedy = "name it in the area file: encoding = ..."
        raise InputError("the encoding of the file cannot be told", Where(file=file), remedy=remedy)
    return best.encoding


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
    first_row = 2

    def __init__(self, file: Path, encoding: str = "auto", delimiter: str = "auto") -> None:
        self.file = file
        self.encoding = find_encoding(file) if encoding == "auto" else encoding
        lines = self._head()
        if not lines:
            raise InputError("the file is empty", Where(file=file))
        self.delimiter = _find_delimiter(lines) if delimiter == "auto" else delimiter
        self._raw = next(csv.reader(lines, delimiter=self.delimiter))
        self.names = tuple(name.strip() for name in self._raw)

    def _head(self) -> list[str]:
        try:
            with self.file.open(encoding=self.encoding, newline="") as stream:
                return list(islice(stream, 50))
        except (LookupError, UnicodeError) as error:
            where = Where(file=self.file, key="encoding", value=self.encoding)
            raise InputError(f"the text is not of this encoding: {error}", where) from error

    def batches(self, columns: Sequence[str], rows: int) -> Iterator[pa.Table]:
        """Yield tables of text columns."""
        rename = {name: self._raw[self.names.index(name)] for name in columns}
        wrong: list[Any] = []

        def note(row: Any) -> str:
            wrong.append(row)
            return "error"

        try:
            stream = arrow_csv.open_csv(
                self.file,
                # One thread, so that a broken row can be named by its number.
                read_options=arrow_csv.ReadOptions(
                    encoding=self.encoding, block_size=_BLOCK, use_threads=False
                ),
                parse_options=arrow_csv.ParseOptions(
                    delimiter=self.delimiter, newlines_in_values=True, invalid_row_handler=note
                ),
                convert_options=arrow_csv.ConvertOptions(
                    column_types=dict.fromkeys(self._raw, pa.string()),
                    strings_can_be_null=False,
                    include_columns=list(rename.values()),
                ),
            )
            held: list[pa.RecordBatch] = []
            count = 0
            for batch in stream:
                held.append(batch)
                count += batch.num_rows
                if count >= rows:
                    yield pa.Table.from_batches(held).rename_columns(list(rename))
                    held, count = [], 0
            if held:
                yield pa.Table.from_batches(held).rename_columns(list(rename))
        except (pa.ArrowInvalid, UnicodeError) as error:
            if wrong:
                row = wrong[0]
                message = (
                    f"the row has {row.actual_columns} cells where the header has {row.expected_columns}"
                )
                where = Where(file=self.file, row=row.number, value=row.text)
                raise InputError(message, where, remedy="put text with delimiters in double quotes") from None
            if "Empty CSV" in str(error):
                return
            raise InputError(f"the file cannot be read as CSV: {error}", Where(file=self.file)) from error


def _find_delimiter(lines: list[str]) -> str:
    def score(delimiter: str) -> tuple[bool, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        # The last line of the head may be cut within a quoted cell.
        even = len(set(widths[: max(1, len(widths) - 1)])) == 1
        return (even and widths[0] > 1, widths[0])

    return max(_DELIMITERS, key=score)


class JsonLinesReader:
    """A file with one JSON object a line. Texts stay texts: no ISO date is moved by a zone unseen."""

    sheet = None
    first_row = 1

    def __init__(self, file: Path) -> None:
        self.file = file
        names: dict[str, None] = {}
        for row in islice(self._objects(), 100_000):
            names |= dict.fromkeys(row)
        self.names = tuple(names)

    def _objects(self) -> Iterator[dict[str, Any]]:
        with self.file.open("rb") as stream:
            for number, line in enumerate(stream, start=1):
                text = line.removeprefix(codecs.BOM_UTF8).strip()
                try:
                    row = orjson.loads(text) if text else {}
                except orjson.JSONDecodeError as error:
                    shown = text[:80].decode("utf-8", "replace")
                    where = Where(file=self.file, row=number, value=shown)
                    raise InputError(f"the line is not JSON: {error}", where) from None
                if not isinstance(row, dict):
                    where = Where(file=self.file, row=number, value=text[:80].decode("utf-8", "replace"))
                    raise InputError("the line is no JSON object", where)
                yield row

    def batches(self, columns: Sequence[str], rows: int) -> Iterator[pa.Table]:
        """Yield tables; a column of mixed types becomes text."""
        objects = self._objects()
        while chunk := list(islice(objects, rows)):
            yield pa.table({name: _column([row.get(name) for row in chunk]) for name in columns})


def _column(values: list[Any]) -> pa.Array:
    try:
        array = pa.array(values)
        if not pa.types.is_nested(array.type):
            return array.cast(pa.string()) if pa.types.is_null(array.type) else array
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        pass
    return pa.array(
        [v if v is None or isinstance(v, str) else orjson.dumps(v).decode() for v in values], pa.string()
    )
