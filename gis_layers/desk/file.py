"""The desk's file: made on first need, brought up to date in one transaction, never readable by others."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import SystemFault, Where

DESK = "desk.sqlite"

# Each entry takes the file from the version of its place to the next one. Entries are never changed, only added.
_MIGRATIONS = (
    """
    CREATE TABLE token (
        id TEXT PRIMARY KEY,
        digest BLOB NOT NULL CHECK (length(digest) = 32),
        name TEXT NOT NULL,
        edition TEXT NOT NULL CHECK (edition IN ('public', 'analyst')),
        districts TEXT NOT NULL,
        parents TEXT NOT NULL,
        created TEXT NOT NULL,
        expires TEXT
    );
    CREATE TABLE revocation (
        token TEXT PRIMARY KEY REFERENCES token (id),
        at TEXT NOT NULL,
        reason TEXT NOT NULL
    );
    CREATE TABLE look (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,
        who TEXT NOT NULL,
        name TEXT NOT NULL,
        address TEXT NOT NULL,
        route TEXT NOT NULL,
        layer TEXT NOT NULL,
        slice TEXT NOT NULL,
        status INTEGER NOT NULL
    );
    CREATE INDEX look_at ON look (at);
    CREATE TABLE loss (at TEXT NOT NULL, looks INTEGER NOT NULL);
    CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    -- Journals: what was written stays as it was written. Looks may only go by age, which the code sees to.
    CREATE TRIGGER token_stays BEFORE UPDATE ON token BEGIN SELECT RAISE(ABORT, 'token is a journal'); END;
    CREATE TRIGGER token_remains BEFORE DELETE ON token BEGIN SELECT RAISE(ABORT, 'token is a journal'); END;
    CREATE TRIGGER revocation_stays BEFORE UPDATE ON revocation
        BEGIN SELECT RAISE(ABORT, 'revocation is a journal'); END;
    CREATE TRIGGER revocation_remains BEFORE DELETE ON revocation
        BEGIN SELECT RAISE(ABORT, 'revocation is a journal'); END;
    CREATE TRIGGER look_stays BEFORE UPDATE ON look BEGIN SELECT RAISE(ABORT, 'look is a journal'); END;
    CREATE TRIGGER loss_stays BEFORE UPDATE ON loss BEGIN SELECT RAISE(ABORT, 'loss is a journal'); END;
    """,
    """
    -- What goes out: planned with its signals in one transaction, then tried; every try is a row of its own.
    CREATE TABLE delivery (
        id TEXT PRIMARY KEY,
        subscription TEXT NOT NULL,
        channel TEXT NOT NULL,
        target TEXT NOT NULL,
        release TEXT NOT NULL,
        edition TEXT NOT NULL CHECK (edition IN ('public', 'analyst')),
        created TEXT NOT NULL,
        body BLOB NOT NULL
    );
    CREATE TABLE delivered_signal (
        subscription TEXT NOT NULL,
        signal TEXT NOT NULL,
        delivery TEXT NOT NULL REFERENCES delivery (id),
        PRIMARY KEY (subscription, signal)
    );
    CREATE TABLE attempt (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        delivery TEXT NOT NULL REFERENCES delivery (id),
        at TEXT NOT NULL,
        outcome TEXT NOT NULL CHECK (outcome IN ('begun', 'sent', 'failed', 'refused', 'revived')),
        detail TEXT NOT NULL
    );
    CREATE INDEX attempt_of ON attempt (delivery);
    CREATE TRIGGER delivery_stays BEFORE UPDATE ON delivery
        BEGIN SELECT RAISE(ABORT, 'delivery is a journal'); END;
    CREATE TRIGGER delivery_remains BEFORE DELETE ON delivery
        BEGIN SELECT RAISE(ABORT, 'delivery is a journal'); END;
    CREATE TRIGGER delivered_signal_stays BEFORE UPDATE ON delivered_signal
        BEGIN SELECT RAISE(ABORT, 'delivered_signal is a journal'); END;
    CREATE TRIGGER delivered_signal_remains BEFORE DELETE ON delivered_signal
        BEGIN SELECT RAISE(ABORT, 'delivered_signal is a journal'); END;
    CREATE TRIGGER attempt_stays BEFORE UPDATE ON attempt BEGIN SELECT RAISE(ABORT, 'attempt is a journal'); END;
    CREATE TRIGGER attempt_remains BEFORE DELETE ON attempt BEGIN SELECT RAISE(ABORT, 'attempt is a journal'); END;
    """,
    """
    -- A receiver may ask to be left alone until an instant.
    ALTER TABLE attempt ADD COLUMN not_before TEXT NOT NULL DEFAULT '';
    -- Deliveries and attempts go by age, never within 30 days. Their signals stay, or they would go out again.
    CREATE TABLE signal_out (
        subscription TEXT NOT NULL,
        signal TEXT NOT NULL,
        delivery TEXT NOT NULL,
        PRIMARY KEY (subscription, signal)
    );
    INSERT INTO signal_out SELECT subscription, signal, delivery FROM delivered_signal;
    DROP TABLE delivered_signal;
    ALTER TABLE signal_out RENAME TO delivered_signal;
    CREATE TRIGGER delivered_signal_stays BEFORE UPDATE ON delivered_signal
        BEGIN SELECT RAISE(ABORT, 'delivered_signal is a journal'); END;
    CREATE TRIGGER delivered_signal_remains BEFORE DELETE ON delivered_signal
        BEGIN SELECT RAISE(ABORT, 'delivered_signal is a journal'); END;
    DROP TRIGGER delivery_remains;
    DROP TRIGGER attempt_remains;
    CREATE TRIGGER delivery_remains BEFORE DELETE ON delivery
        WHEN OLD.created >= strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-30 days')
        BEGIN SELECT RAISE(ABORT, 'delivery is a journal'); END;
    CREATE TRIGGER attempt_remains BEFORE DELETE ON attempt
        WHEN OLD.at >= strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-30 days')
        BEGIN SELECT RAISE(ABORT, 'attempt is a journal'); END;
    """,
)

VERSION = len(_MIGRATIONS)
_PATIENCE = 10.0


@contextmanager
def open_desk(store: Path, *, create: bool = True) -> Iterator[sqlite3.Connection]:
    """Open the desk of a store, made or brought up to date where that is needed, and close it again.

    Every statement is its own transaction unless :func:`transaction` holds several together.

    Parameters
    ----------
    store
        Folder of the store.
    create
        Whether a desk that is not there is made; without it, FileNotFoundError.

    Raises
    ------
    SystemFault
        If the file is damaged, of a newer version, or the disk refuses.
    FileNotFoundError
        If there is no desk and none is to be made.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, open_desk(Path(folder)) as desk:
    ...     desk.execute("PRAGMA journal_mode").fetchone()[0]
    'wal'
    """
    path = store / DESK
    with _faults(path):
        if not path.exists():
            if not create:
                raise FileNotFoundError(path)
            _make_private(path)
        desk = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
        try:
            # Readers never wait for the writer, and the writer never for readers.
            desk.execute("PRAGMA journal_mode = WAL")
            desk.execute("PRAGMA foreign_keys = ON")
            _migrate(desk, path)
            yield desk
        finally:
            desk.close()


@contextmanager
def transaction(desk: sqlite3.Connection) -> Iterator[None]:
    """Hold statements together: all of them are written, or none."""
    desk.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        desk.execute("ROLLBACK")
        raise
    desk.execute("COMMIT")


def _make_private(path: Path) -> None:
    """Make the empty file before SQLite does: hashes of tokens and the trace are not for other users."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise SystemFault(
            f"the desk cannot be made: {error.strerror or error}",
            Where(file=path),
            remedy="check who owns the folder",
        ) from error
    if os.name != "nt" and os.geteuid() == 0:
        # Made by the administrator, written by the server: it belongs to whom the store belongs to.
        owner = path.parent.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def _migrate(desk: sqlite3.Connection, path: Path) -> None:
    if _version(desk) == VERSION:
        return
    # Looked at again under the lock: another process may have done it meanwhile.
    with transaction(desk):
        held = _version(desk)
        if held > VERSION:
            raise SystemFault(
                f"the desk was written by a newer version (format {held}, known are up to {VERSION})",
                Where(file=path),
                remedy="use that version, or a store of its own",
            )
        for step in range(held, VERSION):
            for statement in _statements(_MIGRATIONS[step]):
                desk.execute(statement)
            desk.execute(f"PRAGMA user_version = {step + 1}")


def _version(desk: sqlite3.Connection) -> int:
    return int(desk.execute("PRAGMA user_version").fetchone()[0])


def _statements(script: str) -> Iterator[str]:
    """Split a script: `executescript` would end the transaction that holds it together."""
    held = ""
    for line in script.splitlines(keepends=True):
        held += line
        if sqlite3.complete_statement(held):
            yield held
            held = ""


@contextmanager
def _faults(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise SystemFault(
            f"the desk cannot be used: {error}",
            Where(file=path),
            remedy="see to the disk; a damaged desk is taken from a backup (`audan releases backup`)",
        ) from error
