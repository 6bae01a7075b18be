"""What a person looks at: a server, a layer, and the slice of it."""

from dataclasses import dataclass, replace
from typing import Any, Optional

from .servers import Server


@dataclass(frozen=True)
class Choice:
    """A slice of a layer.

    Parameters
    ----------
    server
        Whose it is.
    layer
        Id of the layer, which is what colours the map.
    offence, month, attribute
        What it is cut by; None where the layer has no such key.
    """

    server: Server
    layer: str = "rating"
    offence: Optional[str] = None
    month: Optional[str] = None
    attribute: Optional[str] = None

    def but(self, **changes: Any) -> "Choice":
        """Return the same with some parts changed."""
        return replace(self, **changes)
