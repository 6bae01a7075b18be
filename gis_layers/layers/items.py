"""Item ids: the keys of a row joined by dots, the same in every format and route."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd


def item_ids(frame: pd.DataFrame, keys: Sequence[str]) -> pd.Series:
    """Return the id of each row: its keys in table order joined by dots, months as YYYY-MM.

    Parameters
    ----------
    frame
        Rows of a layer with its key columns; an empty frame gives an empty series.
    keys
        Key columns in the order of the id.

    Examples
    --------
    >>> rows = pd.DataFrame({"district": ["750000000"], "offence": ["theft"], "month": ["2022-08-01"]})
    >>> item_ids(rows, ["district", "offence", "month"])[0]
    '750000000.theft.2022-08'
    """
    ids = pd.Series("", index=frame.index, dtype="str")
    for place, key in enumerate(keys):
        values = frame[key]
        text = pd.to_datetime(values).dt.strftime("%Y-%m") if key == "month" else values.astype("str")
        ids = ids + ("." if place else "") + text.astype("str")
    return ids
