"""How long the command line and the parts take to start."""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import time

from .figure import Bench, Figure

TITLE = "Starting"
NOTE = (
    "Median of several new processes, files already in the system's cache. Imports are measured with "
    "`python -X importtime`, which makes them a little slower than they are."
)
HELP = 0.5
"""Seconds in which `audan --help` is to answer."""

PARTS = ("gis_layers", "gis_layers.cli.app", "gis_layers.release", "gis_layers.pipeline", "tile_server.app")
_LINE = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \| ( *)(\S+)")


def run(bench: Bench) -> list[Figure]:
    """Measure `audan --help` beside `pygeoapi --help`, and what the parts import."""
    times = 1 if bench.quick else 7
    bench.say("starting")
    figures = [
        Figure(
            "`audan --help`",
            seconds(["-m", "gis_layers.cli", "--help"], times),
            "s",
            peer="`pygeoapi --help`",
            peer_value=seconds(["-c", "from pygeoapi import cli; cli(['--help'])"], times),
            goal=HELP,
        ),
        Figure("Python itself, for comparison", seconds(["-c", "pass"], times), "s"),
    ]
    for part in PARTS:
        took, heavy = imports(part, times)
        figures.append(Figure(f"`import {part}`", took, "s", note=f"most of it: {heavy}"))
    return figures


def seconds(arguments: list[str], times: int) -> float:
    """Return the median time of a Python process."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def imports(module: str, times: int) -> tuple[float, str]:
    """Return the median time of an import, and the three packages in which most of it is spent."""
    took, last = [], ""
    for _ in range(times):
        ended = subprocess.run(
            [sys.executable, "-X", "importtime", "-c", f"import {module}"],
            check=True,
            capture_output=True,
            text=True,
        )
        last = ended.stderr
        took.append(_of(module, last))
    own: dict[str, int] = {}
    for self_us, _, _, name in _LINE.findall(last):
        package = name.partition(".")[0]
        own[package] = own.get(package, 0) + int(self_us)
    most = sorted(own, key=lambda name: -own[name])[:3]
    return statistics.median(took), ", ".join(f"{name} {own[name] / 1e6:.2f} s" for name in most)


def _of(module: str, said: str) -> float:
    """Return what an import took: that of its outermost package and of what came after it."""
    whole = 0
    wanted = module.partition(".")[0]
    for _, cumulative, indent, name in _LINE.findall(said):
        # A package and its modules stand at the left margin, one after the other, when one imports the other.
        if len(indent) == 0 and name.partition(".")[0] == wanted:
            whole += int(cumulative)
    return whole / 1e6
