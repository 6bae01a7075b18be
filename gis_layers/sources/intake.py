"""All sources of an area, read and accounted for: what the panel is built from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from .. import limits
from ..codes import Codebook, Translator
from ..codes.codebook import OTHER
from ..errors import InputError, Where
from ..settings.area import AreaSettings
from ..times import Months, month_range
from .cards import Progress, read_cards
from .counts import read_counts
from .coverage import KEYS, Coverage, Part, counts_frame, revised_frame, unplaced_frame
from .factors import read_factors
from .former import in_codes_of_today
from .forms import ReadForm, read_forms
from .ledger import Ledger, SourceLedger
from .places import Places
from .population import interpolate, read_population
from .quarantine import quarantine_frame

if TYPE_CHECKING:
    from ..districts import Districts


@dataclass(frozen=True)
class Intake:
    """What all sources deliver.

    Parameters
    ----------
    counts
        `district, offence, month (datetime64[s], first day), count (int64), source`; unique keys. Rows are
        leaves, delivered totals of inner nodes, or remainders `<code>-other` that cards name.
    collected
        What each source collected; see :class:`Coverage`.
    population
        `district, month, population` for every month of the intake; None without an exposure.
    ledger
        One account a source.
    quarantine
        `source, file, row, column, value, reason, rows, offences`.
    revised
        `source, file, district, offence, month, was, now`: figures that a later file changed.
    unplaced
        `source, district, offence, month, count`: offences known, but for their district.
    factors
        The declared factors by the name of their source; see :func:`gis_layers.sources.factors.read_factors`.
    proxies
        Counts beside the records by the name of their source, as `counts`; they are in no sum.
    cards
        Folder of the spool of cards, or None.
    complete_until
        Last complete month (YYYY-MM): as set, or found from the data; None without figures.
    forms
        The statistical forms as read: what does not add up in them is for :mod:`gis_layers.diagnostics`.
    no_data_before
        District and month before which its ground was delivered in other parts.
    codebook
        The codebook with the remainders `<code>-other` that the data call for: its nodes are the panel's.
    """

    counts: pd.DataFrame = field(repr=False)
    collected: tuple[Coverage, ...] = field(repr=False)
    population: pd.DataFrame | None = field(repr=False)
    ledger: Ledger
    quarantine: pd.DataFrame = field(repr=False)
    revised: pd.DataFrame = field(repr=False)
    unplaced: pd.DataFrame = field(repr=False)
    factors: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False, kw_only=True)
    proxies: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False, kw_only=True)
    cards: Path | None = None
    complete_until: str | None = None
    forms: tuple[ReadForm, ...] = field(default=(), repr=False, kw_only=True)
    no_data_before: dict[str, np.datetime64] = field(default_factory=dict)
    codebook: Codebook = field(repr=False, kw_only=True)

    @property
    def months(self) -> Months:
        """All months from the first figure to the last, or those of the population."""
        frame = self.counts if len(self.counts) else self.population
        if frame is None or not len(frame):
            return np.empty(0, dtype="datetime64[M]")
        months = frame["month"].to_numpy().astype("datetime64[M]")
        return month_range(months.min(), months.max())


def read_sources(
    settings: AreaSettings,
    districts: Districts,
    codebook: Codebook,
    progress: Progress | None = None,
    *,
    changes: pd.DataFrame | None = None,
    spool: Path | None = None,
) -> Intake:
    """Read all counts, cards, population and factors of an area.

    Parameters
    ----------
    settings, districts, codebook
        The area file, its districts and its offences.
    changes
        The crosswalk between codes. Sources whose offences are matched by code are read by it, month by month.
    progress
        Called as `progress(rows done, 0, file name)` while cards are read.
    spool
        Folder for the normalised cards; without one they are only counted.

    Raises
    ------
    InputError
        If a file is refused, or two sources deliver the same figure.
    """
    places = Places(districts)
    translator = None if changes is None or changes.empty else Translator(codebook, changes)
    families: frozenset[str] = frozenset()
    parts: list[Part] = []
    ledgers: list[SourceLedger] = []
    for number, counts in enumerate(settings.counts):
        ledgers.append(SourceLedger(counts.name))
        own = translator if counts.offence_match == "code" else None
        book = codebook if own is None else own.reading
        part = read_counts(settings, counts, places, book, ledgers[-1], key=f"counts[{number}]")
        if own is not None:
            part, called = in_codes_of_today(part, own, ledgers[-1])
            families |= called
        parts.append(part)
    for number, cards in enumerate(settings.cards):
        ledgers.append(SourceLedger(cards.name))
        own = replace(translator, leaves=True) if translator and cards.offence_match == "code" else None
        part = read_cards(
            settings, cards, districts, places, codebook if own is None else own.reading, ledgers[-1],
            spool=spool, progress=progress, named=None if own is None else own.single, key=f"cards[{number}]",
        )  # fmt: skip
        if own is not None:
            part, called = in_codes_of_today(part, own, ledgers[-1])
            families |= called
        parts.append(part)
    forms: list[ReadForm] = []
    for number, form in enumerate(settings.forms):
        ledgers.append(SourceLedger(form.name))
        part, read = read_forms(settings, form, places, codebook, ledgers[-1], key=f"forms[{number}]")
        parts.append(part)
        forms += read
    beside: list[Part] = []
    for number, proxy in enumerate(settings.proxies):
        ledgers.append(SourceLedger(proxy.name))
        beside.append(read_counts(settings, proxy, places, codebook, ledgers[-1], key=f"proxies[{number}]"))
    whole = _join(settings, parts)
    if translator is not None:
        codebook = translator.with_families(families, whole)
    known, more, frames = read_population(settings, places)
    factors = {
        section.name: read_factors(settings, section, key=f"factors[{number}]")
        for number, section in enumerate(settings.factors)
    }
    if len(whole):
        stamps = whole["month"].to_numpy().astype("datetime64[M]")
        longest = max(part.coverage.step for part in parts)
        months = month_range(stamps.min(), stamps.max() + longest - 1)
    elif len(known):
        months = np.unique(known["day"].to_numpy().astype("datetime64[M]"))
    else:
        months = np.empty(0, dtype="datetime64[M]")
    if len(whole) and (cells := len(places.codes) * len(codebook.nodes) * len(months)) > limits.PANEL_CELLS:
        what = f"{len(months):,} months, from {months[0]} to {months[-1]}, of {len(places.codes):,} districts and "
        what += f"{len(codebook.nodes):,} offences are {cells:,} figures, more than {limits.PANEL_CELLS:,}"
        remedy = "look for a slip in a year, or list fewer offences in the codebook"
        raise InputError(what, Where(file=settings.folder / "area.toml"), remedy=remedy)
    return Intake(
        counts=whole,
        collected=tuple(part.coverage for part in parts),
        population=_population(known, places, months) if settings.population else None,
        ledger=Ledger((*ledgers, *more)),
        quarantine=quarantine_frame([*(part.quarantine for part in [*parts, *beside]), *frames]),
        revised=revised_frame(pd.concat([part.revised for part in parts]) if parts else None),
        unplaced=unplaced_frame(pd.concat([part.unplaced for part in parts]) if parts else None),
        factors=factors,
        proxies={section.name: part.counts for section, part in zip(settings.proxies, beside, strict=True)},
        cards=spool if settings.cards else None,
        forms=tuple(forms),
        complete_until=_complete_until(settings, parts),
        codebook=codebook.with_remainders(_remainders(whole, codebook)),
        no_data_before={str(places.codes[row]): month for row, month in places.no_data_before.items()},
    )


def _remainders(counts: pd.DataFrame, book: Codebook) -> list[str]:
    """Return the categories of which a total was delivered, or of which cards name no leaf."""
    kinds = book.nodes["kind"]
    delivered = [str(code) for code in counts["offence"].unique()]
    unnamed = [code.removesuffix(OTHER) for code in delivered if code not in book.row_of]
    return unnamed + [code for code in delivered if kinds.get(code) in ("root", "category")]


def _join(settings: AreaSettings, parts: list[Part]) -> pd.DataFrame:
    if not parts:
        return counts_frame()
    cards = {section.name for section in settings.cards}
    whole = pd.concat([part.counts for part in parts], ignore_index=True)
    again = whole.duplicated(KEYS, keep=False)
    if (clash := again & ~whole["source"].isin(cards)).any():
        row = whole[clash].iloc[0]
        same = whole[(whole[KEYS] == row[KEYS]).all(axis=1)]["source"].tolist()
        value = f"{row['district']}, {row['offence']}, {row['month']:%Y-%m}"
        remedy = "let each deliver its own offences, districts or months, or give both paths to one source"
        raise InputError(f"the sources {same} deliver the same figure", Where(value=value), remedy=remedy)
    if again.any():
        joined = (
            whole[again].groupby(KEYS, as_index=False).agg(count=("count", "sum"), source=("source", "first"))
        )
        whole = pd.concat([whole[~again], joined], ignore_index=True)
    return counts_frame(whole.sort_values(KEYS))


def _population(known: pd.DataFrame, places: Places, months: Months) -> pd.DataFrame:
    size = len(places.codes)
    if not len(known) or not len(months):
        empty = {"district": pd.Series(dtype="str"), "month": pd.Series(dtype="datetime64[s]")}
        return pd.DataFrame(empty | {"population": pd.Series(dtype="float64")})
    people = interpolate(known, size, months)
    frame = pd.DataFrame(
        {
            "district": pd.Series(np.repeat(places.codes, len(months)), dtype="str"),
            "month": np.tile(months.astype("datetime64[s]"), size),
            "population": people.ravel(),
        }
    )
    return frame[frame["population"].notna()].reset_index(drop=True)


def _complete_until(settings: AreaSettings, parts: list[Part]) -> str | None:
    if settings.area.complete_until is not None:
        return settings.area.complete_until
    ends = [part.coverage.last_complete for part in parts if part.coverage.last_complete is not None]
    return str(min(ends)) if ends else None


def unallocated(intake: Intake) -> pd.DataFrame:
    """Return the share of offences without a district, by offence and year.

    Returns
    -------
    table
        `offence, year, unplaced, counted, share`, sorted; offences without any figure in a year are absent,
        and `share` is NaN where nothing at all was recorded.
    """
    counted, lost = (
        frame.groupby([frame["offence"], frame["month"].dt.year.rename("year")])["count"].sum()
        for frame in (intake.counts, intake.unplaced)
    )
    table = pd.DataFrame({"unplaced": lost, "counted": counted}).fillna(0).astype("int64")
    whole = table["unplaced"] + table["counted"]
    table["share"] = (table["unplaced"] / whole).where(whole > 0)
    return table.rename_axis(["offence", "year"]).reset_index()
