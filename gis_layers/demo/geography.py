"""The invented republic: 210 districts in 14 regions, their borders, names and settlements. The same for every seed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely
from scipy.spatial import cKDTree

from .names import english, invent, russian
from .shapes import Points, blob, noisy_cells

METRIC_CRS = "+proj=aea +lat_1=43 +lat_2=53 +lat_0=48 +lon_0=67 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs"
RAIONS, CITIES, PARTS, REGIONS = 156, 38, (6, 5, 5), 14
DISTRICTS = RAIONS + CITIES + sum(PARTS)
_SEED = 20160101
_KM = 1000.0


@dataclass(frozen=True)
class Settlements:
    """Where people live: cards happen inside these discs, each wholly inside its district.

    All arrays are (n,), metres of `METRIC_CRS`; `district` is a row of `Country.frame`, `weight` sums to 1 in each
    district, and `half` is 0 or 1 in the district that was two before the merger (0 elsewhere).
    """

    district: npt.NDArray[np.int64]
    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]
    radius: npt.NDArray[np.float64]
    weight: npt.NDArray[np.float64]
    half: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Country:
    """The geography that every demo shares.

    `frame` has the columns of the delivered layer (EPSG:4326), sorted by `district`; `region` (210,) numbers the
    regions; `adjacent` (210, 210) is queen contiguity; `area_km2` and `centre` are taken in `METRIC_CRS`.
    """

    frame: gpd.GeoDataFrame
    region: npt.NDArray[np.int64]
    adjacent: npt.NDArray[np.bool_]
    area_km2: npt.NDArray[np.float64]
    centre: Points
    settlements: Settlements
    merged: int
    old_codes: tuple[str, str]


@lru_cache(maxsize=1)
def country() -> Country:
    """Draw the republic (about a second; kept for the process)."""
    rng = np.random.default_rng(_SEED)
    sites, inside = _sites(rng)
    cells = noisy_cells(sites, inside, seed=_SEED, pieces=3)
    homes = sites[inside]
    region_of_cell = _regions(homes)
    pair = _pair_to_merge(cells, region_of_cell, homes)

    shapes, status, cell_of = _carve(rng, cells, homes, pair, region_of_cell)
    region = region_of_cell[cell_of]
    return _finish(rng, shapes, status, region, cells, pair)


def outline(angle: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return how far the republic reaches from its middle, in metres, by angle: a long, bay-cut oval."""
    oval = 1.0 / np.sqrt((np.cos(angle) / 1330) ** 2 + (np.sin(angle) / 640) ** 2)
    waves = (
        0.09 * np.cos(3 * angle + 0.7) + 0.07 * np.cos(5 * angle - 1.1) + 0.05 * np.cos(8 * angle + 2.0)
        + 0.03 * np.cos(13 * angle + 0.4)
    )  # fmt: skip
    bay = -0.24 * np.exp(-(((np.mod(angle, 2 * np.pi) - 3.42) / 0.16) ** 2))  # a sea coast in the south-west
    return np.asarray(oval * (1 + waves + bay) * _KM)


def _spacing(points: Points) -> npt.NDArray[np.float64]:
    """Return how far apart sites lie (relative): close in the south-east and north, far in the dry middle and west."""
    x, y = points[:, 0] / _KM, points[:, 1] / _KM
    fertile = 0.9 * np.exp(-(((x - 500) / 420) ** 2) - ((y + 430) / 190) ** 2) + 0.65 * np.exp(
        -(((x - 100) / 800) ** 2) - ((y - 480) / 170) ** 2
    )
    return np.asarray(1.25 - 0.8 * np.minimum(fertile, 0.85))


def _within(points: Points) -> npt.NDArray[np.bool_]:
    return np.asarray(np.hypot(points[:, 0], points[:, 1]) < outline(np.arctan2(points[:, 1], points[:, 0])))


