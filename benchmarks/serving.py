"""Requests per second for a tile and for a hundred items, beside stock pygeoapi on the same data."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyarrow as pa
import pyarrow.parquet as pq

from gis_layers.export import export
from gis_layers.release import Edition, open_store
from gis_layers.tiles.grid import MAX_ZOOM, covering

from . import areas, peer
from .figure import Bench, Figure
from .load import LoadError, rate

TITLE = "Serving"
NOTE = (
    "One worker of each server, one after the other in turns, asked by a small client on the same machine that keeps "
    "eight requests under way; the median of three turns. The client itself limits what can be measured: see the "
    "empty answer. The data are the newest month of the demo's rating, all offences, 210 districts."
)
LAYER = "rating"
"""The layer that is asked for, everywhere."""

TILES = "tile-files"
"""The peer's collection of tiles."""

EMPTY = """
import sys, uvicorn
HEAD = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]}
BODY = {"type": "http.response.body", "body": b"ok"}
async def app(scope, receive, send):
    await send(HEAD); await send(BODY)
uvicorn.run(app, port=int(sys.argv[1]), log_level="error", access_log=False, lifespan="off")
"""
"""The least that a server on uvicorn can do."""


@dataclass(frozen=True)
class Subject:
    """What one server is asked for, over and over."""

    name: str
    address: str
    paths: list[str]


def run(bench: Bench) -> list[Figure]:
    """Start all servers, and measure them in turns."""
    edition = open_store(areas.demo_store(bench)).current().edition("analyst")
    ours, theirs, empty = (f"http://127.0.0.1:{port}" for port in free_ports(3))
    with contextlib.ExitStack() as servers:
        serve = ["serve", "--store", str(bench.shared / "store"), "--edition", "analyst"]
        command = [sys.executable, "-m", "gis_layers.cli", *serve, "--port", ours.rsplit(":", 1)[1]]
        servers.enter_context(running(subprocess.Popen(command), f"{ours}/readyz"))
        one, many = tiles_of(edition)
        providers = files_of(edition, bench.folder)
        bench.say("serving: which of the peer's providers work here")
        missing = {name: peer.refused(bench.folder, provider) for name, provider in providers.items()}
        resources = {name: provider for name, provider in providers.items() if missing[name] is None}
        tiles = {TILES: tile_file(bench.folder, f"{ours}{one}")}
        started = peer.start(bench.folder, theirs, resources | tiles)
        servers.enter_context(running(started, f"{theirs}/conformance?f=json"))
        command = [sys.executable, "-c", EMPTY, empty.rsplit(":", 1)[1]]
        servers.enter_context(running(subprocess.Popen(command), empty))
        page = f"/collections/{LAYER}_latest/items?limit=100&f=json"
        same = one[one.index("/tiles") :]
        subjects = [
            Subject("empty", empty, ["/"]),
            Subject("tile", ours, [one]),
            Subject("tiles", ours, many),
            Subject("items", ours, [page]),
            Subject(TILES, theirs, [f"/collections/{TILES}{same}?f=mvt"]),
            *(
                Subject(name, theirs, [f"/collections/{name}/items?limit=100&f=json"])
                for name in resources
            ),
        ]  # fmt: skip
        found = measure(bench, subjects)
    return list(figures(found, providers, missing))


def figures(
    found: Mapping[str, tuple[float, int]],
    providers: Mapping[str, Mapping[str, Any]],
    missing: Mapping[str, str | None],
) -> Iterator[Figure]:
    """Yield what was measured, each with its peer; a peer that does not work here is named."""
    unit = "requests/s"
    note = "the most that this client can measure here"
    yield Figure("an empty answer of uvicorn alone", found["empty"][0], unit, True, note=note)
    for name, what in (
        ("tile", "a tile, asked for again and again"),
        ("tiles", "a tile, month and offence changing with every request"),
    ):
        per_second, size = found[name]
        yield Figure(
            what,
            per_second,
            unit,
            higher=True,
            peer="pygeoapi, the first tile as a file (MVT-tippecanoe provider)",
            peer_value=found[TILES][0] if TILES in found else None,
            note=f"{size:,} bytes compressed",
        )
    for name, provider in providers.items():
        per_second, size = found["items"]
        yield Figure(
            "`items?limit=100`",
            per_second,
            unit,
            higher=True,
            peer=f"pygeoapi, {provider['name']} provider",
            peer_value=found[name][0] if name in found else None,
            note=f"the peer does not work here: {missing[name]}"
            if missing[name]
            else f"{size:,} bytes compressed",
        )


def measure(bench: Bench, subjects: list[Subject]) -> dict[str, tuple[float, int]]:
    """Return requests per second and bytes by subject: the median of three turns. What fails is left out."""
    took: dict[str, list[float]] = {}
    size: dict[str, int] = {}
    for turn in range(1 if bench.quick else 3):
        for subject in subjects:
            bench.say(f"serving: {subject.name}, turn {turn + 1}")
            try:
                made = rate(subject.address, subject.paths, seconds=0.3 if bench.quick else 3.0)
            except LoadError as error:
                bench.say(f"serving: {subject.name} is left out: {error}")
                continue
            took.setdefault(subject.name, []).append(made.per_second)
            size[subject.name] = made.bytes
    return {name: (statistics.median(all_), size[name]) for name, all_ in took.items()}


