"""The plugin's modules and windows with Qt 6, which no QGIS of Debian has yet: beside stand-ins for QGIS itself."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from missing import missing
from served_town import Servers

HERE = Path(__file__).parent
PLUGIN = HERE.parent.parent / "qgis_plugin" / "audan"


@pytest.mark.slow
def test_the_windows_are_drawn_with_qt_6(tmp_path: Path, servers: Servers) -> None:
    if importlib.util.find_spec("PyQt6") is None:
        missing("PyQt6 is not installed", "pip install '.[qt6]'")
    run = subprocess.run(
        [sys.executable, str(HERE / "qt6" / "draw.py"), str(tmp_path), servers.open],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path)},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-6000:]
    told = json.loads(run.stdout.splitlines()[-1])
    assert told["qt"].startswith("6.")
    sources = {one.relative_to(PLUGIN).as_posix() for one in PLUGIN.rglob("*.py")} - {"__init__.py"}
    imported = {one.removeprefix("audan.").replace(".", "/") for one in told["modules"]}
    assert imported == {one.removesuffix(".py").removesuffix("/__init__") for one in sources}
    for name, drawn in told["drawn"].items():
        assert drawn["colours"] > 20, name
        assert drawn["texts"], name
    for name in {one.split(".")[0] for one in told["drawn"]}:
        words = [told["drawn"][f"{name}.{language}"]["texts"] for language in ("en", "ru", "kk")]
        assert words[0] != words[1] != words[2] != words[0], f"{name} is not translated"
