"""Small tables beside the polygons: attributes of districts and the crosswalk of changed boundaries."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pandas as pd

from ..errors import InputError, Where
from ..settings import AreaSettings
from ..tables.small import iso_day, open_small, read_changes, read_texts
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
            value = float(values[values % 1 != 0].dropna().iloc[0])
            remedy = "store it as text"
            where = Where(file=file, column=column, value=value)
            raise InputError("a code cannot be a fraction", where, remedy=remedy)
        values = values.astype("Int64")
    text = [None if pd.isna(value) else str(value).strip() or None for value in values]
    return pd.Series(text, index=values.index, dtype=object)


def as_dates(values: pd.Series, file: Path | None, column: str) -> pd.Series:
    """Return a column of ISO dates as plain dates, blanks as None."""

    def one(value: object, row: int) -> dt.date | None:
        if value is None or pd.isna(value):  # type: ignore[call-overload]
            return None
        if (day := iso_day(str(value).strip())) is None:
            where = Where(file=file, row=row, column=column, value=value)
            raise InputError("not a date", where, remedy="write it as YYYY-MM-DD")
        return day

    return pd.Series([one(v, row) for row, v in enumerate(values, 1)], index=values.index, dtype=object)


def need_column(names: list[str], column: str, file: Path) -> None:
    """Refuse a column that is not there, and say which there are."""
    if column not in names:
        have = ", ".join(names[:30]) + (" ..." if len(names) > 30 else "")
        remedy = f"choose one of: {have}" if names else "give the layer its table (the .dbf of a shapefile)"
        raise InputError("there is no such column", Where(file=file, column=column), remedy=remedy)


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
    for name in table.columns:
        if not _ATTRIBUTE.fullmatch(name):
            raise InputError(
                "not an attribute of districts",
                Where(key=f"districts.attributes.columns.{name}"),
                remedy="take name, status, parent, valid_from, name_<lang> or parent_name_<lang>",
            )
    file = settings.resolve(table.path)
    roles = {"district's code": table.key} | table.columns
    frame = read_texts(open_small(file, "districts.attributes.path"), roles)
    key = frame["district's code"]
    if (again := key.notna() & key.duplicated()).any():
        where = Where(file=file, row=int(key.index[again][0]), column=table.key, value=key[again].iloc[0])
        raise InputError("a district stands twice in its table", where, remedy="keep one of its rows")
    absent = sorted(set(codes) - set(key))
    if absent:
        raise InputError(
            f"{len(absent)} of {len(codes)} districts have no row, the first is {absent[0]!r}",
            Where(file=file, column=table.key),
            remedy="add the rows, or correct the codes",
        )
    place = pd.Index(key).get_indexer(pd.Index(codes))
    found = pd.DataFrame(index=codes.index)
    for name in table.columns:
        found[name] = frame[name].to_numpy(dtype=object)[place]
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
    frame = read_changes(file, "districts.crosswalk")
    strangers = frame.index[~frame["new"].isin(set(codes))]
    if len(strangers):
        where = Where(file=file, row=int(strangers[0]), column="new", value=frame.loc[strangers[0], "new"])
        remedy = "correct the code, or remove the row"
        raise InputError("the crosswalk leads to a district that does not exist", where, remedy=remedy)
    return frame.reset_index(drop=True)


def read_aliases(settings: AreaSettings, codes: pd.Series) -> dict[str, str]:
    """Return the further names by which sources call districts: name -> code.

    Raises
    ------
    InputError
        If a name stands twice, is blank, or leads to a district that does not exist.
    """
    if settings.districts.aliases is None:
        return {}
    file = settings.resolve(settings.districts.aliases)
    frame = read_texts(
        open_small(file, "districts.aliases"), {"alias": "alias", "district": "district"}
    ).dropna(how="all")
    known = set(codes)
    found: dict[str, str] = {}
    for row, alias, code in frame.itertuples(name=None):
        where = Where(file=file, row=int(row), column="alias", value=alias)
        if not isinstance(alias, str) or code not in known:
            where = Where(file=file, row=int(row), column="district", value=code)
            raise InputError("an alias needs a name and a district that exists", where, remedy="correct it")
        if found.setdefault(alias, str(code)) != code:
            remedy = "keep one of the rows"
            raise InputError("the alias is that of two districts", where, remedy=remedy)
    return found
