"""Debian's QGIS 3.22 knows Basic alone: the token is its password."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from marked import INSIDE, marked_release, tokens_for

from tile_server import ServerSettings

# The contract tests know how to run a server as real clients meet it.
sys.path.append(str(Path(__file__).parent.parent / "contract"))
from live import live

PYTHON = "/usr/bin/python3"


def test_qgis_reads_the_districts_of_its_token_and_nothing_without(tmp_path: Path) -> None:
    bare = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    known = subprocess.run([PYTHON, "-c", "import qgis.core"], env=bare, capture_output=True, check=False)
    if known.returncode:
        reason = "QGIS is not installed for /usr/bin/python3: run .ci/install-system"
        if os.environ.get("CI"):
            pytest.fail(f"{reason}; in CI nothing may be skipped")
        pytest.skip(reason)
    store = Path(marked_release(tmp_path / "store").path)
    tokens = tokens_for(store)
    program = Path(__file__).with_name("read_with_token.py")
    with live(ServerSettings(store)) as address:
        run = subprocess.run(
            [PYTHON, program, address, tokens["region"]],
            env=bare,
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
    assert json.loads(run.stdout.strip().splitlines()[-1]) == [list(INSIDE), None]
