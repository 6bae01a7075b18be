"""Open any table: a list of column names and batches of rows, each column as the file has it.

Text formats are read as text, so that a code is never taken for a number; Parquet and the layers of GDAL keep
their types and :mod:`gis_layers.tables.columns` turns them into codes, numbers and times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .. import limits
from ..errors import AudanError, InputError, Where, shown
from ..settings.area import TableSection

GEOMETRY_X, GEOMETRY_Y = "geometry.x", "geometry.y"
_ENDINGS = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".xlsx": "xlsx", ".xlsm": "xlsx", ".parquet": "parquet",
    ".pq": "parquet", ".ndjson": "ndjson", ".jsonl": "ndjson", ".gpkg": "ogr", ".geojson": "ogr",
    ".fgb": "ogr", ".shp": "ogr",
}  # fmt: skip


_T = TypeVar("_T")


@dataclass(frozen=True)
class Rows:
    """Rows of a table.

    Parameters
    ----------
    number
        Shape (rows,): the number of each row as people see it, a header being row 1. Blank lines are counted,
        but are no rows.
    cells
        The columns asked for.
    """

    number: npt.NDArray[np.int64]
    cells: pa.Table


class Reader(Protocol):
    """What a format must offer."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, without blanks around them."""

    @property
    def sheet(self) -> str | None:
        """Sheet or layer, None for formats without."""

    def batches(self, columns: Sequence[str], rows: int) -> Iterator[Rows]:
        """Yield the rows in order, at most about `rows` at a time, with the columns asked for."""


@dataclass(frozen=True)
class Table:
    """One opened file.

    Parameters
    ----------
    file
        Its path.
    reader
        The format's reader.
    """

    file: Path
    reader: Reader

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, without blanks around them."""
        return self.reader.names

    def where(self, **more: Any) -> Where:
        """Return a place in this file."""
        return Where(file=self.file, sheet=self.reader.sheet, **more)

    def require(self, columns: Mapping[str, str | None], *, remedy: str | None = None) -> None:
        """Refuse the file unless it has the columns (role = name), each once.

        `remedy` is what to do about one that is missing; by default to name it in the area file.

        Raises
        ------
        InputError
            Naming the first column that is missing.
        """
        for role, name in columns.items():
            found = self.names.count(name) if name is not None else 1
            if found == 0:
                have = ", ".join(shown(name, 40) for name in self.names[:12])
                have += ", ..." if len(self.names) > 12 else ""
                remedy = remedy or f"name the column of the {role} in the area file"
                where = self.where(column=name)
                raise InputError("a column is missing", where, remedy=f"{remedy}; the file has {have}")
            if found > 1:
                raise InputError(
                    "two columns have the same name", self.where(column=name), remedy="rename one"
                )

    def batches(self, columns: Sequence[str], rows: int = 500_000) -> Iterator[Rows]:
        """Yield the rows in order, at most about `rows` at a time.

        Raises
        ------
        InputError
            If the file is damaged, or a column holds lists, records or bytes instead of values.
        """
        batches = self.reader.batches(list(dict.fromkeys(columns)), rows)
        while (batch := guarded(self.file, lambda: next(batches, None))) is not None:
            self._refuse_nested(batch.cells)
            if len(batch.number):
                yield batch

    def read(self, columns: Sequence[str]) -> Rows:
        """Return all rows at once.

        Raises
        ------
        InputError
            As :meth:`batches`, and if there are more rows than a table of counts can have.
        """
        parts: list[Rows] = []
        size = 0
        for batch in self.batches(columns):
            parts.append(batch)
            size += len(batch.number)
            if size > limits.ROWS:
                remedy = "split it into several files, or deliver cards: they are read in chunks"
                raise InputError(f"the table has more than {limits.ROWS:,} rows", self.where(), remedy=remedy)
        if not parts:
            empty = {name: pa.array([], pa.string()) for name in dict.fromkeys(columns)}
            return Rows(np.empty(0, dtype=np.int64), pa.table(empty))
        cells = pa.concat_tables([part.cells for part in parts], promote_options="permissive")
        return Rows(np.concatenate([part.number for part in parts]), cells.combine_chunks())

    def _refuse_nested(self, cells: pa.Table) -> None:
        for column in cells.schema:
            kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
            if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
                remedy = "store one text, number or date a cell"
                raise InputError(
                    f"the column holds {kind}, not values", self.where(column=column.name), remedy=remedy
                )


def open_table(section: TableSection, file: Path) -> Table:
    """Open a file as its ending, or `format`, says.

    Raises
    ------
    InputError
        If the format is unknown, the file is not of it, or it has an implausible number of columns.
    """
    kind = section.format if section.format != "auto" else _ENDINGS.get(file.suffix.lower(), "")
    if not kind:
        remedy = "name it .csv, .xlsx, .parquet, .ndjson, .gpkg or .geojson, or set `format`; unpack archives"
        raise InputError("the format of the file is not known", Where(file=file), remedy=remedy)
    table = Table(file, guarded(file, lambda: _reader(kind, section, file)))
    if len(table.names) > limits.COLUMNS:
        raise InputError(
            f"the table has {len(table.names):,} columns",
            table.where(),
            remedy="turn its rows into columns, or name its delimiter",
        )
    return table


def _reader(kind: str, section: TableSection, file: Path) -> Reader:
    # Each format's library is loaded when it is first needed.
    if kind == "csv":
        from .text import CsvReader

        return CsvReader(file, section.encoding, section.delimiter)
    if kind == "ndjson":
        from .ndjson import JsonLinesReader

        return JsonLinesReader(file)
    if kind == "xlsx":
        from .workbook import WorkbookReader

        return WorkbookReader(file, section.sheet)
    if kind == "parquet":
        from .typed import ParquetReader

        return ParquetReader(file)
    from .typed import LayerReader

    return LayerReader(file, section.sheet)


def problem_of(error: Exception, file: Path) -> str:
    """Return the first line of what a library says, without its advice and without the path of the file.

    Examples
    --------
    >>> problem_of(ValueError("a.gpkg: database disk image is malformed.; It might help ..."), Path("a.gpkg"))
    'it: database disk image is malformed'
    """
    lines = str(error).strip().splitlines()
    text = lines[0] if lines else type(error).__name__
    for name in (f"'/vsizip/{file}'", f"'{file}'", str(file)):
        text = text.replace(name, "it")
    text = text.replace("it not recognized as being in a", "it is in no")
    return shown(text.split("; It might help", 1)[0].rstrip(". "), 240)


def guarded(file: Path, read: Callable[[], _T]) -> _T:
    """Read from a file: whatever a library says of a damaged one is an error of the input."""
    try:
        return read()
    except (AudanError, MemoryError):
        raise
    except Exception as error:
        # Damaged archives, pages and databases fail in the libraries' innermost parts, in dozens of ways.
        remedy = "check that it opens elsewhere, and save it again"
        raise InputError(
            f"the file is damaged or not of its format: {problem_of(error, file)}",
            Where(file=file),
            remedy=remedy,
        ) from error
