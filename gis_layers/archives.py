"""Files that hold, or lead to, far more than they seem to."""

from __future__ import annotations

import zipfile
from pathlib import Path

from . import limits
from .errors import InputError, Where

_LEADS_ELSEWHERE = (
    b"<OGRVRT", b"<VRTDataset", b"<OGRWFSDataSource", b"<OGRCSWDataSource", b"gdal_streamed_alg",
)  # fmt: skip
"""What GDAL knows such files by: virtual layers, services on the network, chains of its own programs."""


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


def refuse_indirection(file: Path) -> None:
    """Refuse a file that only tells GDAL what else to open: other files, or addresses on the network.

    Raises
    ------
    InputError
        If it is one: a virtual layer (VRT), the description of a WFS or CSW service, a GDALG file.
    """
    if not file.is_file():
        return
    with file.open("rb") as stream:
        head = stream.read(4096)
    if any(mark in head for mark in _LEADS_ELSEWHERE):
        remedy = "give the layer itself"
        raise InputError("a virtual layer leads to other files", Where(file=file), remedy=remedy)
