"""The server's settings file (TOML): bounds, proxies, an identity provider."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from gis_layers.settings.file import read_settings

from .auth.settings import Oidc
from .bounds.settings import Bounds


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
    read = read_settings(ServerFile, path, "settings file")
    return {name: getattr(read, name) for name in ServerFile.model_fields}


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a settings file, as published in the documentation."""
    schema = ServerFile.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "Audan server settings",
    }
