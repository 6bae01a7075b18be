"""The plugin inside Debian's QGIS, against the real server in a process of its own."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from missing import need_qgis, need_qgis_pytest
from served_town import Servers

HERE = Path(__file__).parent / "plugin"


@pytest.mark.timeout(600)
@pytest.mark.parametrize("file", sorted(one.name for one in HERE.glob("test_*.py")))
def test_the_plugin_inside_qgis(file: str, servers: Servers, tmp_path: Path) -> None:
    need_qgis(tmp_path)
    python = need_qgis_pytest()
    bare = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen", "LANG": "C.UTF-8"}
    # QGIS's settings are kept beneath the root directory.
    root = ["--rootdir", str(tmp_path), "-c", str(HERE / "pytest.ini")]
    command = [python, "-m", "pytest", "-p", "no:cacheprovider", *root]
    run = subprocess.run(
        [*command, str(HERE / file)],
        env={**bare, **servers.environment}, cwd=HERE, capture_output=True, text=True, check=False, timeout=500,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-4000:]
    assert "skipped" not in run.stdout.splitlines()[-1], run.stdout[-2000:]
