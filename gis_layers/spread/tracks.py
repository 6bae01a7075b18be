"""Chains of incidents: ST-DBSCAN [Birant & Kut 2007] of points near in space and in time, and their tracks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from ..errors import UsageError, Where
from .incidents import Floats, Incidents, Ints

COLUMNS = (
    "path", "kind", "step", "district_from", "district_to", "offence", "lag_months", "strength", "lower", "upper",
    "q_value", "first_month", "last_month",
)  # fmt: skip


def link_incidents(incidents: Incidents, *, metres: float, days: float, least: int = 3) -> Ints:
    """Return the number of each incident's chain, (n,), -1 for none.

    Parameters
    ----------
    incidents
        Where and when; in metres.
    metres, days
        How far apart two linked incidents may be, in both.
    least
        Incidents, itself among them, that one needs around it to be the core of a chain.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([0.0, 150.0, 300.0, 300.0, 5000.0])
    >>> day = np.array(["2024-01-01", "2024-01-05", "2024-01-09", "2024-06-01", "2024-01-02"], "datetime64[D]")
    >>> link_incidents(Incidents(x, np.zeros(5), day, "EPSG:32643"), metres=200, days=7).tolist()
    [0, 0, 0, -1, -1]
    """
    if metres <= 0 or days < 0 or least < 2:
        raise UsageError(
            "a chain needs a distance above 0, days of 0 or more and at least two incidents",
            Where(value=f"{metres} m, {days} days, {least}"),
        )
    return chains_of(incidents.pairs(metres)[0], incidents.days, days=days, least=least)


def chains_of(pairs: Ints, when: Floats, *, days: float, least: int = 3) -> Ints:
    """Return chains as :func:`link_incidents` does, of pairs near in space, (pair, 2), and days since 1970, (n,)."""
    many = len(when)
    if many == 0:
        return np.empty(0, dtype=np.intp)
    pairs = pairs[np.abs(when[pairs[:, 0]] - when[pairs[:, 1]]) <= days]
    around = np.bincount(pairs.ravel(), minlength=many) + 1
    core = around >= least
    inner = pairs[core[pairs].all(axis=1)]
    linked = sparse.coo_array((np.ones(len(inner), dtype=np.int8), inner.T), shape=(many, many))
    group = connected_components(linked, directed=False)[1]
    # numbered by the first core of each; what is no core joins the first chain that it is near to
    _, first, number = np.unique(group[core], return_index=True, return_inverse=True)
    found = np.full(many, many, dtype=np.intp)
    found[core] = np.argsort(np.argsort(first))[number]
    edge = np.concatenate([pairs, pairs[:, ::-1]])
    edge = edge[core[edge[:, 0]] & ~core[edge[:, 1]]]
    np.minimum.at(found, edge[:, 1], found[edge[:, 0]])
    return np.where(found == many, -1, found)


def tracks(
    incidents: Incidents, chain: Ints, *, offence: str, district: Sequence[str | None] | None = None
) -> gpd.GeoDataFrame:
    """Return the steps of each chain from incident to incident in the order of time, lines in EPSG:4326.

    Where the hour is not known, the order within a day is that of the cards.

    Parameters
    ----------
    incidents, chain
        The points, and the numbers that :func:`link_incidents` gave.
    offence
        Of what all are.
    district
        District of each incident, if known.

    Returns
    -------
    geopandas.GeoDataFrame
        The columns of the layer `spread_paths`, `kind` being `incidents`; no strength and no q-value: a track says
        what followed what, not that one made the other. A step at one spot is a line of no length.

    Examples
    --------
    >>> import numpy as np
    >>> day = np.array(["2024-01-20", "2024-02-02", "2024-01-25"], "datetime64[D]")
    >>> points = Incidents(np.array([5e5, 5.001e5, 5e5]), np.full(3, 4.8e6), day, "EPSG:32643")
    >>> found = tracks(points, np.zeros(3, dtype=int), offence="burglary")
    >>> found[["step", "lag_months"]].values.tolist(), found["path"].iloc[0]
    ([[1, 0], [2, 1]], 'burglary.2024-01.incidents-1')
    """
    order = np.lexsort((incidents.days, chain))
    order = order[chain[order] >= 0]
    lon, lat = (
        gpd.GeoSeries.from_xy(incidents.x, incidents.y, crs=incidents.crs)
        .to_crs(4326)
        .pipe(lambda s: (s.x, s.y))
    )
    month = incidents.day.astype("datetime64[M]")
    rows, lines = [], []
    step, label = 0, ""
    begun: Counter[str] = Counter()
    for at, (one, other) in enumerate(pairwise(order)):
        if chain[one] != chain[other]:
            continue
        if at == 0 or chain[order[at - 1]] != chain[one]:
            # numbered within its first month, so that later incidents do not rename it
            start = str(month[one])
            begun[start] += 1
            step, label = 0, f"{offence}.{start}.incidents-{begun[start]}"
        step += 1
        of, to = (None, None) if district is None else (district[int(one)], district[int(other)])
        first, last = (month[place].astype("datetime64[D]") for place in (one, other))
        lag = int((month[other] - month[one]).astype(int))
        rows.append(
            (label, "incidents", step, of, to, offence, lag, np.nan, np.nan, np.nan, np.nan, first, last)
        )
        lines.append(shapely.LineString([(lon.iloc[one], lat.iloc[one]), (lon.iloc[other], lat.iloc[other])]))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(lines, crs=4326), crs=4326)
