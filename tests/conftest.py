"""Fixtures that every test may use; a part that is missing on this machine is named and skipped."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from missing import SYSTEM, missing

ROOT = Path(__file__).resolve().parent.parent

LONGEST = (
    "contract/test_wheel", "contract/test_docs", "interruption/", "browser/", "bad_input/", "contract/test_areas",
)  # fmt: skip
"""Modules that take longest; `--no-loadscope-reorder` lets xdist hand them out in this order.

`test_areas` comes after `test_docs` has built London, whose verdicts it takes up."""


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def audan_data() -> Path:
    """The folder of real data: AUDAN_DATA, else ../shared/data."""
    folder = Path(os.environ.get("AUDAN_DATA", ROOT.parent / "shared" / "data")).resolve()
    if not (folder / "london").is_dir():
        missing(f"the real data are not at {folder}", "set AUDAN_DATA")
    os.environ["AUDAN_DATA"] = str(folder)
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the system's Chromium."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        missing("Chromium is not installed", SYSTEM)
    return str(found)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest modules: one begun last would keep one worker busy while the others wait."""
    items.sort(key=_turn)  # keeps the order of all others


def _turn(item: pytest.Item) -> int:
    tests = ROOT / "tests"
    place = item.path.relative_to(tests).as_posix() if item.path.is_relative_to(tests) else ""
    found = (turn for turn, part in enumerate(LONGEST) if place.startswith(part))
    return next(found, len(LONGEST))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a test that was skipped is a failure: a part is missing that the machine should have."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
