"""The plugin inside QGIS 3.40, as Debian trixie has it: the tests that run in this machine's QGIS, run there too."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from missing import SYSTEM, missing, need_qgis_pytest
from served_town import Servers

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
TRIXIE = ROOT / ".cache" / "trixie"


@pytest.fixture(scope="module")
def trixie() -> list[str]:
    """Return how to run a command there; making the place takes some minutes and 2 GB, once."""
    if not shutil.which("debootstrap"):
        missing("debootstrap is not installed", SYSTEM)
    if os.geteuid():
        missing("another Debian can be entered by root only", "run make check-slow as root")
    inside = [str(HERE / "trixie.sh"), str(TRIXIE)]
    told = subprocess.run(
        [*inside, "python3 -c 'from qgis.core import Qgis; print(Qgis.QGIS_VERSION)'"],
        capture_output=True, text=True, check=False, timeout=3000,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout[-2000:] + told.stderr[-4000:]
    assert told.stdout.splitlines()[-1].startswith("3.40."), told.stdout
    return inside


@pytest.mark.slow
@pytest.mark.parametrize("file", sorted(one.name for one in (HERE / "plugin").glob("test_*.py")))
def test_the_plugin_inside_qgis_340(file: str, trixie: list[str], servers: Servers) -> None:
    # pytest and what belongs to it are of Python alone, so those of the other Debian's Python do.
    packages = next(Path(need_qgis_pytest()).parent.parent.glob("lib/python3*/site-packages"))
    variables = {
        **servers.environment,
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONPATH": f"/repo/{packages.relative_to(ROOT)}",
    }
    told = " ".join(f"{name}={shlex.quote(value)}" for name, value in variables.items())
    run = subprocess.run(
        [
            *trixie,
            "mkdir /tmp/tests && cp -r /repo/qgis_plugin /tmp && cp -r /repo/tests/qgis /tmp/tests && "
            "cd /tmp/tests/qgis/plugin && "
            f"{told} python3 -m pytest -p no:cacheprovider -c pytest.ini --rootdir . {file}",
        ],
        capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-4000:]
    assert "skipped" not in run.stdout.splitlines()[-1], run.stdout[-2000:]
