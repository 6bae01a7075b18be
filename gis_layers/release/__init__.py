"""The store on disk: releases are written whole, swapped in one rename, verified, rolled back."""

from .edition import Edition
from .lock import locked
from .publish import publish
from .store import Release, Store, earlier_disclosure, open_store
from .verdicts import VerdictCache

__all__ = [
    "Edition", "Release", "Store", "VerdictCache", "earlier_disclosure", "locked", "open_store", "publish",
]  # fmt: skip
