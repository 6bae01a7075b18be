"""Peer groups of an area's districts from its population."""

from __future__ import annotations

import pandas as pd

from .model import Districts
from .peers import PeerGroups, peer_groups


def newest_population(districts: Districts, population: pd.DataFrame | None) -> pd.Series:
    """Return the residents of each district in the newest month known, NaN where none is.

    Parameters
    ----------
    population
        `district`, `month`, `population`; None or empty where the area has no population.

    Returns
    -------
    Series of float64 by district code, in the order of `Districts.frame`
    """
    codes = pd.Index(districts.codes, name="district")
    if population is None or population.empty:
        return pd.Series(float("nan"), index=codes, name="population")
    known = population.dropna(subset=["population"]).sort_values("month", kind="stable")
    newest = known.groupby("district", sort=False)["population"].last()
    return newest.reindex(codes).astype(float).rename("population")


def peer_groups_of(
    districts: Districts, population: pd.DataFrame | None, *, groups: int = 14, min_size: int = 8
) -> PeerGroups:
    """Group districts with their peers by status, newest population and density; see `peer_groups`."""
    residents = newest_population(districts, population).to_numpy()
    frame = pd.DataFrame(
        {
            "district": districts.codes,
            "status": districts.frame["status"].to_numpy(dtype=object),
            "population": residents,
            "density": residents / districts.frame["area_km2"].to_numpy(dtype=float),
        }
    )
    return peer_groups(frame, groups=groups, min_size=min_size)


def peer_groups_by_year(
    districts: Districts, population: pd.DataFrame | None, *, groups: int = 14, min_size: int = 8
) -> dict[int, PeerGroups]:
    """Group districts with their peers anew at the beginning of each year.

    Within a year groups stay as they are, and what is known later moves no group of an earlier year.

    Parameters
    ----------
    population
        `district`, `month`, `population`; None or empty gives no year.

    Returns
    -------
    dict
        Peer groups by year, from the residents of the first month of the year that is known; oldest first.
    """
    if population is None or population.empty:
        return {}
    known = population.dropna(subset=["population"]).sort_values("month", kind="stable")
    found = {}
    for year, part in known.groupby(known["month"].dt.year):
        opening = part.drop_duplicates("district")
        found[int(str(year))] = peer_groups_of(districts, opening, groups=groups, min_size=min_size)
    return found
