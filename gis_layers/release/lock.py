"""One writer per store. The operating system holds the lock, so that of a dead process is free at once."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from ..errors import SystemFault, Where

LOCK = ".lock"


@contextmanager
def locked(store: Path, *, patience: float = 0.0, name: str = LOCK, work: str = "build") -> Iterator[None]:
    """Hold a store's lock: no other build, rollback or prune writes to it meanwhile.

    A lock of the operating system on the open file (not the file's mere presence) is what counts: it ends
    with its process however that ends, also by ``kill -9``, and no process id has to be guessed at. The
    file's content only tells people who holds it; the file itself stays.

    Parameters
    ----------
    store
        Folder of the store; made if missing.
    patience
        Seconds to wait for another holder to end.
    name, work
        The lock's file, and what its holder is called: other work than building has a lock of its own.

    Raises
    ------
    SystemFault
        If another build, in this process or another, still holds the lock then.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, locked(Path(folder)):
    ...     pass
    """
    store.mkdir(parents=True, exist_ok=True)
    path = store / name
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _acquire_within(handle, patience):
            raise SystemFault(
                f"another {work} is writing to the store{_holder(path)}",
                Where(file=store),
                remedy="wait for it to end" + (", or build into another store" if work == "build" else ""),
            )
        try:
            started = datetime.now(UTC).isoformat(timespec="seconds")
            told = json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": started})
            # Who holds it is a courtesy: on a full disk `prune` must still get the lock.
            with suppress(OSError):
                os.ftruncate(handle, 0)
                os.lseek(handle, 0, os.SEEK_SET)
                os.write(handle, told.encode())
            yield
        finally:
            _release(handle)
    finally:
        os.close(handle)


def _acquire_within(handle: int, patience: float) -> bool:
    end = time.monotonic() + patience
    while not _acquire(handle):
        if time.monotonic() >= end:
            return False
        time.sleep(0.1)
    return True


def _holder(path: Path) -> str:
    try:
        held = json.loads(path.read_text())
        return f": process {held['pid']} on {held['host']} since {held['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return ""


if sys.platform == "win32":
    import msvcrt

    # Windows locks bytes and forbids others to read them: one far behind what tells who holds the lock.
    _FAR = 1 << 20

    def _acquire(handle: int) -> bool:
        os.lseek(handle, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _release(handle: int) -> None:
        os.lseek(handle, _FAR, os.SEEK_SET)
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
