"""The crosswalk between criminal codes: what an article of an earlier code is called today."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ..errors import InputError, Where
from ..tables.small import read_changes
from .codebook import Codebook


def load_crosswalk(file: Path, codebook: Codebook) -> pd.DataFrame:
    """Read a crosswalk of offences; see :func:`gis_layers.tables.small.read_changes`.

    Raises
    ------
    InputError
        If it cannot be read, or leads to an offence that the codebook does not have.
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
    return changes
