"""The verdicts that a store keeps, by the hash of their input. They may be deleted at any time."""

from __future__ import annotations

import hashlib
import logging
import re
import time
from collections.abc import Collection
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

FOLDER = Path("cache") / "verdicts"

FRESH = 24 * 3600.0
"""Seconds for which an entry that no release uses is left alone: a build may still be about to publish it."""

_NAME = re.compile(r"([0-9a-f]{64})-([0-9a-f]{16})\.parquet")
_log = logging.getLogger(__name__)


class VerdictCache:
    """Tables of verdicts in ``STORE/cache/verdicts``, a Parquet file each.

    A file's name holds the hash of the input and the beginning of the hash of the file itself: what is
    truncated, damaged or half written is not what its name says, and counts as missing.

    Parameters
    ----------
    store
        Folder of the store; nothing is made before something is kept.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     cache = VerdictCache(Path(folder))
    ...     cache.save("0" * 64, pa.table({"level": [3]}))
    ...     cache.load("0" * 64)["level"].to_pylist(), cache.load("1" * 64)
    ([3], None)
    """

    def __init__(self, store: Path) -> None:
        self.folder = store / FOLDER

    def load(self, name: str) -> pa.Table | None:
        """Return the table kept under a hash, None if there is none or it is not whole."""
        for path in sorted(self.folder.glob(f"{name}-*.parquet")):
            try:
                content = path.read_bytes()
                if _NAME.fullmatch(path.name) and path.name == _file_name(name, content):
                    return pq.read_table(pa.BufferReader(content))
            except (OSError, pa.ArrowException) as error:
                _log.warning("a kept verdict cannot be read and is judged again: %s", error)
        return None

    def save(self, name: str, table: pa.Table) -> None:
        """Keep a table under a hash. A disk that refuses costs the time to judge again, and not the build."""
        buffer = pa.BufferOutputStream()
        pq.write_table(table, buffer, compression="zstd")
        content = buffer.getvalue().to_pybytes()
        fresh = self.folder / f".{uuid4().hex}.new"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            fresh.write_bytes(content)
            fresh.replace(self.folder / _file_name(name, content))
        except OSError as error:
            _log.warning("a verdict cannot be kept and will be judged again: %s", error)
            _remove(fresh)

    def prune(self, used: Collection[str], *, older_than: float = FRESH) -> int:
        """Delete what no release uses, and leftovers of killed builds; return how many files are gone.

        Parameters
        ----------
        used
            Hashes that a release of the store names.
        older_than
            Entries younger than this many seconds stay, used or not.
        """
        gone = 0
        before = time.time() - older_than
        for path in self.folder.glob("*") if self.folder.is_dir() else ():
            named = _NAME.fullmatch(path.name)
            if named is not None and named[1] in used:
                continue
            try:
                if path.is_file() and path.stat().st_mtime < before:
                    path.unlink()
                    gone += 1
            except OSError:
                continue  # another one deleted it, or is reading it on Windows
        return gone


def _file_name(name: str, content: bytes) -> str:
    return f"{name}-{hashlib.sha256(content).hexdigest()[:16]}.parquet"


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return
