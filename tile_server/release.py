"""A release in memory, and the exchange of one release for the next while requests run.

A `Snapshot` never changes. A request takes the snapshot of its first moment and keeps it to its end, so
that an answer is never made of two releases; the old one is freed when its last request has ended.
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

from gis_layers.errors import AudanError
from gis_layers.release import Edition, Store, open_store

from .cache import Cache
from .collections import Collection, collections_of
from .errors import not_found
from .ogc.bridge import Bridge
from .places import Places
from .settings import ServerSettings
from .table import Table, make_table
from .texts import Names, names_of
from .tiles.encode import Tiler

LOGGER = logging.getLogger(__name__)

_REST_SECONDS = 30.0


@dataclass(frozen=True)
class Snapshot:
    """One edition of one release, ready to be served.

    Parameters
    ----------
    release
        Id of the release.
    edition
        The edition on disk; only its styles are still read from there.
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
    edition: Edition
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


def load_snapshot(store: Store, settings: ServerSettings) -> Snapshot:
    """Read the current release into memory; what cannot be described fails here, before it is served."""
    release = store.current()
    edition = release.edition(settings.edition)
    frame = edition.districts()
    places = Places([str(code) for code in frame["district"]], frame.geometry.to_numpy())
    tables = {
        meta["id"]: make_table(meta, partial(_column, edition, meta["id"]), places.codes)
        for meta in edition.catalogue["layers"]
        if meta["geometry"] in ("polygon", "none")
    }
    pa.default_memory_pool().release_unused()
    collections = collections_of(tables)
    return Snapshot(
        release=release.id,
        edition=edition,
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
    """Holds the snapshot that new requests get, and follows the store."""

    def __init__(self, settings: ServerSettings) -> None:
        self.settings = settings
        self.store = open_store(settings.store)
        self._lock = threading.Lock()
        self._snapshot = load_snapshot(self.store, settings)
        self._refused = ("", 0.0)

    @property
    def snapshot(self) -> Snapshot:
        return self._snapshot

    def refresh(self) -> bool:
        """Load the current release if it is another one; tell whether it took the old one's place."""
        with self._lock:
            name = ""
            try:
                name = self.store.current().id
                if name == self._snapshot.release or self._waits(name):
                    return False
                fresh = load_snapshot(self.store, self.settings)
            except Exception as error:
                # Whatever is wrong with the new release, the old one goes on and the store is asked again.
                LOGGER.error(
                    "the new release is not served: %s", error, exc_info=not isinstance(error, AudanError)
                )
                self._refused = (name, time.monotonic())
                return False
            self._snapshot = fresh
            LOGGER.info("serving release %s", fresh.release)
            return True

    def _waits(self, name: str) -> bool:
        """Tell whether a release that could not be loaded should rest before the next attempt."""
        refused, when = self._refused
        return name == refused and time.monotonic() - when < _REST_SECONDS

    async def follow(self) -> None:
        """Ask the store again and again, off the event loop, until cancelled."""
        while self.settings.reload_seconds:
            await asyncio.sleep(self.settings.reload_seconds)
            await asyncio.to_thread(self.refresh)
