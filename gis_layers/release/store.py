"""A store and its releases: which there are, which is current, are they whole, go back, prune."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import SystemFault, UsageError, Where
from .backup import backup_store
from .edition import Edition, open_edition
from .files import disk_faults, files_of, flush, replace_text, sha256
from .lock import locked

RELEASE_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")
EDITIONS = ("public", "analyst")


@dataclass(frozen=True)
class Release:
    """One release: a folder that never changes once it has its name."""

    id: str
    folder: Path

    @property
    def manifest(self) -> dict[str, Any]:
        """What the release was made of: files with hashes, inputs, settings, version, ledger totals."""
        return json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]

    def edition(self, name: str) -> Edition:
        """Open the ``public`` or the ``analyst`` edition.

        Raises
        ------
        UsageError
            If there is no edition of that name.
        SystemFault
            If this copy of the release does not hold it.
        """
        if name not in EDITIONS:
            raise UsageError("unknown edition", Where(value=name), remedy=f"use {' or '.join(EDITIONS)}")
        return open_edition(self.folder / name, self.id)


@dataclass(frozen=True)
class Store:
    """A folder of releases of one area.

    Examples
    --------
    ``open_store(path).current().edition("public").districts()``
    """

    path: Path

    def releases(self) -> list[str]:
        """Return the ids of all whole releases, oldest first."""
        return release_ids(self.path)

    def release(self, name: str) -> Release:
        """Return a release by its id.

        Raises
        ------
        UsageError
            If the store holds none of that id.
        """
        if name not in self.releases():
            raise UsageError("the store holds no such release", Where(file=self.path, value=name))
        return Release(name, self.path / "releases" / name)

    def current(self) -> Release:
        """Return the release that is served.

        Raises
        ------
        SystemFault
            If nothing was published yet, or the release that `current` names is gone.
        """
        try:
            name = (self.path / "current").read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            raise SystemFault(
                "the store has no current release",
                Where(file=self.path),
                remedy="build one with `audan build`",
            ) from None
        if name not in self.releases():
            raise SystemFault(
                "the current release is missing from the store",
                Where(file=self.path / "current", value=name),
                remedy="roll back to another (`audan releases rollback`) or restore the store from a backup",
            )
        return Release(name, self.path / "releases" / name)

    def verify(self, name: str) -> list[str]:
        """Compare every file of a release with its manifest; return what is wrong, nothing if all is well."""
        release = self.release(name)
        try:
            raw = (release.folder / "manifest.json").read_bytes()
            files = json.loads(raw)["files"]
        except (OSError, ValueError, KeyError) as error:
            return [f"manifest.json cannot be read ({error})"]
        problems = []
        if hashlib.sha256(raw).hexdigest()[:8] != name[-8:]:
            problems.append("manifest.json is not the one the release was published with")
        present = dict(files_of(release.folder))
        present.pop("manifest.json", None)
        for path, expected in files.items():
            if path not in present:
                problems.append(f"{path} is missing")
            elif (
                present[path].stat().st_size != expected["bytes"]
                or sha256(present[path]) != expected["sha256"]
            ):
                problems.append(f"{path} has changed")
        problems += [f"{path} was added" for path in present if path not in files]
        return problems

    def rollback(self, name: str | None = None) -> str:
        """Make another release current: that of the id given, else the one before the current.

        Returns
        -------
        str
            Id of the release that is current now.

        Raises
        ------
        UsageError
            If there is no such release, or none before the current.
        SystemFault
            If that release is damaged, or a build is running.
        """
        with disk_faults(self.path), locked(self.path):
            if name is None or name == "previous":
                name = self._previous()
            self.release(name)
            if problems := self.verify(name):
                raise SystemFault(
                    f"release {name} is damaged: {'; '.join(problems)}", remedy="choose another"
                )
            replace_text(self.path / "current", name + "\n")
        return name

    def _previous(self) -> str:
        now = (self.path / "current").read_text(encoding="utf-8").strip() if self._has_current() else "~"
        earlier = [release for release in self.releases() if release < now]
        if not earlier:
            raise UsageError("there is no release before the current one", Where(file=self.path))
        return earlier[-1]

    def _has_current(self) -> bool:
        return (self.path / "current").is_file()

    def prune(self, keep: int) -> list[str]:
        """Delete all but the newest releases; the current one always stays, and so does the desk.

        Returns
        -------
        list of str
            Ids of the releases deleted.
        """
        if keep < 1:
            raise UsageError("at least one release must be kept", Where(value=keep))
        with disk_faults(self.path), locked(self.path):
            sweep(self.path)
            now = (self.path / "current").read_text(encoding="utf-8").strip() if self._has_current() else ""
            gone = [release for release in self.releases()[:-keep] if release != now]
            for release in gone:
                # Renamed first: a prune that is killed half-way leaves no release that only looks whole.
                doomed = self.path / "releases" / f".removing-{release}"
                (self.path / "releases" / release).replace(doomed)
                flush(self.path / "releases")
                shutil.rmtree(doomed)
        return gone

    def backup(self, target: Path) -> None:
        """Copy the current release and the desk to a new folder, as a store of its own, and verify it.

        Raises
        ------
        UsageError
            If the target exists and is not empty.
        """
        with disk_faults(target), locked(self.path):
            name = self.current().id
            backup_store(self.path, name, target)
        if problems := Store(target).verify(name):
            raise SystemFault(f"the backup is damaged: {'; '.join(problems)}", Where(file=target))


def release_ids(store: Path) -> list[str]:
    """Return the ids of the whole releases of a store, oldest first; none if there is no store."""
    folder = store / "releases"
    if not folder.is_dir():
        return []
    return sorted(
        entry.name for entry in folder.iterdir() if RELEASE_ID.fullmatch(entry.name) and entry.is_dir()
    )


def earlier_disclosure(store: Path) -> Path | None:
    """Return the folder of the newest release that holds a disclosure record, None if there is none.

    It is the newest ever published, not the current one: what was public before a rollback was public.
    """
    for name in reversed(release_ids(store)):
        if (store / "releases" / name / "disclosure.parquet").is_file():
            return store / "releases" / name
    return None


def sweep(store: Path) -> None:
    """Remove what killed builds and prunes left behind. Only for the holder of the lock."""
    folder = store / "releases"
    leftovers = [*folder.glob(".building-*"), *folder.glob(".removing-*")] if folder.is_dir() else []
    for left in leftovers:
        shutil.rmtree(left, ignore_errors=True)
    for left in store.glob(".current.*.new"):
        left.unlink(missing_ok=True)


def open_store(path: Path | str) -> Store:
    """Open a store.

    Raises
    ------
    SystemFault
        If the folder is no store.
    """
    folder = Path(path)
    if not (folder / "releases").is_dir():
        raise SystemFault(
            "there is no store here",
            Where(file=folder),
            remedy="build one with `audan build AREA.toml --store DIR`",
        )
    return Store(folder)
