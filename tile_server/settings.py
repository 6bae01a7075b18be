"""What a server is told when it starts; nothing of it changes afterwards."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from gis_layers.errors import UsageError, Where

EditionName: TypeAlias = Literal["public", "analyst"]


@dataclass(frozen=True)
class ServerSettings:
    """Settings of one server.

    Parameters
    ----------
    store
        Folder of the release store.
    edition
        Which edition of the current release is served.
    base_url
        Address that clients see; None takes it from each request.
    basemap
        Template of a raster basemap for the web map, or None: then the map needs no other host.
    reload_seconds
        How often the store is asked for a new release; 0 never asks.
    cache_megabytes
        Memory for ready answers of one release.
    """

    store: Path
    edition: EditionName = "public"
    base_url: str | None = None
    basemap: str | None = None
    reload_seconds: float = 1.0
    cache_megabytes: int = 64

    def __post_init__(self) -> None:
        if self.edition not in ("public", "analyst"):
            raise UsageError(
                "there is no such edition", Where(value=self.edition), remedy="use public or analyst"
            )
        if self.reload_seconds < 0:
            raise UsageError("reload_seconds is negative", Where(value=self.reload_seconds))
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
        return json.dumps(asdict(self) | {"store": str(self.store)})

    @staticmethod
    def from_json(text: str) -> ServerSettings:
        """Read what `to_json` wrote."""
        values = json.loads(text)
        return ServerSettings(**values | {"store": Path(values["store"])})
