"""A small area on disk, of counts and cards, that `audan build` publishes in a second once it is running."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis_layers.release import Store, open_store

ROOT = Path(__file__).resolve().parent.parent.parent

AREA = """\
[area]
id = "small"
name = { en = "Small" }
invented = true
attribution = "Invented figures of the Audan tests"
metric_crs = "EPSG:3857"
absent_row = "zero"

[districts]
path = "districts.geojson"
columns = { district = "code", name = "name", parent = "region" }
constants = { status = "raion" }

[codebook]
path = "codes.csv"

[[counts]]
name = "counts"
path = "counts.csv"
columns = { district = "district", offence = "offence", period = "month", count = "count" }

[[cards]]
name = "cards"
path = "cards.csv"
columns = { card = "card", district = "district", offence = "offence", committed = "day", registered = "day" }

[[population]]
path = "population.csv"
columns = { district = "district", period = "year", population = "population" }
period_format = "%Y"

[clusters]
enabled = false

[spread]
enabled = false

[disclosure]
counts = "open"
"""

CODES = """\
code,parent,severity,additive,public_safety,name_en
property,,,true,true,Property
theft,property,,true,true,Theft
burglary,property,,true,true,Burglary
arson,,,true,true,Arson
"""


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


Command = Callable[..., Ended]


def write_area(folder: Path) -> Path:
    """Write an area of twelve districts, three offences and fourteen months; return the area file."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(1)
    codes = [f"{number:02}" for number in range(1, 13)]
    gpd.GeoDataFrame(
        {"code": codes, "name": [f"District {code}" for code in codes], "region": ["A", "B"] * 6},
        geometry=[shapely.box(60 + x / 2, 50 + y / 2, 60.5 + x / 2, 50.5 + y / 2) for y in range(3) for x in range(4)],
        crs=4326,
    ).to_file(folder / "districts.geojson")  # fmt: skip
    months = [f"{month:%Y-%m}" for month in pd.date_range("2021-11-01", periods=14, freq="MS")]
    counts = pd.MultiIndex.from_product(
        [codes, ["theft", "burglary"], months], names=["district", "offence", "month"]
    ).to_frame(index=False)
    counts.assign(count=rng.poisson(20, len(counts))).to_csv(folder / "counts.csv", index=False)
    cards = pd.DataFrame({"district": np.tile(codes, 70), "offence": "arson", "day": np.repeat(months, 60)})
    cards.assign(card=np.arange(len(cards)), day=cards["day"] + "-11").to_csv(
        folder / "cards.csv", index=False
    )
    years = pd.MultiIndex.from_product([codes, [2021, 2022]], names=["district", "year"]).to_frame(
        index=False
    )
    years.assign(population=10_000).to_csv(folder / "population.csv", index=False)
    (folder / "codes.csv").write_text(CODES)
    area = folder / "area.toml"
    area.write_text(AREA)
    return area


def audan(*arguments: str | Path) -> list[str]:
    """Return the command line of a real `audan`."""
    return [sys.executable, "-m", "gis_layers.cli", *map(str, arguments)]


def environment(tmp: Path | None = None, **more: str) -> dict[str, str]:
    """Return the environment of a build: this tree first, one thread for numbers, its own TMPDIR."""
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    made = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", **more}
    return made if tmp is None else made | {"TMPDIR": str(tmp)}


def run(
    *arguments: str | Path, tmp: Path | None = None, file_bytes: int | None = None, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run `audan` to its end; with `file_bytes` no file may grow beyond that, as where a disk is full."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, resource.RLIM_INFINITY))

    before: Callable[[], None] | None = limited if file_bytes is not None else None
    return subprocess.run(
        audan(*arguments),
        cwd=ROOT,
        env=environment(tmp, **more),
        preexec_fn=before,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def build(area: Path, store: Path, *, tmp: Path | None = None) -> str:
    """Build and return the id of the release; fail with what the build said."""
    ended = run("build", area, "--store", store, tmp=tmp)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip().splitlines()[-1]


def assert_sound(store: Path, *, current: str) -> Store:
    """Hold a store to the promise: `current` as said, every release whole, in the library's eyes."""
    opened = open_store(store)
    assert opened.current().id == current
    for release in opened.releases():
        assert opened.verify(release) == [], release
    edition = opened.current().edition("analyst")
    assert len(edition.read("rating")) == edition.entry("rating")["rows"]
    return opened


def leftovers(store: Path) -> list[str]:
    """Return what no reader of a store knows: half-written releases and half-replaced files."""
    hidden = [*(store / "releases").glob(".*"), *store.glob(".current*")]
    return sorted(path.name for path in hidden)
