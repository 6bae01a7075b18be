"""A store and its releases: which there are, which is current, are they whole, go back, prune."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import SystemFault, UsageError, Where
from .backup import DISCLOSURE, WITHHELD, backup_store
from .coverages import prune_coverages
from .edition import Edition, open_edition
from .files import disk_faults, flush, replace_text
from .lock import locked
from .verdicts import VerdictCache
from .verify import MANIFEST, damage, reading

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
        with reading(self.folder / MANIFEST, self.id):
            return json.loads((self.folder / MANIFEST).read_text(encoding="utf-8"))  # type: ignore[no-any-return]

    @property
    def revisions(self) -> dict[str, Any] | None:
        """What the release says otherwise than the one before it, in numbers; None if that is not known."""
        try:
            found = self.manifest.get("revisions")
        except (SystemFault, OSError, ValueError, AttributeError):
            return None
        return found if isinstance(found, dict) else None

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

    def verify(self, edition: str | None = None) -> list[str]:
        """Compare every file (of one edition) with the manifest; return what is wrong, nothing if all is well."""
        return damage(self.folder, self.id, edition)


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

    def named(self) -> str | None:
        """Return the id that `current` names, whether or not the store holds it; None if it names none."""
        try:
            name = (self.path / "current").read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            return None
        return name if RELEASE_ID.fullmatch(name) else None

    def current(self) -> Release:
        """Return the current release.

        Raises
        ------
        SystemFault
            If nothing was published yet, `current` names no release, or the one it names is gone.
        """
        name = self._named()
        # Between two looks the next release may have been published and this one pruned.
        while name not in self.releases() and (now := self._named()) != name:
            name = now
        return self._held(name)

    def _named(self) -> str:
        name = self.named()
        if name is not None:
            return name
        if (self.path / "current").exists():
            raise SystemFault(
                "`current` names no release",
                Where(file=self.path / "current"),
                remedy="choose one (`audan releases rollback`) or build again",
            )
        raise SystemFault(
            "the store has no current release", Where(file=self.path), remedy="build one with `audan build`"
        )

    def _held(self, name: str) -> Release:
        if name not in self.releases():
            raise SystemFault(
                "the current release is missing from the store",
                Where(file=self.path / "current", value=name),
                remedy="roll back to another (`audan releases rollback`) or restore the store from a backup",
            )
        return Release(name, self.path / "releases" / name)

    def whole(self, edition: str) -> tuple[Release, list[str]]:
        """Return the release to serve an edition of: the current one, else the newest whole one before it.

        A release newer than the one that `current` names was withdrawn or never made current, and is not
        fallen back to; and if `current` names none, nobody knows which were withdrawn.

        Returns
        -------
        Release
            The first release whose edition is whole.
        list of str
            What is wrong with those that were passed over, a sentence each; empty if none was.

        Raises
        ------
        SystemFault
            If `current` names no release, or none is whole.
        """
        named = self._named()
        passed: list[str] = []
        for name in [named, *(name for name in reversed(self.releases()) if name < named)]:
            release = Release(name, self.path / "releases" / name)
            problems = release.verify(edition)
            if not problems:
                return release, passed
            passed.append(f"release {name} is damaged: {listed(problems)}")
        self._held(named).edition(edition)
        raise SystemFault(
            f"the store has no whole release: {listed(passed)}",
            Where(file=self.path),
            remedy="build again, or restore the store from a backup",
        )

    def verify(self, name: str, edition: str | None = None) -> list[str]:
        """Compare every file of a release (of one edition) with its manifest; return what is wrong."""
        return self.release(name).verify(edition)

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
                raise SystemFault(f"release {name} is damaged: {listed(problems)}", remedy="choose another")
            replace_text(self.path / "current", name + "\n")
        return name

    def _previous(self) -> str:
        now = self.named() or "~"
        earlier = [release for release in self.releases() if release < now]
        if not earlier:
            raise UsageError("there is no release before the current one", Where(file=self.path))
        return earlier[-1]

    def prune(self, keep: int) -> list[str]:
        """Delete all but the newest releases; the current one always stays, and so does the desk.

        What was cached for the deleted ones alone goes with them.

        Returns
        -------
        list of str
            Ids of the releases deleted.

        Raises
        ------
        SystemFault
            If `current` names no release, a build is running, or the disk fails.
        """
        if keep < 1:
            raise UsageError("at least one release must be kept", Where(value=keep))
        with disk_faults(self.path), locked(self.path):
            sweep(self.path)
            # Where nobody knows which release is current, none is deleted.
            now = self._named() if self.releases() else None
            gone = [release for release in self.releases()[:-keep] if release != now]
            for release in gone:
                # Renamed first: a prune that is killed half-way leaves no release that only looks whole.
                doomed = self.path / "releases" / f".removing-{release}"
                (self.path / "releases" / release).replace(doomed)
                flush(self.path / "releases")
                shutil.rmtree(doomed)
            VerdictCache(self.path).prune(verdicts_in_use(self.path))
            prune_coverages(self.path)
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
            backup_store(self.path, name, target, withheld=earlier_disclosure(self.path))
        if problems := Store(target).verify(name):
            raise SystemFault(f"the backup is damaged: {listed(problems)}", Where(file=target))


def listed(problems: Sequence[str], most: int = 10) -> str:
    """Return problems as one paragraph, the first ones by name."""
    rest = f"; and {len(problems) - most} more" if len(problems) > most else ""
    return "; ".join(problems[:most]) + rest


def release_ids(store: Path) -> list[str]:
    """Return the ids of the whole releases of a store, oldest first; none if there is no store."""
    folder = store / "releases"
    if not folder.is_dir():
        return []
    return sorted(
        entry.name for entry in folder.iterdir() if RELEASE_ID.fullmatch(entry.name) and entry.is_dir()
    )


def earlier_disclosure(store: Path) -> Path | None:
    """Return the record of what the newest release withheld, None if none withheld any.

    It is the newest ever published, not the current one: what was public before a rollback was public. A backup
    that was made after one keeps the record beside its releases (:func:`gis_layers.release.backup.backup_store`).
    """
    found = {name: store / "releases" / name / DISCLOSURE for name in release_ids(store)}
    found |= {path.parent.name: path for path in (store / WITHHELD).glob(f"*/{DISCLOSURE}")}
    return next((found[name] for name in sorted(found, reverse=True) if found[name].is_file()), None)


def verdicts_in_use(store: Path) -> set[str]:
    """Return the hashes of all verdicts that a release of a store holds; a damaged manifest names none."""
    used: set[str] = set()
    for name in release_ids(store):
        try:
            text = (store / "releases" / name / "manifest.json").read_text(encoding="utf-8")
            manifest = json.loads(text)
            for key in ("verdicts", "public_verdicts"):
                used |= {mark["hash"] for mark in manifest.get(key, {}).get("months", {}).values()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
    return used


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
