"""External factors by month: declared columns of a table, each cell a number or empty."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..errors import InputError
from ..settings.area import AreaSettings, FactorsSection
from ..tables import open_table
from ..tables.columns import numbers
from .files import find_files
from .periods import read_periods


def read_factors(settings: AreaSettings, section: FactorsSection, *, key: str = "factors") -> pd.DataFrame:
    """Read all files of a `[[factors]]` section; a later file replaces the same months.

    Returns
    -------
    DataFrame
        Index `month` (datetime64[s], first day, sorted), one float64 column a factor, NaN where a cell is
        empty; no rows where the files have none.

    Raises
    ------
    InputError
        If a column is missing, a cell is no number, or a month is impossible, empty or stands twice in a file.
    """
    parts = [pd.DataFrame({name: pd.Series(dtype="float64") for name in section.columns})]
    for file in find_files(settings, section, f"{key}.path"):
        table = open_table(section, file)
        table.require(
            {
                "period": section.period,
                **{f"factor {name}": column for name, column in section.columns.items()},
            }
        )
        read = table.read([section.period, *section.columns.values()])
        day = read_periods(
            read.cells[section.period], table, section.period, section.period_format, read.number
        )
        month = day.astype("datetime64[M]")
        for wrong, what, remedy in (
            (np.isnat(month), "a row has no period", "fill it in, or delete the row"),
            (pd.Series(month).duplicated().to_numpy(), "the month stands twice in one file", "keep one row"),
        ):
            if wrong.any():
                at = int(np.flatnonzero(wrong)[0])
                where = table.where(row=int(read.number[at]), column=section.period, value=str(month[at]))
                raise InputError(what, where, remedy=remedy)
        cells = {}
        for factor, name in section.columns.items():
            cells[factor], unreadable = numbers(read.cells[name], section.decimal)
            if unreadable.any():
                at = int(np.flatnonzero(unreadable)[0])
                value = read.cells[name][at].as_py()
                where = table.where(row=int(read.number[at]), column=name, value=value)
                raise InputError("a cell is no number", where, remedy="leave it empty where it is not known")
        parts.append(pd.DataFrame(cells, index=month.astype("datetime64[s]")))
    whole = pd.concat(parts) if len(parts) > 1 and any(len(part) for part in parts) else parts[0]
    kept = whole[~whole.index.duplicated(keep="last")].sort_index()
    return kept.rename_axis("month")
