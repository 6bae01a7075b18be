"""Read an area file: TOML, `${NAME}` from the environment, and errors that name the key and the line."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from .. import limits
from ..errors import InputError, Where
from .area import AreaSettings

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_WORDS = {
    "missing": "a setting is missing",
    "literal_error": "it is none of {expected}",
    "string_pattern_mismatch": "it has not the form {pattern}",
    "string_type": "it is no text",
    "string_too_short": "the text is empty",
    "too_short": "it is empty",
    "finite_number": "it is no finite number",
    "greater_than": "it must be above {gt}",
    "greater_than_equal": "it must be at least {ge}",
    "less_than": "it must be below {lt}",
    "less_than_equal": "it must be at most {le}",
    "bool_parsing": "it is neither true nor false",
    "int_parsing": "it is no whole number",
    "float_parsing": "it is no number",
}
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
        if file.is_file() and (size := file.stat().st_size) > limits.AREA_FILE_BYTES:
            remedy = "name the area file: it is short"
            raise InputError(f"an area file of {size:,} bytes", Where(file=file), remedy=remedy)
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(
            "there is no such area file", Where(file=file), remedy="`audan init` writes one"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        what = error.strerror or "" if isinstance(error, OSError) else str(error)
        remedy = (
            "check the path and who may read it" if isinstance(error, OSError) else "save it as text in UTF-8"
        )
        raise InputError(f"the area file cannot be read: {what}", Where(file=file), remedy=remedy) from error
    try:
        raw = tomllib.loads(text)
    except ValueError as error:
        remedy = "see the example that `audan init` writes"
        raise InputError(f"the area file is not TOML: {error}", Where(file=file), remedy=remedy) from error
    except RecursionError:
        remedy = "see the example that `audan init` writes"
        raise InputError("the area file is nested too deeply", Where(file=file), remedy=remedy) from None
    if "folder" in raw:
        where = Where(file=file, line=line_of(text, ("folder",)), key="folder")
        raise InputError("unknown setting", where, remedy="remove it: paths start at the area file's folder")
    expanded = expand(raw, (), file, text)
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


def expand(value: Any, keys: tuple[str | int, ...], file: Path, text: str) -> Any:
    """Fill `${NAME}` from the environment in every text of a settings file."""
    if isinstance(value, dict):
        return {key: expand(part, (*keys, key), file, text) for key, part in value.items()}
    if isinstance(value, list):
        return [expand(part, (*keys, place), file, text) for place, part in enumerate(value)]
    if not isinstance(value, str):
        return value

    def substitute(found: re.Match[str]) -> str:
        if found[1] not in os.environ:
            where = Where(file=file, line=line_of(text, keys), key=dotted(keys), value=found[0])
            raise InputError(
                "the variable is not set", where, remedy=f"set it in the environment: export {found[1]}=..."
            )
        return os.environ[found[1]]

    return _VARIABLE.sub(substitute, value)


@contextmanager
def naming_lines(path: Path) -> Iterator[None]:
    """Give an error that names only a setting the area file and the line where it stands."""
    try:
        yield
    except InputError as error:
        if error.where.key is None or error.where.file is not None:
            raise
        file = path / "area.toml" if path.is_dir() else path
        keys = tuple(int(key) if key.isdigit() else key for key in re.findall(r"[^.\[\]]+", error.where.key))
        line = line_of(file.read_text(encoding="utf-8-sig"), keys)
        raise InputError(
            error.what, replace(error.where, file=file, line=line), remedy=error.remedy
        ) from error


def dotted(keys: tuple[str | int, ...]) -> str:
    """Write a key path as in TOML: ``counts[0].columns.count``."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys).lstrip(".")


def _first_problem(error: ValidationError, file: Path, text: str) -> InputError:
    # A misspelt setting is also one that is missing; to say how it is spelt mends both.
    problems = sorted(error.errors(), key=lambda problem: problem["type"] != "extra_forbidden")
    first = problems[0]
    keys = tuple(key for key in first["loc"] if key != "[key]")
    message = _WORDS.get(first["type"], "{msg}").format(
        msg=first["msg"].removeprefix("Value error, "), **first.get("ctx", {})
    )
    remedy = "see the reference of the area file: it lists every setting and what it takes"
    if meaning := _meaning(keys):
        remedy = f"see what it means: {meaning}"
    if first["type"] == "extra_forbidden":
        message = "unknown setting"
        known = settings_at(keys[:-1])
        if near := get_close_matches(str(keys[-1]), known, n=1):
            remedy = f"write {near[0]!r}, if that is what you mean"
        elif known:
            remedy = f"take one of {', '.join(known)}"
    value = None if first["type"] == "missing" else first.get("input")
    shown = value if isinstance(value, str | int | float | bool) else None
    more = f"; {len(problems) - 1} more after it" if len(problems) > 1 else ""
    return InputError(
        message + more,
        Where(file=file, line=line_of(text, keys), key=dotted(keys) or None, value=shown),
        remedy=remedy,
    )


def _meaning(keys: tuple[str | int, ...]) -> str:
    """Return what the reference says of a setting, empty where it says nothing."""
    names = [key for key in keys if isinstance(key, str)]
    model: Any = AreaSettings
    for at, name in enumerate(names):
        field = getattr(model, "model_fields", {}).get(name)
        if field is None:
            return ""
        if at == len(names) - 1 or field.description:
            return (field.description or "").rstrip(".")
        model = _section_of(field.annotation)
    return ""


def settings_at(keys: tuple[str | int, ...]) -> list[str]:
    """Return the settings of a section of the area file, none where there is no such section.

    Examples
    --------
    >>> settings_at(("codebook",)), settings_at(("counts", 0, "columns"))[:2]
    (['path', 'crosswalk'], ['district', 'offence'])
    """
    model: Any = AreaSettings
    for key in keys:
        if isinstance(key, int):
            continue
        field = getattr(model, "model_fields", {}).get(key)
        model = None if field is None else _section_of(field.annotation)
    return [name for name in getattr(model, "model_fields", {}) if name != "folder"]


def _section_of(annotation: Any) -> Any:
    """Return the model within `tuple[Model, ...]` or `Model | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _section_of(part))), None)
