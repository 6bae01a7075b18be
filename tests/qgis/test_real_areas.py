"""The plugin on the demo and on London: three algorithms in a chain without a window, and what a set costs."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import httpx
import numpy as np
import pandas as pd
import pytest
from headless import Run, runner
from live import live
from missing import need_qgis, need_qgis_pytest

from gis_layers import pipeline
from gis_layers.layers import classify as ours
from gis_layers.settings import ready_area
from tile_server import ServerSettings

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3000)]
MEASURE = Path(__file__).parent / "plugin" / "measure.py"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demo whole, 210 districts in 120 months, served."""
    from gis_layers.demo import write_demo

    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder / "input")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUDAN_DEMO", str(folder / "input"))
        pipeline.build(ready_area("demo"), folder / "store")
    with live(ServerSettings(store=folder / "store", edition="analyst")) as address:
        yield address


@pytest.fixture(scope="module")
def london(tmp_path_factory: pytest.TempPathFactory, audan_data: Path) -> Iterator[str]:
    """London's boroughs, served."""
    store = tmp_path_factory.mktemp("london") / "store"
    pipeline.build(ready_area("london"), store)
    with live(ServerSettings(store=store, edition="analyst")) as address:
        yield address


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Run:
    return runner(tmp_path_factory.mktemp("home"), root)


@pytest.mark.parametrize("area", ["demo", "london"])
def test_points_are_counted_by_district_and_classified(
    area: str, request: pytest.FixtureRequest, run: Run, tmp_path: Path
) -> None:
    server: str = request.getfixturevalue(area)
    rating, counts, classes = (tmp_path / f"{name}.gpkg" for name in ("rating", "counts", "classes"))
    sliced = run("slice", SERVER=server, LAYER="rating", OUTPUT=rating)
    with httpx.Client(base_url=server, timeout=60) as client:
        told = client.get("/collections/rating_latest/items", params={"limit": 10_000}).json()["features"]
    assert sliced["COUNT"] == len(told)
    districts = gpd.read_file(rating).set_index("district")
    recorded = pd.Series({one["properties"]["district"]: one["properties"]["count"] for one in told})
    # A district without an exposure has no figures: not a number, which equals nothing.
    assert districts["count"].fillna(-1).to_dict() == recorded.fillna(-1).to_dict()

    west, south, east, north = districts.total_bounds
    rng = np.random.default_rng(7)
    places = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy(rng.uniform(west, east, 20_000), rng.uniform(south, north, 20_000)),
        crs=4326,
    )
    places.to_file(tmp_path / "points.gpkg")
    counted = run(
        "pointsincounts", POINTS=tmp_path / "points.gpkg", DISTRICTS=rating, OUTPUT=counts,
        OUTSIDE=tmp_path / "outside.gpkg",
    )  # fmt: skip
    joined = gpd.sjoin(places, districts[["geometry"]], predicate="intersects")
    assert counted["INSIDE"] == joined.index.nunique()
    assert counted["INSIDE"] + counted["OUTSIDE_COUNT"] == counted["POINTS_READ"] == 20_000
    found = gpd.read_file(counts).set_index("district")["points"]
    assert found.sum() == counted["INSIDE"]
    assert found[found > 0].to_dict() == joined["district"].value_counts().to_dict()

    classified = run("classify", INPUT=counts, FIELD="points", METHOD=1, OUTPUT=classes)
    values = gpd.read_file(classes)
    cuts = ours.natural_breaks(values["points"], logarithmic=True)
    assert json.loads(classified["CUTS"]) == cuts.tolist()
    assert values["class"].tolist() == ours.classify(values["points"], cuts).tolist()
    print(
        f"\n{area}: {len(told)} districts, {counted['INSIDE']} of 20,000 points inside, cuts {cuts.tolist()}"
    )


def test_what_a_set_and_a_month_of_the_demo_cost(demo: str, tmp_path: Path) -> None:
    """Printed, and held against nothing but the stall: how fast depends on the machine."""
    need_qgis(tmp_path)
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen", "LANG": "C.UTF-8"}
    done = subprocess.run(
        [need_qgis_pytest(), str(MEASURE), demo],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    told = json.loads(done.stdout.strip().splitlines()[-1])
    one, other = told.pop("colours")
    print("\n" + json.dumps(told, indent=1))
    assert told["layers"] >= 4
    assert one != other, "another month looks another way"
    assert told["longest stall, seconds"] < 0.1