def _sites(rng: np.random.Generator) -> tuple[Points, npt.NDArray[np.bool_]]:
    """Scatter sites evenly by `_spacing` (best candidate, then two steps of relaxation): 156 within, ghosts around."""
    box = np.array([1900.0, 1150.0]) * _KM
    pool = rng.uniform(-1, 1, (60_000, 2)) * box
    within, gap = _within(pool), _spacing(pool)
    chosen = [int(np.argmin(np.hypot(*pool.T)))]
    best = np.full(len(pool), np.inf)
    count = 0
    while count < RAIONS + 1:  # one pair is merged later
        best = np.minimum(best, np.hypot(*(pool - pool[chosen[-1]]).T) / gap)
        count += int(within[chosen[-1]])
        if count < RAIONS + 1:
            chosen.append(int(np.argmax(best)))
    sites = pool[chosen]
    inside = within[chosen]
    for _ in range(2):
        nearest = cKDTree(sites).query(pool)[1]
        keep = np.where(inside[nearest] == within, gap**-2.0, 0.0)
        total = np.bincount(nearest, keep, len(sites))
        moved = np.column_stack([np.bincount(nearest, keep * pool[:, axis], len(sites)) for axis in (0, 1)])
        sites = np.where(total[:, None] > 0, moved / np.maximum(total, 1e-9)[:, None], sites)
    frame = np.linspace(-1, 1, 24)
    far = np.concatenate([np.column_stack([frame, np.full(24, s)]) for s in (-1.6, 1.6)])
    far = np.concatenate([far, far[:, ::-1]]) * box * 1.3
    return np.vstack([sites, far]), np.concatenate([inside, np.zeros(len(far), dtype=bool)])


def _regions(homes: Points) -> npt.NDArray[np.int64]:
    """Share the cells among 14 compact regions of like size (k-means whose centres are pushed apart by weights)."""
    start = np.array([[x, y] for x, y in homes[np.linspace(0, len(homes) - 1, REGIONS).astype(int)]])
    weight = np.zeros(REGIONS)
    of = np.zeros(len(homes), dtype=np.int64)
    for _ in range(200):
        distance = ((homes[:, None] - start[None]) ** 2).sum(axis=2) + weight
        of = distance.argmin(axis=1)
        size = np.bincount(of, minlength=REGIONS)
        for number in range(REGIONS):
            if size[number]:
                start[number] = homes[of == number].mean(axis=0)
        weight += (size - len(homes) / REGIONS) * (60 * _KM) ** 2 * 0.15
    west_to_east = np.argsort(np.argsort(start[:, 0]))
    return np.asarray(west_to_east[of], dtype=np.int64)


def _pair_to_merge(
    cells: list[shapely.Polygon], region: npt.NDArray[np.int64], homes: Points
) -> tuple[int, int]:
    """Return two small neighbouring cells of one region, the first such from the south."""
    area = shapely.area(cells)
    for first in np.argsort(homes[:, 1]):
        for second in range(len(cells)):
            if (
                second != first
                and region[first] == region[second]
                and area[first] + area[second] < 2.2 * area.mean()
            ):
                border = shapely.intersection(cells[first], cells[second])
                if border.length > 40 * _KM:
                    return int(first), int(second)
    raise AssertionError("no two neighbouring cells to merge")


