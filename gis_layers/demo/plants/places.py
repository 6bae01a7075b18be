"""Where things cluster: hot districts, hot spots of points, space-time clusters, near repeats; and three portraits."""

from __future__ import annotations

import numpy as np

from ..backdrop import MONTHS
from ..offences import INDEX
from ..streams import stream
from .calendar import Calendar
from .model import Cell, Event

HOT_DISTRICTS, HOT_SPOTS, NEAR_REPEATS = 6, 12, 6
_QUIET = tuple(INDEX[code] for code in ("105-1", "104-1", "141-1", "143-1", "161-1", "161-2"))


def plan_hotspots(calendar: Calendar, seed: int) -> list[Event]:
    """Plan six neighbourhoods of districts hot for a year, and twelve spots of 250 m that draw cards for half one."""
    rng = stream(seed, "plan", "hotspots")
    events = []
    for n in range(HOT_DISTRICTS):
        size, factor = (("strong", 2.0), ("medium", 1.6), ("weak", 1.3))[n % 3]
        districts, leaf, first = _neighbourhood(calendar, rng, 4, 12)
        cells = _raised(calendar, districts, leaf, range(first, first + 12), factor)
        events.append(
            Event(f"hotspot-district-{n + 1}", "hotspot", size, cells, detail={"place_kind": "district"})
        )
    spots = np.flatnonzero(calendar.status != "raion")
    for n in range(HOT_SPOTS):
        size, share = (("strong", 0.35), ("medium", 0.20), ("weak", 0.10))[n % 3]
        leaf = INDEX[("121-1", "141-1", "122-1", "124-1")[n % 4]]
        district, first = int(rng.choice(spots)), int(rng.integers(36, MONTHS - 6))
        cells = tuple(
            Cell(district, leaf, month, float(calendar.expected[district, leaf, month]), factor=share)
            for month in range(first, first + 6)
        )
        detail = {"place_kind": "point", "share": share, "radius_m": 250, "settlement": float(rng.random())}
        events.append(Event(f"hotspot-point-{n + 1:02d}", "hotspot", size, cells, detail=detail))
    return events


def plan_clusters(calendar: Calendar, seed: int) -> list[Event]:
    """Plan two space-time clusters: six neighbouring districts for five months."""
    rng = stream(seed, "plan", "clusters")
    events = []
    for size, factor in (("strong", 2.0), ("medium", 1.6)):
        districts, leaf, first = _neighbourhood(calendar, rng, 6, 5)
        cells = _raised(calendar, districts, leaf, range(first, first + 5), factor)
        events.append(Event(f"cluster-{size}", "cluster", size, cells))
    return events


def _neighbourhood(
    calendar: Calendar, rng: np.random.Generator, n: int, long: int
) -> tuple[list[int], int, int]:
    """Return a district with n − 1 neighbours, a leaf and a first month that are free in all of them."""
    usual = calendar.expected.mean(axis=2)
    for attempt in range(6000):
        leaf = int(rng.choice(_QUIET))
        middle = int(rng.integers(len(usual)))
        around = np.flatnonzero(calendar.land.adjacent[middle])
        if len(around) < n - 1:
            continue
        busiest = around[np.argsort(-usual[around, leaf])][: n - 1].tolist()
        first = int(rng.integers(36, MONTHS - long))
        districts = [middle, *busiest]
        floor = 4.0 * min(1.0, usual.mean() / 2.3) * 0.97 ** (attempt // 100)
        if min(usual[d, leaf] for d in districts) < floor:
            continue
        if all(calendar.free(d, leaf, first, first + long - 1) for d in districts):
            for d in districts:
                calendar.claim(d, leaf, first, first + long - 1, rise=True)
            return districts, leaf, first
    raise ValueError("no further neighbourhood is free")


def _raised(
    calendar: Calendar, districts: list[int], leaf: int, months: range, factor: float
) -> tuple[Cell, ...]:
    return tuple(
        Cell(d, leaf, t, float(calendar.expected[d, leaf, t]), factor=factor)
        for d in districts
        for t in months
    )


def plan_near_repeats(calendar: Calendar, seed: int) -> list[Event]:
    """Plan six cities where a share of burglaries follows another within 14 days and some 200 m, all ten years."""
    rng = stream(seed, "plan", "near repeats")
    leaf = INDEX["121-2"]
    usual = calendar.expected[:, leaf].mean(axis=1)
    towns = np.flatnonzero((calendar.status != "raion") & (usual >= np.sort(usual)[-24]))
    events = []
    for n, district in enumerate(rng.choice(towns, NEAR_REPEATS, replace=False).tolist()):
        size, share = (("strong", 0.30), ("medium", 0.18), ("weak", 0.08))[n % 3]
        cells = tuple(
            Cell(district, leaf, t, float(calendar.expected[district, leaf, t]), factor=share)
            for t in range(MONTHS)
        )
        detail = {"share": share, "within_days": 14, "sd_m": 80}
        events.append(Event(f"near-repeat-{n + 1}", "near_repeat", size, cells, detail=detail))
    return events


PORTRAITS = (
    ("121-1", {"offender_age": "14-17", "time_of_day": "day", "place_type": "school"}, 0.30),
    ("105-1", {"offender_alcohol": "yes", "place_type": "dwelling", "time_of_day": "night"}, 0.45),
    ("131-2", {"victim_age": "60+", "victim_sex": "female", "victim_status": "pensioner"}, 0.35),
)


def plan_profiles(calendar: Calendar, seed: int) -> list[Event]:
    """Plan three portraits: for two years a share of a district's cards takes the portrait's values."""
    rng = stream(seed, "plan", "profiles")
    events = []
    for n, (code, values, share) in enumerate(PORTRAITS):
        leaf = INDEX[code]
        usual = calendar.expected[:, leaf].mean(axis=1)
        district = int(rng.choice(np.argsort(-usual)[:30]))
        first = int(rng.integers(60, MONTHS - 24))
        cells = tuple(
            Cell(district, leaf, t, float(calendar.expected[district, leaf, t]), factor=share)
            for t in range(first, first + 24)
        )
        detail = {"values": values, "share": share}
        events.append(Event(f"profile-{n + 1}", "profile", "strong", cells, detail=detail))
    return events
