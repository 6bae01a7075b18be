"""Turn a column of any type into codes, numbers or times; what cannot be turned is marked, never guessed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ..errors import InputError
from .table import Table

_ZONE = r"^(.*\d[T ]?\d\d:\d\d.*?|\d{4}-?\d\d-?\d\d[T ]\d\d.*?)\s*(?:Z|[+-]\d\d(?::?\d\d)?)$"
_ZONED = r"\d[T ].*(?:[A-Za-z]|[+-]\d\d(?::?\d\d)?)$"
# No code may hold a point, a comma or a plus: these are numbers as programs of tables write them.
_FLOAT_CODE = r"^-?(\d+[.,]0+|\d+([.,]\d+)?[eE]\+\d+)$"


def texts(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Return a column as text without blanks around; an empty cell is null.

    Examples
    --------
    >>> texts(pa.array([101000000, None])).to_pylist(), texts(pa.array([" a ", ""])).to_pylist()
    (['101000000', None], ['a', None])
    """
    array = _flat(column)
    kind = array.type
    if pa.types.is_floating(kind):
        whole = pc.equal(array, pc.trunc(array))
        inside = pc.less(pc.abs(array), 1e15)
        if pc.all(pc.and_(whole, inside), min_count=0).as_py():
            array = array.cast(pa.int64())
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        array = pc.local_timestamp(array)
    if not pa.types.is_string(array.type):
        array = array.cast(pa.string())
    array = pc.utf8_trim_whitespace(array)
    return pc.if_else(pc.equal(array, ""), pa.scalar(None, pa.string()), array)


def codes(
    column: pa.ChunkedArray | pa.Array, table: Table, name: str, number: npt.NDArray[np.int64]
) -> pa.Array:
    """Return a column of codes as text; `number` are the numbers of its rows.

    Raises
    ------
    InputError
        If a code arrived as a number with decimals: the true code cannot be told from it.
    """
    array = _flat(column)
    if pa.types.is_floating(array.type):
        wrong = pc.is_valid(array)
    elif pa.types.is_string(array.type):
        wrong = pc.match_substring_regex(array, _FLOAT_CODE)
    else:
        return texts(array)
    at = pc.index(wrong, True).as_py()
    if at >= 0:
        where = table.where(row=int(number[at]), column=name, value=array[at].as_py())
        remedy = "store the column as text; one empty cell is enough for some programs to turn it"
        raise InputError("a code arrived as a number with decimals", where, remedy=remedy)
    return texts(array)


def numbers(
    column: pa.ChunkedArray | pa.Array, decimal: str = "."
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Return (values, unreadable): NaN where the cell is empty or unreadable.

    Examples
    --------
    >>> numbers(pa.array(["3", "", "x", "4,5"]), decimal=",")
    (array([3. , nan, nan, 4.5]), array([False, False,  True, False]))
    """
    array = _flat(column)
    kind = array.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        values = np.asarray(array.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
        return np.where(np.isfinite(values), values, np.nan), np.isinf(values)
    text = texts(array)
    if decimal == ",":
        text = pc.replace_substring(text, ",", ".")
    try:
        values = text.cast(pa.float64()).to_numpy(zero_copy_only=False).astype(np.float64)
    except pa.ArrowInvalid:
        plain = pc.match_substring_regex(text, r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$")
        values = pc.if_else(plain, text, pa.scalar(None, pa.string())).cast(pa.float64())
        values = values.to_numpy(zero_copy_only=False).astype(np.float64)
    values = np.where(np.isfinite(values), values, np.nan)
    return values, np.isnan(values) & np.asarray(text.is_valid())


def stamps(
    column: pa.ChunkedArray | pa.Array, *, form: str = "ISO8601", zoned: bool = False, zone: str = "UTC"
) -> tuple[npt.NDArray[np.datetime64], npt.NDArray[np.bool_]]:
    """Return (times in the area's wall time, unreadable): NaT where the cell is empty or unreadable.

    Parameters
    ----------
    column
        Text, dates or timestamps.
    form
        A strptime format, or `ISO8601`.
    zoned
        False: a zone in the text or the type is a label to be dropped, the wall time stays. True: times with
        a zone are converted to `zone`.
    zone
        IANA zone of the area.

    Examples
    --------
    >>> stamps(pa.array(["2018-01-31T23:30:00Z", "soon"]))
    (array(['2018-01-31T23:30:00',                 'NaT'],
          dtype='datetime64[s]'), array([False,  True]))
    """
    array = _flat(column)
    kind = array.type
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        if pa.types.is_timestamp(kind) and kind.tz is not None:
            if zoned:
                array = pc.local_timestamp(array.cast(pa.timestamp(kind.unit, zone)))
            else:
                array = pc.local_timestamp(array)
        values = array.cast(pa.timestamp("s"), safe=False).to_numpy(zero_copy_only=False)
        return values.astype("datetime64[s]"), np.zeros(len(array), dtype=bool)
    text = texts(array)
    bare = pc.replace_substring_regex(text, _ZONE, r"\1")
    values = _parse(bare, form.replace("%z", "").strip())
    if zoned:
        moved = np.asarray(pc.fill_null(pc.not_equal(text, bare), False))
        if moved.any():
            labelled = text.filter(pa.array(moved)).to_pandas()
            instants = pd.to_datetime(labelled, errors="coerce", utc=True, format=form)
            values[moved] = (
                instants.dt.tz_convert(zone).dt.tz_localize(None).to_numpy().astype("datetime64[s]")
            )
    return values, np.isnat(values) & np.asarray(text.is_valid())


def _parse(text: pa.Array, form: str) -> npt.NDArray[np.datetime64]:
    if form == "ISO8601":
        try:
            return np.asarray(text.cast(pa.timestamp("s")).to_numpy(zero_copy_only=False)).astype(
                "datetime64[s]"
            )
        except pa.ArrowInvalid:
            pass
    unique = text.dictionary_encode()
    different = unique.dictionary.to_pandas()
    if form == "ISO8601":
        # What still carries a zone is written oddly: better unreadable than moved unseen.
        different = different.mask(different.str.contains(_ZONED, regex=True, na=False))
    parsed = np.append(_instants(different, form), np.datetime64("NaT", "s"))
    return np.asarray(parsed[pc.fill_null(unique.indices, len(parsed) - 1).to_numpy(zero_copy_only=False)])


def _instants(text: pd.Series, form: str) -> npt.NDArray[np.datetime64]:
    """Parse texts; what cannot be read, or still turns out to carry a zone, is NaT."""
    try:
        found = pd.to_datetime(text, format=form, errors="coerce")
    except ValueError:  # zones of several kinds
        alone = [pd.to_datetime(one, format=form, errors="coerce") for one in text]
        found = pd.Series([pd.NaT if one.tzinfo else one for one in alone], dtype="datetime64[s]")
    if found.dt.tz is not None:
        return np.full(len(found), np.datetime64("NaT", "s"))
    return np.asarray(found.to_numpy().astype("datetime64[s]"))


def _flat(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if (
        pa.types.is_null(array.type)
        or pa.types.is_large_string(array.type)
        or pa.types.is_string_view(array.type)
    ):
        array = array.cast(pa.string())
    return array
