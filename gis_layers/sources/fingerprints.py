"""SHA-256 of every input of an area, so that a release says what it was made of."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ..settings import AreaSettings
from ..settings.area import TableSection
from .files import find_files

_SIDECARS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def fingerprints(settings: AreaSettings) -> dict[str, str]:
    """Return the SHA-256 of every file that an area reads, by its name as the area file has it.

    A shapefile is all its parts. Files below the area's folder are named relative to it, others by their
    name alone: where a file lies on this machine is nobody's business.
    """
    files = [settings.folder / "area.toml", settings.resolve(settings.codebook.path)]
    files += _with_sidecars(settings.resolve(settings.districts.path))
    for path in (
        settings.codebook.crosswalk,
        settings.districts.crosswalk,
        settings.districts.aliases,
        settings.districts.attributes and settings.districts.attributes.path,
    ):
        if path:
            files.append(settings.resolve(path))
    for kind in ("population", "counts", "cards", "factors", "controls", "proxies"):
        for number, section in enumerate(getattr(settings, kind)):
            files += find_files(settings, section, f"{kind}[{number}]")
    for number, form in enumerate(settings.forms):
        files += find_files(settings, TableSection(path=form.path), f"forms[{number}]")
    return {_name(file, settings.folder): _sha256(file) for file in files if file.is_file()}


def _with_sidecars(file: Path) -> list[Path]:
    if file.suffix.lower() != ".shp":
        return [file]
    return [part for suffix in _SIDECARS if (part := file.with_suffix(suffix)).is_file()]


def _name(file: Path, folder: Path) -> str:
    return file.relative_to(folder).as_posix() if file.is_relative_to(folder) else file.name


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
