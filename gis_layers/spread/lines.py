"""Lines of paths, bent to the left of their way: what goes there and what comes back never lie on each other."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from ..districts import Districts
from ..errors import InputError, Where

BEND = 0.18
"""How far the middle of a line lies off the straight one, in its length."""

MORE = 0.05
"""How much more each further line of the same way bends."""

SHORT = 0.06
"""Share of the way that a line stays away from either end, so that arrows have room."""

POINTS = 17


def bent_lines(paths: pd.DataFrame, districts: Districts) -> gpd.GeoDataFrame:
    """Return paths with their lines, EPSG:4326.

    Parameters
    ----------
    paths
        `district_from` and `district_to`, as :func:`gis_layers.spread.judge_spread` gives them.
    districts
        Where the districts are.

    Raises
    ------
    InputError
        If a path names a district that is not there.
    """
    middle = shapely.point_on_surface(districts.geometry)
    there = pyproj.Transformer.from_crs(4326, districts.metric_crs, always_xy=True)
    x, y = there.transform(shapely.get_x(middle), shapely.get_y(middle))
    place = {str(code): number for number, code in enumerate(districts.codes)}
    drawn: dict[tuple[str, str], int] = {}
    lines = []
    for of, to in zip(paths["district_from"], paths["district_to"], strict=True):
        for code in (of, to):
            if code not in place:
                raise InputError(
                    "a path names a district that is not there", Where(column="district", value=code)
                )
        again = drawn[of, to] = drawn.get((of, to), -1) + 1
        a, b = place[of], place[to]
        curve = bent((x[a], y[a]), (x[b], y[b]), bend=BEND + MORE * again)
        lon, lat = there.transform(curve[:, 0], curve[:, 1], direction="INVERSE")
        lines.append(shapely.LineString(np.column_stack([lon, lat])))
    return gpd.GeoDataFrame(paths.reset_index(drop=True), geometry=gpd.GeoSeries(lines, crs=4326), crs=4326)


def bent(
    start: tuple[float, float], end: tuple[float, float], *, bend: float = BEND
) -> npt.NDArray[np.float64]:
    """Return the points of a curve that leaves to the left, (`POINTS`, 2).

    Examples
    --------
    >>> there, back = bent((0, 0), (100, 0)), bent((100, 0), (0, 0))
    >>> there[8].round(6).tolist(), back[8].round(6).tolist()
    ([50.0, 18.0], [50.0, -18.0])
    """
    a, b = np.asarray(start, dtype=float), np.asarray(end, dtype=float)
    way = b - a
    off = (a + b) / 2 + 2 * bend * np.array([-way[1], way[0]])
    t = np.linspace(SHORT, 1 - SHORT, POINTS)[:, None]
    return np.asarray((1 - t) ** 2 * a + 2 * t * (1 - t) * off + t**2 * b)
