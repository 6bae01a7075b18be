"""From a grant to the release that answers it: an edition, whole or narrowed to some districts."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass, replace

from gis_layers.desk import Scope
from gis_layers.errors import SystemFault

from ..errors import ApiError
from ..release import Current, Snapshot
from ..settings import EditionName, ServerSettings
from .grant import Grant
from .narrow import chosen, narrowed

SCOPES_KEPT = 32
"""Narrowed releases held at a time; the least recently used go first."""


@dataclass(frozen=True)
class View:
    """What one request sees.

    Parameters
    ----------
    snapshot
        The release that answers, whole or narrowed.
    settings
        The server's settings, with the edition of the view.
    grant
        Whose view it is.
    key
        Differs between views that may answer differently; part of every tag.
    """

    snapshot: Snapshot
    settings: ServerSettings
    grant: Grant
    key: str

    @property
    def edition(self) -> EditionName:
        return self.settings.edition

    @property
    def private(self) -> bool:
        """Whether the answer is for this caller alone, and for no shared cache."""
        return self.edition != "public" or not self.grant.anonymous


class Views:
    """The releases that a server answers from, by edition and scope.

    Parameters
    ----------
    settings
        The server's settings; the edition that they name is read at once, the other when first granted.
    """

    def __init__(self, settings: ServerSettings) -> None:
        self.settings = settings
        self.home = Current(settings)
        self._currents: dict[EditionName, Current] = {settings.edition: self.home}
        self._settings: dict[EditionName, ServerSettings] = {settings.edition: settings}
        self._narrow: OrderedDict[tuple[str, str, Scope], Snapshot | None] = OrderedDict()
        self._lock = threading.Lock()
        self._loading = threading.Lock()

    def ready(self, grant: Grant) -> View | None:
        """Return the view of a grant if it is in memory, else None."""
        current = self._currents.get(grant.edition)
        if current is None:
            return None
        snapshot = current.snapshot
        if not grant.scope.everywhere:
            with self._lock:
                key = (grant.edition, snapshot.release, grant.scope)
                if key not in self._narrow:
                    return None
                self._narrow.move_to_end(key)
                found = self._narrow[key]
            if found is None:
                raise _beyond()
            snapshot = found
        return View(snapshot, self._settings[grant.edition], grant, _key(grant))

    def view(self, grant: Grant) -> View:
        """Return the view of a grant; reads the edition or narrows the release where that was not done yet.

        Raises
        ------
        ApiError
            403 if the server has not that edition, or its release none of the districts.
        """
        # One at a time: each of several first requests would do the same work.
        with self._loading:
            if grant.edition not in self._currents:
                settings = replace(self.settings, edition=grant.edition)
                try:
                    self._currents[grant.edition] = Current(settings)
                except SystemFault as error:
                    raise _not_held(grant.edition) from error
                self._settings[grant.edition] = settings
            made = self.ready(grant)
            if made is not None:
                return made
            snapshot = self._currents[grant.edition].snapshot
            keep = chosen(snapshot, grant.scope)
            part = narrowed(snapshot, keep, self.settings.cache_megabytes << 20) if keep.any() else None
            with self._lock:
                self._narrow[grant.edition, snapshot.release, grant.scope] = part
                for key in [
                    key for key in self._narrow if key[0] == grant.edition and key[1] != snapshot.release
                ]:
                    del self._narrow[key]
                while len(self._narrow) > SCOPES_KEPT:
                    self._narrow.popitem(last=False)
        if part is None:
            raise _beyond()
        return View(part, self._settings[grant.edition], grant, _key(grant))

    async def follow(self) -> None:
        """Ask the store for new releases again and again, off the event loop, until cancelled."""
        while self.settings.reload_seconds:
            await asyncio.sleep(self.settings.reload_seconds)
            for current in list(self._currents.values()):
                await asyncio.to_thread(current.refresh)


def _key(grant: Grant) -> str:
    if grant.scope.everywhere:
        return grant.edition
    codes = repr((grant.scope.districts, grant.scope.parents)).encode()
    return f"{grant.edition}-{hashlib.sha256(codes).hexdigest()[:16]}"


def _beyond() -> ApiError:
    return ApiError(403, "the release holds none of the districts that the token is limited to")


def _not_held(edition: str) -> ApiError:
    return ApiError(403, f"the token opens the {edition} edition, which this server does not hold")
