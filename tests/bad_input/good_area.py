"""A small area without a fault: eight squares, five offences, fourteen months, and every kind of input.

Each entry of the catalogue changes one thing in it.
"""

from __future__ import annotations

import json
from pathlib import Path

DISTRICTS = tuple(f"0{number}0" for number in range(1, 9))
MONTHS = tuple(f"{2021 + month // 12}-{month % 12 + 1:02}" for month in range(14))

AREA = """\
[area]
id = "corner"
name = { en = "Corner" }
attribution = "Invented figures of the Audan tests"
metric_crs = "EPSG:32641"
time_zone = "Asia/Almaty"
complete_until = "2022-02"
languages = ["en"]

[districts]
path = "districts.geojson"
tolerance = 5.0
crosswalk = "changes.csv"
columns = { district = "code", name = "name" }

[districts.attributes]
path = "statuses.csv"
key = "code"
columns = { status = "status" }

[codebook]
path = "codes.csv"
crosswalk = "articles.csv"

[[population]]
path = "population.csv"
columns = { district = "code", period = "year", population = "residents" }
period_format = "%Y"

[[counts]]
name = "counts"
path = "counts.csv"
period_format = "%Y-%m"
columns = { district = "district", offence = "offence", period = "month", count = "count" }

[[cards]]
name = "cards"
path = "cards.csv"

[cards.columns]
card = "card"
district = "district"
x = "lon"
y = "lat"
offence = "offence"
committed = "committed"
registered = "registered"
attributes = { method = "method" }

[[factors]]
name = "prices"
path = "prices.csv"
period = "month"
columns = { oil = "oil" }

[peers]
groups = 1
min_size = 2

[quarantine]
expected = ["district=Unknown"]
"""

CODES = """\
code,parent,severity,additive,public_safety,valid_from,valid_to,labels,name_en
theft,,,,true,,,THEFT,Theft
bike,theft,minor,,,,,BIKES,Theft of bicycles
shop,theft,minor,,,,,SHOPS,Theft from shops
arson,,grave,,,,,ARSON,Arson
night,theft,,false,,,,NIGHT,Of which at night
"""

STATUSES = "code,status\n" + "".join(f"{code},raion\n" for code in DISTRICTS)
CHANGES = "old,new,valid_from,weight\n900,010,2021-06-01,1\n"
ARTICLES = "old,new,valid_from,valid_to,weight\nB,bike,2021-01-01,,1\n"
PRICES = "month,oil\n" + "".join(f"{month},{50 + number}.5\n" for number, month in enumerate(MONTHS))
POPULATION = "code,year,residents\n" + "".join(
    f"{code},{year},{1000 * number + year}\n"
    for number, code in enumerate(DISTRICTS, start=1)
    for year in (2020, 2022)
)
COUNTS = "district,offence,month,count\n" + "".join(
    f"{code},{offence},{month},{(number * 7 + at * 3) % 11}\n"
    for number, code in enumerate(DISTRICTS)
    for offence in ("bike", "shop")
    for at, month in enumerate(MONTHS)
)
CARDS = "card,district,lon,lat,offence,committed,registered,method\n" + "".join(
    f"c{number},{DISTRICTS[number % 8]},,,arson,{MONTHS[number % 14]}-03,{MONTHS[number % 14]}-04T10:00:00Z,match\n"
    if number % 3
    else f"c{number},,{60.5 + number % 8 / 10:.2f},50.25,arson,{MONTHS[number % 14]}-03,{MONTHS[number % 14]}-05,\n"
    for number in range(70)
)


def squares() -> dict[str, object]:
    """Return the districts as GeoJSON: squares of a tenth of a degree in a row from 60.45° E 50.2° N."""
    features = []
    for number, code in enumerate(DISTRICTS):
        west, east = round(60.45 + number / 10, 2), round(60.55 + number / 10, 2)
        ring = [[west, 50.2], [east, 50.2], [east, 50.3], [west, 50.3], [west, 50.2]]
        features.append(
            {
                "type": "Feature",
                "properties": {"code": code, "name": f"Square {code}"},
                "geometry": {"type": "Polygon", "coordinates": [ring]},
            }
        )
    return {"type": "FeatureCollection", "features": features}


FILES = {
    "area.toml": AREA,
    "codes.csv": CODES,
    "statuses.csv": STATUSES,
    "changes.csv": CHANGES,
    "articles.csv": ARTICLES,
    "prices.csv": PRICES,
    "population.csv": POPULATION,
    "counts.csv": COUNTS,
    "cards.csv": CARDS,
    "districts.geojson": json.dumps(squares()),
}


def write_area(folder: Path) -> Path:
    """Write the area into a folder and return its area file."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return folder / "area.toml"
