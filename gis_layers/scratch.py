"""A working folder for one run, which does not outlive it: what a killed run left, the next one removes."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import SystemFault, Where
from .release.lock import locked

_PREFIX = "audan-"
_QUIET_SECONDS = 60.0
"""A folder younger than this is let be: its owner may not hold its lock yet."""

_OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)


@contextmanager
def scratch(inside: Path | None = None) -> Iterator[Path]:
    """Yield an empty working folder and remove it at the end.

    The folder is locked while it is in use, as a store is; one that nobody holds belonged to a killed run.

    Parameters
    ----------
    inside
        Where to make it; the system's folder for temporary files (`TMPDIR`) by default.

    Raises
    ------
    SystemFault
        If the disk that holds it is full or fails.

    Examples
    --------
    >>> with scratch() as folder:
    ...     written = (folder / "cards.parquet").write_bytes(b"")
    >>> folder.exists()
    False
    """
    parent = Path(tempfile.gettempdir()) if inside is None else inside
    try:
        _sweep(parent)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        try:
            with locked(folder):
                yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        if error.errno not in _OF_THE_DISK:
            raise
        raise SystemFault(
            f"working files cannot be written: {os.strerror(error.errno)}",
            Where(file=error.filename or parent),
            remedy="free some space, or name a folder on another disk in TMPDIR",
        ) from error


def _sweep(parent: Path) -> None:
    for left in parent.glob(f"{_PREFIX}*"):
        try:
            found = left.stat(follow_symlinks=False)
            ours = not hasattr(os, "getuid") or found.st_uid == os.getuid()
            young = time.time() - found.st_mtime < _QUIET_SECONDS
            if not ours or young or left.is_symlink() or not (left / ".lock").is_file():
                continue
            with locked(left):
                shutil.rmtree(left, ignore_errors=True)
        except (OSError, SystemFault):
            continue  # in use, or gone meanwhile
