"""What a reader takes from a file of the layer `rating`: counts, and counts behind other columns."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyogrio

from ..relations import SAFETY

KEYS = ["district", "offence", "month"]
_WANTED = [*KEYS, "count", "rate", "population", "suppressed"]
_TEXT = {"district": str, "offence": str, "month": str}
_SAME = 0.02
"""A rate that gives a whole count to within this is taken to be of that count."""


def read_rows(path: Path, *, rate_per: float = 10_000, months: int = 1) -> pd.DataFrame:
    """Read an exported or stored file of the layer `rating`.

    Parameters
    ----------
    path
        ``.parquet``, ``.csv``, ``.xlsx``, ``.geojson``, ``.gpkg``, ``.fgb``, or ``.json`` of the values route.
    rate_per, months
        Residents that a rate is of, and months in a row: from the catalogue.

    Returns
    -------
    pandas.DataFrame
        `district`, `offence`, `month` (as YYYY-MM), `count` and `suppressed`: the count where the file tells it, in
        its own column or by a rate and the residents; missing where it does not. Rows without a count that are not
        withheld were not collected, and are left out.
    """
    frame = _frame(path)
    frame = frame[[name for name in _WANTED if name in frame.columns]].copy()
    frame["month"] = frame["month"].astype(str).str[:7]
    count = pd.to_numeric(frame.get("count", pd.Series(np.nan, index=frame.index))).astype(float)
    if {"rate", "population"} <= set(frame.columns):
        rate = pd.to_numeric(frame["rate"]).astype(float)
        people = pd.to_numeric(frame["population"]).astype(float)
        told = rate * people * months / 12 / rate_per
        whole = told.round()
        count = count.fillna(whole.where((told - whole).abs() < _SAME))
    # a missing count in a row that is not withheld was not collected: nothing is to be found there
    withheld = frame.get("suppressed", pd.Series(False, index=frame.index)).isin([True, "true", "True", 1])
    rows = frame[KEYS].astype(str).assign(count=count.to_numpy(), suppressed=withheld.to_numpy())
    return rows[(count.notna() | withheld).to_numpy()]


def together(files: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Join what several files tell: a cell is known if one of them tells it."""
    rows = pd.concat(list(files)).groupby(KEYS, sort=False)
    joined: pd.DataFrame = rows.agg({"count": "first", "suppressed": "max"}).reset_index()
    return joined


def _frame(path: Path) -> pd.DataFrame:
    ending = path.suffix
    if ending == ".parquet":
        names = pq.read_schema(path).names
        table = pq.read_table(path, columns=[name for name in _WANTED if name in names])
        return pd.DataFrame(table.to_pandas(date_as_object=True))
    if ending == ".csv":
        return pd.read_csv(path, dtype=_TEXT, comment="#")
    if ending == ".xlsx":
        sheets = pd.read_excel(path, sheet_name=None, dtype=_TEXT, engine="openpyxl")
        return next(sheet for sheet in sheets.values() if set(KEYS) <= set(sheet.columns))
    if ending == ".json":
        return _values(json.loads(path.read_text(encoding="utf-8")))
    return pd.DataFrame(pyogrio.read_dataframe(path, read_geometry=False, datetime_as_string=True))


def _values(answer: dict[str, object]) -> pd.DataFrame:
    """Return the answer of the values route as rows."""
    months, districts = list(answer["months"]), list(answer["districts"])  # type: ignore[call-overload]
    rows: pd.DataFrame = pd.MultiIndex.from_product(
        [months, districts], names=["month", "district"]
    ).to_frame(index=False)
    columns = answer["columns"]
    assert isinstance(columns, dict)
    for name, lists in columns.items():
        rows[name] = [value for one in lists for value in one]
    return pd.DataFrame(rows.assign(offence=str(answer["offence"])))


def read_totals(record: Path) -> pd.DataFrame:
    """Read from a release's disclosure record the totals that are taken to be known: of regions, and behind `safety`.

    They stand in no public row, but a reader may have them from elsewhere; withheld ones are missing.
    """
    frame = pq.read_table(record).to_pandas(date_as_object=True)
    frame = frame[(frame["unit"] == "") | (frame["offence"] == SAFETY)]
    return pd.DataFrame(
        {
            "unit": frame["unit"].astype(str),
            "region": frame["region"].astype(str),
            "offence": frame["offence"].astype(str),
            "month": frame["month"].astype(str).str[:7],
            "count": frame["count"].astype(float).where(frame["why"] == 0),
        }
    )
