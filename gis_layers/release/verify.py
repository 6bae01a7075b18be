"""Is a release whole? Every file of it compared with the manifest that sealed it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

from ..errors import SystemFault, Where
from .files import files_of, sha256

MANIFEST = "manifest.json"


def damage(folder: Path, name: str, edition: str | None = None) -> list[str]:
    """Compare the files of a release with its manifest; return what is wrong, nothing if all is well.

    Parameters
    ----------
    folder
        Folder of the release; if it is missing, so is its manifest.
    name
        Id of the release, which ends with the first digits of the manifest's hash.
    edition
        Compare the files of this edition only. None compares all.

    Notes
    -----
    Where nothing but the folder of one edition was copied to, its own manifest is what its files are compared with.
    """
    alone = edition is not None and _holds_only(folder, edition)
    within = "" if edition is None else f"{edition}/"
    sealed = folder / within / MANIFEST if alone else folder / MANIFEST
    try:
        raw = sealed.read_bytes()
        files = _promised(json.loads(raw))
    except FileNotFoundError:
        return [f"{MANIFEST} is missing"]
    except (OSError, ValueError) as error:
        return [f"{MANIFEST} cannot be read ({error})"]
    problems = []
    if alone:
        files = {within + path: file for path, file in files.items()}
    elif hashlib.sha256(raw).hexdigest()[:8] != name[-8:]:
        problems.append(f"{MANIFEST} is not the one the release was published with")
    present = {path: file for path, file in files_of(folder) if path.startswith(within) and file != sealed}
    promised = {path: file for path, file in files.items() if path.startswith(within)}
    if not promised:
        problems.append(f"{MANIFEST} names no file{f' of the {edition} edition' if edition else ''}")
    for path, (size, digest) in promised.items():
        if path not in present:
            problems.append(f"{path} is missing")
            continue
        try:
            same = present[path].stat().st_size == size and sha256(present[path]) == digest
        except OSError as error:
            problems.append(f"{path} cannot be read ({error.strerror or error})")
            continue
        if not same:
            problems.append(f"{path} has changed")
    problems += [f"{path} was added" for path in present if path not in promised]
    return problems


def _holds_only(folder: Path, edition: str) -> bool:
    try:
        return {path.name for path in folder.iterdir()} == {edition}
    except OSError:
        return False


def _promised(manifest: Any) -> dict[str, tuple[int, str]]:
    """Return size and hash of every file that a manifest names; ValueError if it is no manifest."""
    try:
        return {
            str(path): (int(file["bytes"]), str(file["sha256"])) for path, file in manifest["files"].items()
        }
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError("it is no manifest") from error


@contextmanager
def reading(path: Path, release: str) -> Iterator[None]:
    """Turn whatever a damaged file of a release makes a reader say into a sentence with a remedy."""
    try:
        yield
    except (
        OSError,
        ValueError,
        KeyError,
        RecursionError,
        pa.ArrowException,
        DataSourceError,
        DataLayerError,
        FeatureError,
    ) as error:
        if isinstance(error, FileNotFoundError):
            said = "a file of it is missing"
        else:
            said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise SystemFault(
            f"release {release} is damaged: {said}",
            Where(file=path),
            remedy="`audan releases verify` names every damaged file; roll back (`audan releases rollback`) "
            "or build again",
        ) from error
