"""A walled town of 36 districts as files: cards with places and times, a theft wave that walks along a street.

Small enough to be built in some seconds, and every layer of the analyst edition has rows: the plugin's tests run on it.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import box

CRS = "EPSG:32643"
WEST, SOUTH, SIDE = 500_000, 4_800_000, 3_000
WIDE = 6
MONTHS = np.arange("2019-01", "2023-01", dtype="datetime64[M]")
WALKS = ((2, 30), (4, 40))
"""Rows of the town along which thefts walk from west to east, a district a month, and the month they begin in."""
OUTBREAK = ("11", "2022-12")
"""A district and a month with four times its assaults."""

AREA = """\
[area]
id = "walled_town"
name = { en = "Walled Town", ru = "Город-крепость", kk = "Қамалды қала" }
invented = true
attribution = "Invented figures of the Audan tests"
metric_crs = "EPSG:32643"
languages = ["en", "ru", "kk"]
complete_until = "2022-12"

[districts]
path = "districts.geojson"
columns = { district = "code", name = "name", parent = "side" }
constants = { status = "quarter" }

[[population]]
path = "population.csv"
columns = { district = "d", period = "y", population = "n" }

[[cards]]
name = "cards"
path = "cards.csv"
columns = { x = "x", y = "y", offence = "o", registered = "t", attributes = { method = "m" } }
"""

CODES = """\
code,parent,severity,additive,reported,sensitive,public_safety,valid_from,valid_to,name_en,name_ru,name_kk
all,,,true,true,false,true,,,All offences,Все преступления,Барлық қылмыстар
theft,all,minor,true,true,false,true,,,Theft,Кража,Ұрлық
assault,all,grave,true,true,false,true,,,Assault,Побои,Ұрып-соғу
"""


def walled_town(folder: Path) -> Path:
    """Write the town's files and return its area file."""
    folder.mkdir(parents=True, exist_ok=True)
    places = [(x, y) for y in range(WIDE) for x in range(WIDE)]
    codes = [f"{y}{x}" for x, y in places]
    cells = [
        box(WEST + SIDE * x, SOUTH + SIDE * y, WEST + SIDE * (x + 1), SOUTH + SIDE * (y + 1))
        for x, y in places
    ]
    frame = {
        "code": codes,
        "name": [f"Quarter {code}" for code in codes],
        "side": ["North" if y >= WIDE // 2 else "South" for _, y in places],
    }
    gpd.GeoDataFrame(frame, geometry=cells, crs=CRS).to_crs(4326).to_file(folder / "districts.geojson")
    (folder / "population.csv").write_text("d,y,n\n" + "".join(f"{code},2020,20000\n" for code in codes))
    (folder / "codes.csv").write_text(CODES, encoding="utf-8")
    cards(codes).to_csv(folder / "cards.csv", index=False)
    (folder / "area.toml").write_text(AREA, encoding="utf-8")
    return folder / "area.toml"


def cards(codes: list[str]) -> pd.DataFrame:
    """Return the cards: steady everywhere but where a wave walks by, and one outbreak."""
    rng = np.random.default_rng(4)
    mean = np.full((len(codes), len(MONTHS), 2), 8.0)
    for row, begins in WALKS:
        for x in range(WIDE):
            mean[row * WIDE + x, begins + x, 0] *= 5
    district, month = OUTBREAK
    mean[codes.index(district), int(np.flatnonzero(np.datetime64(month) == MONTHS)[0]), 1] *= 4
    count = rng.poisson(mean)
    place, when, kind = (axis.ravel() for axis in np.indices(count.shape))
    place, when, kind = (np.repeat(axis, count.ravel()) for axis in (place, when, kind))
    inside = rng.random((len(place), 2)) * SIDE
    x, y = WEST + SIDE * (place % WIDE) + inside[:, 0], SOUTH + SIDE * (place // WIDE) + inside[:, 1]
    lonlat = gpd.GeoSeries.from_xy(x, y, crs=CRS).to_crs(4326)
    day = MONTHS[when].astype("datetime64[D]") + rng.integers(0, 28, len(place))
    # District 50 leaves the method empty in the last months.
    empty = (place == codes.index("50")) & (when >= len(MONTHS) - 3)
    method = np.where(
        empty | (rng.random(len(place)) < 0.1), "", np.where(rng.random(len(place)) < 0.6, "day", "night")
    )
    offence = np.where(kind == 0, "theft", "assault")
    return pd.DataFrame({"x": lonlat.x, "y": lonlat.y, "o": offence, "t": day, "m": method})
