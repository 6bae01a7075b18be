"""The rating as a table: rows sorted by offence, month and district, texts as categories."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from .cube import FORETOLD

_WHOLE: dict[str, type[np.signedinteger]] = {
    "count": np.int32,
    "level": np.int8,
    "points": np.int8,
    "months_judged": np.int8,
    "ytd": np.int32,
    "ytd_last_year": np.int32,
}


def rating_frame(rating: xr.Dataset) -> pd.DataFrame:
    """Turn the judged cube into the rows of the layer `rating`.

    Parameters
    ----------
    rating
        Result of :func:`gis_layers.indicators.rating.judge_rating`.

    Returns
    -------
    pandas.DataFrame
        Keys `district`, `offence` (categories), `month` (datetime64[s]), then the columns of the layer in its
        order, sorted by (offence, month, district), every district present for each offence and month. Whole
        numbers are nullable integers, texts categories; null is missing.
    """
    ordered = (
        rating.drop_vars(FORETOLD, errors="ignore")
        .transpose("offence", "month", "district")
        .sortby(["offence", "month", "district"])
    )
    sizes = tuple(ordered.sizes[name] for name in ("offence", "month", "district"))
    places = np.indices(sizes, dtype=np.int32).reshape(3, -1)
    keys: dict[str, object] = {}
    for axis, key in ((2, "district"), (0, "offence")):
        names = [str(value) for value in ordered[key].values]
        keys[key] = pd.Categorical.from_codes(places[axis], categories=pd.Index(names))
    keys["month"] = ordered["month"].values.astype("datetime64[s]")[places[1]]
    columns: dict[str, object] = {}
    for name, variable in ordered.data_vars.items():
        values = variable.values.reshape(-1)
        if "categories" in variable.attrs:
            table = pd.Index(variable.attrs["categories"])
            columns[str(name)] = pd.Categorical.from_codes(values, categories=table)
        elif name in _WHOLE:
            columns[str(name)] = _nullable(values, _WHOLE[str(name)])
        else:
            columns[str(name)] = values
    return pd.DataFrame({**keys, **columns}, copy=False)


def _nullable(values: npt.NDArray[np.generic], whole: type[np.signedinteger]) -> pd.arrays.IntegerArray:
    missing = np.isnan(values.astype(np.float64))
    return pd.arrays.IntegerArray(np.where(missing, 0, values).astype(whole), missing)
