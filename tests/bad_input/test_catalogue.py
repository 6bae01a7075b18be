"""Every fault of the catalogue ends as the design says: refused, or quarantined and listed, or read whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from .command import Said, audan, releases
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


def in_words(said: Said) -> str:
    """Return what was said with the line breaks of tables and terminals taken out."""
    return " ".join((said.out + said.err).split())


def is_plain(said: Said) -> None:
    assert "Traceback" not in said.out + said.err
    assert "unforeseen" not in said.err, said.err
    assert "\x1b" not in said.err


def is_refusal(said: Said, broken: Broken) -> None:
    is_plain(said)
    assert said.code == 1, said
    assert len(said.refusal.splitlines()) == 1
    assert "To mend it: " in said.refusal
    assert len(said.refusal) < 1500
    for text in broken.says:
        assert text in said.refusal


def balanced_ledger(store: Path) -> dict[str, object]:
    (release,) = releases(store)
    ledger: dict[str, object] = json.loads((store / "releases" / release / "ledger.json").read_text("utf-8"))
    assert ledger["balances"] is True
    return ledger


def test_the_good_area_is_good(tmp_path: Path) -> None:
    area = write_area(tmp_path / "area")
    assert audan("check", area).code == 0
    assert audan("build", area, "--store", tmp_path / "store").code == 0
    balanced_ledger(tmp_path / "store")


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


def ends_in_check(broken: Broken, area: Path) -> None:
    """Hold that `check` refuses the input, or lists what it leaves out."""
    checked = audan("check", area)
    is_plain(checked)
    if broken.fate == "refused":
        is_refusal(checked, broken)
        return
    for text in broken.says:
        assert text in in_words(checked)
    assert checked.code == (0 if broken.fate == "read" else 1)


def ends_in_build(broken: Broken, area: Path, store: Path) -> None:
    """Hold that `build` refuses the input and publishes nothing, or publishes it with a ledger that balances."""
    built = audan("build", area, "--store", store)
    is_plain(built)
    if broken.fate == "refused":
        is_refusal(built, broken)
        assert releases(store) == []
        assert not (store / "current").exists()
        return
    assert built.code == 0
    ledger = balanced_ledger(store)
    if broken.fate == "quarantined":
        (release,) = releases(store)
        rows = pq.read_table(store / "releases" / release / "quarantine.parquet").to_pylist()
        assert len(rows) == 1
        assert rows[0]["row"] > 0
        assert rows[0]["file"] in {path.name for path in area.parent.iterdir()}
        assert sum(source["unexpected"]["rows"] for source in ledger["sources"]) >= 1  # type: ignore[attr-defined]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("broken", CATALOGUE.values(), ids=CATALOGUE)
def test_a_fault_ends_as_it_should(broken: Broken, tmp_path: Path) -> None:
    """A refusal in `build`, which must publish nothing; a quarantine in both; the rest in `check`."""
    area, store = write_area(tmp_path / "area"), tmp_path / "store"
    broken.change(area.parent)
    if broken.fate != "refused":
        ends_in_check(broken, area)
    if broken.fate != "read":
        ends_in_build(broken, area, store)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("broken", SHARED)
def test_check_and_build_end_alike(broken: Broken, tmp_path: Path) -> None:
    area, store = write_area(tmp_path / "area"), tmp_path / "store"
    broken.change(area.parent)
    ends_in_check(broken, area)
    ends_in_build(broken, area, store)


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
