"""Open any table: a list of column names and batches of rows, each column as the file has it.

Text formats are read as text, so that a code is never taken for a number; Parquet and GeoPackage keep their
types and :mod:`gis_layers.sources.columns` turns them into codes, numbers and times.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from ..errors import InputError, Where
from ..settings.area import AreaSettings, TableSection

GEOMETRY_X, GEOMETRY_Y = "geometry.x", "geometry.y"
_ENDINGS = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".xlsx": "xlsx", ".xlsm": "xlsx", ".parquet": "parquet",
    ".ndjson": "ndjson", ".jsonl": "ndjson", ".gpkg": "gpkg",
}  # fmt: skip


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
        for batch in self.reader.batches(list(dict.fromkeys(columns)), rows):
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
    try:
        if kind == "csv":
            from .text import CsvReader

            return Table(file, CsvReader(file, section.encoding, section.delimiter))
        if kind == "xlsx":
            from .workbook import WorkbookReader

            return Table(file, WorkbookReader(file, section.sheet))
        if kind == "ndjson":
            from .text import JsonLinesReader

            return Table(file, JsonLinesReader(file))
        if kind == "parquet":
            from .typed import ParquetReader

            return Table(file, ParquetReader(file))
        if kind == "gpkg":
            from .typed import GeoPackageReader

            return Table(file, GeoPackageReader(file, section.sheet))
    except InputError:
        raise
    except (OSError, ValueError, KeyError, pa.ArrowException) as error:
        problem = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"the file cannot be read as {kind}: {problem}", Where(file=file)) from error
    remedy = "name it .csv, .xlsx, .parquet, .ndjson or .gpkg, or set `format`"
    raise InputError("the format of the file is not known", Where(file=file), remedy=remedy)
