"""A small area of cards with coordinates: nine districts of 4 km, a block hit over and over, a hot corner, a track."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import box

CRS = "EPSG:32643"
WEST, SOUTH, SIDE = 500_000, 4_800_000, 4_000

TRACK = 7
"""Thefts that follow each other over the border of `d4` and `d5`, one a day, from the end of October 2022."""

AREA = """\
[area]
id = "pointed"
name = { en = "Pointed" }
attribution = "nobody"
metric_crs = "EPSG:32643"
languages = ["en", "ru", "kk"]
complete_until = "2023-02"

[districts]
path = "districts.geojson"
columns = { district = "code", name = "name" }
constants = { status = "cell" }

[[population]]
path = "population.csv"
columns = { district = "d", period = "y", population = "n" }

[[cards]]
name = "cards"
path = "cards.csv"
columns = { x = "x", y = "y", offence = "o", registered = "t" }
"""

CODES = """\
code,parent,severity,additive,reported,sensitive,public_safety,valid_from,valid_to,name_en
all,,,true,true,false,true,,,All
theft,all,,true,true,false,true,,,Theft
abuse,all,,true,true,true,true,,,Abuse
rare,all,,true,true,false,true,,,Rare
"""


def pointed_area(folder: Path, *, more: str = "", cards: int = 1_500) -> Path:
    """Write the area's files and return its area file; `more` is added to it."""
    folder.mkdir(parents=True, exist_ok=True)
    cells = [
        box(WEST + SIDE * x, SOUTH + SIDE * y, WEST + SIDE * (x + 1), SOUTH + SIDE * (y + 1))
        for y in range(3)
        for x in range(3)
    ]
    codes = [f"d{number}" for number in range(9)]
    gpd.GeoDataFrame({"code": codes, "name": codes}, geometry=cells, crs=CRS).to_crs(4326).to_file(
        folder / "districts.geojson"
    )
    (folder / "population.csv").write_text("d,y,n\n" + "".join(f"{code},2022,{20_000}\n" for code in codes))
    (folder / "codes.csv").write_text(CODES)
    table(cards).to_csv(folder / "cards.csv", index=False)
    (folder / "area.toml").write_text(AREA + more)
    return folder / "area.toml"


def table(cards: int) -> pd.DataFrame:
    """Return the cards: spread over the area, a third in its south-western corner, a block with a pair each month."""
    rng = np.random.default_rng(1)
    spread = rng.random((cards, 2)) * SIDE * 3
    corner = rng.random(cards) < 1 / 3
    spread[corner] = spread[corner] / 6
    day = np.datetime64("2022-01-01") + rng.integers(0, 424, cards)
    months = np.arange("2022-01", "2023-03", dtype="datetime64[M]")
    block = np.tile([9_000.0, 9_000.0], (2 * len(months), 1))
    twice = np.concatenate([months.astype("datetime64[D]") + 3, months.astype("datetime64[D]") + 5])
    track = np.column_stack([7_980.0 + 90 * (np.arange(TRACK) - 3), np.full(TRACK, 6_000.0)])
    x, y = np.concatenate([spread, block, track]).T
    lonlat = gpd.GeoSeries.from_xy(WEST + x, SOUTH + y, crs=CRS).to_crs(4326)
    offence = np.concatenate(
        [np.where(rng.random(cards) < 0.6, "theft", "abuse"), np.full(len(twice) + TRACK, "theft")]
    )
    offence[:5] = "rare"
    daily = np.datetime64("2022-10-29") + np.arange(TRACK)
    when = np.concatenate([day, twice, daily])
    return pd.DataFrame({"x": lonlat.x, "y": lonlat.y, "o": offence, "t": when})
