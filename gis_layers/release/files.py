"""Files that are either whole or not there: hashes, flushing to disk, replacing by rename."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

from ..errors import SystemFault, Where

_NEXT_TO_NOTHING = 1 << 18


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files_of(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield every file below a folder with its relative name (slashes on every system), sorted."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path


def flush(path: Path) -> None:
    """Make the system write a file or a folder's entries to the disk; folders cannot be on Windows."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def flush_tree(folder: Path) -> None:
    """Flush every file and folder below a folder, and itself."""
    for path in folder.rglob("*"):
        flush(path)
    flush(folder)


def replace_text(path: Path, text: str, *, private: bool = False) -> None:
    """Write a small file so that a reader sees the old text or the new one, and nothing between.

    Parameters
    ----------
    private
        Whether none but the owner and the group may read it.
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with fresh.open("w", encoding="utf-8", newline="\n") as file:
            if private:
                fresh.chmod(0o640)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    flush(path.parent)


def require_shapes(path: Path, rows: int) -> None:
    """Read a file of shapes that GDAL wrote: it does not report a write that fails while the file is closed.

    Raises
    ------
    DataSourceError
        If the file does not hold that many shapes.
    """
    found = -1
    if len(pyogrio.list_layers(path)):
        shapes = pyogrio.read_dataframe(path, columns=[])
        found = int(shapes.geometry.notna().sum())
    if found != rows:
        raise DataSourceError(f"{path.name} is not whole")


@contextmanager
def disk_faults(place: Path) -> Iterator[None]:
    """Turn what the system says about its disk into a sentence with a remedy.

    GDAL and SQLite have errors of their own for a write that fails, and GDAL's name no cause: whether the disk
    is full is then looked up, so this must stand inside whatever removes the half-written files.
    """
    try:
        yield
    except (DataSourceError, DataLayerError, FeatureError, sqlite3.OperationalError) as error:
        if _is_full(place):
            raise _fault(errno.ENOSPC, str(error), place) from error
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise SystemFault(
            f"the file could not be written: {reason}",
            Where(file=place),
            remedy="see to the disk and try again",
        ) from error
    except OSError as error:
        raise _fault(error.errno, error.strerror or str(error), error.filename or place) from error


def _fault(number: int | None, said: str, place: str | Path) -> SystemFault:
    if number in (errno.ENOSPC, errno.EDQUOT):
        what, remedy = "the disk is full", "free some space, for example with `audan releases prune`"
    elif number in (errno.EACCES, errno.EPERM, errno.EROFS):
        what, remedy = "writing is not allowed", "check who owns the folder"
    else:
        what, remedy = f"the system refuses: {said}", "see to the disk and try again"
    return SystemFault(what, Where(file=place), remedy=remedy)


def _is_full(place: Path) -> bool:
    """Tell whether next to nothing is free on the disk of a file or folder, which need not exist."""
    there = next((path for path in (place, *place.absolute().parents) if path.exists()), None)
    try:
        return there is not None and shutil.disk_usage(there).free < _NEXT_TO_NOTHING
    except OSError:
        return False
