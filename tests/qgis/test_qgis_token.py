"""Debian's QGIS 3.22 knows Basic alone: the token is its password."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from live import live
from marked import INSIDE, marked_release, tokens_for
from missing import need_qgis

from tile_server import ServerSettings


def test_qgis_reads_the_districts_of_its_token_and_nothing_without(tmp_path: Path) -> None:
    bare = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    python = need_qgis(tmp_path)
    store = Path(marked_release(tmp_path / "store").path)
    tokens = tokens_for(store)
    program = Path(__file__).with_name("read_with_token.py")
    with live(ServerSettings(store)) as address:
        run = subprocess.run(
            [python, program, address, tokens["region"]],
            env=bare,
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
    assert json.loads(run.stdout.strip().splitlines()[-1]) == [list(INSIDE), None]
