"""How long the newest month takes when all before it was built already: what an office does every month."""

from __future__ import annotations

import csv
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from gis_layers.times import parse_month

from . import areas
from .areas import Area
from .figure import Bench, Figure

TITLE = "The newest month"
NOTE = (
    "The store holds a release that was built without the newest month; then its figures arrive and `audan build` "
    "runs again. It reads every input, and publishes both editions."
)
NEWEST = 30.0
"""Seconds that the newest month may take."""


def run(bench: Bench) -> list[Figure]:
    """Build each area without its newest month, then with it."""
    figures = []
    for area, shorten in ((areas.demo(bench), shorten_demo), (areas.london(bench), shorten_london)):
        if area is None:
            continue
        bench.say(f"the newest month of {area.name}")
        work = bench.folder / area.variable
        store = work / "store"
        short = shorten(area, work)
        before = areas.build(short, store).seconds
        lengthen(short, area)
        made = areas.build(short, store)
        longest = max(made.stages, key=lambda stage: float(stage["seconds"]))
        figures.append(
            Figure(
                f"{area.name}: newest month",
                made.seconds,
                "s",
                goal=NEWEST,
                peak_mb=made.peak_mb,
                note=f"the months before it took {before:.1f} s; longest stage: {longest['stage']}, "
                f"{longest['seconds']:.1f} s; processor time {made.cpu:.1f} s",
            )
        )
    return figures


def copy(area: Area, work: Path, inputs: Path) -> Area:
    """Return an area with a folder of its own, whose inputs are links to the real ones."""
    shutil.copytree(area.file if area.file.is_dir() else area.file.parent, work / "area")
    inputs.mkdir(parents=True)
    return replace(area, file=work / "area" / "area.toml", inputs=work / "inputs")


def link(folder: Path, inputs: Path) -> None:
    """Link every file of a folder."""
    for path in folder.iterdir():
        if path.is_file():
            (inputs / path.name).symlink_to(path.resolve())


def shorten_demo(area: Area, work: Path) -> Area:
    """Return the demo without the cards of its last month."""
    short = copy(area, work, work / "inputs")
    link(area.inputs, short.inputs)
    last = parse_month(_complete_until(short.file))
    short.file.write_text(
        short.file.read_text("utf-8").replace(f'complete_until = "{last}"', f'complete_until = "{last - 1}"'),
        "utf-8",
    )
    newest = max(short.inputs.glob("cards-*.parquet"))
    table = pq.read_table(newest)
    earlier = pc.less(pc.cast(table["registered"], "date32"), last.astype("datetime64[D]").item())
    newest.unlink()
    pq.write_table(table.filter(earlier), newest, compression="zstd")
    return short


def shorten_london(area: Area, work: Path) -> Area:
    """Return London without the last column of its counts."""
    short = copy(area, work, work / "inputs" / "london")
    link(area.inputs / "london", short.inputs / "london")
    (counts,) = (short.inputs / "london").glob("mps_borough_historical_*.csv")
    with counts.open(encoding="utf-8", newline="") as file:
        rows = [row[:-1] for row in csv.reader(file)]
    counts.unlink()
    with counts.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return short


def lengthen(short: Area, area: Area) -> None:
    """Let the newest month arrive: the whole files in the places of the shortened."""
    for path in short.inputs.rglob("*"):
        if path.is_file() and not path.is_symlink():
            whole = area.inputs / path.relative_to(short.inputs)
            path.unlink()
            path.symlink_to(whole.resolve())
    source = area.file / "area.toml" if area.file.is_dir() else area.file
    shutil.copyfile(source, short.file)


def _complete_until(file: Path) -> str:
    found = re.search(r'^complete_until = "([0-9-]+)"', file.read_text("utf-8"), re.MULTILINE)
    if found is None:
        raise ValueError(f"{file.name} says nothing of complete_until")
    return found[1]
