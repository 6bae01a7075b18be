"""Read an area file: TOML, `${NAME}` from the environment, and errors that name the key and the line."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..errors import InputError, Where
from .area import AreaSettings

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_HEADER = re.compile(r"^\s*\[\[?\s*([^\]]+?)\s*\]\]?")


def load_area(path: str | Path) -> AreaSettings:
    """Read and check an area file.

    Parameters
    ----------
    path
        The file, or the folder that holds an ``area.toml``.

    Raises
    ------
    InputError
        If the file is missing, is not TOML, names an unset variable, or a setting is wrong; the error
        names the key and the line.
    """
    file = Path(path)
    if file.is_dir():
        file = file / "area.toml"
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(
            "there is no such area file", Where(file=file), remedy="`audan init` writes one"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the area file cannot be read: {error}", Where(file=file)) from error
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"the area file is not TOML: {error}", Where(file=file)) from error
    if "folder" in raw:
        raise InputError("unknown setting", Where(file=file, line=line_of(text, ("folder",)), key="folder"))
    expanded = _expand(raw, (), file, text)
    try:
        return AreaSettings.model_validate({**expanded, "folder": file.parent.resolve()})
    except ValidationError as error:
        raise _first_problem(error, file, text) from None


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of an area file, as published in the documentation."""
    schema = AreaSettings.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Audan area file"
    schema["properties"].pop("folder")
    schema["required"] = [name for name in schema["required"] if name != "folder"]
    return schema


def line_of(text: str, keys: tuple[str | int, ...]) -> int | None:
    """Return the line of a key path in TOML text, the nearest that stands there, or None.

    Examples
    --------
    >>> line_of("[area]\\nid = 'x'\\n[[counts]]\\nname = 'a'\\n[[counts]]\\nname = 'b'\\n", ("counts", 1, "name"))
    6
    """
    best: tuple[int, int] | None = None
    table: tuple[str | int, ...] = ()
    seen: dict[tuple[str | int, ...], int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = _table(header[1], array=line.lstrip().startswith("[["), seen=seen)
            here = table
        elif "=" in line and not line.lstrip().startswith("#"):
            names = line.split("=", 1)[0].strip()
            here = (*table, *(part.strip().strip("\"'") for part in names.split(".")))
        else:
            continue
        if keys[: len(here)] == here and (best is None or len(here) > best[0]):
            best = (len(here), number)
    return best[1] if best else None


def _table(name: str, *, array: bool, seen: dict[tuple[str | int, ...], int]) -> tuple[str | int, ...]:
    path: tuple[str | int, ...] = ()
    parts = [part.strip().strip("\"'") for part in name.split(".")]
    for place, part in enumerate(parts):
        path = (*path, part)
        if array and place == len(parts) - 1:
            seen[path] = seen.get(path, -1) + 1
        if path in seen:
            path = (*path, seen[path])
    return path


def _expand(value: Any, keys: tuple[str | int, ...], file: Path, text: str) -> Any:
    if isinstance(value, dict):
        return {key: _expand(part, (*keys, key), file, text) for key, part in value.items()}
    if isinstance(value, list):
        return [_expand(part, (*keys, place), file, text) for place, part in enumerate(value)]
    if not isinstance(value, str):
        return value

    def substitute(found: re.Match[str]) -> str:
        if found[1] not in os.environ:
            where = Where(file=file, line=line_of(text, keys), key=dotted(keys), value=found[0])
            raise InputError(
                "the variable is not set", where, remedy=f"set it, for example {found[1]}=/data audan ..."
            )
        return os.environ[found[1]]

    return _VARIABLE.sub(substitute, value)


def dotted(keys: tuple[str | int, ...]) -> str:
    """Write a key path as in TOML: ``counts[0].columns.count``."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys).lstrip(".")


def _first_problem(error: ValidationError, file: Path, text: str) -> InputError:
    problems = error.errors()
    first = problems[0]
    keys = tuple(first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "missing":
        message = "a setting is missing"
    elif first["type"] == "extra_forbidden":
        message = "unknown setting"
    value = None if first["type"] == "missing" else first.get("input")
    shown = value if isinstance(value, str | int | float | bool) else None
    more = f"; {len(problems) - 1} more after it" if len(problems) > 1 else ""
    return InputError(
        message + more,
        Where(file=file, line=line_of(text, keys), key=dotted(keys), value=shown),
        remedy="the reference of the area file lists every setting and what it takes",
    )
