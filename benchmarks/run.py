"""Find the benchmarks, run those that are wanted, and keep what they measured as JSON."""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from gis_layers import __version__

from .figure import Bench
from .machine import machine

RESULTS = Path(__file__).parent / "results.json"


def benchmarks() -> dict[str, ModuleType]:
    """Return every module of this folder that has a `run`, by name."""
    package = __package__ or "benchmarks"
    names = sorted(
        found.name for found in pkgutil.iter_modules([str(Path(__file__).parent)]) if not found.ispkg
    )
    modules = {name: importlib.import_module(f"{package}.{name}") for name in names if name != "run"}
    return {name: module for name, module in modules.items() if hasattr(module, "run")}


def run(names: Sequence[str] = (), *, everything: bool = False, quick: bool = False) -> dict[str, Any]:
    """Run benchmarks and return what they measured.

    Parameters
    ----------
    names
        Names of modules; none means all of them.
    everything, quick
        As in :class:`benchmarks.figure.Bench`.

    Raises
    ------
    KeyError
        If there is no benchmark of a name.
    """
    known = benchmarks()
    parts = []
    with tempfile.TemporaryDirectory(prefix="bench-") as work:
        shared = Path(work) / "shared"
        shared.mkdir()
        for name in names or known:
            module = known[name]
            folder = Path(work) / name
            folder.mkdir()
            on = machine()
            figures = module.run(Bench(folder, shared, _data(), everything, quick))
            gc.collect()
            parts.append(
                {
                    "id": name,
                    "title": module.TITLE,
                    "note": module.NOTE,
                    "measured": datetime.now(UTC).date().isoformat(),
                    "version": __version__,
                    "machine": on,
                    "figures": [figure.as_dict() for figure in figures],
                }
            )
    return {"format": 1, "parts": parts}


def keep(made: dict[str, Any], path: Path = RESULTS) -> dict[str, Any]:
    """Write what was measured; parts of an earlier run that this one did not measure stay. Return all."""
    before = json.loads(path.read_text("utf-8"))["parts"] if path.exists() else []
    fresh = {part["id"]: part for part in made["parts"]}
    parts = {part["id"]: part for part in before} | fresh
    whole = {"format": 1, "parts": [parts[name] for name in sorted(parts)]}
    path.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return whole


def _data() -> Path | None:
    named = os.environ.get("AUDAN_DATA")
    return Path(named).resolve() if named else None