def _carve(
    rng: np.random.Generator,
    cells: list[shapely.Polygon],
    homes: Points,
    pair: tuple[int, int],
    region: npt.NDArray[np.int64],
) -> tuple[list[shapely.Polygon], list[str], npt.NDArray[np.int64]]:
    """Cut 38 cities and three large ones out of the cells, and unite the merged pair."""
    area = shapely.area(cells)
    room = shapely.distance(shapely.points(homes), shapely.boundary(cells))
    fit = [int(n) for n in np.argsort(area) if room[n] > 22 * _KM and n not in pair]
    large = _spread_out(fit, homes, len(PARTS), least=500 * _KM)
    free = [n for n in range(len(cells)) if n not in pair and n not in large and room[n] > 14 * _KM]
    small = [int(n) for n in rng.permutation(free)]
    capitals = [next(n for n in small if region[n] == number) for number in range(REGIONS)]
    small = (capitals + [n for n in small if n not in capitals])[:CITIES]

    shapes: list[shapely.Polygon] = []
    status: list[str] = []
    cell_of: list[int] = []
    holes: dict[int, shapely.Polygon] = {}
    for number, cell in enumerate(large):
        parts = _city_parts(homes[cell], PARTS[number], 13 * _KM, seed=_SEED + number)
        holes[cell] = _united(parts)
        shapes += parts
        status += ["city_district"] * len(parts)
        cell_of += [cell] * len(parts)
    for cell in small:
        x, y = homes[cell] + rng.uniform(-0.2, 0.2, 2) * room[cell]
        city = blob(x, y, float(rng.uniform(5, 9)) * _KM, seed=_SEED + 100 + cell)
        holes[cell] = city
        shapes.append(city)
        status.append("city")
        cell_of.append(cell)
    for cell, shape in enumerate(cells):
        if cell == pair[1]:
            continue
        if cell == pair[0]:
            shape = _united([cells[cell], cells[pair[1]]])
        if cell in holes:
            shape = shapely.Polygon(shape.exterior, [holes[cell].exterior])
        shapes.append(shape)
        status.append("raion")
        cell_of.append(cell)
    return shapes, status, np.array(cell_of)


def _united(parts: list[shapely.Polygon]) -> shapely.Polygon:
    """Unite neighbouring cells, every vertex kept."""
    (whole,) = shapely.get_parts(shapely.coverage_union_all(parts)).tolist()
    return whole  # type: ignore[no-any-return]


def _spread_out(order: list[int], homes: Points, n: int, least: float) -> list[int]:
    chosen: list[int] = []
    for number in order:
        if all(np.hypot(*(homes[number] - homes[other])) > least for other in chosen):
            chosen.append(number)
        if len(chosen) == n:
            return chosen
    raise AssertionError("the large cities do not fit")


def _city_parts(centre: Points, n: int, radius: float, seed: int) -> list[shapely.Polygon]:
    """Return a large city in n districts: one in the middle, the others around it."""
    rng = np.random.default_rng(seed)
    angle = np.arange(n - 1) * 2 * np.pi / (n - 1) + rng.uniform(-0.15, 0.15, n - 1)
    ring = np.column_stack([np.cos(angle), np.sin(angle)]) * radius * rng.uniform(0.55, 0.7, (n - 1, 1))
    around = np.arange(13) * 2 * np.pi / 13 + 0.1
    ghosts = np.column_stack([np.cos(around), np.sin(around)]) * radius * rng.uniform(1.3, 1.6, (13, 1))
    sites = np.vstack([[[0.0, 0.0]], ring, ghosts, ghosts * 4]) + centre
    return noisy_cells(sites, np.arange(len(sites)) < n, seed=seed, pieces=3)


def _finish(
    rng: np.random.Generator,
    shapes: list[shapely.Polygon],
    status: list[str],
    region: npt.NDArray[np.int64],
    cells: list[shapely.Polygon],
    pair: tuple[int, int],
) -> Country:
    centre = np.array([[p.x, p.y] for p in shapely.point_on_surface(shapes)])
    # Codes like the KATO: region, then number within it; gaps of two leave room for changes, the last is the merger.
    order = np.lexsort((centre[:, 0], np.array(status) == "raion", region))
    shapes = [shapes[n] for n in order]
    state = np.array(status)[order]
    region, centre = region[order], centre[order]
    merged = int(
        np.flatnonzero([shape.covers(shapely.point_on_surface(cells[pair[0]])) for shape in shapes])[0]
    )
    within = np.array([int((region[:n] == region[n]).sum()) for n in range(len(region))])
    codes = [f"{(r + 1) * 5 + 5:02d}{20 + 2 * w:03d}0000" for r, w in zip(region, within, strict=True)]
    codes[merged] = codes[merged][:5] + "5000"
    old = (codes[merged][:5] + "1000", codes[merged][:5] + "3000")

    turn = pyproj.Transformer.from_crs(METRIC_CRS, "EPSG:4326", always_xy=True)
    degrees = shapely.transform(
        shapes, lambda xy: np.round(np.column_stack(turn.transform(xy[:, 0], xy[:, 1])), 6)
    )
    tree = shapely.STRtree(degrees)
    left, right = tree.query(degrees, predicate="intersects")
    adjacent = np.zeros((len(shapes), len(shapes)), dtype=bool)
    adjacent[left, right] = left != right

    frame = gpd.GeoDataFrame(_labels(rng, codes, state, region), geometry=list(degrees), crs="EPSG:4326")
    frame["valid_from"] = "2016-01-01"
    frame.loc[merged, "valid_from"] = "2021-07-01"
    rank = frame["district"].argsort().to_numpy()
    if not np.array_equal(rank, np.arange(len(rank))):
        raise AssertionError("the codes are not in order")
    return Country(
        frame=frame,
        region=region,
        adjacent=adjacent,
        area_km2=np.asarray(shapely.area(shapes)) / 1e6,
        centre=centre,
        settlements=_settle(rng, shapes, state, merged, (cells[pair[0]], cells[pair[1]])),
        merged=merged,
        old_codes=old,
    )


