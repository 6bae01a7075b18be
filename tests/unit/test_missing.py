"""A part that this machine lacks is named and skipped; in CI no skip of any kind passes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
LACKS = "from missing import missing\ndef test_it():\n    missing('the moon is not here', 'run moon')\n"
SKIPS = "import pytest\n@pytest.mark.skipif(True, reason='not today')\ndef test_it(): ...\n"


@pytest.mark.parametrize("workers", ["0", "1"])
@pytest.mark.parametrize("code", [LACKS, SKIPS])
def test_ci_fails_on_a_skip_that_passes_elsewhere(code: str, workers: str, tmp_path: Path) -> None:
    for name in ("conftest.py", "missing.py"):
        shutil.copy(TESTS / name, tmp_path)
    (tmp_path / "test_skipped.py").write_text(code, encoding="utf-8")
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("CI", "PYTEST"))}
    # only the plugin that hands tests out: the others take seconds to load
    bare["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    alone = ["-p", "xdist.plugin", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *alone, "-rs", "-n", workers, "."]
    for env, codes in ((bare, 0), (bare | {"CI": "true"}, 1)):
        ended = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
        assert ended.returncode == codes, ended.stdout
        assert ("moon is not here: run moon" if code == LACKS else "not today") in ended.stdout
