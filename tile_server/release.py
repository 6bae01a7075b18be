"""A release in memory, and the exchange of one release for the next while requests run.

A `Snapshot` never changes. A request takes the snapshot of its first moment and keeps it to its end, so
that an answer is never made of two releases; the old one is freed when its last request has ended. Nothing
of it is read from the disk again: the store may be moved, damaged or pruned under a running server.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pyarrow as pa

from gis_layers.errors import AudanError, SystemFault
from gis_layers.release import Edition, Release, open_store
from gis_layers.release.store import listed

from .cache import Cache
from .collections import Collection, collections_of
from .errors import not_found
from .ogc.bridge import Bridge
from .places import Places
from .remembered import Remembered, remember
from .settings import ServerSettings
from .table import Table, make_table
from .texts import Names, names_of
from .tiles.encode import Tiler

LOGGER = logging.getLogger(__name__)

_REST_SECONDS = 30.0
_NAMELESS = "none"
"""What stands for the current release of a store that names none, or that is gone."""


@dataclass(frozen=True)
class Snapshot:
    """One edition of one release, ready to be served.

    Parameters
    ----------
    release
        Id of the release.
    edition
        What of the edition is asked for beside its tables: districts, styles, the stuff of explanations.
    tables, collections
        Layers by id, and what is offered of them by name.
    places
        Districts and their shapes.
    names
        Names of codes by language.
    tiler
        Cuts tiles of this release.
    bridge
        pygeoapi over this release.
    cache
        Ready answers of this release.
    """

    release: str
    edition: Remembered
    catalogue: dict[str, Any]
    tables: dict[str, Table] = field(repr=False)
    collections: dict[str, Collection] = field(repr=False)
    places: Places = field(repr=False)
    names: Names = field(repr=False)
    tiler: Tiler = field(repr=False)
    bridge: Bridge = field(repr=False)
    cache: Cache = field(repr=False)

    @property
    def languages(self) -> list[str]:
        """Languages of the area, the first is the default."""
        return list(self.catalogue["area"]["languages"])

    def collection(self, name: str) -> Collection:
        """Return a collection, or say 404."""
        found = self.collections.get(name)
        if found is None:
            raise not_found(f"there is no collection {name[:64]!r}; /collections lists them")
        return found


def load_snapshot(release: Release, settings: ServerSettings) -> Snapshot:
    """Read a release into memory; what cannot be described fails here, before it is served."""
    edition = release.edition(settings.edition)
    frame = edition.districts()
    places = Places([str(code) for code in frame["district"]], frame.geometry.to_numpy())
    tables = {
        meta["id"]: make_table(meta, partial(_column, edition, meta["id"]), places)
        for meta in edition.catalogue["layers"]
    }
    pa.default_memory_pool().release_unused()
    collections = collections_of(tables)
    return Snapshot(
        release=release.id,
        edition=remember(edition, tables, frame),
        catalogue=edition.catalogue,
        tables=tables,
        collections=collections,
        places=places,
        names=names_of(tables, list(edition.catalogue["area"]["languages"])),
        tiler=Tiler(places, frame, edition.catalogue["area"]["languages"], edition.prepared()),
        bridge=Bridge(release.id, edition.catalogue, collections, places),
        cache=Cache(settings.cache_megabytes << 20),
    )


def _column(edition: Edition, layer: str, name: str) -> pa.Array:
    return edition.table(layer, columns=[name]).column(0).combine_chunks()


class Current:
    """Holds the snapshot that new requests get, and follows the store.

    If the current release is damaged when the server starts, the newest whole one before it is served.

    Raises
    ------
    SystemFault
        If the store names no current release, or neither that one nor one before it is whole.
    """

    def __init__(self, settings: ServerSettings) -> None:
        self.settings = settings
        self.store = open_store(settings.store)
        self._lock = threading.Lock()
        self._refused, self._refused_at = "", 0.0
        release, passed = self.store.whole(settings.edition)
        for sentence in passed:
            LOGGER.error("%s; serving release %s instead", sentence, release.id)
        if passed:
            self._refuse(self.store.named())
        self._snapshot = load_snapshot(release, settings)

    @property
    def snapshot(self) -> Snapshot:
        return self._snapshot

    @property
    def refused(self) -> str | None:
        """Id of the release that should be served but cannot be; None while all is well."""
        return self._refused or None

    def refresh(self) -> bool:
        """Load the current release if it is another one; tell whether it took the old one's place."""
        with self._lock:
            name = self.store.named() or _NAMELESS
            if name == self._snapshot.release:
                self._refused = ""
                return False
            if name == self._refused and time.monotonic() - self._refused_at < _REST_SECONDS:
                return False
            try:
                release = self.store.current()
                if problems := release.verify(self.settings.edition):
                    raise SystemFault(f"release {release.id} is damaged: {listed(problems)}")
                fresh = load_snapshot(release, self.settings)
            except Exception as error:
                # Whatever is wrong with the new release, the old one goes on and the store is asked again.
                LOGGER.error(
                    "the new release is not served: %s", error, exc_info=not isinstance(error, AudanError)
                )
                self._refuse(name)
                return False
            self._snapshot, self._refused = fresh, ""
            LOGGER.info("serving release %s", fresh.release)
            return True

    def _refuse(self, name: str | None) -> None:
        """Let a release that could not be loaded rest before the next attempt."""
        self._refused, self._refused_at = name or _NAMELESS, time.monotonic()

    async def follow(self) -> None:
        """Ask the store again and again, off the event loop, until cancelled."""
        while self.settings.reload_seconds:
            await asyncio.sleep(self.settings.reload_seconds)
            await asyncio.to_thread(self.refresh)
