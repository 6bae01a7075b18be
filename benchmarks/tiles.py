"""Tiles per second and bytes, beside GDAL's writer of PMTiles on the same polygons and columns.

`python -m benchmarks.tiles` prints the figures as JSON.
"""

from __future__ import annotations

import gc
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
from pmtiles.tile import deserialize_header

from gis_layers.demo.coverage import clean_country
from gis_layers.release.coverages import boundaries_of
from gis_layers.tiles.archive import write_archive
from gis_layers.tiles.coverage import GridCoverage
from gis_layers.tiles.cut import cut_all
from gis_layers.tiles.grid import Tile
from gis_layers.tiles.mvt import Sheet, encode, feature_id, sheet

from .figure import Bench, Figure

TITLE = "Tiles"
NOTE = (
    "The demo's 210 districts with 20 columns, every tile of the zooms 0 to 10, in seconds of one processor. GDAL's "
    "PMTiles driver writes the same polygons and columns on one thread; it neither simplifies nor keeps neighbours "
    "together where it rounds, ours are a coverage at every zoom."
)
PEER = "GDAL's PMTiles driver"
GOAL = 5_000
"""Tiles a second that the encoder is to make."""
COLUMNS = 20


def run(bench: Bench) -> list[Figure]:
    """Measure the encoder, the archive from stored coverages, and the archive from polygons."""
    zooms = range(5 if bench.quick else 11)
    times = 1 if bench.quick else 3
    bench.say("tiles")
    frame = clean_country()[["district", "name", "geometry"]]
    boundaries = boundaries_of(frame)
    _ = boundaries.mercator  # projected once, as in a release
    figures = _figures(frame)
    coverages = [boundaries.coverage(z) for z in zooms]
    ours, theirs = bench.folder / "ours.pmtiles", bench.folder / "theirs.pmtiles"

    made = [0]

    def encode_all() -> None:
        made[0] = sum(1 for _ in tiles(coverages, figures))

    def archive() -> None:
        write(ours, coverages, figures, frame)

    def whole() -> None:
        write(ours, [boundaries.coverage(z) for z in zooms], figures, frame)

    def peer() -> None:
        theirs.unlink(missing_ok=True)
        write_with_gdal(frame, theirs, zooms)

    took = {work: seconds(work, times) for work in (encode_all, archive, whole)}
    bench.say("tiles by GDAL")
    peer_took = seconds(peer, times)
    peer_tiles = deserialize_header(theirs.read_bytes()[:127])["addressed_tiles_count"]
    rate = peer_tiles / peer_took
    span = f"z0-{zooms[-1]}"
    shared: dict[str, Any] = {"unit": "tiles/s", "higher": True, "peer": PEER, "peer_value": rate}
    return [
        Figure(
            f"tiles cut and encoded, {len(frame)} districts, {COLUMNS} columns, {span}",
            made[0] / took[encode_all],
            **shared,
            goal=GOAL,
            note=f"{made[0]:,} tiles; the peer ({peer_tiles:,} tiles) also compresses and writes",
        ),
        Figure(
            "the same, compressed and written as an archive",
            made[0] / took[archive],
            **shared,
            note="from the coverages that a release holds",
        ),
        Figure(
            "the same, coverages made of the polygons first",
            made[0] / took[whole],
            **shared,
            note="what is done once per boundary set is done here too, as the peer does",
        ),
        Figure(
            "size of the archive",
            float(ours.stat().st_size),
            "bytes",
            peer=PEER,
            peer_value=float(theirs.stat().st_size),
        ),
    ]


def columns(frame: gpd.GeoDataFrame) -> dict[str, list[Any]]:
    """Return code and name and 18 columns of figures: counts, rates to 0.01, levels, a flag."""
    rng = np.random.default_rng(1)
    many = len(frame)
    made: dict[str, list[Any]] = {name: frame[name].tolist() for name in ("district", "name")}
    made |= {f"count_{number}": rng.poisson(20, many).tolist() for number in range(6)}
    made |= {f"rate_{number}": rng.gamma(2, 40, many).round(2).tolist() for number in range(7)}
    made |= {f"level_{number}": rng.integers(0, 6, many).tolist() for number in range(4)}
    made["provisional"] = (rng.random(many) < 0.1).tolist()
    assert len(made) == COLUMNS
    return made


def _figures(frame: gpd.GeoDataFrame) -> Sheet:
    return sheet("rating", [feature_id(code) for code in frame["district"]], columns(frame))


def tiles(coverages: list[GridCoverage], figures: Sheet) -> Iterator[tuple[Tile, bytes]]:
    """Yield every tile of some zooms."""
    for coverage in coverages:
        for tile, held in cut_all(coverage):
            yield tile, encode(held, figures)


def write(path: Path, coverages: list[GridCoverage], figures: Sheet, frame: gpd.GeoDataFrame) -> None:
    """Write the archive as an export does."""
    with path.open("wb") as file:
        bbox = tuple(frame.total_bounds.tolist())
        write_archive(file, tiles(coverages, figures), bbox=bbox, metadata={"vector_layers": []})


def write_with_gdal(frame: gpd.GeoDataFrame, path: Path, zooms: range) -> None:
    """Write the same layer with GDAL, on one thread and without its limit of bytes to a tile."""
    pyogrio.set_gdal_config_options({"GDAL_NUM_THREADS": "1"})
    pyogrio.write_dataframe(
        gpd.GeoDataFrame(columns(frame), geometry=frame.geometry.to_list(), crs=4326).to_crs(3857),
        path,
        driver="PMTiles",
        layer="rating",
        dataset_options={"MINZOOM": zooms[0], "MAXZOOM": zooms[-1], "MAX_SIZE": 50_000_000},
    )


def seconds(work: Callable[[], None], times: int) -> float:
    """Return the median of a work's seconds of processor, which others on the machine disturb least."""
    took = []
    for _ in range(times):
        gc.collect()
        began = time.process_time()
        work()
        took.append(time.process_time() - began)
    return statistics.median(took)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        print(json.dumps([figure.as_dict() for figure in run(Bench(place, place))], indent=1))
