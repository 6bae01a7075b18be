"""Paths of incidents: chains of points near in space and time that stand out from those that chance makes."""

from __future__ import annotations

import json
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from .evidence import track_evidence
from .incidents import Incidents, Ints
from .track_chance import FIELDS, LEAST, track_chance
from .tracks import link_incidents, tracks

METRES, DAYS = 200.0, 7.0
"""How far apart two linked incidents are at most: the first bands of near repeats."""

ALPHA = 0.05
"""Of near repeats, and of the share of chains that chance makes."""

MOST_TRACKS = 200
"""Tracks of an offence, the clearest."""

MOST_PAIRS = 3_000_000
"""Pairs within reach beyond which an offence has no tracks: where all hangs together there is no way to see."""


def incident_paths(
    incidents: Incidents,
    *,
    offence: str,
    repeats: pd.DataFrame,
    district: Sequence[str | None] | None = None,
    fields: int = FIELDS,
) -> gpd.GeoDataFrame:
    """Return the steps of chains of incidents as rows of the layer `spread_paths`, of kind `incidents`.

    Parameters
    ----------
    incidents
        Points of one offence, in metres.
    offence
        Its code.
    repeats
        Rows of the layer `near_repeat`; if those of the offence find no more near pairs (at most a week and 200 m, or
        the same block) than chance at p of at most 0.05, its chains are chance too and none is drawn.
    district
        District of each incident.
    fields
        Fields of exchanged days that chains are measured by.

    Returns
    -------
    geopandas.GeoDataFrame
        As :func:`gis_layers.spread.tracks` gives them, with `evidence`; the 200 clearest chains at most, of
        which chance makes at most one in twenty.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x, y = 5e5 + rng.random(400) * 2e4, 4.8e6 + rng.random(400) * 2e4
    >>> day = np.datetime64("2024-01-01") + rng.integers(0, 360, 400)
    >>> x[:5], y[:5], day[:5] = 5e5 + 100 * np.arange(5), 4.8e6, np.datetime64("2024-03-04") + np.arange(5)
    >>> near = pd.DataFrame({"offence": ["theft"], "metres_to": [200], "days_to": [7], "p_value": [0.01]})
    >>> found = incident_paths(Incidents(x, y, day, "EPSG:32643"), offence="theft", repeats=near)
    >>> found["step"].tolist(), found["path"].iloc[0]
    ([1, 2, 3, 4], 'theft.2024-03.incidents-1')
    """
    # whole days, as near repeats count them: a third of the times of a police register are the full hour
    whole = Incidents(incidents.x, incidents.y, incidents.day.astype("datetime64[D]"), incidents.crs)
    chance = _chance_of(repeats, offence)
    chain, told = np.full(len(whole), -1, dtype=np.intp), pd.DataFrame()
    if chance <= ALPHA and whole.near(METRES) <= MOST_PAIRS:
        rng = np.random.default_rng(1)
        chain, told = track_chance(whole, rng, metres=METRES, days=DAYS, fields=fields)
        clear = told.index[told["share"] <= ALPHA]
        drawn = told.loc[clear].sort_values("share", kind="stable").index[:MOST_TRACKS]
        chain[~np.isin(chain, drawn)] = -1
    held = np.flatnonzero(chain >= 0)
    linked = Incidents(incidents.x[held], incidents.y[held], incidents.day[held], incidents.crs)
    places = None if district is None else [district[one] for one in held.tolist()]
    rows = tracks(linked, chain[held], offence=offence, district=places)
    if rows.empty:
        return rows.assign(evidence=pd.Series([], dtype=object))
    half = {
        "metres": link_incidents(whole, metres=METRES / 2, days=DAYS),
        "days": link_incidents(whole, metres=METRES, days=DAYS // 2),
    }
    evidence = {}
    for number, (path, steps) in zip(np.unique(chain[held]), rows.groupby("path", sort=False), strict=True):
        members = np.flatnonzero(chain == number)
        row = told.loc[number].to_dict()
        row |= {"first": steps["first_month"].iloc[0], "last": steps["last_month"].iloc[-1]}
        row |= {f"half_{unit}": _together(found[members]) for unit, found in half.items()}
        evidence[path] = json.dumps(
            track_evidence(row, p_value=chance, metres=METRES, days=DAYS, least=LEAST, alpha=ALPHA)
        )
    return rows.assign(evidence=rows["path"].map(evidence))


def _chance_of(repeats: pd.DataFrame, offence: str) -> float:
    """Return the p-value of near repeats of an offence, 1 where none was counted."""
    near = (repeats["metres_to"] <= METRES) & (repeats["days_to"] == DAYS)
    lowest = repeats.loc[(repeats["offence"] == offence) & near, "p_value"].min()
    return 1.0 if pd.isna(lowest) else float(lowest)


def _together(chain: Ints) -> int:
    """Return how many incidents are of the one chain that has most of them."""
    return int(np.bincount(chain[chain >= 0], minlength=1).max())
