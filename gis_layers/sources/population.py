"""Residents by district and month, interpolated between the days of which they are known."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from .. import limits
from ..errors import InputError
from ..settings.area import AreaSettings, PopulationSection
from ..tables import Table, open_table
from ..tables.columns import codes, numbers, texts
from ..times import Months
from .files import find_files
from .ledger import SourceLedger, Tally
from .periods import is_yearly, period_columns, read_periods
from .places import REASONS, Places
from .quarantine import Expected, Quarantine

_MID_MONTH = np.timedelta64(14, "D")


def read_population(
    settings: AreaSettings, places: Places
) -> tuple[pd.DataFrame, list[SourceLedger], list[pd.DataFrame]]:
    """Read all `[[population]]` sections.

    Returns
    -------
    known
        `district` (row number), `day`, `population`; unique keys, later files and sections win.
    ledgers, quarantine
        An account and the quarantined rows of each section, named `population`, `population-2`, ...

    Raises
    ------
    InputError
        If a cell is no number of residents, or a key stands twice in a file.
    """
    parts: list[pd.DataFrame] = []
    ledgers: list[SourceLedger] = []
    frames: list[pd.DataFrame] = []
    for number, section in enumerate(settings.population):
        ledger = SourceLedger("population" if number == 0 else f"population-{number + 1}")
        quarantine = Quarantine(ledger, Expected.parse(settings.quarantine.expected))
        files = find_files(settings, section, f"population[{number}].path")
        own = [_read_file(section, open_table(section, file), places, quarantine) for file in files]
        rows = pd.concat(own, ignore_index=True)
        kept = rows.drop_duplicates(["district", "day"], keep="last")
        if len(rows) > len(kept):
            ledger.merge("superseded", len(rows) - len(kept), 0)
        ledger.counted += Tally(len(kept), 0)
        parts.append(kept)
        ledgers.append(ledger)
        frames.append(quarantine.frame())
    known = (
        pd.concat(parts, ignore_index=True)
        if parts
        else pd.DataFrame({"district": [], "day": [], "population": []})
    )
    return known.drop_duplicates(["district", "day"], keep="last", ignore_index=True), ledgers, frames


def _read_file(
    section: PopulationSection, table: Table, places: Places, quarantine: Quarantine
) -> pd.DataFrame:
    names = section.columns
    if section.shape == "long" and (names.population is None or (names.period or section.day) is None):
        where = table.where(key="population.columns")
        remedy = "name them both, or set `day` if all figures are of one day"
        raise InputError("a long table needs the columns `period` and `population`", where, remedy=remedy)
    roles: Mapping[str, str | None] = {"district": names.district}
    if section.shape == "long":
        roles = {**roles, "period": names.period, "population": names.population}
    table.require(roles)
    used = [name for name in roles.values() if name is not None]
    days = period_columns(table, section.period_format, used) if section.shape == "wide" else {}
    read = table.read([*used, *days])
    number, rows = read.number, read.cells
    column = rows[names.district]
    encoded = (
        codes(column, table, names.district, number) if section.match == "code" else texts(column)
    ).dictionary_encode()
    kinds = encoded.indices.fill_null(len(encoded.dictionary)).to_numpy(zero_copy_only=False).astype(np.int64)
    labels = [*encoded.dictionary.to_pylist(), None]
    found = places.match(labels, by=section.match)[kinds]
    if section.shape == "long":
        assert names.population is not None
        if names.period is not None:
            period = read_periods(rows[names.period], table, names.period, section.period_format, number)
            day = _reference(period, section)
        else:
            day = np.full(rows.num_rows, np.datetime64(str(section.day), "D"))
        people = _residents(rows[names.population], section, table, names.population, number)
        place = np.arange(rows.num_rows)
    else:
        people = np.column_stack(
            [_residents(rows[name], section, table, name, number) for name in days]
        ).ravel()
        day = np.tile(
            _reference(np.array(list(days.values()), dtype="datetime64[D]"), section), rows.num_rows
        )
        place = np.repeat(np.arange(rows.num_rows), len(days))
    filled = ~np.isnan(people)
    quarantine.ledger.read += Tally(int(filled.sum()), 0)
    for code, reason in REASONS.items():
        mine = np.flatnonzero((found[place] == code) & filled)
        if len(mine):
            row, start = np.unique(number[place[mine]], return_index=True)
            quarantine.add(
                reason,
                file=table.file,
                role="district",
                column=names.district,
                row=row,
                value=np.array(labels, dtype=object)[kinds[place[mine[start]]]],
                rows=np.diff(np.append(start, len(mine))),
                offences=np.zeros(len(row), dtype=np.int64),
            )
    good = filled & (found[place] >= 0)
    if (dateless := good & np.isnat(day)).any():
        where = table.where(row=int(number[place[dateless][0]]), column=names.period)
        raise InputError("a row has no period", where, remedy="fill it in")
    frame = pd.DataFrame(
        {"district": found[place][good], "day": day[good].astype("datetime64[s]"), "population": people[good]}
    )
    if (repeated := frame.duplicated(["district", "day"])).any():
        at = int(np.flatnonzero(repeated)[0])
        where = table.where(
            row=int(number[place[good][at]]), column=names.district, value=labels[kinds[place[good][at]]]
        )
        raise InputError(
            "district and period stand twice in one file", where, remedy="keep one of the two rows"
        )
    return frame


def _residents(
    column: pa.ChunkedArray,
    section: PopulationSection,
    table: Table,
    name: str,
    number: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
    values, unreadable = numbers(column, section.decimal)
    known = np.nan_to_num(values)
    wrong = unreadable | (known < 0) | (known > limits.RESIDENTS)
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        where = table.where(row=int(number[at]), column=name, value=column[at].as_py())
        raise InputError(
            "a cell is no number of residents",
            where,
            remedy="correct it, or leave it empty where it is not known",
        )
    return values


def _reference(days: npt.NDArray[np.datetime64], section: PopulationSection) -> npt.NDArray[np.datetime64]:
    """Move the days of years to the day of the year of which the figure is."""
    if not is_yearly(section.period_format):
        return days.astype("datetime64[D]")
    month, day = map(int, section.reference.split("-"))
    return (days.astype("datetime64[Y]").astype("datetime64[M]") + (month - 1)).astype("datetime64[D]") + (
        day - 1
    )


def interpolate(known: pd.DataFrame, size: int, months: Months) -> npt.NDArray[np.float64]:
    """Return residents in the middle of each month: linear between known days, constant beyond them.

    Parameters
    ----------
    known
        `district` (row number), `day`, `population`.
    size
        Number of districts.
    months
        Shape (months,).

    Returns
    -------
    residents
        Shape (districts, months); NaN for a district of which nothing is known.

    Examples
    --------
    >>> known = pd.DataFrame({"district": [0, 0], "day": pd.to_datetime(["2020-01-15", "2021-01-15"]),
    ...                       "population": [366.0, 732.0]})
    >>> interpolate(known, 2, np.array(["2019-01", "2020-02", "2022-05"], dtype="datetime64[M]")).tolist()
    [[366.0, 397.0, 732.0], [nan, nan, nan]]
    """
    out = np.full((size, len(months)), np.nan)
    at = (months.astype("datetime64[D]") + _MID_MONTH).astype(np.float64)
    for district, part in known.sort_values("day").groupby("district"):
        day = part["day"].to_numpy().astype("datetime64[D]").astype(np.float64)
        out[int(str(district))] = np.interp(at, day, part["population"].to_numpy(dtype=np.float64))
    return out
