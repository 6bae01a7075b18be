"""Files that hold far more than they seem to."""

from __future__ import annotations

import zipfile
from pathlib import Path

from . import limits
from .errors import InputError, Where


def refuse_bomb(file: Path) -> None:
    """Refuse an archive (a workbook, a zipped layer) that unzips to an implausible size.

    Other files pass. The sizes are those that the archive states: the reader stops at them.

    Raises
    ------
    InputError
        If it unzips to more than :mod:`gis_layers.limits` allows, or is damaged.
    """
    if not file.is_file() or not zipfile.is_zipfile(file):
        return
    try:
        with zipfile.ZipFile(file) as archive:
            whole = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        remedy = "save it again"
        raise InputError(f"the archive is damaged: {error}", Where(file=file), remedy=remedy) from None
    ratio = whole / max(1, file.stat().st_size)
    too_dense = whole > limits.UNZIPPED_FREE_BYTES and ratio > limits.UNZIPPED_RATIO
    if whole > limits.UNZIPPED_BYTES or too_dense:
        text = f"the file unzips to {whole / 1e6:,.0f} MB, {ratio:,.0f} times its size"
        raise InputError(text, Where(file=file), remedy="save it as CSV or unzipped if it is what you expect")
