"""A part that a test needs and this machine lacks: named, with what brings it. In CI that is a failure."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

SYSTEM = "run .ci/install-system"
WEB = "run make web"

DEBIAN_PYTHON = "/usr/bin/python3"
"""The Python that QGIS is installed for; ours is another, in a virtual environment."""


def missing(part: str, remedy: str) -> NoReturn:
    """Skip the test that asks; fail it in CI, where every part is to be there.

    Call it from a test or a fixture, never from a module: workers of xdist tell nobody of a module they skipped.
    """
    reason = f"{part}: {remedy}"
    if os.environ.get("CI"):
        pytest.fail(f"{reason}; in CI nothing may be skipped", pytrace=False)
    pytest.skip(reason)


def need_web_map(dist: Path) -> None:
    """Have the web map built."""
    if not (dist / "index.html").is_file():
        missing("the web map is not built", WEB)


def need_qgis(home: Path) -> str:
    """Have QGIS; return the Python that has it."""
    bare = {"PATH": "/usr/bin:/bin", "HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    try:
        tried = subprocess.run(
            [DEBIAN_PYTHON, "-c", "import qgis.core"], env=bare, capture_output=True, check=False
        )
        found = tried.returncode == 0
    except OSError:
        found = False
    if not found:
        missing(f"QGIS is not installed for {DEBIAN_PYTHON}", SYSTEM)
    return DEBIAN_PYTHON


def need_qgis_pytest() -> str:
    """Have the environment whose Python has both QGIS and pytest; return that Python."""
    python = Path(__file__).resolve().parent.parent / ".venv-qgis" / "bin" / "python"
    if not python.is_file():
        missing(
            "the environment for tests inside QGIS is not there", "run make test after .ci/install-system"
        )
    return str(python)
