"""Read `codes.csv` and refuse what is not a codebook, naming row, column and value."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..errors import InputError, Where
from .codebook import OTHER, ROOT, SEVERITY, Codebook, plain_label

_CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_COLUMNS = (
    "code", "parent", "severity", "additive", "reported", "sensitive", "public_safety",
    "valid_from", "valid_to", "labels",
)  # fmt: skip
_NAME = re.compile(r"name_[a-z]{2}")
_TRUE, _FALSE = {"true", "1", "yes"}, {"false", "0", "no"}
_ROOT_NAMES = {"en": "All offences", "ru": "Все правонарушения", "kk": "Барлық құқық бұзушылықтар"}
_DEFAULTS = {"reported": True, "sensitive": False, "public_safety": False}


def load_codebook(path: str | Path, *, languages: Sequence[str] = ("en", "ru", "kk")) -> Codebook:
    """Read a codebook from CSV (UTF-8).

    Parameters
    ----------
    path
        File with the columns `code, parent, severity, additive, reported, sensitive, public_safety,
        valid_from, valid_to, labels, name_<lang>`; only `code` is required. An empty `parent` is `all`; an
        empty `reported`, `sensitive` or `public_safety` is that of the parent; an empty name is the English
        one, or the code.
        `labels` are the source's names of the offence, separated by `;`. A row `severity-<value>` names a
        severity; with `additive` false its figures are delivered and not summed.
    languages
        Languages whose names every node must have.

    Raises
    ------
    InputError
        If a code is not a code, stands twice, has an unknown parent or is its own ancestor; if a label names
        two nodes; if a column is unknown or a cell unreadable.
    """
    file = Path(path)
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, restkey="", strict=True)
            rows = list(reader)
            header = list(reader.fieldnames or [])
    except FileNotFoundError:
        raise InputError("there is no such codebook", Where(file=file, key="codebook.path")) from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        remedy = "save it as CSV with commas, in UTF-8"
        raise InputError(f"the codebook cannot be read: {error}", Where(file=file), remedy=remedy) from error
    if "code" not in header:
        raise InputError("a column is missing", Where(file=file, column="code"), remedy=f"it has {header}")
    for row, cells in enumerate(rows, start=2):
        if "" in cells or None in cells.values():
            remedy = "put a cell that holds a comma in double quotes"
            raise InputError(
                "the row has not as many cells as the header", Where(file=file, row=row), remedy=remedy
            )
    return codebook_from(rows, file=file, languages=languages)


def codebook_from(
    rows: Iterable[Mapping[str, str]],
    *,
    file: Path | None = None,
    languages: Sequence[str] = ("en", "ru", "kk"),
) -> Codebook:
    """Make a codebook from the rows of a table; see :func:`load_codebook`."""
    given: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(rows, start=2):
        cells = {key.strip(): (value or "").strip() for key, value in row.items() if key}
        if not any(cells.values()):
            continue
        code = cells.get("code", "")
        where = Where(file=file, row=number, column="code", value=code)
        if unknown := [key for key in cells if key not in _COLUMNS and not _NAME.fullmatch(key)]:
            raise InputError(
                "unknown column", Where(file=file, column=unknown[0]), remedy=f"known are {_COLUMNS}"
            )
        if not _CODE.fullmatch(code):
            raise InputError("not a code", where, remedy="use 1 to 64 of the characters A-Z a-z 0-9 _ -")
        if code in given:
            raise InputError(
                "the code stands twice", where, remedy=f"it stands first in row {given[code]['row']}"
            )
        if code.endswith(OTHER):
            raise InputError(f"codes that end in {OTHER} are made for remainders", where, remedy="rename it")
        given[code] = _checked(code, cells, number, file)
    _check_tree(given, file)
    return Codebook(_frame(given, _ordered(given), list(languages), file))


def _checked(code: str, cells: Mapping[str, str], number: int, file: Path | None) -> dict[str, Any]:
    node: dict[str, Any] = {"row": number, "labels": _labels(cells.get("labels", ""))}
    is_outside = code == ROOT or code.startswith(SEVERITY)
    parent = cells.get("parent", "")
    if is_outside and parent:
        raise InputError(
            "this node has no parent", Where(file=file, row=number, column="parent", value=parent)
        )
    node["parent"] = None if is_outside else parent or ROOT
    severity = cells.get("severity", "")
    if severity and (is_outside or not _CODE.fullmatch(SEVERITY + severity)):
        where = Where(file=file, row=number, column="severity", value=severity)
        raise InputError(
            "not a severity of a leaf", where, remedy="use the characters A-Z a-z 0-9 _ - on leaves only"
        )
    node["severity"] = severity or None
    for flag in ("additive", "reported", "sensitive", "public_safety"):
        text = cells.get(flag, "").lower()
        if text and text not in _TRUE | _FALSE:
            where = Where(file=file, row=number, column=flag, value=cells[flag])
            raise InputError("neither true nor false", where, remedy="write true or false, or leave it empty")
        node[flag] = None if not text else text in _TRUE
    node["additive"] = node["additive"] is not False
    for column in ("valid_from", "valid_to"):
        text = cells.get(column, "")
        try:
            node[column] = np.datetime64(text, "D") if text else None
        except ValueError:
            where = Where(file=file, row=number, column=column, value=text)
            raise InputError("not a date", where, remedy="write it as YYYY-MM-DD") from None
    node |= {key: value for key, value in cells.items() if _NAME.fullmatch(key) and value}
    return node


def _labels(text: str) -> tuple[str, ...]:
    return tuple(label.strip() for label in text.split(";") if label.strip())


def _check_tree(given: dict[str, dict[str, Any]], file: Path | None) -> None:
    given.setdefault(ROOT, {"row": None, "parent": None, "severity": None, "additive": True, "labels": ()})
    parents = {node["parent"] for node in given.values() if node["additive"]}
    label_of: dict[str, str] = {}
    for code, node in given.items():
        where = Where(file=file, row=node["row"], column="parent", value=node["parent"])
        if node["parent"] is not None and (
            node["parent"] not in given or node["parent"].startswith(SEVERITY)
        ):
            raise InputError(
                "the parent is no code of the codebook", where, remedy="add it, or leave it empty for `all`"
            )
        path = [code]
        while (above := given[path[-1]]["parent"]) is not None and above in given:
            if above in path:
                where = Where(file=file, row=node["row"], column="parent", value=" > ".join([*path, above]))
                raise InputError("the codebook is no tree: a code is its own ancestor", where)
            path.append(above)
        if node["additive"] and node["parent"] is not None and not given[node["parent"]]["additive"]:
            raise InputError(
                "an additive node stands below one that is not summed",
                where,
                remedy="set additive = false on it too",
            )
        if node["severity"] and code in parents:
            where = Where(file=file, row=node["row"], column="severity", value=node["severity"])
            raise InputError("only a leaf has a severity", where, remedy="move it to the leaves below")
        for label in node["labels"]:
            if label_of.setdefault(plain_label(label), code) != code:
                where = Where(file=file, row=node["row"], column="labels", value=label)
                raise InputError(f"the label already names {label_of[plain_label(label)]!r}", where)


def _ordered(given: dict[str, dict[str, Any]]) -> list[str]:
    below: dict[str, list[str]] = {}
    for code, node in given.items():
        if node["parent"] is not None:
            below.setdefault(node["parent"], []).append(code)
    order: list[str] = []
    stack = [ROOT]
    while stack:
        code = stack.pop()
        order.append(code)
        stack += reversed(below.get(code, []))
    used = [f"{SEVERITY}{node['severity']}" for node in given.values() if node["severity"]]
    named = [code for code in given if code.startswith(SEVERITY)]
    return order + list(dict.fromkeys([*named, *used]))


def _frame(
    given: dict[str, dict[str, Any]], order: list[str], languages: list[str], file: Path | None
) -> pd.DataFrame:
    parents = {node["parent"] for node in given.values() if node["additive"]}
    tongues = dict.fromkeys(
        ["en", *languages, *(k[5:] for n in given.values() for k in n if k.startswith("name_"))]
    )
    done: dict[str, dict[str, Any]] = {}
    for code in order:
        node = given.get(code, {"parent": None, "severity": None, "additive": True, "labels": ()})
        above = done.get(node["parent"], _DEFAULTS) if node["parent"] else _DEFAULTS
        out: dict[str, Any] = {key: node[key] for key in ("parent", "severity", "additive")}
        for flag in _DEFAULTS:
            out[flag] = above[flag] if node.get(flag) is None else node[flag]
        out |= {column: node.get(column) for column in ("valid_from", "valid_to")}
        fallback = node.get("name_en") or (_ROOT_NAMES["en"] if code == ROOT else code.removeprefix(SEVERITY))
        for lang in tongues:
            own = _ROOT_NAMES.get(lang) if code == ROOT else None
            out[f"name_{lang}"] = node.get(f"name_{lang}") or own or fallback
        if code == ROOT:
            out["kind"] = "root"
        elif code.startswith(SEVERITY):
            out["kind"] = "severity"
        else:
            out["kind"] = "category" if code in parents else "leaf"
        out["labels"] = tuple(node["labels"])
        done[code] = out
    frame = pd.DataFrame.from_dict(done, orient="index").rename_axis("code")
    for column in ("valid_from", "valid_to"):
        frame[column] = pd.to_datetime(frame[column]).astype("datetime64[s]")
    if (frame["valid_from"] > frame["valid_to"]).any():
        code = frame.index[frame["valid_from"] > frame["valid_to"]][0]
        raise InputError(
            "valid_to is before valid_from", Where(file=file, row=given[code]["row"], value=code)
        )
    return frame.astype(dict.fromkeys(("additive", *_DEFAULTS), bool))
