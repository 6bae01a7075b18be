"""Cards, one row an offence: read in chunks, placed and counted; single cards go to the spool."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from ..codes.codebook import Codebook
from ..errors import InputError, Where
from ..settings.area import AreaSettings, CardsSection
from ..tables import open_table
from .card_chunks import Chunks, Kept, Named
from .coverage import KEYS, Coverage, Part, counts_frame, revised_frame, unplaced_frame
from .files import find_files, offence_roles
from .ledger import SourceLedger, Tally
from .places import Places
from .quarantine import Expected, Quarantine
from .spool import Spool

if TYPE_CHECKING:
    from ..districts import Districts

Progress: TypeAlias = Callable[[int, int, str], None]


def read_cards(
    settings: AreaSettings,
    section: CardsSection,
    districts: Districts,
    places: Places,
    codebook: Codebook,
    ledger: SourceLedger,
    *,
    spool: Path | None = None,
    progress: Progress | None = None,
    named: Named | None = None,
    key: str = "cards",
) -> Part:
    """Read all files of a `[[cards]]` section and count them by district, offence and month.

    A card whose offence is a category, not a leaf, is counted in the remainder `<code>-other`. A card with
    an unreadable cell, without a place or with an unknown offence is quarantined. Of cards with the same id
    the last one counts: rule `duplicate_card` within a file, `superseded` between files. `named` tells what
    an offence of a month is called on single cards; counts keep the code delivered.

    Raises
    ------
    InputError
        If a column is missing, or the column of the date that counts is not named.
    """
    if getattr(section.columns, settings.area.count_by) is None:
        where = Where(key=f"{key}.columns.{settings.area.count_by}")
        remedy = f"name it, or change area.count_by from {settings.area.count_by!r}"
        raise InputError("the date by which cards are counted has no column", where, remedy=remedy)
    quarantine = Quarantine(ledger, Expected.parse(settings.quarantine.expected))
    chunk = Chunks(settings, section, districts, places, codebook, quarantine, named=named, key=key)
    kept = Kept()
    lost: list[pd.DataFrame] = []
    files = find_files(settings, section, f"{key}.path")
    done = 0
    writer = Spool(spool, section.name, list(section.columns.attributes)) if spool is not None else None
    with writer if writer is not None else nullcontext():
        for number, file in enumerate(files):
            table = open_table(section, file)
            roles = _roles(section)
            table.require(roles)
            wanted = [name for name in roles.values() if name is not None]
            for rows in table.batches(wanted, section.chunk_rows):
                cards, unplaced = chunk.take(table, rows, kept, number)
                lost.append(unplaced)
                if writer is not None:
                    writer.write(cards)
                done += len(rows.number)
                if progress is not None:
                    progress(done, 0, file.name)
        district, offence, month = (
            np.concatenate(part) if part else np.empty(0, dtype=np.int32)
            for part in (kept.district, kept.offence, kept.month)
        )
        of_file = np.concatenate(kept.file) if kept.file else np.empty(0, dtype=np.int16)
        keep, successor = _latest(kept.card, len(district))
        replaced = np.flatnonzero(~keep)
        superseded = replaced[of_file[replaced] != of_file[successor[replaced]]]
        if len(replaced) > len(superseded):
            number = len(replaced) - len(superseded)
            ledger.merge("duplicate_card", number, number)
        if len(superseded):
            ledger.merge("superseded", len(superseded), len(superseded))
        if writer is not None:
            writer.finish(keep)

    def count(which: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> pd.DataFrame:
        frame = pd.DataFrame({"district": district[which], "offence": offence[which], "month": month[which]})
        out = frame.groupby(KEYS, sort=True).size().rename("count").reset_index()
        out["district"] = places.codes[out["district"].to_numpy()]
        out["offence"] = chunk.targets[out["offence"].to_numpy()]
        out["month"] = out["month"].to_numpy().astype("datetime64[M]").astype("datetime64[s]")
        return out

    counts = counts_frame(count(keep).assign(source=section.name))
    ledger.counted += Tally(int(keep.sum()), int(keep.sum()))
    revised = count(superseded).merge(
        count(successor[superseded]), on=KEYS, how="outer", suffixes=("_was", "_now")
    )
    revised = revised.rename(columns={"count_was": "was", "count_now": "now"}).fillna({"was": 0, "now": 0})
    revised = revised[revised["was"] != revised["now"]].assign(source=section.name, file=files[-1].name)
    coverage = Coverage.of(section.name, counts, last_complete=_last_complete(kept.newest), zeros=True)
    nowhere = pd.concat(lost).groupby(KEYS)["count"].sum().reset_index() if lost else None
    return Part(
        counts,
        coverage,
        unplaced_frame(None if nowhere is None else nowhere.assign(source=section.name)),
        revised_frame(revised),
        quarantine.frame(),
    )


def _roles(section: CardsSection) -> dict[str, str | None]:
    names = section.columns
    roles: dict[str, str | None] = dict(offence_roles(names.offence))
    for role in ("card", "district", "x", "y", "severity", "committed", "registered"):
        roles[role] = getattr(names, role)
    return roles | {f"attribute {role}": name for role, name in names.attributes.items()}


def _last_complete(newest: np.datetime64 | None) -> np.datetime64 | None:
    """Return the month before that of the newest card, or its own if the card is of the month's last day."""
    if newest is None:
        return None
    day = newest.astype("datetime64[D]")
    month: np.datetime64 = day.astype("datetime64[M]")
    return month if (day + 1).astype("datetime64[M]") > month else month - 1


def _latest(cards: list[pa.Array], size: int) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    """Return which cards stay, and for each card the place of the one that stays in its stead."""
    places = np.arange(size, dtype=np.int64)
    keep = np.ones(size, dtype=bool)
    if not cards or size == 0:
        return keep, places
    encoded = pa.chunked_array(cards).combine_chunks().dictionary_encode()
    kinds = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    named = kinds >= 0
    if int(named.sum()) == len(encoded.dictionary):
        return keep, places
    last = np.zeros(len(encoded.dictionary), dtype=np.int64)
    last[kinds[named]] = places[named]
    successor = np.where(named, last[kinds], places)
    return successor == places, successor
