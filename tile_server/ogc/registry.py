"""Where pygeoapi's providers find their release.

pygeoapi constructs a provider on every request from a plain dict, so what a provider reads must be found by
name at module level. Entries are weak: a release goes when the last snapshot and request that use it go.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from weakref import WeakValueDictionary

from ..collections import Collection

_SOURCES: WeakValueDictionary[str, Source] = WeakValueDictionary()
_NUMBERS = itertools.count()


@dataclass(frozen=True, eq=False)
class Source:
    """The collections that providers of one release read."""

    collections: Mapping[str, Collection]


def register(source: Source, release: str) -> str:
    """Enter a source and return its key; it stays as long as somebody else holds the source."""
    key = f"{release}#{next(_NUMBERS)}"
    _SOURCES[key] = source
    return key


def source_of(key: str) -> Source:
    """Return a source by its key.

    Raises
    ------
    KeyError
        If its release is gone.
    """
    return _SOURCES[key]
