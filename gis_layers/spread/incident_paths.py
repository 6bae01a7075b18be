"""Paths of incidents: chains of points near in space and time, drawn where near repeats are more than chance."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from .incidents import Incidents
from .tracks import link_incidents, tracks

METRES, DAYS = 200.0, 7.0
"""How far apart two linked incidents are at most: the first bands of near repeats."""

LEAST, MOST = 4, 30
"""Incidents of a chain: fewer are a coincidence, and where more hang together is a busy place and no way."""

Locate = Callable[[npt.NDArray[np.float64], npt.NDArray[np.float64]], Sequence[str | None]]


def incident_paths(
    incidents: Incidents, *, offence: str, repeats: pd.DataFrame, locate: Locate | None = None
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
    locate
        Returns the district of each point, given x and y.

    Returns
    -------
    geopandas.GeoDataFrame
        As :func:`gis_layers.spread.tracks` gives them.

    Examples
    --------
    >>> day = np.datetime64("2024-01-01") + np.arange(4)
    >>> points = Incidents(5e5 + 100.0 * np.arange(4), np.full(4, 4.8e6), day, "EPSG:32643")
    >>> near = {"offence": ["theft"], "metres_to": [200], "days_to": [7], "p_value": [0.01]}
    >>> len(incident_paths(points, offence="theft", repeats=pd.DataFrame(near)))
    3
    """
    own = repeats[
        (repeats["offence"] == offence) & (repeats["metres_to"] <= METRES) & (repeats["days_to"] == DAYS)
    ]
    if not (own["p_value"] <= 0.05).any():
        return tracks(incidents, np.full(len(incidents), -1, dtype=np.intp), offence=offence)
    chain = link_incidents(incidents, metres=METRES, days=DAYS)
    many = np.bincount(chain[chain >= 0], minlength=1)
    chain[(chain >= 0) & ((many < LEAST) | (many > MOST))[chain]] = -1
    held = chain >= 0
    linked = Incidents(incidents.x[held], incidents.y[held], incidents.day[held], incidents.crs)
    district = None if locate is None else locate(linked.x, linked.y)
    return tracks(linked, chain[held], offence=offence, district=district)