def _labels(
    rng: np.random.Generator, codes: list[str], state: npt.NDArray[np.str_], region: npt.NDArray[np.int64]
) -> pd.DataFrame:
    taken: set[str] = set()
    regions = invent(rng, REGIONS, taken=taken)
    cities = dict(
        zip(sorted(set(region[state == "city_district"].tolist())), invent(rng, 3, taken=taken), strict=True)
    )
    rows = []
    for code, kind, r, name in zip(codes, state, region, invent(rng, len(codes), taken=taken), strict=True):
        kk, ru, en = name, russian(name), english(name)
        if kind == "raion":
            kk, ru, en = f"{kk} ауданы", f"район {ru}", f"{en} district"
        elif kind == "city_district":
            city = cities[int(r)]
            kk, ru, en = f"{city}, {kk} ауданы", f"{russian(city)}, район {ru}", f"{english(city)}, {en}"
        else:
            kk, ru, en = f"{kk} қаласы", f"город {ru}", en
        home = regions[r]
        rows.append(
            {
                "district": code, "name": en, "name_en": en, "name_ru": ru, "name_kk": kk, "status": kind,
                "parent": f"{(r + 1) * 5 + 5:02d}0000000", "parent_name_en": f"{english(home)} region",
                "parent_name_ru": f"область {russian(home)}", "parent_name_kk": f"{home} облысы",
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _settle(
    rng: np.random.Generator,
    shapes: list[shapely.Polygon],
    state: npt.NDArray[np.str_],
    merged: int,
    halves: tuple[shapely.Polygon, shapely.Polygon],
) -> Settlements:
    """Place settlements, each a disc that stays clear of its district's border."""
    parts: list[tuple[int, float, float, float, float, int]] = []
    for number, (shape, kind) in enumerate(zip(shapes, state, strict=True)):
        for half, ground in enumerate(halves if number == merged else (shape,)):
            wanted = 12 if kind == "raion" else 24
            low, high = np.array(ground.bounds[:2]), np.array(ground.bounds[2:])
            tries = rng.uniform(low, high, (600, 2))
            spot = shapely.points(tries)
            room = np.where(shapely.contains(ground, spot), shapely.distance(ground.boundary, spot), 0.0)
            picked = tries[room > 600][:wanted]
            room = room[room > 600][:wanted]
            weight = 1.0 / np.arange(1, len(picked) + 1) ** (1.0 if kind == "raion" else 0.35)
            size = 2.5 * _KM if kind == "raion" else 2.0 * _KM
            # A near repeat may step up to 230 m out of the disc and is still inside the district.
            radius = np.minimum(size * np.sqrt(weight), np.minimum(0.85 * room, room - 250))
            weight = weight / weight.sum() * (0.55, 0.45)[half] if number == merged else weight / weight.sum()
            parts += [(number, x, y, r, w, half) for (x, y), r, w in zip(picked, radius, weight, strict=True)]
    d, x, y, r, w, h = (np.array(column) for column in zip(*parts, strict=True))
    return Settlements(d.astype(np.int64), x, y, r, w, h.astype(np.int64))
