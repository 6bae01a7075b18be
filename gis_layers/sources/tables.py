"""Open any table: a list of column names and batches of rows, each column as the file has it.

Text formats are read as text, so that a code is never taken for a number; Parquet and GeoPackage keep their
types and :mod:`gis_layers.sources.columns` turns them into codes, numbers and times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pyarrow as pa

from ..errors import AudanError, InputError, Where
from ..settings.area import AreaSettings, TableSection

GEOMETRY_X, GEOMETRY_Y = "geometry.x", "geometry.y"
_ENDINGS = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".xlsx": "xlsx", ".xlsm": "xlsx", ".parquet": "parquet",
    ".ndjson": "ndjson", ".jsonl": "ndjson", ".gpkg": "gpkg",
}  # fmt: skip


_T = TypeVar("_T")


class Reader(Protocol):
    """What a format must offer."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, without blanks around them."""

    @property
    def sheet(self) -> str | None:
        """Sheet or layer, None for formats without."""

    @property
    def first_row(self) -> int:
        """Number of the first row of data."""

    def batches(self, columns: Sequence[str], rows: int) -> Iterator[pa.Table]:
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

    def require(self, columns: Mapping[str, str | None]) -> None:
        """Refuse the file unless it has the columns (role = name), each once.

        Raises
        ------
        InputError
            Naming the first column that is missing.
        """
        for role, name in columns.items():
            found = self.names.count(name) if name is not None else 1
            if found == 0:
                have = ", ".join(self.names[:12]) + (", ..." if len(self.names) > 12 else "")
                remedy = f"name the column of the {role} in the area file; the file has {have}"
                raise InputError("a column is missing", self.where(column=name), remedy=remedy)
            if found > 1:
                raise InputError(
                    "two columns have the same name", self.where(column=name), remedy="rename one"
                )

    def batches(self, columns: Sequence[str], rows: int = 500_000) -> Iterator[tuple[int, pa.Table]]:
        """Yield (number of the first row, rows). Rows are numbered as people see them: a header is row 1."""
        row = self.reader.first_row
        batches = self.reader.batches(list(dict.fromkeys(columns)), rows)
        while (batch := _guarded(self.file, lambda: next(batches, None))) is not None:
            if batch.num_rows:
                yield row, batch
                row += batch.num_rows

    def read(self, columns: Sequence[str]) -> pa.Table:
        """Return all rows at once."""
        parts = [batch for _, batch in self.batches(columns)]
        if not parts:
            return pa.table({name: pa.array([], pa.string()) for name in dict.fromkeys(columns)})
        return pa.concat_tables(parts, promote_options="permissive").combine_chunks()


def find_files(settings: AreaSettings, section: TableSection, key: str) -> list[Path]:
    """Return the files of a section, in the order in which a later one replaces the same keys.

    Paths stand in the order written; the files of a glob are sorted by name.

    Raises
    ------
    InputError
        If a path or a glob matches no file.
    """
    found: list[Path] = []
    for path in section.path:
        whole = settings.folder / path
        matches = [whole] if whole.is_file() else _glob(whole)
        files = [match.resolve() for match in matches if match.is_file()]
        if not files:
            raise InputError("there is no such file", Where(file=whole, key=key), remedy="correct the path")
        found += [file for file in files if file not in found]
    return found


def _glob(pattern: Path) -> list[Path]:
    parts = pattern.parts
    first = next((at for at, part in enumerate(parts) if set(part) & set("*?[")), None)
    return [] if first is None else sorted(Path(*parts[:first]).glob("/".join(parts[first:])))


def open_table(section: TableSection, file: Path) -> Table:
    """Open a file as its ending, or `format`, says.

    Raises
    ------
    InputError
        If the format is unknown or the file is not of it.
    """
    kind = section.format if section.format != "auto" else _ENDINGS.get(file.suffix.lower(), "")
    if kind in set(_ENDINGS.values()):
        return Table(file, _guarded(file, lambda: _reader(kind, section, file)))
    remedy = "name it .csv, .xlsx, .parquet, .ndjson or .gpkg, or set `format`"
    raise InputError("the format of the file is not known", Where(file=file), remedy=remedy)


def _reader(kind: str, section: TableSection, file: Path) -> Reader:
    # Each format's library is loaded when it is first needed.
    if kind == "csv":
        from .text import CsvReader

        return CsvReader(file, section.encoding, section.delimiter)
    if kind == "ndjson":
        from .text import JsonLinesReader

        return JsonLinesReader(file)
    if kind == "xlsx":
        from .workbook import WorkbookReader

        return WorkbookReader(file, section.sheet)
    if kind == "parquet":
        from .typed import ParquetReader

        return ParquetReader(file)
    from .typed import GeoPackageReader

    return GeoPackageReader(file, section.sheet)


def _guarded(file: Path, read: Callable[[], _T]) -> _T:
    """Read from a file; whatever a library says of a damaged one is an error of the input."""
    try:
        return read()
    except (AudanError, MemoryError):
        raise
    except Exception as error:
        # Damaged archives, pages and databases fail in the libraries' innermost parts, in dozens of ways.
        problem = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        remedy = "check that it opens elsewhere, and save it again"
        raise InputError(
            f"the file is damaged or not of its format: {problem}", Where(file=file), remedy=remedy
        ) from error
