"""Small tables beside the polygons: attributes of districts and the crosswalk of changed boundaries."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import numpy as np
import pandas as pd

from ..errors import InputError, Where
from ..settings import AreaSettings
from .model import CROSSWALK_COLUMNS

_ATTRIBUTE = re.compile(r"name|status|parent|valid_from|(parent_)?name_(en|ru|kk)")


def as_text(values: pd.Series, file: Path, column: str) -> pd.Series:
    """Return a column as text: codes are never numbers, and blanks are None.

    Whole numbers keep their digits; a column that became floating because of one blank is read back whole.
    """
    if pd.api.types.is_bool_dtype(values):
        values = values.astype(str)
    if pd.api.types.is_float_dtype(values):
        if not (values.dropna() % 1 == 0).all():
            value = values[values % 1 != 0].dropna().iloc[0]
            raise InputError("a code cannot be a fraction", Where(file=file, column=column, value=value))
        values = values.astype("Int64")
    text = [None if pd.isna(value) else str(value).strip() or None for value in values]
    return pd.Series(text, index=values.index, dtype=object)


def as_dates(values: pd.Series, file: Path | None, column: str) -> pd.Series:
    """Return a column of ISO dates as plain dates, blanks as None."""

    def one(value: object) -> dt.date | None:
        if value is None or pd.isna(value):  # type: ignore[call-overload]
            return None
        try:
            return dt.date.fromisoformat(str(value).strip()[:10])
        except ValueError:
            where = Where(file=file, column=column, value=value)
            raise InputError("not a date", where, remedy="write it as YYYY-MM-DD") from None

    return pd.Series([one(value) for value in values], index=values.index, dtype=object)


def read_table(file: Path) -> pd.DataFrame:
    """Read a small table, CSV, XLSX or Parquet, every cell of text formats as text."""
    try:
        if file.suffix.lower() in (".parquet", ".pq"):
            return pd.read_parquet(file)
        if file.suffix.lower() == ".xlsx":
            return pd.read_excel(file, dtype=str)
        with file.open(encoding="utf-8-sig") as lines:
            header = lines.readline()
        delimiter = max(",;\t|", key=header.count)
        return pd.read_csv(file, dtype=str, encoding="utf-8-sig", sep=delimiter)
    except FileNotFoundError:
        raise InputError("there is no such table", Where(file=file), remedy="correct the path") from None
    except (OSError, ValueError, UnicodeDecodeError) as error:
        raise InputError(f"the table cannot be read: {error}", Where(file=file)) from error


def need_column(names: list[str], column: str, file: Path) -> None:
    """Refuse a column that is not there, and say which there are."""
    if column not in names:
        shown = ", ".join(names[:30]) + (" ..." if len(names) > 30 else "")
        raise InputError(
            "there is no such column", Where(file=file, column=column), remedy=f"choose one of: {shown}"
        )


def read_attributes(settings: AreaSettings, codes: pd.Series) -> pd.DataFrame:
    """Return the attributes of districts from their own table, one row per code; none where none is given.

    Raises
    ------
    InputError
        If a column is missing or unknown, a code stands twice, or a district has no row.
    """
    table = settings.districts.attributes
    if table is None:
        return pd.DataFrame(index=codes.index)
    file = settings.resolve(table.path)
    frame = read_table(file)
    for column in (table.key, *table.columns.values()):
        need_column(list(frame.columns), column, file)
    for name in table.columns:
        if not _ATTRIBUTE.fullmatch(name):
            raise InputError(
                "not an attribute of districts",
                Where(key=f"districts.attributes.columns.{name}"),
                remedy="take name, status, parent, valid_from, name_<lang> or parent_name_<lang>",
            )
    key = as_text(frame[table.key], file, table.key)
    if key.dropna().duplicated().any():
        code = key[key.duplicated()].iloc[0]
        raise InputError(
            "a district stands twice in its table", Where(file=file, column=table.key, value=code)
        )
    absent = sorted(set(codes) - set(key))
    if absent:
        raise InputError(
            f"{len(absent)} of {len(codes)} districts have no row, the first is {absent[0]!r}",
            Where(file=file, column=table.key),
            remedy="add the rows, or correct the codes",
        )
    place = pd.Index(key).get_indexer(pd.Index(codes))
    found = pd.DataFrame(index=codes.index)
    for name, column in table.columns.items():
        found[name] = as_text(frame[column], file, column).to_numpy(dtype=object)[place]
    return found


def read_crosswalk(settings: AreaSettings, codes: pd.Series) -> pd.DataFrame:
    """Return the crosswalk from earlier districts to the present ones, empty where none is given.

    Returns
    -------
    DataFrame
        `old`, `new`, `valid_from` (date or None), `weight` (0 < weight <= 1, one when left out).
    """
    if settings.districts.crosswalk is None:
        return pd.DataFrame({column: pd.Series(dtype=object) for column in CROSSWALK_COLUMNS})
    file = settings.resolve(settings.districts.crosswalk)
    frame = read_table(file)
    for column in ("old", "new"):
        need_column(list(frame.columns), column, file)
    found = pd.DataFrame({column: as_text(frame[column], file, column) for column in ("old", "new")})
    found["valid_from"] = as_dates(frame["valid_from"], file, "valid_from") if "valid_from" in frame else None
    weight = (
        pd.to_numeric(frame["weight"], errors="coerce") if "weight" in frame else pd.Series(1.0, frame.index)
    )
    bad = np.flatnonzero(~((weight > 0) & (weight <= 1)))
    if len(bad):
        raise InputError(
            "a weight must be above 0 and at most 1",
            Where(file=file, row=int(bad[0]) + 2, column="weight", value=frame["weight"].iloc[bad[0]]),
        )
    found["weight"] = weight.astype(float)
    strangers = found.index[~found["new"].isin(set(codes))]
    if len(strangers):
        raise InputError(
            "the crosswalk leads to a district that does not exist",
            Where(file=file, row=int(strangers[0]) + 2, column="new", value=found["new"].iloc[strangers[0]]),
        )
    return found
