"""A file that appears under its name only when it is whole."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from ..errors import UsageError, Where
from ..release.files import disk_faults, flush


@contextmanager
def atomic(output: Path) -> Iterator[Path]:
    """Yield a path of the same name in a folder beside the output; on success move all it holds into place.

    Drivers derive names from the file's name (journals, sidecars), so the name stays and the folder differs.

    Raises
    ------
    UsageError
        If the output is a folder, or the folder to write into does not exist.
    SystemFault
        If the disk fails.
    """
    if output.is_dir():
        raise UsageError("the output is a folder", Where(file=output), remedy="name a file in it")
    if not output.parent.is_dir():
        raise UsageError(
            "the folder to write into does not exist", Where(file=output.parent), remedy="make it"
        )
    with disk_faults(output):
        work = Path(mkdtemp(prefix=f".{output.name}.", dir=output.parent))
        try:
            fresh = work / output.name
            yield fresh
            # The file itself last: whoever sees it also finds its sidecar.
            for made in sorted(work.iterdir(), key=lambda path: path == fresh):
                flush(made)
                made.replace(output.parent / made.name)
        finally:
            shutil.rmtree(work, ignore_errors=True)
