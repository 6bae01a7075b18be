"""Read a settings file other than the area's: TOML, `${NAME}` from the environment, errors that name key and line."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from ..errors import InputError, Where
from .load import dotted, expand, line_of

_MOST_BYTES = 1 << 20
_WORDS = {"missing": "a setting is missing", "extra_forbidden": "unknown setting"}

Model = TypeVar("Model", bound=BaseModel)


def read_settings(model: type[Model], path: Path, called: str, *, remedy: str = "check the path") -> Model:
    """Read and check a TOML file of settings; `${NAME}` is taken from the environment.

    Parameters
    ----------
    model
        What the file may hold.
    called
        The file's name in messages and in the reference, such as "alerts file".
    remedy
        What to do where there is no such file.

    Raises
    ------
    InputError
        If the file is missing, is not TOML, or a setting is wrong; the error names the key and the line.

    Examples
    --------
    >>> import tempfile
    >>> class Kitchen(BaseModel):
    ...     ovens: int = 1
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "kitchen.toml")
    ...     _ = file.write_text("ovens = 2")
    ...     read_settings(Kitchen, file, "kitchen file")
    Kitchen(ovens=2)
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(f"the {called} is too large", Where(file=path), remedy="name the right file")
        text = path.read_text(encoding="utf-8-sig")
        raw = tomllib.loads(text)
    except FileNotFoundError:
        raise InputError(f"there is no such {called}", Where(file=path), remedy=remedy) from None
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"the {called} cannot be read: {error}", Where(file=path)) from error
    try:
        return model.model_validate(expand(raw, (), path, text))
    except ValidationError as error:
        raise _first_problem(error, path, text, called) from None


def _first_problem(error: ValidationError, path: Path, text: str, called: str) -> InputError:
    first = error.errors()[0]
    keys, value = tuple(first["loc"]), first.get("input")
    return InputError(
        _WORDS.get(first["type"], first["msg"].removeprefix("Value error, ")),
        Where(
            file=path,
            line=line_of(text, keys),
            key=dotted(keys) or None,
            value=value if isinstance(value, str | int | float) else None,
        ),
        remedy=f"the reference of the {called} lists every setting and what it takes",
    )
