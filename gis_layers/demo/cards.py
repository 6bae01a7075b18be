"""Draw the cards of one year from the counts: as many as counted, each with dates, a point and attributes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyproj

from .attributes import VALUES, draw_attributes, draw_damage
from .backdrop import FIRST_MONTH, NEW_CODE_AT
from .counts import DemoCounts
from .geography import METRIC_CRS, country
from .marks import mark_fields, mark_points, repeat_nearby
from .offences import OFFENCES
from .population import FIRST_YEAR
from .streams import stream

MERGED_AT = 66  # 2021-07: from then on the two districts are one
EMPTY_EVERYWHERE = "camera"


@dataclass
class Drawn:
    """Cards while they are drawn, (n,) each; days count from 1970, metres are of `METRIC_CRS`."""

    district: npt.NDArray[np.int64]
    leaf: npt.NDArray[np.int64]
    month: npt.NDArray[np.int64]
    registered: npt.NDArray[np.int64]
    committed: npt.NDArray[np.int64]
    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]
    half: npt.NDArray[np.int64]
    damage: npt.NDArray[np.float64]
    fields: dict[str, npt.NDArray[np.int8]]


def draw_year(demo: DemoCounts, year: int) -> pa.Table:
    """Return the cards registered in a year, in the order of registration.

    Aggregated by district, leaf and month of registration (old codes mapped), they are the counts exactly.
    """
    rng = stream(demo.seed, "cards", year)
    first = 12 * (year - FIRST_YEAR)
    counts = demo.counts[:, :, first : first + 12]
    cells = np.repeat(np.arange(counts.size), counts.ravel())
    district, leaf, month = (part.astype(np.int64) for part in np.unravel_index(cells, counts.shape))
    rank = np.arange(len(cells)) - (np.cumsum(counts.ravel()) - counts.ravel())[cells]
    late = rank < demo.sown.late[:, :, first : first + 12].ravel()[cells]
    bunched = rank < demo.sown.bunched[:, :, first : first + 12].ravel()[cells]
    month = month + first

    begins = (FIRST_MONTH + np.arange(-1, 121)).astype("datetime64[D]").astype(np.int64)
    here, after, before = begins[month + 1], begins[month + 2], begins[month]
    registered = here + (rng.random(len(cells)) * (after - here)).astype(np.int64)
    delay = np.array([offence.delay for offence in OFFENCES])[leaf]
    committed = registered - rng.exponential(delay).astype(np.int64)
    committed = np.where(
        late, before + (rng.random(len(cells)) * (here - before)).astype(np.int64), committed
    )

    x, y, half = _points(rng, district)
    cards = Drawn(
        district, leaf, month, registered, committed, x, y, half,
        damage=draw_damage(rng, leaf, bunched), fields=draw_attributes(rng, leaf),
    )  # fmt: skip
    mark_points(cards, demo, year)
    repeat_nearby(cards, demo, year)
    mark_fields(cards, demo, year)
    return _table(cards, year)


def _points(
    rng: np.random.Generator, district: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Draw a settlement by weight and a point in its disc, denser in the middle."""
    homes = country().settlements
    upto = np.cumsum(homes.weight)
    chosen = np.searchsorted(upto, district + rng.random(len(district)) * (1 - 1e-9), side="right")
    # The weights sum to one in each district only up to rounding.
    first, after = (np.searchsorted(homes.district, district, side=side) for side in ("left", "right"))
    chosen = np.clip(chosen, first, after - 1)
    far = homes.radius[chosen] * rng.random(len(district)) ** 0.75
    angle = rng.random(len(district)) * 2 * np.pi
    return homes.x[chosen] + far * np.cos(angle), homes.y[chosen] + far * np.sin(angle), homes.half[chosen]


def _table(cards: Drawn, year: int) -> pa.Table:
    land = country()
    order = np.lexsort((cards.leaf, cards.district, cards.registered))
    turn = pyproj.Transformer.from_crs(METRIC_CRS, "EPSG:4326", always_xy=True)
    lon, lat = turn.transform(cards.x[order], cards.y[order])
    leaf, month = cards.leaf[order], cards.month[order]

    codes = [*land.frame["district"].tolist(), *land.old_codes]
    was_two = (cards.district[order] == land.merged) & (month < MERGED_AT)
    district = np.where(was_two, len(land.frame) + cards.half[order], cards.district[order])
    old = month < NEW_CODE_AT
    numbers = [(offence.old or offence.code).split("-") for offence in OFFENCES]
    numbers += [offence.code.split("-") for offence in OFFENCES]
    place = np.where(old, leaf, leaf + len(OFFENCES))
    n = len(order)
    names = (
        np.char.add(f"{year}-", np.char.zfill(np.arange(1, n + 1).astype("U8"), 8))
        if n
        else np.array([], "U")
    )
    columns: dict[str, pa.Array] = {
        "card": pa.array(names, pa.string()),
        "district": _words(district, codes),
        "article": _words(place, [article for article, _ in numbers]),
        "part": _words(place, [part for _, part in numbers]),
        "severity": _words(leaf, [offence.severity for offence in OFFENCES]),
        "committed": pa.array(cards.committed[order].astype(np.int32), pa.date32()),
        "registered": pa.array(cards.registered[order].astype(np.int32), pa.date32()),
        "x": pa.array(np.round(lon, 5)),
        "y": pa.array(np.round(lat, 5)),
    }
    for name, values in VALUES.items():
        columns[name] = _words(cards.fields[name][order], values)
    damage = cards.damage[order]
    columns["damage"] = pa.array(damage, mask=np.isnan(damage))
    columns[EMPTY_EVERYWHERE] = pa.nulls(n, pa.string())
    return pa.table(columns)


def _words(place: npt.NDArray[np.int64] | npt.NDArray[np.int8], words: Sequence[str]) -> pa.Array:
    index = pa.array(place.astype(np.int32), mask=place < 0)
    return pa.DictionaryArray.from_arrays(index, pa.array(list(words), pa.string())).dictionary_decode()
