"""A mutator of the good area: each seed is one area with one to three faults, always the same.

Bytes, cells, columns, rows, geometries and settings are changed, also after a table was delivered in another
format. What comes out may still be good; it must only never end in anything but a refusal or a release.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from .good_area import FILES
from .model import cards_as, counts_as, districts_as

TABLES = tuple(name for name in FILES if name.endswith(".csv"))

CELLS = (
    "", " ", "0", "-0", "-1", "1.5", "1,5", "1 000", "1e3", "1e400", "9" * 30, "NaN", "inf", "-inf", "null", "None",
    "true", "∞", "½", "٣", "0x10", "#REF!", "=1+1", "010", "10", "099", "101000000.0", "1.01E+08", "bike", "theft",
    "all", "severity-minor", "bike-other", "a/b", "A" * 1000, "Ә", "\u200b010", "\ufeff", "\0", "\x1b[2J", "'", '"',
    '""', ";", "\t", "\r", "\n", "2021-13", "2021-00", "2021-02-30", "2199-01", "0001-01", "1066-01-01", "20210101",
    "01.02.2021", "2021-01-01T25:00:00Z", "2021-03-28T02:30:00+99:00", "today", "[bold]x", "%s", "{0}", "${HOME}",
    "../x", "/", "Unknown", "Total", "60.5", "-180.1", "1e300",
)  # fmt: skip

SETTINGS = (
    '""', "0", "-1", "1", "2", "0.5", "nan", "inf", "1e400", "9223372036854775808", "true", "false", "[]", "{}", "[[1]]",
    '["a", "a"]', "{ a = 1 }", '"x"', '"code"', '"district"', '"010"', '"../x"', '"."', '"*"', '"*.csv"', '"counts.csv"',
    '"cards.csv"', '"area.toml"', '"${AUDAN_NOT_SET}"', '"EPSG:4326"', '"EPSG:3857"', '"EPSG:32641"', '"+proj=longlat"',
    '"%Y"', '"%Y-%m"', '"%d"', '"%"', '"2021-01"', '"2199-12"', '"long"', '"wide"', '"csv"', '"xlsx"', '"parquet"', '"ogr"',
    '"utf-16"', '"cp1251"', '";"', '"\\t"', '"\\u0000"', "1979-05-27", "1979-05-27T07:32:00Z", '"name"', '"label"', '"year"',
    '"committed"', '"zero"', '"zoned"', '"kk"', '"""', "'", "",
)  # fmt: skip

COORDINATES = (
    0, -1, 50.25, 60.5, 61.25, 179.99, 180, 181, -90.0001, 1e6, 1e300, -1e300, 1e-300, float("nan"), float("inf"),
    None, "60.5", [], [60.5, 50.2], {}, True,
)  # fmt: skip


def mutated(folder: Path, seed: int) -> list[str]:
    """Break the good area in a folder, and return what was done to it."""
    rng = random.Random(seed)
    done: list[str] = []
    if rng.random() < 0.3:
        done.append(_deliver(rng, folder))
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        change = rng.choice((_bytes, _cell, _cell, _column, _row, _shape, _shape, _setting, _setting))
        try:
            done.append(f"{change.__name__[1:]}: {change(rng, folder)}")
        except (json.JSONDecodeError, UnicodeDecodeError, KeyError, IndexError, TypeError, FileNotFoundError):
            # An earlier fault left nothing that this one could change.
            done.append(f"{change.__name__[1:]}: nothing left")
    return done


