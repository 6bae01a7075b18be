"""One writer per store. The operating system holds the lock, so that of a dead process is free at once."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from ..errors import SystemFault, Where

LOCK = ".lock"


@contextmanager
def locked(store: Path) -> Iterator[None]:
    """Hold a store's lock: no other build, rollback or prune writes to it meanwhile.

    A lock of the operating system on the open file (not the file's mere presence) is what counts: it ends
    with its process however that ends, also by ``kill -9``, and no process id has to be guessed at. The
    file's content only tells people who holds it; the file itself stays.

    Parameters
    ----------
    store
        Folder of the store; made if missing.

    Raises
    ------
    SystemFault
        If another build, in this process or another, holds the lock.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, locked(Path(folder)):
    ...     pass
    """
    store.mkdir(parents=True, exist_ok=True)
    path = store / LOCK
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _acquire(handle):
            raise SystemFault(
                f"another build is writing to the store{_holder(path)}",
                Where(file=store),
                remedy="wait for it to end, or build into another store",
            )
        try:
            os.ftruncate(handle, 0)
            started = datetime.now(UTC).isoformat(timespec="seconds")
            told = {"pid": os.getpid(), "host": socket.gethostname(), "since": started}
            os.pwrite(handle, json.dumps(told).encode(), 0) if sys.platform != "win32" else None
            yield
        finally:
            _release(handle)
    finally:
        os.close(handle)


def _holder(path: Path) -> str:
    try:
        held = json.loads(path.read_text())
        return f": process {held['pid']} on {held['host']} since {held['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return ""


if sys.platform == "win32":
    import msvcrt

    def _acquire(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _release(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _acquire(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _release(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)
