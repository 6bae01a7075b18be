"""Spread on the demo's counts: planted chains are found, and without spread hardly a run reports any path."""

from __future__ import annotations

import pytest
import xarray as xr
from scipy import sparse

from gis_layers.demo import Plants, demo_counts
from gis_layers.demo.counts import DemoCounts
from gis_layers.demo.geography import country
from gis_layers.spread import SpreadPaths, judge_spread

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]
QUIET = Plants(**{**vars(Plants.none()), "decoys": True})


def spread(demo: DemoCounts) -> SpreadPaths:
    land = country()
    panel = xr.Dataset(
        {"count": (("district", "offence", "month"), demo.counts.astype(float))},
        coords={
            "district": list(demo.districts), "offence": list(demo.offences),
            "month": demo.months.astype("datetime64[s]"),
            "status": ("district", land.frame["status"].tolist()),
        },
    )  # fmt: skip
    return judge_spread(panel, sparse.csr_array(land.adjacent), [str(region) for region in land.region])


def test_strong_chains_are_found_and_steps_are_right() -> None:
    planted = {"strong": [0, 0], "medium": [0, 0], "weak": [0, 0]}
    right = reported = 0
    for seed in range(1, 21):
        demo = demo_counts(seed)
        paths = spread(demo).paths
        steps = {
            (row.offence, row.district_from, row.district_to, str(row.last_month)[:7])
            for row in paths[paths["kind"] == "chain"].itertuples()
        }
        true = set()
        for event in demo.truth.events:
            if event["kind"] != "path":
                continue
            cells = event["cells"]
            own = set(
                zip(
                    cells["offence"][1:],
                    cells["district"],
                    cells["district"][1:],
                    cells["month"][1:],
                    strict=False,
                )
            )
            true |= own
            planted[event["class"]][0] += len(own & steps) >= len(own) / 2
            planted[event["class"]][1] += 1
        right += len(steps & true)
        reported += len(steps)
    print({size: found / many for size, (found, many) in planted.items()}, right / reported)
    assert planted["strong"][0] >= 0.6 * planted["strong"][1]
    assert right >= 0.8 * reported


def test_shocks_and_lone_outbreaks_make_no_paths() -> None:
    runs = sum(not spread(demo_counts(seed, plants=QUIET)).paths.empty for seed in range(1, 101))
    print(f"{runs} of 100 runs report a path")
    assert runs <= 9