def _deliver(rng: random.Random, folder: Path) -> str:
    def text(table: pd.DataFrame) -> pd.DataFrame:
        return table.astype(rng.choice(("str", "object")))

    writers: dict[str, Callable[[pd.DataFrame, Path], Any]] = {
        "xlsx": lambda table, path: table.to_excel(path, index=False),
        "parquet": lambda table, path: table.to_parquet(path),
        "ndjson": lambda table, path: table.to_json(path, orient="records", lines=True),
        "gpkg": lambda table, path: gpd.GeoDataFrame(
            table, geometry=gpd.points_from_xy([60.5] * len(table), [50.25] * len(table)), crs=4326
        ).to_file(path),
    }
    kind = rng.choice(("counts", "cards", "districts"))
    if kind == "districts":
        ending = rng.choice(("gpkg", "fgb", "shp", "parquet"))
        write = gpd.GeoDataFrame.to_parquet if ending == "parquet" else gpd.GeoDataFrame.to_file
        districts_as(f"d.{ending}", lambda frame, path: write(frame, path))(folder)
    else:
        ending = rng.choice(tuple(writers))
        deliver = counts_as if kind == "counts" else cards_as
        deliver(f"{kind[0]}.{ending}", writers[ending])(folder)
    return f"{kind} as {ending}"


def _bytes(rng: random.Random, folder: Path) -> str:
    file = rng.choice(sorted(path for path in folder.iterdir() if path.is_file()))
    raw = bytearray(file.read_bytes())
    at, size = rng.randrange(len(raw) + 1), rng.choice((1, 1, 2, 8, 100, 5000))
    kind = rng.choice(("flip", "insert", "delete", "repeat", "cut", "zero"))
    if kind == "flip":
        for place in range(at, min(at + rng.choice((1, 4)), len(raw))):
            raw[place] ^= 1 << rng.randrange(8)
    elif kind == "insert":
        raw[at:at] = rng.randbytes(size)
    elif kind == "delete":
        del raw[at : at + size]
    elif kind == "repeat":
        raw[at:at] = raw[at : at + size] * rng.choice((1, 3))
    elif kind == "cut":
        del raw[at:]
    else:
        raw[at : at + size] = bytes(min(size, max(0, len(raw) - at)))
    file.write_bytes(raw)
    return f"{kind} {size} of {file.name} at {at}"


def _table(rng: random.Random, folder: Path) -> tuple[Path, list[list[str]]]:
    file = rng.choice([folder / name for name in TABLES if (folder / name).is_file()])
    text = file.read_bytes().decode("utf-8")
    return file, [line.split(",") for line in text.split("\n")]


def _write(file: Path, rows: list[list[str]]) -> None:
    file.write_bytes("\n".join(",".join(row) for row in rows).encode("utf-8"))


def _cell(rng: random.Random, folder: Path) -> str:
    file, rows = _table(rng, folder)
    row = rng.randrange(len(rows))
    column, value = rng.randrange(len(rows[row])), rng.choice(CELLS)
    rows[row][column] = value
    _write(file, rows)
    return f"{file.name} row {row + 1} cell {column + 1} = {value[:40]!r}"


def _column(rng: random.Random, folder: Path) -> str:
    file, rows = _table(rng, folder)
    column = rng.randrange(len(rows[0]))
    kind = rng.choice(("drop", "repeat", "rename", "exchange", "fill", "trim"))
    other, value = rng.randrange(len(rows[0])), rng.choice(CELLS)
    for number, row in enumerate(rows):
        if len(row) <= max(column, other):
            continue
        if kind == "drop":
            del row[column]
        elif kind == "repeat":
            row.insert(column, row[column])
        elif kind == "rename" and number == 0:
            row[column] = value
        elif kind == "exchange":
            row[column], row[other] = row[other], row[column]
        elif kind == "fill" and number:
            row[column] = value
        elif kind == "trim" and number:
            row[column] = row[column].lstrip("0")
    _write(file, rows)
    return f"{kind} column {column + 1} of {file.name} ({other + 1}, {value[:20]!r})"


