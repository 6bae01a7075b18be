"""JSON lines: one object a line. Texts stay texts: no ISO date is moved by a zone unseen."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from .. import limits
from ..errors import InputError, Where
from .table import Rows


class JsonLinesReader:
    """A file with one JSON object a line; its columns are all the names that any line has."""

    sheet = None

    def __init__(self, file: Path) -> None:
        self.file = file
        names: dict[str, None] = {}
        # All lines: a name that only a late one has would else be a missing column, or a month lost.
        for _, row in self._objects():
            if not row.keys() <= names.keys():
                names |= dict.fromkeys(row)
            if len(names) > limits.COLUMNS:
                what = f"the lines have more than {limits.COLUMNS:,} different names"
                raise InputError(what, Where(file=file), remedy="write what differs as values, not as names")
        if not names:
            remedy = "write one JSON object a line"
            raise InputError("the file holds no rows", Where(file=file), remedy=remedy)
        self.names = tuple(names)

    def _objects(self) -> Iterator[tuple[int, dict[str, Any]]]:
        remedy = "write one JSON object a line, in UTF-8"
        with self.file.open("rb") as stream:
            number = 0
            while line := stream.readline(limits.JSON_LINE_BYTES):
                number += 1
                text = line.removeprefix(codecs.BOM_UTF8).strip()
                if not text:
                    continue
                where = Where(file=self.file, row=number, value=text[:80].decode("utf-8", "replace"))
                if len(line) == limits.JSON_LINE_BYTES:
                    raise InputError("the line is longer than 16 MB", where, remedy=remedy)
                try:
                    row = orjson.loads(text)
                except orjson.JSONDecodeError as error:
                    raise InputError(f"the line is not JSON: {error}", where, remedy=remedy) from None
                if not isinstance(row, dict):
                    raise InputError("the line is no JSON object", where, remedy=remedy)
                yield number, row

    def batches(self, columns: Sequence[str], rows: int) -> Iterator[Rows]:
        """Yield rows; a column of mixed types becomes text."""
        objects = self._objects()
        while chunk := list(islice(objects, rows)):
            cells = pa.table({name: _column([row.get(name) for _, row in chunk]) for name in columns})
            yield Rows(np.array([number for number, _ in chunk], dtype=np.int64), cells)


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
