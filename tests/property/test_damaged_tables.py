"""A damaged file is an error of the input, or it is read and accounted for; nothing else ever happens."""

from __future__ import annotations

import random
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from sources import book, cards, long_counts, settings, squares

from gis_layers.errors import InputError
from gis_layers.sources import read_sources

TOKENS = (
    b",", b"\n", b'"', b";", b"-", b"1e99", b"NaN", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"null", b"true",
    b"9" * 30, b"{}", b"[1]", b"2022-00", b"\xd0", b"Z", b"+05",
)  # fmt: skip


def write(file: Path) -> None:
    counts = file.stem == "counts"
    table = pd.DataFrame({"district": ["01", "02", "03"], "offence": ["bike", "shop", "arson"]})
    if counts:
        table = table.assign(month=["2022-01", "2022-02", "2022-03"], count=[1, 2, 3])
    else:
        table = table.assign(card=["a", "b", "c"], committed="2022-01-01", registered="2022-01-02T10:00:00Z")
    if file.suffix == ".csv":
        table.to_csv(file, index=False)
    elif file.suffix == ".xlsx":
        table.to_excel(file, index=False)
    elif file.suffix == ".parquet":
        table.to_parquet(file)
    elif file.suffix == ".ndjson":
        table.to_json(file, orient="records", lines=True)
    else:
        gpd.GeoDataFrame(table, geometry=[shapely.Point(60.5, 50.5)] * 3, crs=4326).to_file(file)


def damage(raw: bytearray, rng: random.Random) -> bytes:
    for _ in range(rng.choice([1, 1, 2, 5, 20])):
        at = rng.randrange(len(raw) + 1)
        kind = rng.randrange(4)
        if kind == 0 and at < len(raw):
            raw[at] = rng.randrange(256)
        elif kind == 1:
            raw[at:at] = rng.choice(TOKENS)
        elif kind == 2:
            del raw[at : at + rng.choice([1, 3, 10, 200])]
        else:
            raw[at:at] = raw[at : at + rng.randrange(1, 50)]
    return bytes(raw)


FILES = [
    "counts.csv",
    "counts.xlsx",
    "counts.parquet",
    "cards.csv",
    "cards.ndjson",
    "cards.parquet",
    "cards.gpkg",
]


def try_damaged(folder: Path, name: str, times: int, seed: int) -> int:
    """Read a file damaged in so many ways; return how often it was refused."""
    write(folder / name)
    whole, rng = (folder / name).read_bytes(), random.Random(seed)
    file = folder / f"damaged-{name}"
    section = (
        {"counts": [long_counts(file.name)]} if name.startswith("counts") else {"cards": [cards(file.name)]}
    )
    area, refused = settings(folder, **section), 0
    for _ in range(times):
        file.write_bytes(damage(bytearray(whole), rng))
        named = True
        try:
            balances = read_sources(area, squares(), book(), spool=folder / "spool").ledger.balances
        except InputError as error:
            named, balances = error.where.file is not None, True
            refused += 1
        assert named
        assert balances
    return refused


@pytest.mark.parametrize("name", FILES)
def test_damaged_files_are_refused_or_accounted_for(tmp_path: Path, name: str) -> None:
    assert 0 < try_damaged(tmp_path, name, 25, 7) <= 25


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("seed", range(4))
def test_thousands_of_damaged_files(tmp_path: Path, name: str, seed: int) -> None:
    assert 0 < try_damaged(tmp_path, name, 500, seed) <= 500
