"""Tables of counts, long or wide: what cannot be a count refuses the file, unknown places are quarantined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from .. import limits
from ..errors import InputError, Where
from ..settings.area import AreaSettings, CountsSection
from ..tables import Table, open_table
from ..tables.columns import codes, numbers, texts
from ..times import PERIOD_MONTHS, period_start
from .coverage import KEYS, Coverage, Part, counts_frame, revised_frame, unplaced_frame
from .files import find_files, offence_roles
from .ledger import SourceLedger, Tally
from .periods import is_yearly, period_columns, read_periods, refuse_unlived
from .places import DIVIDED, REASONS, Places
from .quarantine import Expected, Quarantine

if TYPE_CHECKING:
    from ..codes import Codebook


@dataclass(frozen=True)
class Cells:
    """The figures of one file, a cell each: shape (cells,)."""

    row: npt.NDArray[np.int64]
    district: pd.Categorical
    offence: pd.Categorical
    month: npt.NDArray[np.datetime64]
    count: npt.NDArray[np.float64]


def read_counts(
    settings: AreaSettings,
    section: CountsSection,
    places: Places,
    codebook: Codebook,
    ledger: SourceLedger,
    *,
    key: str = "counts",
) -> Part:
    """Read all files of a `[[counts]]` section.

    In its ledger a row is one figure: a line of a long table, a cell of a wide one.

    Raises
    ------
    InputError
        If a column is missing, a cell cannot be a count, a period is impossible or a key stands twice in a
        file.
    """
    if is_yearly(section.period_format) and settings.area.period != "year":
        where = Where(key=f"{key}.period_format", value=section.period_format)
        remedy = 'set area.period = "year", or deliver months'
        raise InputError("figures of years cannot be judged by month or quarter", where, remedy=remedy)
    quarantine = Quarantine(ledger, Expected.parse(settings.quarantine.expected))
    whole = pd.DataFrame()
    unplaced: list[pd.DataFrame] = []
    revised: list[pd.DataFrame] = []
    blanks: list[pd.DataFrame] = []
    for file in find_files(settings, section, f"{key}.path"):
        table = open_table(section, file)
        cells = read_cells(section, table)
        _refuse_repeated(table, cells)
        placed, lost = _place(section, table, cells, places, codebook, quarantine)
        empty = placed["count"].isna()
        blanks.append(placed.loc[empty, KEYS])
        whole, changed = _supersede(whole, placed[~empty], ledger)
        revised.append(changed.assign(source=section.name, file=file.name))
        unplaced.append(lost)
    ledger.counted += Tally(int(whole["cells"].sum()), int(whole["count"].sum()))
    counts = counts_frame(whole.assign(source=section.name))
    coverage = _coverage(settings, section, counts, pd.concat(blanks))
    lost_rows = pd.concat(unplaced) if unplaced else pd.DataFrame()
    return Part(
        counts,
        coverage,
        unplaced_frame(lost_rows.assign(source=section.name) if len(lost_rows) else None),
        revised_frame(pd.concat(revised)),
        quarantine.frame(),
    )


def read_cells(section: CountsSection, table: Table) -> Cells:
    """Read the figures of one opened table, each checked to be a count or empty (NaN).

    Raises
    ------
    InputError
        See :func:`read_counts`.
    """
    names = section.columns
    roles = {"district": names.district} | offence_roles(names.offence)
    if section.shape == "long":
        if names.period is None or names.count is None:
            where = table.where(key=f"counts.{section.name}.columns")
            raise InputError(
                "a long table needs the columns `period` and `count`",
                where,
                remedy="name them both in its section of the area file",
            )
        roles |= {"period": names.period, "count": names.count}
    table.require(roles)
    used = list(dict.fromkeys(name for name in roles.values()))
    months = period_columns(table, section.period_format, used) if section.shape == "wide" else {}
    read = table.read([*used, *months])
    number, rows = read.number, read.cells
    by_code = (section.district_match == "code", section.offence_match == "code")
    district = _names(rows[names.district], table, names.district, number, is_code=by_code[0])
    parts = [_names(rows[name], table, name, number, is_code=by_code[1]) for name in names.offence]
    offence = (
        pc.binary_join_element_wise(*parts, section.separator, null_handling="skip")
        if len(parts) > 1
        else parts[0]
    )
    offence = pc.if_else(pc.equal(offence, ""), pa.scalar(None, pa.string()), offence)
    if section.shape == "long":
        assert names.period is not None
        assert names.count is not None
        day = read_periods(rows[names.period], table, names.period, section.period_format, number)
        count = _counts(rows[names.count], section, table, names.count, number)
        kept = np.asarray(pc.or_(district.is_valid(), offence.is_valid())) | ~np.isnat(day) | ~np.isnan(count)
        if (dateless := kept & np.isnat(day)).any():
            where = table.where(row=int(number[dateless][0]), column=names.period)
            raise InputError("a row has no period", where, remedy="fill it in, or delete the row")
        refuse_unlived(day, table, [names.period], number)
        month = day.astype("datetime64[M]")
    else:
        refuse_unlived(np.array(list(months.values()), dtype="datetime64[D]"), table, list(months), None)
        figures = np.column_stack([_counts(rows[name], section, table, name, number) for name in months])
        kept = np.asarray(pc.or_(district.is_valid(), offence.is_valid())) | ~np.isnan(figures).all(axis=1)
        count = figures[kept].ravel()
        month = np.tile(np.array(list(months.values()), dtype="datetime64[M]"), int(kept.sum()))
    repeat = len(months) if section.shape == "wide" else 1

    def spread(column: pa.Array) -> pd.Categorical:
        encoded = column.filter(pa.array(kept)).dictionary_encode()
        kinds = np.repeat(encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False), repeat)
        return pd.Categorical.from_codes(kinds, categories=encoded.dictionary.to_pylist())

    if section.shape == "long":
        count, month = count[kept], month[kept]
    return Cells(np.repeat(number[kept], repeat), spread(district), spread(offence), month, count)


def _names(
    column: pa.ChunkedArray, table: Table, name: str, number: npt.NDArray[np.int64], *, is_code: bool
) -> pa.Array:
    return codes(column, table, name, number) if is_code else texts(column)


def _counts(
    column: pa.ChunkedArray,
    section: CountsSection,
    table: Table,
    name: str,
    number: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
    values, unreadable = numbers(column, section.decimal)
    with np.errstate(invalid="ignore"):
        problems = (
            (unreadable, "a cell is no count", "leave it empty where nothing was collected"),
            (values < 0, "a count is negative", "correct it"),
            (values != np.floor(values), "a count is fractional", "check `decimal` and the column"),
            (values > limits.COUNT, "a count is too large", "check the column"),
        )
        for wrong, what, remedy in problems:
            wrong = wrong & ~(np.isnan(values) & ~unreadable)
            if wrong.any():
                at = int(np.flatnonzero(wrong)[0])
                value = column[at].as_py()
                where = table.where(row=int(number[at]), column=name, value=value)
                raise InputError(what, where, remedy=remedy)
    return values


def _refuse_repeated(table: Table, cells: Cells) -> None:
    named = (cells.district.codes >= 0) & (cells.offence.codes >= 0)
    month = cells.month.astype(np.int64)
    month = month - (month.min() if len(month) else 0)
    width = int(month.max()) + 1 if len(month) else 1
    key = (
        cells.district.codes.astype(np.int64) * (len(cells.offence.categories) + 1) + cells.offence.codes
    ) * width
    repeated = pd.Series(key + month).duplicated().to_numpy() & named
    if repeated.any():
        at = int(np.flatnonzero(repeated)[0])
        same = np.flatnonzero((key + month == key[at] + month[at]) & named)[0]
        value = f"{cells.district[at]}, {cells.offence[at]}, {cells.month[at]}"
        where = table.where(row=int(cells.row[at]), value=value)
        remedy = f"keep one of the two rows; the other is row {cells.row[same]}"
        raise InputError("district, offence and period stand twice in one file", where, remedy=remedy)


def _place(
    section: CountsSection,
    table: Table,
    cells: Cells,
    places: Places,
    codebook: Codebook,
    quarantine: Quarantine,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give every figure its district and offence; return (placed figures, figures without a district)."""
    ledger = quarantine.ledger
    filled = ~np.isnan(cells.count)
    worth = np.where(filled, cells.count, 0).astype(np.int64)
    ledger.read += Tally(len(worth), int(worth.sum()))
    districts = [*cells.district.categories, None]
    offences = [*cells.offence.categories, None]
    district = places.place(
        cells.district.codes.astype(np.int64), districts, cells.month, by=section.district_match
    )
    found = codebook.find(offences, by=section.offence_match)
    usable = np.array([code is not None and _carries(codebook, code) for code in found], dtype=bool)
    known = usable[cells.offence.codes]
    names = (section.columns.district, " + ".join(section.columns.offence))

    def book(mine: npt.NDArray[np.bool_], reason: str, role: str, *, always: bool = False) -> None:
        which = np.flatnonzero(mine)
        if len(which) == 0:
            return
        row, start = np.unique(cells.row[which], return_index=True)
        column, labels = (names[0], cells.district) if role == "district" else (names[1], cells.offence)
        quarantine.add(
            reason,
            file=table.file,
            role=role,
            column=column,
            row=row,
            value=np.asarray(labels[which[start]], dtype=object),
            rows=np.diff(np.append(start, len(which))).astype(np.int64),
            offences=np.add.reduceat(worth[which], start),
            always_expected=always,
        )

    for code, reason in REASONS.items():
        book(district == code, reason, "district", always=code == DIVIDED)
    unnamed = np.asarray(cells.offence.codes < 0)
    summed = np.array([code is not None and not _carries(codebook, code) for code in found], dtype=bool)
    in_place = district >= 0
    book(in_place & unnamed, "no offence", "offence")
    book(
        in_place & summed[cells.offence.codes],
        "the offence is summed from others, never delivered",
        "offence",
    )
    book(
        in_place & ~known & ~unnamed & ~summed[cells.offence.codes],
        "offence is not in the codebook",
        "offence",
    )

    def gather(mine: npt.NDArray[np.bool_], where: npt.NDArray[np.object_]) -> pd.DataFrame:
        frame = pd.DataFrame(
            {
                "district": where,
                "offence": found[cells.offence.codes[mine]],
                "month": cells.month[mine].astype("datetime64[s]"),
                "count": cells.count[mine],
                "cells": 1,
            }
        )
        # Several labels of one code within a file are parts of it; an empty part leaves the sum unknown.
        grouped = frame.groupby(KEYS, sort=True, observed=True)
        result = grouped.agg(
            count=("count", "sum"), cells=("cells", "sum"), size=("count", "count")
        ).reset_index()
        result.loc[result["size"] < result["cells"], "count"] = np.nan
        return result.drop(columns="size")

    placed_mask = in_place & known
    placed = gather(placed_mask, places.codes[district[placed_mask]])
    lost_mask = ~in_place & known & filled
    lost = gather(
        lost_mask, np.array([text or "" for text in districts], dtype=object)[cells.district.codes[lost_mask]]
    )
    empty = placed["count"].isna()
    if empty.any():
        beside = int(worth[placed_mask].sum() - placed["count"].sum())
        ledger.merge("blank_cell", int(placed.loc[empty, "cells"].sum()), beside)
    return placed, lost


