"""The verdicts of a build of the real London, kept for the other builds of it in the same run of the tests."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class KeptVerdicts:
    """A folder that all workers of a run share: the first build of an area is judged, the others take it up."""

    folder: Path

    def take_up(self, store: Path) -> None:
        """Lay what was kept into the cache of a store that is still to be built."""
        if self.folder.exists():
            shutil.copytree(self.folder, store / "cache")

    def keep(self, store: Path) -> None:
        """Keep the verdicts of a built store, unless another was quicker."""
        if self.folder.exists():
            return
        whole = Path(tempfile.mkdtemp(dir=self.folder.parent)) / "cache"
        shutil.copytree(store / "cache", whole)
        with suppress(OSError):
            whole.rename(self.folder)
