"""The crosswalk between criminal codes: what an article of an earlier code is called today."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from ..errors import InputError, Where
from ..tables.small import iso_day, open_small, read_changes, read_texts
from .codebook import Codebook

_MORE = ("valid_to", "weight", "confidence", "source")


def load_crosswalk(file: Path, codebook: Codebook) -> pd.DataFrame:
    """Read a crosswalk of offences: `old, new, valid_from, valid_to, weight, confidence, source`.

    Many to many: an article that was divided has several rows, one that took in others stands in several as
    `new`. `valid_from` is the day from which the new code holds; `valid_to` the last day of the change, empty
    while it holds. A weight is the share of the old article's cards that are the new one's; empty is unknown.

    Returns
    -------
    DataFrame
        The columns above, the index are the numbers of the rows; `weight` is NaN where it is unknown (one,
        where an old code has one successor only), dates are dates or None.

    Raises
    ------
    InputError
        If it cannot be read, or leads to an offence that the codebook does not have, or ends before it begins.
    """
    changes = read_changes(file, "codebook.crosswalk")
    strangers = changes.index[~changes["new"].isin(set(codebook.codes))]
    if len(strangers):
        row = int(strangers[0])
        where = Where(file=file, row=row, column="new", value=changes.loc[row, "new"])
        remedy = "add the code to the codebook, or correct the row"
        raise InputError(
            "the crosswalk leads to an offence that is not in the codebook", where, remedy=remedy
        )
    table = open_small(file, "codebook.crosswalk")
    texts = read_texts(table, {name: name for name in _MORE if name in table.names})
    texts = texts.reindex(index=changes.index, columns=list(_MORE))
    ends = []
    for row, text, start in zip(changes.index, texts["valid_to"], changes["valid_from"], strict=True):
        day = iso_day(text) if isinstance(text, str) else None
        where = Where(file=file, row=int(row), column="valid_to", value=text)
        if isinstance(text, str) and day is None:
            raise InputError("not a date", where, remedy="write it as YYYY-MM-DD")
        if day is not None and start is not None and day < start:
            raise InputError("the change ends before it begins", where, remedy="correct one of the days")
        ends.append(day)
    several = changes.groupby("old")["new"].transform("nunique") > 1
    unknown = texts["weight"].isna() & several
    return changes.assign(
        valid_to=pd.Series(ends, index=changes.index, dtype=object),
        weight=changes["weight"].where(~unknown, np.nan),
        confidence=texts["confidence"],
        source=texts["source"],
    )[["old", "new", "valid_from", "valid_to", "weight", "confidence", "source"]]
