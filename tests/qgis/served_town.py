"""Where the walled town is served."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Servers:
    """Where the town is served, openly and behind tokens, a token, and the files that it was built of."""

    open: str
    guarded: str
    token: str
    files: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AUDAN_TEST_SERVER": self.open,
            "AUDAN_TEST_GUARDED": self.guarded,
            "AUDAN_TEST_TOKEN": self.token,
        }
