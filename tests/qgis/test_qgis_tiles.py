"""Debian's QGIS 3.22, which cannot read PMTiles, draws the same tiles over HTTP."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from live import live
from missing import need_qgis
from tiny import tiny_release

from gis_layers.release import Edition
from tile_server import ServerSettings

SIDE = 512


@pytest.fixture(scope="module")
def qgis(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The Python that has QGIS: Debian's own."""
    return need_qgis(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return tiny_release(tmp_path_factory.mktemp("qgis") / "store").current().edition("analyst")


@pytest.fixture(scope="module")
def address(edition: Edition) -> Iterator[str]:
    with live(ServerSettings(edition.folder.parents[2], edition="analyst")) as made:
        yield made


def drawn(python: str, address: str, box: np.ndarray, picture: Path) -> dict:
    """Let QGIS draw the rating of one month in a box of metres."""
    tiles = f"{address}/collections/rating/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}"
    tiles += "?f=mvt&datetime=2022-10&offence=theft"
    corners = ",".join(map(str, box.tolist()))
    # None of our environment: the other Python has packages of its own.
    env = {"PATH": "/usr/bin:/bin", "HOME": str(picture.parent), "QT_QPA_PLATFORM": "offscreen"}
    program = str(Path(__file__).parent / "draw.py")
    run = subprocess.run(
        [python, program, tiles, corners, "rating", "level", str(picture)],
        env=env, capture_output=True, text=True, check=False, timeout=200,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.strip().splitlines()[-1])


def square(districts: gpd.GeoDataFrame, share: float) -> np.ndarray:
    west, south, east, north = districts.total_bounds
    middle, half = np.array([west + east, south + north]) / 2, max(east - west, north - south) / 2 * share
    return np.concatenate([middle - half, middle + half])


@pytest.mark.parametrize("share", [1.2, 0.2])
def test_qgis_draws_each_class_where_it_is(
    qgis: str, edition: Edition, address: str, tmp_path: Path, share: float
) -> None:
    districts = edition.districts().to_crs(3857).set_index("district")
    levels = edition.read("rating", ("2022-10", "2022-10"), ["theft"]).set_index("district")["level"]
    box = square(districts, share)
    made = drawn(qgis, address, box, tmp_path / "map.png")
    assert made["errors"] == 0
    pixel = (box[2] - box[0]) / SIDE
    seen = districts.geometry.clip(shapely.box(*box))
    expected = {
        str(int(level)): float(seen[levels.index[levels == level].intersection(seen.index)].area.sum())
        / pixel**2
        for level in sorted(levels.dropna().unique())
    }
    expected = {level: pixels for level, pixels in expected.items() if pixels}
    pixels = dict(made["pixels"])
    if share > 1:
        assert pixels.pop("#ffffff") > 0.2 * SIDE**2
        assert len(expected) >= 4
    # Nothing but the classes: no seam between districts or tiles shows the white behind them.
    assert set(pixels) == set(expected), made
    for level, many in expected.items():
        assert pixels[level] == pytest.approx(many, rel=0.02, abs=60), level


def test_qgis_is_the_version_that_we_promise(qgis: str) -> None:
    said = subprocess.run(
        [qgis, "-c", "from qgis.core import Qgis; print(Qgis.QGIS_VERSION_INT)"],
        capture_output=True, text=True, check=True, env={"QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    assert int(said.stdout) >= 32200
