"""Files that are either whole or not there: hashes, flushing to disk, replacing by rename."""

from __future__ import annotations

import errno
import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

from ..errors import SystemFault, Where


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


def replace_text(path: Path, text: str) -> None:
    """Write a small file so that a reader sees the old text or the new one, and nothing between."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    with fresh.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
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

    GDAL and SQLite have errors of their own for a write that fails; they say why in a text only.
    """
    try:
        yield
    except (DataSourceError, DataLayerError, FeatureError, sqlite3.OperationalError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise SystemFault(
            f"the file could not be written: {reason}",
            Where(file=place),
            remedy="see to the disk and try again",
        ) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            what, remedy = "the disk is full", "free some space, for example with `audan releases prune`"
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            what, remedy = "writing is not allowed", "check who owns the folder"
        else:
            what, remedy = f"the system refuses: {error.strerror or error}", "see to the disk and try again"
        raise SystemFault(what, Where(file=error.filename or place), remedy=remedy) from error
