"""A small area for all tests of interruption, a store of it for each, the command in this process, a small disk."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from missing import missing
from small_area import Command, Ended, write_area

from gis_layers import pipeline
from gis_layers.cli import main


@pytest.fixture(scope="session")
def area(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small area's file."""
    return write_area(tmp_path_factory.mktemp("small") / "area")


@pytest.fixture(scope="session")
def built(area: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with two releases of the small area, to be copied."""
    store = tmp_path_factory.mktemp("built") / "store"
    pipeline.build(area, store)
    pipeline.build(area, store)
    return store


@pytest.fixture
def store(built: Path, tmp_path: Path) -> Path:
    """A store of two releases of one's own."""
    return shutil.copytree(built, tmp_path / "store")


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """`audan` in this process: its exit code and what it printed. An error is one paragraph, no traceback."""

    def call(*arguments: str | Path) -> Ended:
        monkeypatch.setattr(sys, "argv", ["audan", *map(str, arguments)])
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        assert "unforeseen" not in said.err, said.err
        return Ended(code, said.out, said.err)

    return call


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes (a tmpfs, which only root may mount)."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "audan-test", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        said = mounted.stderr.decode().strip()
        missing(f"a small disk cannot be mounted ({said})", "run the tests as root")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)