def _row(rng: random.Random, folder: Path) -> str:
    file, rows = _table(rng, folder)
    at, kind = (
        rng.randrange(len(rows)),
        rng.choice(("drop", "repeat", "blank", "shuffle", "many", "short", "total")),
    )
    if kind == "drop":
        del rows[at]
    elif kind == "repeat":
        rows.insert(at, list(rows[at]))
    elif kind == "blank":
        rows[at:at] = [[rng.choice(("", " ", "\t", '""'))] for _ in range(rng.choice((1, 5)))]
    elif kind == "shuffle":
        rng.shuffle(rows)
    elif kind == "many":
        rows += rows[1:] * 20
    elif kind == "short":
        rows[at] = rows[at][: rng.randrange(len(rows[at]) + 1)]
    else:
        rows.append(["Total", *rows[at][1:]])
    _write(file, rows)
    return f"{kind} row {at + 1} of {file.name}"


def _shape(rng: random.Random, folder: Path) -> str:
    file = folder / "districts.geojson"
    layer = json.loads(file.read_text(encoding="utf-8"))
    number = rng.randrange(len(layer["features"]))
    feature = layer["features"][number]
    kind = rng.choice(
        ("point", "point", "drop", "repeat", "null", "type", "code", "ring", "turn", "hole", "crs", "shift")
    )
    if kind in ("point", "ring", "turn", "hole", "shift"):
        rings = feature["geometry"]["coordinates"]
        ring = rings[0]
    if kind == "point":
        point, value = rng.choice(ring), rng.choice(COORDINATES)
        point[rng.randrange(2)] = value
    elif kind == "drop":
        del layer["features"][number]
    elif kind == "repeat":
        layer["features"].insert(0, json.loads(json.dumps(feature)))
    elif kind == "null":
        feature[rng.choice(("geometry", "properties"))] = rng.choice((None, {}, [], "x"))
    elif kind == "type":
        feature["geometry"]["type"] = rng.choice(
            ("Point", "LineString", "MultiPolygon", "GeometryCollection", "Sphere", None)
        )
    elif kind == "code":
        value = rng.choice((*CELLS, None, 10, 10.5, True, [], {"a": 1}))
        feature["properties"][rng.choice(("code", "name"))] = value
    elif kind == "ring":
        del ring[rng.randrange(len(ring))]
    elif kind == "turn":
        feature["geometry"]["coordinates"] = [[point[::-1] for point in ring]]
    elif kind == "hole":
        rings.append(rng.choice((ring, ring[::-1], ring[:2], [])))
    elif kind == "crs":
        name = rng.choice(("urn:ogc:def:crs:EPSG::3857", "urn:ogc:def:crs:EPSG::27700", "EPSG:0", ""))
        layer["crs"] = {"type": "name", "properties": {"name": name}}
    else:
        by = rng.choice((1e-9, 0.001, 0.05, 0.1, 3.0))
        feature["geometry"]["coordinates"] = [[[x + by, y] for x, y in ring]]
    file.write_text(json.dumps(layer), encoding="utf-8")
    return f"{kind} of feature {number + 1}"


def _setting(rng: random.Random, folder: Path) -> str:
    file = folder / "area.toml"
    lines = file.read_text(encoding="utf-8").split("\n")
    at = rng.choice([number for number, line in enumerate(lines) if line])
    kind = rng.choice(("value", "value", "value", "part", "drop", "repeat", "key", "exchange"))
    value = rng.choice(SETTINGS)
    if kind == "value" and "=" in lines[at]:
        lines[at] = f"{lines[at].split('=', 1)[0]}= {value}"
    elif kind == "part":
        texts = re.findall(r'"[^"]*"', lines[at])
        if texts:
            lines[at] = lines[at].replace(rng.choice(texts), value, 1)
    elif kind == "drop":
        del lines[at]
    elif kind == "repeat":
        lines.insert(at, lines[at])
    elif kind == "key":
        place = rng.randrange(len(lines[at]))
        lines[at] = lines[at][:place] + rng.choice("xX._-=[]{}\"'# \0") + lines[at][place + 1 :]
    else:
        other = rng.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    file.write_text("\n".join(lines), encoding="utf-8")
    return f"{kind} in line {at + 1} ({value})"
