"""What the documentation shows is run, page by page, on the real London data."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from kept_verdicts import KeptVerdicts

BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
SAME_BUILD = 'audan build "$AREA" --store store'
"""Three tutorials begin so: the first to come runs it, the others go on with a copy of its store."""
TUTORIALS = ("administrator", "analyst", "data-engineer", "web-developer")


def commands(page: Path) -> list[str]:
    lines = "".join(found[1] for found in BLOCK.finditer(page.read_text(encoding="utf-8"))).splitlines()
    return [line.strip() for line in lines if line.strip()]


@pytest.fixture(scope="module")
def built_before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the store of `SAME_BUILD` is, once it was run."""
    return tmp_path_factory.mktemp("same") / "store"


@pytest.mark.timeout(900)
@pytest.mark.parametrize("page", TUTORIALS)
def test_every_command_of_a_tutorial_runs(
    page: str, root: Path, audan_data: Path, tmp_path: Path, london_verdicts: KeptVerdicts, built_before: Path
) -> None:
    env = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "AUDAN_DATA": str(audan_data),
        "AREA": str(root / "config" / "areas" / "london"),
    }
    servers = []
    lines = commands(root / "docs" / "tutorials" / f"{page}.md")
    assert lines
    if SAME_BUILD in lines and built_before.is_dir():
        shutil.copytree(built_before, tmp_path / "store")
        lines.remove(SAME_BUILD)
    else:
        london_verdicts.take_up(tmp_path / "store")
    try:
        for line in lines:
            if line.startswith("audan serve"):
                servers.append(
                    subprocess.Popen(line.split(), cwd=tmp_path, env=env, stderr=subprocess.DEVNULL)
                )
                wait_until_ready(int(line.rsplit("--port", 1)[1]))
                continue
            run = subprocess.run(
                ["sh", "-c", line], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
            )
            assert run.returncode == 0, f"{line}\n{run.stdout}\n{run.stderr}"
            assert "Traceback" not in run.stderr
            if line == SAME_BUILD:
                london_verdicts.keep(tmp_path / "store")
                shutil.copytree(tmp_path / "store", built_before)
    finally:
        for server in servers:
            server.terminate()
            server.wait(10)


def wait_until_ready(port: int) -> None:
    for _ in range(100):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"nothing answers on port {port}")


def test_the_generated_reference_is_up_to_date(root: Path) -> None:
    run = subprocess.run(
        [sys.executable, root / "docs" / "generate.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr


def test_readme_shows_the_two_commands_and_its_picture(root: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    assert text.index("make demo") < text.index("make test")
    for picture in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text):
        assert (root / picture).is_file(), picture


def test_every_link_between_pages_leads_somewhere(root: Path) -> None:
    for page in [
        root / "README.md",
        root / "CHANGELOG.md",
        root / "SECURITY.md",
        *root.glob("docs/**/*.md"),
        *root.glob("config/**/*.md"),
    ]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page}: {target}"


def test_every_decision_has_a_number_of_its_own_and_every_reference_leads_to_one(root: Path) -> None:
    pages = sorted((root / "docs" / "decisions").glob("*.md"))
    numbers = [page.name[:4] for page in pages]
    assert len(numbers) == len(set(numbers)), numbers
    for page in pages:
        first = page.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith(f"# {int(page.name[:4])}. "), page.name
    named = {
        found
        for folder in ("gis_layers", "tile_server", "benchmarks", "tests", "docs")
        for file in [*(root / folder).rglob("*.py"), *(root / folder).glob("**/*.md")]
        if "node_modules" not in file.parts
        for found in re.findall(r"decisions/(\d{4}-[\w-]+\.md)", file.read_text(encoding="utf-8"))
    }
    assert len(named) >= 3
    assert named <= {page.name for page in pages}
