"""Which files GDAL is given: layers that hold their own shapes, known by ending and first bytes.

GDAL has some sixty drivers. Several open other files or addresses that a file names (virtual layers, services, GML
with its schema, chains of programs), so a file from elsewhere could read what its sender may not.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

from .errors import InputError, Where

_LEADS_ELSEWHERE = (
    b"<OGRVRT", b"<VRTDataset", b"<OGRWFSDataSource", b"<OGRCSWDataSource", b"gdal_streamed_alg",
)  # fmt: skip
"""What GDAL knows such files by: virtual layers, services on the network, chains of its own programs."""

_HEAD = 4096
_BOM = b"\xef\xbb\xbf"


def _is_json(head: bytes) -> bool:
    # RFC 8142 begins every record of a sequence with the sign RS.
    return head.removeprefix(_BOM).lstrip(b" \t\r\n\x1e").startswith(b"{")


def _is_sqlite(head: bytes) -> bool:
    return head.startswith(b"SQLite format 3\0")


def _is_flatgeobuf(head: bytes) -> bool:
    return head.startswith(b"fgb")


def _is_shapefile(head: bytes) -> bool:
    return head.startswith(b"\x00\x00\x27\x0a")


FORMATS: dict[str, tuple[str, Callable[[bytes], bool]]] = {
    ".geojson": ("GeoJSON", _is_json),
    ".json": ("GeoJSON", _is_json),
    ".geojsonl": ("GeoJSON", _is_json),
    ".geojsons": ("GeoJSON", _is_json),
    ".gpkg": ("GeoPackage", _is_sqlite),
    ".fgb": ("FlatGeobuf", _is_flatgeobuf),
    ".shp": ("shapefile", _is_shapefile),
}
"""By ending, the format and how its files begin."""

BESIDE = (".dbf", ".shx", ".prj", ".cpg", ".qpj", ".qix", ".sbn", ".sbx", ".xml", ".txt", ".md", ".pdf")
"""What may lie in a zipped layer beside the layer itself; GDAL opens none of it on its own."""

NAMED = "GeoJSON, GeoPackage, FlatGeobuf, shapefile (each also in a .zip)"


def refuse_other_formats(file: Path) -> None:
    """Refuse a file that GDAL would open as anything but a plain layer.

    Raises
    ------
    InputError
        If it only tells what else to open, has another ending, or does not begin as its ending says.
    """
    if file.suffix.lower() == ".zip":
        _refuse_in_archive(file)
        return
    if not file.is_file():
        raise InputError("not a file of a layer", Where(file=file), remedy=f"give one of {NAMED}")
    with file.open("rb") as stream:
        _refuse(file, file.name, stream.read(_HEAD))


def _refuse_in_archive(file: Path) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            for entry in archive.infolist():
                if entry.is_dir() or Path(entry.filename).suffix.lower() in BESIDE:
                    continue
                with archive.open(entry) as stream:
                    _refuse(file, entry.filename, stream.read(_HEAD))
                if entry.filename.lower().endswith(".shp") and "/" in entry.filename:
                    what = f"the shapefile lies in a folder of the archive ({entry.filename}), where GDAL finds none"
                    raise InputError(what, Where(file=file), remedy="pack its files without their folder")
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise InputError(
            f"the archive is damaged: {error}", Where(file=file), remedy="save it again"
        ) from None


def _refuse(file: Path, name: str, head: bytes) -> None:
    if any(mark in head for mark in _LEADS_ELSEWHERE):
        remedy = "give the layer itself"
        raise InputError("a virtual layer leads to other files", Where(file=file), remedy=remedy)
    known = FORMATS.get(Path(name).suffix.lower())
    inside = "" if name == file.name else f", in which is {name}"
    if known is None:
        what = f"not a format of layers that is read{inside}"
        raise InputError(what, Where(file=file), remedy=f"save it as one of {NAMED}")
    if head and not known[1](head):
        what = f"the file does not begin as {known[0]} does{inside}"
        raise InputError(what, Where(file=file), remedy=f"save it as {known[0]} again, or correct its ending")
