"""A backup: the current release and the desk as a store of their own."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from ..errors import UsageError, Where
from .files import flush_tree, replace_text

DESK = "desk.sqlite"


def backup_store(store: Path, release: str, target: Path) -> None:
    """Copy one release and the desk of a store to a folder that does not exist yet (or is empty).

    The desk is copied through SQLite's own backup, so that a server may write to it meanwhile. `current`
    is written last: a backup that was interrupted is recognised by its absence.

    Raises
    ------
    UsageError
        If the target is not empty.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError("the target of a backup must be a new or empty folder", Where(file=target))
    (target / "releases").mkdir(parents=True, exist_ok=True)
    shutil.copytree(store / "releases" / release, target / "releases" / release)
    if (store / DESK).is_file():
        with (
            closing(sqlite3.connect(store / DESK)) as source,
            closing(sqlite3.connect(target / DESK)) as copy,
        ):
            source.backup(copy)
    flush_tree(target)
    replace_text(target / "current", release + "\n")
