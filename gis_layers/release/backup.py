"""A backup: the current release, the desk and the secret of rounding as a store of their own."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from ..desk.file import DESK
from ..errors import UsageError, Where
from .files import disk_faults, files_of, flush_tree, replace_text
from .secret import KEY

DISCLOSURE = "disclosure.parquet"
"""Of a release: what it withheld, and the counts behind."""

WITHHELD = "withheld"
"""Folder of a backup: the record of the newest release, where another one was current."""


def backup_store(store: Path, release: str, target: Path, *, withheld: Path | None = None) -> None:
    """Copy one release, the desk and the secret of a store to a folder that does not exist yet (or is empty).

    The desk is copied through SQLite's own backup, so that a server may write to it meanwhile. `current`
    is written last: a backup that was killed is recognised by its absence; one that fails leaves nothing.

    Raises
    ------
    UsageError
        If the target is not empty.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError("the target of a backup must be a new or empty folder", Where(file=target))
    copied = target / "releases" / release
    copied.mkdir(parents=True)
    try:
        with disk_faults(target):
            for name, path in files_of(store / "releases" / release):
                (copied / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, copied / name)
            if (store / DESK).is_file():
                _copy_desk(store / DESK, target / DESK)
            if withheld is not None and withheld.parent.name != release:
                (target / WITHHELD / withheld.parent.name).mkdir(parents=True)
                shutil.copyfile(withheld, target / WITHHELD / withheld.parent.name / DISCLOSURE)
            if (store / KEY).is_file():
                (target / KEY).touch(mode=0o600)
                shutil.copyfile(store / KEY, target / KEY)
            flush_tree(target)
            replace_text(target / "current", release + "\n")
    except BaseException:
        for name in ("releases", WITHHELD):
            shutil.rmtree(target / name, ignore_errors=True)
        for name in (DESK, KEY):
            (target / name).unlink(missing_ok=True)
        raise


def _copy_desk(desk: Path, target: Path) -> None:
    target.touch(mode=0o600)
    with closing(sqlite3.connect(desk)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
