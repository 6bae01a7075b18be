"""What a caller was found to be, and why one was refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gis_layers.desk.scope import EVERYWHERE, Scope

from ..errors import ApiError

CHALLENGES = ('Basic realm="audan", charset="UTF-8"', 'Bearer realm="audan"')


@dataclass(frozen=True)
class Grant:
    """What a caller may see.

    Parameters
    ----------
    who, name
        For the trace: the token's id, or `oidc:` and the subject; and a name for people.
    edition, scope
        The edition, and its districts.
    anonymous
        Whether nobody was identified: then the answer is the same for everybody.
    """

    who: str
    name: str
    edition: Literal["public", "analyst"]
    scope: Scope = EVERYWHERE
    anonymous: bool = False


class Unauthorized(ApiError):
    """No credentials where some are needed, or none that hold (401); carries the id that was claimed, if known."""

    def __init__(self, description: str, claimed: str = "?") -> None:
        super().__init__(401, description, {"WWW-Authenticate": CHALLENGES})
        self.claimed = claimed
