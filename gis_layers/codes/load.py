"""Read `codes.csv` and refuse what is not a codebook, naming row, column and value."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import count, islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .. import limits
from ..errors import InputError, Where, shown
from ..tables.small import iso_day
from .codebook import OTHER, ROOT, SEVERITY, Codebook, plain_label, tree_order

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
            records = list(islice(csv.reader(lines, strict=True), 2 * limits.OFFENCES))
    except FileNotFoundError:
        where = Where(file=file, key="codebook.path")
        raise InputError("there is no such codebook", where, remedy="correct the path") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        remedy = "save it as CSV with commas, in UTF-8"
        raise InputError(f"the codebook cannot be read: {error}", Where(file=file), remedy=remedy) from error
    # Blank lines are counted, so that every row keeps its number.
    numbered = [(row, record) for row, record in enumerate(records, 1) if any(map(str.strip, record))]
    header = [name.strip() for name in numbered[0][1]] if numbered else []
    if "code" not in header:
        remedy = (
            f"separate cells by commas, and name the column; the header is {shown(','.join(header), 80)!r}"
        )
        raise InputError("a column is missing", Where(file=file, column="code"), remedy=remedy)
    if twice := [name for name in header if name and header.count(name) > 1]:
        where = Where(file=file, column=twice[0])
        raise InputError("a column stands twice", where, remedy="rename one, or remove it")
    for row, record in numbered[1:]:
        if len(record) != len(header):
            what = f"the row has {len(record)} cells where the header has {len(header)}"
            remedy = "put a cell that holds a comma in double quotes"
            raise InputError(what, Where(file=file, row=row), remedy=remedy)
    given = [dict(zip(header, record, strict=True)) for _, record in numbered[1:]]
    return codebook_from(given, file=file, languages=languages, numbers=[row for row, _ in numbered[1:]])


def codebook_from(
    rows: Iterable[Mapping[str, str]],
    *,
    file: Path | None = None,
    languages: Sequence[str] = ("en", "ru", "kk"),
    numbers: Iterable[int] | None = None,
) -> Codebook:
    """Make a codebook from the rows of a table; see :func:`load_codebook`.

    `numbers` are those of the rows in the file, for messages; without them they are counted from 2.
    """
    given: dict[str, dict[str, Any]] = {}
    for number, row in zip(numbers or count(2), rows, strict=False):
        cells = {key.strip(): (value or "").strip() for key, value in row.items() if key}
        if not any(cells.values()):
            continue
        code = cells.get("code", "")
        where = Where(file=file, row=number, column="code", value=code)
        if unknown := [key for key in cells if key not in _COLUMNS and not _NAME.fullmatch(key)]:
            raise InputError(
                "unknown column",
                Where(file=file, column=unknown[0]),
                remedy=f"rename or remove it; known are {', '.join(_COLUMNS)} and name_<lang>",
            )
        if not _CODE.fullmatch(code):
            raise InputError("not a code", where, remedy="use 1 to 64 of the characters A-Z a-z 0-9 _ -")
        if code in given:
            raise InputError(
                "the code stands twice",
                where,
                remedy=f"remove one; it stands first in row {given[code]['row']}",
            )
        if code.endswith(OTHER):
            raise InputError(f"codes that end in {OTHER} are made for remainders", where, remedy="rename it")
        given[code] = _checked(code, cells, number, file)
    if not given:
        raise InputError("the codebook has no offence", Where(file=file), remedy="give it a row an offence")
    if len(given) > limits.OFFENCES:
        what = f"the codebook has more than {limits.OFFENCES:,} offences"
        raise InputError(what, Where(file=file), remedy="list those that are counted")
    _check_tree(given, file)
    return Codebook(_frame(given, _ordered(given), list(languages)))


def _checked(code: str, cells: Mapping[str, str], number: int, file: Path | None) -> dict[str, Any]:
    node: dict[str, Any] = {"row": number, "labels": _labels(cells.get("labels", ""))}
    is_outside = code == ROOT or code.startswith(SEVERITY)
    parent = cells.get("parent", "")
    if is_outside and parent:
        where = Where(file=file, row=number, column="parent", value=parent)
        remedy = f"leave it empty: {ROOT!r} and severities stand above all others"
        raise InputError("this node has no parent", where, remedy=remedy)
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
        day = iso_day(text)
        if text and day is None:
            where = Where(file=file, row=number, column=column, value=text)
            raise InputError("not a date", where, remedy="write it as YYYY-MM-DD")
        node[column] = None if day is None else np.datetime64(day, "D")
    if (
        node["valid_from"] is not None
        and node["valid_to"] is not None
        and node["valid_from"] > node["valid_to"]
    ):
        where = Where(file=file, row=number, column="valid_to", value=cells["valid_to"])
        remedy = "exchange the dates, or leave one empty"
        raise InputError("valid_to is before valid_from", where, remedy=remedy)
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
                remedy = "break the circle: leave one of these parents empty"
                raise InputError("the codebook is no tree: a code is its own ancestor", where, remedy=remedy)
            path.append(above)
            if len(path) > limits.OFFENCE_LEVELS:
                what = f"the codebook has more than {limits.OFFENCE_LEVELS} levels"
                raise InputError(what, where, remedy="put the offence below a wider category")
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
                remedy = "keep it with one of the two"
                what = f"the label already names {label_of[plain_label(label)]!r}"
                raise InputError(what, where, remedy=remedy)


def _ordered(given: dict[str, dict[str, Any]]) -> list[str]:
    order = tree_order({code: node["parent"] for code, node in given.items()})
    used = [f"{SEVERITY}{node['severity']}" for node in given.values() if node["severity"]]
    named = [code for code in given if code.startswith(SEVERITY)]
    return order + list(dict.fromkeys([*named, *used]))


def _frame(given: dict[str, dict[str, Any]], order: list[str], languages: list[str]) -> pd.DataFrame:
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
    return frame.astype(dict.fromkeys(("additive", *_DEFAULTS), bool))
