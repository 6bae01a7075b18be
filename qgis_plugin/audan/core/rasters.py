"""Rasters that were fetched: kept in the person's profile as long as they are used, then pruned."""

import hashlib
import os
import re
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from qgis.core import QgsApplication

from .fault import Fault

KEPT_DAYS = 30
"""A raster that nothing has shown for so long is pruned."""


def folder() -> Path:
    """Return the folder of the rasters in QGIS's profile."""
    return Path(QgsApplication.qgisSettingsDirPath()) / "audan" / "rasters"


def file_of(*parts: str) -> Path:
    """Return the file that parts of a name stand for, of which none can lead out of the folder or be too long."""
    whole = "\n".join(parts)
    readable = re.sub(r"[^\w-]", "_", "-".join(parts))[:60]
    return folder() / f"{readable}-{hashlib.sha256(whole.encode()).hexdigest()[:12]}.tif"


def keep(file: Path, body: bytes) -> None:
    """Write a raster, whole or not at all.

    Raises
    ------
    Fault
        ``folder`` if the profile cannot be written to.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(".part", "raster-", file.parent)
        with os.fdopen(handle, "wb") as opened:
            opened.write(body)
        Path(part).replace(file)
    except OSError as error:
        raise Fault("folder", folder=str(file.parent), said=error.strerror or str(error)) from None


def use(file: Path) -> None:
    """Note that a raster is in use, which keeps it."""
    with suppress(OSError):
        if file.parent == folder():
            os.utime(file)


def prune(now: float = 0.0) -> None:
    """Remove the rasters that nothing has shown for `KEPT_DAYS`, and what a broken download left behind."""
    oldest = (now or time.time()) - KEPT_DAYS * 86_400
    with suppress(OSError):
        for file in folder().iterdir():
            with suppress(OSError):  # another program holds it
                if file.stat().st_mtime < oldest:
                    file.unlink()
