"""The cache of verdicts: it may lose anything at any time, and a build never notices but by the clock."""

from __future__ import annotations

import ast
import hashlib
import os
import time
from pathlib import Path

import numpy as np
import pytest
from rating_panels import book, clean_counts, panel_of

import gis_layers
from gis_layers.indicators.rating import judge_frozen, judge_rating
from gis_layers.indicators.rating.fingerprint import METHOD
from gis_layers.indicators.rating.stored import from_table, to_table
from gis_layers.release import VerdictCache
from gis_layers.settings.area import RatingSection

BOOK = book(2, 2)
SETTINGS = RatingSection.model_validate({})
COUNTS = clean_counts(np.random.default_rng(2), np.full(4, 20.0), 15, np.full(9, 1.0), heterogeneity=0.01)
PANEL = panel_of(COUNTS, BOOK, [0] * 9).assign_attrs(unsettled=2)
WHOLE = judge_rating(PANEL, BOOK, SETTINGS)

JUDGING = ("indicators/rating", "indicators/norm", "rates")
NOT_JUDGING = ("fingerprint.py", "frozen.py", "stored.py", "table.py", "__init__.py")
JUDGED_BY = (5, "3fa5b1dae02d5c58")
"""The method's version, and the hash of the code that judges by it."""


def files(store: Path) -> list[Path]:
    return sorted((store / "cache" / "verdicts").glob("*.parquet"))


def test_a_second_build_judges_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, marks = judge_frozen(PANEL, BOOK, SETTINGS, VerdictCache(tmp_path))
    assert first.identical(WHOLE)
    assert len(files(tmp_path)) == 15
    assert {path.name[:64] for path in files(tmp_path)} == {mark.hash for mark in marks.months.values()}

    def never(*_: object, **__: object) -> None:
        raise AssertionError("nothing is to be judged")

    monkeypatch.setattr("gis_layers.indicators.rating.frozen.judge_rating", never)
    again, _ = judge_frozen(PANEL, BOOK, SETTINGS, VerdictCache(tmp_path))
    assert again.identical(WHOLE)


def test_progress_counts_the_months_that_are_judged(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    judge_frozen(PANEL, BOOK, SETTINGS, VerdictCache(tmp_path), progress=lambda *at: told.append(at))
    assert told == [(12, 15), (15, 15)]
    for path in files(tmp_path)[:2]:
        path.unlink()
    told.clear()
    judge_frozen(PANEL, BOOK, SETTINGS, VerdictCache(tmp_path), progress=lambda *at: told.append(at))
    assert told[-1] == (2, 2)


@pytest.mark.parametrize("damage", ["gone", "empty", "cut", "bit", "other", "folder"])
def test_damaged_verdicts_are_judged_again(damage: str, tmp_path: Path) -> None:
    judge_frozen(PANEL, BOOK, SETTINGS, VerdictCache(tmp_path))
    paths = files(tmp_path)
    for number in (0, 7, 14):
        path = paths[number]
        content = path.read_bytes()
        path.unlink()
        if damage == "empty":
            path.touch()
        elif damage == "cut":
            path.write_bytes(content[: len(content) // 2])
        elif damage == "bit":
            path.write_bytes(content[:900] + bytes([content[900] ^ 4]) + content[901:])
        elif damage == "folder":
            path.mkdir()
        elif damage == "other":
            # a whole file of another month under this month's name, its own hash put right
            wrong = paths[3].read_bytes()
            path.with_name(f"{path.name[:64]}-{hashlib.sha256(wrong).hexdigest()[:16]}.parquet").write_bytes(
                wrong
            )
    found, _ = judge_frozen(PANEL, BOOK, SETTINGS, VerdictCache(tmp_path))
    assert found.identical(WHOLE)


def test_a_disk_that_refuses_costs_time_only(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    found, _ = judge_frozen(PANEL, BOOK, SETTINGS, VerdictCache(tmp_path))
    assert found.identical(WHOLE)
    assert "cannot be kept" in caplog.text


def test_what_no_release_uses_is_pruned_once_it_is_old(tmp_path: Path) -> None:
    cache = VerdictCache(tmp_path)
    _, marks = judge_frozen(PANEL, BOOK, SETTINGS, cache)
    used = [mark.hash for mark in marks.months.values()][:10]
    (tmp_path / "cache" / "verdicts" / ".left.new").touch()
    assert cache.prune(used) == 0
    old = time.time() - 2 * 24 * 3600
    for path in (tmp_path / "cache" / "verdicts").iterdir():
        os.utime(path, (old, old))
    assert cache.prune(used) == 6
    assert {path.name[:64] for path in files(tmp_path)} == set(used)
    assert VerdictCache(tmp_path / "nowhere").prune([]) == 0


def test_a_table_of_another_panel_is_refused() -> None:
    table = to_table(WHOLE.isel(month=[3]))
    assert from_table(table, PANEL.isel(month=[3])).identical(
        judge_rating(PANEL, BOOK, SETTINGS, months=PANEL["month"].values[[3]])
    )
    for like in (PANEL.isel(month=[4]), PANEL.isel(month=[3], district=slice(0, 5))):
        with pytest.raises(ValueError, match="other"):
            from_table(table, like)
    with pytest.raises(ValueError, match="one month"):
        to_table(WHOLE)


def code(text: str) -> list[str]:
    """Return the lines of a module that do something: no comments, no docstrings, no blank lines."""
    told: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            told |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    lines = enumerate(text.splitlines(), start=1)
    return [
        line.rstrip()
        for n, line in lines
        if n not in told and line.strip() and not line.strip().startswith("#")
    ]


def test_a_change_of_the_judging_code_is_not_forgotten() -> None:
    folder = Path(gis_layers.__file__).parent
    modules = sorted(path for part in JUDGING for path in (folder / part).glob("*.py"))
    text = [
        line for path in modules if path.name not in NOT_JUDGING for line in code(path.read_text("utf-8"))
    ]
    assert len(text) > 500
    found = METHOD, hashlib.sha256("\n".join(text).encode()).hexdigest()[:16]
    assert found == JUDGED_BY, (
        "the code that judges has changed. If any verdict can be another one now, raise METHOD in "
        f"indicators/rating/fingerprint.py; then let JUDGED_BY be {found}"
    )
