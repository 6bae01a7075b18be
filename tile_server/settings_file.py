"""The server's settings file (TOML): bounds, proxies, an identity provider."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gis_layers.errors import InputError, Where
from gis_layers.settings.load import dotted, line_of

from .auth.settings import Oidc
from .bounds.settings import Bounds

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_MOST_BYTES = 1 << 20


class ServerFile(BaseModel):
    """What a settings file may hold; options of the command line go before it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: Annotated[str | None, Field(description="Public address, where a proxy stands before it.")] = (
        None
    )
    basemap: Annotated[
        str | None, Field(description="Address of a MapLibre style or of tiles to draw beneath the map.")
    ] = None
    cache_megabytes: Annotated[int, Field(ge=1, description="Memory for ready answers of one release.")] = 64
    trusted_proxies: Annotated[
        tuple[str, ...], Field(description="Addresses and networks whose X-Forwarded-For is believed.")
    ] = ()
    bounds: Annotated[Bounds, Field(description="How often, how much and how long a client may ask.")] = (
        Bounds()
    )
    oidc: Annotated[Oidc | None, Field(description="An identity provider whose tokens are accepted.")] = None


def read_settings_file(path: Path) -> dict[str, Any]:
    """Read a settings file; `${NAME}` is taken from the environment.

    Raises
    ------
    InputError
        If the file is missing, is not TOML, or a setting is wrong; the error names the key and the line.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError("the settings file is too large", Where(file=path), remedy="name the right file")
        text = path.read_text(encoding="utf-8-sig")
        raw = tomllib.loads(text)
    except FileNotFoundError:
        raise InputError(
            "there is no such settings file", Where(file=path), remedy="check the path"
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"the settings file cannot be read: {error}", Where(file=path)) from error
    try:
        read = ServerFile.model_validate(_expand(raw, (), path, text))
    except ValidationError as error:
        raise _first_problem(error, path, text) from None
    return {name: getattr(read, name) for name in ServerFile.model_fields}


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a settings file, as published in the documentation."""
    schema = ServerFile.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "Audan server settings",
    }


def _expand(value: Any, keys: tuple[str | int, ...], path: Path, text: str) -> Any:
    if isinstance(value, dict):
        return {key: _expand(part, (*keys, key), path, text) for key, part in value.items()}
    if isinstance(value, list):
        return [_expand(part, (*keys, place), path, text) for place, part in enumerate(value)]
    for name in _VARIABLE.findall(value) if isinstance(value, str) else []:
        if name not in os.environ:
            raise InputError(
                "the variable is not set",
                Where(file=path, line=line_of(text, keys), key=dotted(keys), value=name),
                remedy="set it in the environment",
            )
        value = value.replace(f"${{{name}}}", os.environ[name])
    return value


def _first_problem(error: ValidationError, path: Path, text: str) -> InputError:
    first = error.errors()[0]
    keys = tuple(first["loc"])
    words = {"missing": "a setting is missing", "extra_forbidden": "unknown setting"}
    value = first.get("input")
    return InputError(
        words.get(first["type"], first["msg"].removeprefix("Value error, ")),
        Where(
            file=path,
            line=line_of(text, keys),
            key=dotted(keys),
            value=value if isinstance(value, str | int | float) else None,
        ),
        remedy="the reference of the server's settings lists every setting and what it takes",
    )