def tiles_of(edition: Edition) -> tuple[str, list[str]]:
    """Return the path of the tile that shows most of the area, and the same for many months and offences."""
    west, south, east, north = (float(edge) for edge in edition.districts().total_bounds)
    zoom = next(z for z in range(MAX_ZOOM, -1, -1) if _number((west, south, east, north), z) <= 4)
    middle = (west + east) / 2, (south + north) / 2
    col, row, _, _ = covering((*middle, *middle), zoom)
    tile = f"/collections/{LAYER}/tiles/WebMercatorQuad/{zoom}/{row}/{col}"
    entry = edition.entry(LAYER)
    months = entry["months"][-24:]
    offences = entry["offences"][:20]
    return tile, [f"{tile}?datetime={month}&offence={offence}" for month in months for offence in offences]


def _number(box: tuple[float, float, float, float], zoom: int) -> int:
    first_col, first_row, last_col, last_row = covering(box, zoom)
    return (last_col - first_col + 1) * (last_row - first_row + 1)


def files_of(edition: Edition, folder: Path) -> dict[str, dict[str, Any]]:
    """Write the newest month as files for the peer's providers; return the providers by name."""
    export(edition, LAYER, folder / f"{LAYER}.geojson")
    export(edition, LAYER, folder / f"{LAYER}.gpkg")
    features = json.loads((folder / f"{LAYER}.geojson").read_text("utf-8"))["features"]
    tables = {"_default": {str(number): feature for number, feature in enumerate(features, 1)}}
    (folder / f"{LAYER}.tinydb").write_text(json.dumps(tables), "utf-8")
    frame = gpd.read_file(folder / f"{LAYER}.gpkg", layer=LAYER)
    frame["month"] = frame["month"].astype(str)
    frame.join(frame.bounds).to_parquet(folder / f"{LAYER}.parquet")
    plain_texts(folder / f"{LAYER}.parquet")
    gpkg = {"data": str(folder / f"{LAYER}.gpkg"), "table": LAYER}
    source = {"source_type": "GPKG", "source": gpkg["data"]}
    parquet = {"source": str(folder / f"{LAYER}.parquet")}
    providers: dict[str, dict[str, Any]] = {
        "geojson": {"name": "GeoJSON", "data": str(folder / f"{LAYER}.geojson")},
        "tinydb": {"name": "TinyDB", "data": str(folder / f"{LAYER}.tinydb")},
        "parquet": {
            "name": "Parquet",
            "data": parquet,
            "x_field": ["minx", "maxx"],
            "y_field": ["miny", "maxy"],
        },
        "sqlite": {"name": "SQLiteGPKG", **gpkg},
        "ogr": {"name": "OGR", "data": source, "layer": LAYER},
    }
    return {name: {"type": "feature", "id_field": "district", **one} for name, one in providers.items()}


def plain_texts(path: Path) -> None:
    """Let texts of a Parquet file be of the kind that pygeoapi knows."""
    table = pq.read_table(path)
    kinds = [
        pa.field(one.name, pa.string()) if pa.types.is_large_string(one.type) else one for one in table.schema
    ]
    pq.write_table(table.cast(pa.schema(kinds, metadata=table.schema.metadata)), path)


def tile_file(folder: Path, tile: str) -> dict[str, Any]:
    """Write one of our tiles as a file for the peer's provider of tiles; return the provider."""
    z, row, col = tile.partition("?")[0].rsplit("/", 3)[1:]
    path = folder / "tile-files" / z / col / f"{row}.pbf"
    path.parent.mkdir(parents=True)
    with urllib.request.urlopen(tile) as answer:
        body = answer.read()
    path.write_bytes(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
    (folder / "tile-files" / "metadata.json").write_text("{}")
    return {
        "type": "tile",
        "name": "MVT-tippecanoe",
        "data": str(folder / "tile-files"),
        "options": {"zoom": {"min": 0, "max": 14}, "schemes": ["WebMercatorQuad"]},
        "format": {"name": "pbf", "mimetype": "application/vnd.mapbox-vector-tile"},
    }


def free_ports(number: int) -> list[int]:
    """Return ports that nobody listens on."""
    with contextlib.ExitStack() as probes:
        opened = [probes.enter_context(socket.socket()) for _ in range(number)]
        for probe in opened:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in opened]


@contextlib.contextmanager
def running(process: subprocess.Popen[bytes], address: str) -> Iterator[None]:
    """Wait until a server answers; end it after the block."""
    try:
        for _ in range(600):
            if process.poll() is not None:
                raise RuntimeError(f"a server ended with {process.returncode} instead of serving {address}")
            with contextlib.suppress(urllib.error.URLError, ConnectionError), urllib.request.urlopen(address):
                break
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(30)
