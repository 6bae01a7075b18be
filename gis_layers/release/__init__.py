"""The store on disk: releases are written whole, swapped in one rename, verified, rolled back."""

from .edition import Edition, published_rasters
from .lock import locked
from .publish import publish, require_area
from .secret import refuse_after_rounding, rounding_key
from .store import Release, Store, earlier_disclosure, open_store
from .verdicts import VerdictCache

__all__ = [
    "Edition", "Release", "Store", "VerdictCache", "earlier_disclosure", "locked", "open_store", "publish",
    "published_rasters", "refuse_after_rounding", "require_area", "rounding_key",
]  # fmt: skip
