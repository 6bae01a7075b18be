"""Publish a release: write it beside the others, seal it with a manifest, rename it, make it current."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from .. import __version__
from ..errors import InputError, SystemFault, Where
from ..layers.catalogue import Absent
from ..layers.model import Layer
from .backup import DISCLOSURE
from .coverages import cached_coverages, prune_coverages
from .files import disk_faults, files_of, flush, flush_tree, replace_text, sha256
from .lock import locked
from .revisions import against_current
from .store import earlier_disclosure, release_ids, sweep, verdicts_in_use
from .verdicts import VerdictCache
from .verify import MANIFEST
from .write import write_edition

if TYPE_CHECKING:
    from ..sources.ledger import Ledger

PATIENCE = 60.0
"""Seconds that a finished build waits for another one to publish: longer than any takes to write."""


_STAMP = "%Y%m%dT%H%M%SZ"


def publish(
    store: Path,
    *,
    area: Mapping[str, Any],
    editions: Mapping[str, Sequence[Layer]],
    ledger: Ledger,
    quarantine: pd.DataFrame,
    inputs: Mapping[str, str],
    settings: Mapping[str, Any],
    revised: pd.DataFrame | None = None,
    absent: Sequence[Absent] = (),
    parents: gpd.GeoDataFrame | None = None,
    verdicts: Mapping[str, Any] | None = None,
    public_verdicts: Mapping[str, Any] | None = None,
    delivered: pd.DataFrame | None = None,
    disclosure: pa.Table | None = None,
    kept: Sequence[str] = (),
    disclosed_after: str | None = None,
    diagnostics: Sequence[Mapping[str, Any]] | None = None,
) -> str:
    """Write a release and make it current; readers see the release before or this one, never a mixture.

    Everything is written into a hidden folder of the store and flushed to the disk; the manifest with the
    SHA-256 of every file gives the release its id; the folder gets its name by one rename, and `current` is
    replaced by another. Killed at any moment, it leaves the previous release current; the next one sweeps up.

    Parameters
    ----------
    store
        Folder of the store; made if missing.
    area
        The catalogue's entry of the area (:func:`gis_layers.layers.catalogue.area_entry`).
    editions
        The layers of each edition (:func:`gis_layers.disclosure.editions`).
    ledger, quarantine, revised
        What became of every row read; what was refused; what a later delivery changed.
    inputs
        SHA-256 of every input by name.
    settings
        The area file's settings, as plain values.
    absent
        Layers that the area cannot have, and why.
    parents
        Borders of the parents as lines, EPSG:4326.
    verdicts, delivered
        Hashes of what the verdicts of `rating` were made of (`Fingerprint.as_dict`), and which source delivers
        which figure (`district, offence, month, source`): with them the release lists what it says otherwise
        than the one before it, in ``revisions/``. Verdicts that no release uses any more leave the cache.
    public_verdicts
        The same of the public edition's, where they were judged on their own.
    disclosure
        What the next release must know of what this one withholds; it lies beside the editions, never in one.
    kept
        Hashes of further verdicts in the cache that this release was made with: they stay as long as it does.
    disclosed_after
        The release whose record was minded when it was decided what to withhold, None if there was none.
    diagnostics
        What was found in the data (`Finding.as_dict`): ``diagnostics.json`` beside the ledger, for analysts.

    Returns
    -------
    str
        Id of the release: ``YYYYMMDDTHHMMSSZ-<8 hex of the manifest's hash>``; ids of a store only grow.

    Raises
    ------
    InputError
        If the ledger does not balance, or a layer does not hold what it declares.
    SystemFault
        If the store is of another area, another build holds it or has published meanwhile what was not minded, or
        the disk fails.
    """
    if not ledger.balances:
        faults = [source.source for source in ledger.sources if not source.balances]
        raise InputError(
            f"the ledger of {', '.join(faults)} does not balance: rows were read and accounted for nowhere",
            remedy="report this as an error of the reader; nothing was published",
        )
    with disk_faults(store), locked(store, patience=PATIENCE):
        require_area(store, area["id"])
        if disclosure is not None:
            _still_after(store, disclosed_after)
        sweep(store)
        releases = store / "releases"
        releases.mkdir(exist_ok=True)
        created = _next_moment(release_ids(store))
        folder = releases / f".building-{uuid4().hex}"
        try:
            # within: an interruption may come as soon as it is made
            folder.mkdir()
            with disk_faults(store):
                for name, layers in editions.items():
                    write_edition(
                        folder / name,
                        name,
                        area=area,
                        created=created,
                        layers=layers,
                        parents=parents,
                        absent=[*absent, *_elsewhere(name, editions)],
                        coverages=partial(cached_coverages, store),
                    )
                _write_json(folder / "ledger.json", ledger.as_dict())
                if diagnostics is not None:
                    _write_json(folder / "diagnostics.json", list(diagnostics))
                _write_frame(quarantine, folder / "quarantine.parquet")
                if revised is not None:
                    _write_frame(revised, folder / "revised.parquet")
                if disclosure is not None:
                    pq.write_table(disclosure, folder / DISCLOSURE, compression="zstd")
                made_of: dict[str, Any] = {
                    "version": __version__,
                    "inputs": dict(sorted(inputs.items())),
                    "settings": settings,
                }
                if verdicts is not None:
                    changed = against_current(
                        store, editions["analyst"], made_of, verdicts, delivered, revised
                    )
                    (folder / "revisions").mkdir()
                    _write_frame(changed.figures, folder / "revisions" / "figures.parquet")
                    _write_frame(changed.verdicts, folder / "revisions" / "verdicts.parquet")
                    made_of |= {"verdicts": verdicts, "revisions": changed.summary()}
                if public_verdicts is not None:
                    made_of["public_verdicts"] = public_verdicts
                if kept:
                    made_of["kept"] = sorted(set(kept))
                release = _seal(folder, area["id"], created, made_of, ledger, editions)
                folder.replace(releases / release)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        flush(releases)
        replace_text(store / "current", release + "\n")
        VerdictCache(store).prune(verdicts_in_use(store))
        prune_coverages(store)
    return release


def _elsewhere(name: str, editions: Mapping[str, Sequence[Layer]]) -> list[Absent]:
    """Name the layers that only another edition holds, so that a reader of this one learns where they are."""
    here = {layer.id for layer in editions[name]}
    return [
        Absent(layer.id, "absent.other_edition", {"edition": other})
        for other, layers in editions.items()
        if other != name
        for layer in layers
        if layer.id not in here
    ]


def require_area(store: Path, area: str) -> None:
    """Refuse a store that holds releases of another area.

    A build asks before it judges, so that nothing of it reaches a foreign store; the writer asks again.

    Raises
    ------
    SystemFault
        If the newest readable release is of another area.
    """
    for release in reversed(release_ids(store)):
        try:
            owner = json.loads((store / "releases" / release / "manifest.json").read_text(encoding="utf-8"))[
                "area"
            ]
        except (OSError, ValueError, KeyError, TypeError):
            continue  # a damaged release says nothing about the store; an older one may
        if owner != area:
            raise SystemFault(
                f"the store belongs to the area {owner!r}",
                Where(file=store, value=area),
                remedy="use another store",
            )
        return


def _still_after(store: Path, minded: str | None) -> None:
    """Refuse counts withheld beside another release than the newest: the two together would tell some."""
    newest = earlier_disclosure(store)
    if newest is not None and newest.parent.name != minded:
        raise SystemFault(
            "another build has published meanwhile, and what this one withholds does not mind what that one told",
            Where(file=store, value=newest.parent.name),
            remedy="build again",
        )


def _next_moment(existing: Sequence[str]) -> datetime:
    """Return now, or a second past the newest release: ids must sort as they were published."""
    now = datetime.now(UTC).replace(microsecond=0)
    if existing:
        newest = datetime.strptime(re.split("-", existing[-1])[0], _STAMP).replace(tzinfo=UTC)
        now = max(now, newest + timedelta(seconds=1))
    return now


def _seal(
    folder: Path,
    area: str,
    created: datetime,
    made_of: Mapping[str, Any],
    ledger: Ledger,
    editions: Iterable[str],
) -> str:
    told = {"format": 1, "area": area, "created": created.isoformat().replace("+00:00", "Z")}
    for edition in editions:
        # whoever is given one edition checks its files by this, and learns nothing of the others
        _write_json(folder / edition / MANIFEST, {**told, "files": _hashes(folder / edition)})
    manifest = {**told, **made_of, "ledger": ledger.as_dict(), "files": _hashes(folder)}
    _write_json(folder / MANIFEST, manifest)
    flush_tree(folder)
    digest = hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    return f"{created.strftime(_STAMP)}-{digest[:8]}"


def _hashes(folder: Path) -> dict[str, dict[str, Any]]:
    return {name: {"sha256": sha256(path), "bytes": path.stat().st_size} for name, path in files_of(folder)}


def _write_json(path: Path, content: Any) -> None:
    path.write_text(
        json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8", newline="\n"
    )


def _write_frame(frame: pd.DataFrame, path: Path) -> None:
    # Quarantined values are of every kind: as text they stay what was read.
    kept = frame.copy()
    for name in kept.columns:
        if kept[name].dtype == object:
            kept[name] = kept[name].map(lambda value: None if pd.isna(value) else str(value))
    pq.write_table(pa.Table.from_pandas(kept, preserve_index=False), path, compression="zstd")
