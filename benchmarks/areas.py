"""Areas to measure: the demo at any scale, London where the real data are; and how they are built."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gis_layers.demo import write_demo
from gis_layers.settings import ready_area

from .figure import Bench

BUILD = Path(__file__).parent / "programs" / "build.py"
QUICK_SCALE = 0.02


@dataclass(frozen=True)
class Area:
    """An area file, and the variable that tells it where its inputs are."""

    name: str
    file: Path
    variable: str
    inputs: Path

    @property
    def env(self) -> dict[str, str]:
        """The environment of a build of it."""
        return {**os.environ, self.variable: str(self.inputs)}


@dataclass(frozen=True)
class Built:
    """What `programs/build.py` says of a build: its stages with seconds and peak memory, and how much it read."""

    stages: list[dict[str, Any]]
    cpu: float
    offences: int
    rating: int

    @property
    def seconds(self) -> float:
        """How long all stages took."""
        return sum(float(stage["seconds"]) for stage in self.stages)

    @property
    def peak_mb(self) -> float:
        """The most memory that any stage held."""
        return max(float(stage["peak_mb"]) for stage in self.stages)


def demo(bench: Bench, scale: float = 1.0) -> Area:
    """Return the demo area at a scale, its inputs invented if they are not there yet."""
    scale = QUICK_SCALE * scale if bench.quick else scale
    inputs = bench.shared / f"demo-{scale:g}"
    bench.say(f"the demo area at scale {scale:g}")
    write_demo(inputs, scale=scale)
    return Area(f"demo, scale {scale:g}", ready_area("demo"), "AUDAN_DEMO", inputs)


def london(bench: Bench) -> Area | None:
    """Return London, or None where the real data are not."""
    if bench.data is None or not (bench.data / "london").is_dir():
        bench.say("London is left out: AUDAN_DATA names no folder that holds it")
        return None
    return Area("London", ready_area("london"), "AUDAN_DATA", bench.data)


def build(area: Area, store: Path) -> Built:
    """Build in a process of its own."""
    command = [sys.executable, "-P", str(BUILD), str(area.file), str(store)]
    ended = subprocess.run(command, env=area.env, stdout=subprocess.PIPE, check=True, text=True)
    return Built(**json.loads(ended.stdout.splitlines()[-1]))


def demo_store(bench: Bench) -> Path:
    """Return a store with a release of the demo at scale 1, built once for all benchmarks of a run."""
    store = bench.shared / "store"
    if not (store / "current").exists():
        shutil.rmtree(store, ignore_errors=True)
        build(demo(bench), store)
    return store
