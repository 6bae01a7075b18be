"""``qgis_process`` without a window, as a test calls it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from missing import SYSTEM, missing, need_qgis

PROGRAM = Path("/usr/bin/qgis_process.bin")
"""Its wrapper passes an option that it refuses."""
Run = Callable[..., dict[str, Any]]
Call = Callable[..., str]


def caller(home: Path, root: Path) -> Call:
    """Return what calls ``qgis_process`` with some words, in a folder, and gives what came out."""
    need_qgis(home)
    if not PROGRAM.is_file():
        missing(f"{PROGRAM} is not there", SYSTEM)
    env = {
        "PATH": "/usr/bin:/bin", "HOME": str(home), "QT_QPA_PLATFORM": "offscreen", "LANG": "C.UTF-8",
        "QGIS_PLUGINPATH": str(root / "qgis_plugin"), "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip

    def ask(*words: str, folder: Path = home) -> str:
        done = subprocess.run(
            [str(PROGRAM), *words],
            env=env,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
        return done.stdout

    return ask


def runner(home: Path, root: Path) -> Run:
    """Return what runs an algorithm of the plugin, and gives the JSON that came out."""
    call = caller(home, root)
    call("plugins", "enable", "audan")

    def go(algorithm: str, **parameters: object) -> dict[str, Any]:
        given = [f"--{name}={value}" for name, value in parameters.items()]
        told: dict[str, Any] = json.loads(call("--json", "run", f"audan:{algorithm}", *given))
        return told["results"]

    return go
