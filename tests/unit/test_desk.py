"""The desk: made on need, private, brought up to date, a journal; tokens that only their bearer knows."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tiny import tiny_release

from gis_layers.desk import (
    DESK,
    Look,
    Scope,
    add_token,
    count_lost,
    export_looks,
    keep_days,
    list_tokens,
    open_desk,
    prune_looks,
    read_looks,
    revoke_token,
    set_keep_days,
    split_token,
    write_looks,
)
from gis_layers.desk.tokens import read_expiry
from gis_layers.errors import SystemFault, UsageError

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def look(day: int, **other: object) -> Look:
    values = {
        "at": f"2026-11-{day:02}T10:00:00.000Z", "who": "0123456789ab", "name": "Aigul", "address": "192.0.2.7",
        "route": "/collections/{layer}/items", "layer": "rating", "slice": "offence=theft", "status": 200,
    }  # fmt: skip
    return Look(**values | other)  # type: ignore[arg-type]


def test_the_desk_is_made_private_and_with_a_log(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), open_desk(tmp_path, create=False):
        pass
    assert not (tmp_path / DESK).exists()
    with open_desk(tmp_path) as desk:
        assert desk.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        add_token(desk, name="x", edition="public")
        for name in (DESK, f"{DESK}-wal"):
            assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    with open_desk(tmp_path, create=False) as desk:
        assert len(list_tokens(desk)) == 1


def test_an_older_desk_is_brought_up_to_date_and_a_newer_one_refused(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / DESK).close()
    with open_desk(tmp_path) as desk:
        version = desk.execute("PRAGMA user_version").fetchone()[0]
        assert version >= 1
        desk.execute("PRAGMA user_version = 999")
    with pytest.raises(SystemFault, match="newer version"), open_desk(tmp_path):
        pass
    (tmp_path / DESK).write_bytes(b"no database at all" * 100)
    with pytest.raises(SystemFault, match="cannot be used"), open_desk(tmp_path):
        pass


def test_two_processes_make_the_desk_at_once(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from gis_layers.desk import open_desk, add_token\n"
        "with open_desk(Path(sys.argv[1])) as desk: add_token(desk, name='x', edition='public')"
    )
    running = [subprocess.Popen([sys.executable, "-c", program, tmp_path]) for _ in range(4)]
    assert [process.wait(60) for process in running] == [0] * 4
    with open_desk(tmp_path) as desk:
        assert len(list_tokens(desk)) == 4


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE token SET expires = NULL", "DELETE FROM token", "UPDATE revocation SET reason = ''",
        "DELETE FROM revocation", "UPDATE look SET who = 'nobody'", "UPDATE loss SET looks = 0",
    ],
)  # fmt: skip
def test_journals_are_only_added_to(tmp_path: Path, statement: str) -> None:
    with open_desk(tmp_path) as desk:
        token, _ = add_token(desk, name="x", edition="public")
        revoke_token(desk, token.id)
        write_looks(desk, [look(1)], lost=2)
        with pytest.raises(sqlite3.IntegrityError, match="journal"):
            desk.execute(statement)


def test_a_token_is_kept_as_a_hash_only(tmp_path: Path) -> None:
    with open_desk(tmp_path) as desk:
        token, text = add_token(
            desk,
            name="Aigul",
            edition="analyst",
            scope=Scope(("01000",), ("B", "A")),
            expires=NOW,
            now=NOW - timedelta(1),
        )
        split = split_token(text)
        assert split is not None
        assert split[0] == token.id
        [kept] = list_tokens(desk)
    assert kept == token
    assert kept.scope == Scope(("01000",), ("A", "B"))
    assert [kept.state(NOW - timedelta(seconds=1)), kept.state(NOW)] == ["active", "expired"]
    held = (tmp_path / DESK).read_bytes()
    assert text[19:].encode() not in held
    assert token.id.encode() in held
    assert len(text[19:]) == 43


def test_tokens_do_not_repeat_themselves(tmp_path: Path) -> None:
    with open_desk(tmp_path) as desk:
        made = {add_token(desk, name="x", edition="public")[1][19:] for _ in range(50)}
    assert len(made) == 50


def test_a_revocation_stays(tmp_path: Path) -> None:
    with open_desk(tmp_path) as desk:
        token, text = add_token(desk, name="x", edition="analyst")
        first = revoke_token(desk, token.id, reason="left", now=NOW)
        again = revoke_token(desk, text, now=NOW + timedelta(1))
        assert first.revoked == again.revoked == NOW
        assert again.state(NOW - timedelta(days=1)) == "revoked"
        with pytest.raises(UsageError, match="no such token"):
            revoke_token(desk, "000000000000")


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 201])
def test_a_token_has_a_name_of_one_line(tmp_path: Path, name: str) -> None:
    with open_desk(tmp_path) as desk, pytest.raises(UsageError):
        add_token(desk, name=name, edition="public")


def test_expiry_is_a_day_or_a_number_of_days() -> None:
    assert read_expiry("never") is None
    assert read_expiry("30d", NOW) == NOW + timedelta(days=30)
    assert read_expiry("2026-11-30") == datetime(2026, 12, 1, tzinfo=UTC)
    for wrong in ("tomorrow", "30", "2026-13-01", "d"):
        with pytest.raises(UsageError):
            read_expiry(wrong)


def test_looks_are_read_by_day_and_pruned_by_age(tmp_path: Path) -> None:
    with open_desk(tmp_path) as desk:
        write_looks(desk, [look(day) for day in (1, 10, 20)])
        write_looks(desk, [], lost=3)
        assert [one.at[8:10] for one in read_looks(desk)] == ["01", "10", "20"]
        since, until = datetime(2026, 11, 10, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)
        assert [one.at[8:10] for one in read_looks(desk, since, until)] == ["10"]
        assert count_lost(desk) == 3
        assert keep_days(desk) == 365
        assert prune_looks(desk, now=NOW) == 0
        set_keep_days(desk, 10)
        assert prune_looks(desk, now=NOW) == 2
        assert prune_looks(desk, 2, now=NOW) == 1
        for wrong in (0, -1):
            with pytest.raises(UsageError):
                set_keep_days(desk, wrong)
            with pytest.raises(UsageError):
                prune_looks(desk, wrong)


def test_the_trace_is_written_to_files(tmp_path: Path) -> None:
    looks = [look(1), look(2, slice='=cmd|"calc"!A1', name="Әсел")]
    for ending in ("csv", "parquet", "ndjson"):
        assert export_looks(looks, tmp_path / f"looks.{ending}") == 2
    assert pq.read_table(tmp_path / "looks.parquet").to_pylist()[1]["slice"] == looks[1].slice
    lines = (tmp_path / "looks.ndjson").read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[1])["name"] == "Әсел"
    # A spreadsheet would run a cell that begins like a formula.
    assert "'=cmd" in (tmp_path / "looks.csv").read_text(encoding="utf-8")
    with pytest.raises(UsageError):
        export_looks(looks, tmp_path / "looks.xlsx")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["looks.csv", "looks.ndjson", "looks.parquet"]


def test_rollback_and_prune_leave_the_desk_and_a_backup_takes_it(tmp_path: Path) -> None:
    store = tiny_release(tmp_path / "store")
    with open_desk(store.path) as desk:
        token, _ = add_token(desk, name="x", edition="analyst")
        before = (store.path / DESK).read_bytes()
        tiny_release(tmp_path / "store", only=12)
        store.rollback()
        store.prune(1)
        assert (store.path / DESK).read_bytes() == before
        # Taken while somebody has it open, as a server does.
        store.backup(tmp_path / "backup")
    copy = tmp_path / "backup" / DESK
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with open_desk(tmp_path / "backup", create=False) as desk:
        assert list_tokens(desk) == [token]


def test_the_commands(tmp_path: Path) -> None:
    store = tiny_release(tmp_path / "store").path

    def audan(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "gis_layers.cli", *arguments, "--store", str(store)]
        return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ})

    assert json.loads(audan("tokens", "list", "--json").stdout) == []
    assert not (store / DESK).exists()
    added = audan("tokens", "add", "Aigul", "--parent", "A", "--district", "05000", "--expires", "90d")
    text = added.stdout.strip()
    split = split_token(text)
    assert added.returncode == 0
    assert split is not None
    listed = audan("tokens", "list", "--json").stdout
    assert text[19:] not in listed
    [token] = json.loads(listed)
    assert (token["id"], token["parents"], token["districts"], token["state"]) == (
        split[0],
        ["A"],
        ["05000"],
        "active",
    )
    assert set(token) == {
        "id", "name", "edition", "districts", "parents", "created", "expires", "revoked", "state",
    }  # fmt: skip
    for wrong in (("--parent", "Q"), ("--district", "0500"), ("--expires", "soon")):
        refused = audan("tokens", "add", "x", *wrong)
        assert refused.returncode == 2
        assert "Traceback" not in refused.stderr
    assert "05000" in audan("tokens", "add", "x", "--district", "0500").stderr
    assert audan("tokens", "revoke", split[0]).returncode == 0
    assert json.loads(audan("tokens", "list", "--json").stdout)[0]["state"] == "revoked"
    assert "180 days" in audan("trace", "keep", "180").stdout
    assert "Wrote 0 looks" in audan("trace", "export", "--output", str(tmp_path / "looks.csv")).stdout
    assert "Deleted 0" in audan("trace", "prune").stdout
