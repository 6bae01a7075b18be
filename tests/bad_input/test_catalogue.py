"""Every fault of the catalogue ends as the design says: refused, or quarantined and listed, or read whole."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .command import audan
from .endings import build_faults, check_faults, unbalanced
from .good_area import write_area
from .model import Broken
from .of_codes import CODES_FAULTS
from .of_deliveries import DELIVERIES
from .of_districts import DISTRICTS
from .of_settings import SETTINGS
from .of_tables import TABLES

CATALOGUE = {
    f"{part}: {broken.what}": broken
    for part, entries in (
        ("settings", SETTINGS),
        ("codes", CODES_FAULTS),
        ("districts", DISTRICTS),
        ("tables", TABLES),
        ("deliveries", DELIVERIES),
    )
    for broken in entries
}  # fmt: skip


def test_the_good_area_is_good(tmp_path: Path) -> None:
    area = write_area(tmp_path / "area")
    assert audan("check", area).code == 0
    assert audan("build", area, "--store", tmp_path / "store").code == 0
    assert unbalanced(tmp_path / "store") == []


def test_the_catalogue_is_as_long_as_promised() -> None:
    assert len(CATALOGUE) == sum(map(len, (SETTINGS, CODES_FAULTS, DISTRICTS, TABLES, DELIVERIES))) >= 250


def test_the_page_of_errors_has_every_fault(root: Path) -> None:
    page = (root / "docs" / "reference" / "errors.md").read_text(encoding="utf-8")
    missing = [name for name in CATALOGUE if f"| {name.split(': ', 1)[1].replace('|', '')} |" not in page]
    assert missing == [], "run `make errors`"


SHARED = [
    pytest.param(broken, id=name, marks=[] if number % 8 == 0 else [pytest.mark.slow])
    for number, (name, broken) in enumerate(CATALOGUE.items())
]
"""`check` and `build` read by one function: both are asked of every eighth fault, and of all where time allows."""


@pytest.mark.timeout(60)
@pytest.mark.parametrize("broken", CATALOGUE.values(), ids=CATALOGUE)
def test_a_fault_ends_as_it_should(broken: Broken, tmp_path: Path) -> None:
    """A refusal in `build`, which must publish nothing; a quarantine in both; the rest in `check`."""
    area, store = write_area(tmp_path / "area"), tmp_path / "store"
    broken.change(area.parent)
    if broken.fate != "refused":
        assert check_faults(broken, area) == []
    if broken.fate != "read":
        assert build_faults(broken, area, store) == []


@pytest.mark.timeout(60)
@pytest.mark.parametrize("broken", SHARED)
def test_check_and_build_end_alike(broken: Broken, tmp_path: Path) -> None:
    area, store = write_area(tmp_path / "area"), tmp_path / "store"
    broken.change(area.parent)
    assert check_faults(broken, area) == []
    assert build_faults(broken, area, store) == []


@pytest.mark.parametrize(
    "what",
    [
        "settings: a setting is misspelt",
        "tables: a district that nobody knows",
    ],
)
def test_the_installed_command_ends_alike(what: str, tmp_path: Path) -> None:
    """The same in a process of its own: nothing else is printed, and the exit code is the shell's."""
    area, store = write_area(tmp_path / "area"), tmp_path / "store"
    CATALOGUE[what].change(area.parent)
    words = [sys.executable, "-m", "gis_layers.cli", "check", str(area)]
    run = subprocess.run(
        words, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "200"}
    )
    assert run.returncode == 1
    assert "Traceback" not in run.stdout + run.stderr
    for text in CATALOGUE[what].says:
        assert text in run.stdout + run.stderr
    assert not store.exists()
