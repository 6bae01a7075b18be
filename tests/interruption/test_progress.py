"""Progress: every stage with its time on a terminal, nothing elsewhere."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path

import pytest
from small_area import Command

from gis_layers.cli.progress import shown_progress
from gis_layers.release import open_store


class Terminal(io.StringIO):
    """A terminal that remembers what was written."""

    def isatty(self) -> bool:
        return True


def plain(text: str) -> list[str]:
    return [line.strip() for line in re.sub(r"\x1b\[[?0-9;]*[A-Za-z]", "", text).splitlines()]


def test_every_stage_has_its_line_and_time(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with shown_progress("build") as progress:
        progress("districts")
        progress("sources")
        progress("sources: 1,000 rows, now cards[1].csv")
        progress("release")
    last = plain(terminal.getvalue())[-3:]
    assert [re.sub(r"^\W+", "", line) for line in last] == [
        "build: districts 0:00:00",
        "build: sources   0:00:00 1,000 rows, now cards[1].csv",
        "build: release   0:00:00",
    ]


def test_nothing_is_shown_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with shown_progress("build") as progress:
        progress("districts")
    assert capsys.readouterr() == ("", "")


def test_json_stays_clean_beside_progress(
    area: Path, store: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = command("build", area, "--store", store, "--json")
    assert ended.err == ""
    assert json.loads(ended.out)["release"] == open_store(store).current().id
    monkeypatch.setenv("FORCE_COLOR", "1")
    ended = command("build", area, "--store", store, "--json")
    assert json.loads(ended.out)["release"] == open_store(store).current().id
    stages = [re.findall(r"build: (\w+) +\d", line) for line in plain(ended.err)[-10:]]
    assert stages == [
        ["districts"], ["sources"], ["diagnostics"], ["disclosure"], ["rating"], ["dynamics"], ["structure"],
        ["points"], ["hotspots"], ["release"],
    ]  # fmt: skip