def _carries(codebook: Codebook, code: str) -> bool:
    node = codebook.nodes.loc[code]
    return bool(node["kind"] != "severity" or not node["additive"])


def _supersede(
    whole: pd.DataFrame, later: pd.DataFrame, ledger: SourceLedger
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Let a later file replace the same keys; an empty cell replaces nothing."""
    if whole.empty:
        return later, pd.DataFrame(columns=[*KEYS, "was", "now"])
    both = whole.merge(later, on=KEYS, suffixes=("_was", "_now"))
    if len(both):
        ledger.merge("superseded", int(both["cells_was"].sum()), int(both["count_was"].sum()))
    changed = both[both["count_was"] != both["count_now"]]
    joined = pd.concat([whole, later]).drop_duplicates(KEYS, keep="last").sort_values(KEYS, ignore_index=True)
    return joined, changed.rename(columns={"count_was": "was", "count_now": "now"})


def _coverage(
    settings: AreaSettings, section: CountsSection, counts: pd.DataFrame, blanks: pd.DataFrame
) -> Coverage:
    months = np.unique(counts["month"].to_numpy().astype("datetime64[M]"))
    # Figures that all stand at the start of a period are figures of the period.
    at_starts = bool((months == period_start(months, settings.area.period)).all())
    step = PERIOD_MONTHS[settings.area.period] if at_starts else 1
    filled = pd.MultiIndex.from_frame(counts[KEYS])
    blanks = blanks.drop_duplicates(ignore_index=True)
    return Coverage.of(
        section.name,
        counts,
        step=step,
        last_complete=months.max() + (step - 1) if len(months) else None,
        zeros=settings.area.absent_row == "zero",
        blanks=blanks[~pd.MultiIndex.from_frame(blanks).isin(filled)].reset_index(drop=True),
    )
