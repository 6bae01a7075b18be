"""CSV (RFC 4180, UTF-8) without shapes, and beside it what its columns mean (CSV on the Web).

No byte-order mark and no comment lines: either breaks programs that read the file. Excel, which needs
the mark and turns codes into numbers, has .xlsx.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.csv as pacsv

from .select import Selection
from .source import source_note

_DATATYPES = {
    "text": "string",
    "json": "json",
    "integer": "integer",
    "number": "double",
    "boolean": "boolean",
    "date": "date",
}


def write_csv(selection: Selection, path: Path) -> int:
    """Write the rows, and ``<file>-metadata.json`` with the origin and every column's type and meaning.

    The sidecar's name and content are those of the W3C's *Metadata Vocabulary for Tabular Data*. Null is an
    empty field; an empty text is ``""``.
    """
    rows = 0
    pieces = selection.pieces()
    first = next(pieces)
    options = pacsv.WriteOptions(quoting_style="needed", quoting_header="needed")
    with pacsv.CSVWriter(path, first.schema.remove_metadata(), write_options=options) as writer:
        for piece in (first, *pieces):
            writer.write_table(piece.replace_schema_metadata(None))
            rows += piece.num_rows
    sidecar = path.with_name(path.name + "-metadata.json")
    sidecar.write_text(
        json.dumps(_metadata(selection, path.name), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    return rows


def _metadata(selection: Selection, name: str) -> dict[str, Any]:
    note = source_note(selection)
    columns = [
        {
            "name": column["name"],
            "titles": column["name"],
            "datatype": _DATATYPES[column["type"]],
            "dc:description": column["description"],
            **({"schema:unitText": column["unit"]} if column["unit"] else {}),
        }
        for column in selection.entry["columns"]
    ]
    return {
        "@context": "http://www.w3.org/ns/csvw",
        "url": name,
        "dc:title": note["title"],
        "dc:description": note["description"],
        "dc:source": note["attribution"],
        "dc:created": note["created"],
        "rdfs:comment": note["note"],
        "dc:identifier": f"{note['area']}/{note['release']}/{note['edition']}/{note['layer']}",
        "schema:isFictional": note["invented"],
        "tableSchema": {"columns": columns, "primaryKey": selection.entry["keys"]},
    }
