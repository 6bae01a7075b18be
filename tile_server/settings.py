"""What a server is told when it starts; nothing of it changes afterwards."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, TypeAlias

from gis_layers.errors import UsageError, Where

from .auth.settings import Oidc
from .bounds.client import read_networks
from .bounds.settings import Bounds

EditionName: TypeAlias = Literal["public", "analyst"]


@dataclass(frozen=True)
class ServerSettings:
    """Settings of one server.

    Parameters
    ----------
    store
        Folder of the release store.
    edition
        The edition for callers without a token; of `analyst`, only on this machine and while there are no tokens.
    base_url
        Address that clients see; None takes it from each request.
    basemap
        Template of a raster basemap for the web map, or None: then the map needs no other host.
    reload_seconds
        How often the store is asked for a new release; 0 never asks.
    cache_megabytes
        Memory for ready answers of one release.
    require_token
        Whether every caller needs a token, also where there is none yet.
    trusted_proxies
        Addresses and networks whose X-Forwarded-For and X-Forwarded-Proto are believed.
    bounds
        How often, how much and how long a client may ask.
    oidc
        An identity provider whose tokens are accepted, None without.
    """

    store: Path
    edition: EditionName = "public"
    base_url: str | None = None
    basemap: str | None = None
    reload_seconds: float = 1.0
    cache_megabytes: int = 64
    require_token: bool = False
    trusted_proxies: tuple[str, ...] = ()
    bounds: Bounds = field(default_factory=Bounds)
    oidc: Oidc | None = None

    def __post_init__(self) -> None:
        if self.edition not in ("public", "analyst"):
            raise UsageError(
                "there is no such edition", Where(value=self.edition), remedy="use public or analyst"
            )
        if self.reload_seconds < 0:
            raise UsageError("reload_seconds is negative", Where(value=self.reload_seconds))
        read_networks(self.trusted_proxies)
        if self.base_url is not None:
            object.__setattr__(self, "base_url", self.base_url.rstrip("/"))
        if self.base_url is not None and not self.base_url.startswith(("http://", "https://")):
            raise UsageError(
                "base_url is no address",
                Where(value=self.base_url),
                remedy="write https://host/path",
            )

    def to_json(self) -> str:
        """Write the settings for another process."""
        values: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(self)}
        values |= {"store": str(self.store), "bounds": self.bounds.model_dump()}
        values["oidc"] = self.oidc.model_dump() if self.oidc else None
        return json.dumps(values)

    @staticmethod
    def from_json(text: str) -> ServerSettings:
        """Read what `to_json` wrote."""
        values = json.loads(text)
        values["store"], values["trusted_proxies"] = Path(values["store"]), tuple(values["trusted_proxies"])
        values["bounds"] = Bounds.model_validate(values["bounds"])
        values["oidc"] = Oidc.model_validate(values["oidc"]) if values["oidc"] else None
        return ServerSettings(**values)
