"""Alerts on the line: receivers that dribble, ask for patience, show wrong keys or take half; and the journal's age."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from alerting import SECRET, alerting_release, dribbler, duty, keys_for, mail_server, outbox, receiver

from gis_layers.alerts import Outbox
from gis_layers.alerts.webhook import judge
from gis_layers.desk import (
    DESK,
    Delivery,
    note_attempt,
    open_desk,
    plan_delivery,
    prune_deliveries,
    read_deliveries,
    signals_out,
)
from gis_layers.desk import file as desk_file
from gis_layers.desk.trace import instant
from gis_layers.errors import SystemFault, UsageError
from gis_layers.release import Store
from gis_layers.release.lock import locked


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(alerting_release(tmp_path_factory.mktemp("alerts") / "store").path)


@pytest.fixture
def store(made: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store with one release and an empty desk."""
    from gis_layers.release import open_store

    monkeypatch.setenv("HOOK", SECRET)
    monkeypatch.setenv("MAIL_PASSWORD", "open sesame")
    for path in made.glob(f"{DESK}*"):
        path.unlink()
    return open_store(made)


def hook(url: str, more: str = "", top: str = "") -> str:
    return f"""
{top}
[retry]
attempts = 3
first_seconds = 0
most_seconds = 60
patience_seconds = 5
[webhooks]
timeout = 1
allow_private = ["127.0.0.0/8"]
{duty(url, more)}"""


def post(port: int, security: str, more: str = "") -> str:
    return f"""
[retry]
attempts = 1
[mail]
host = "127.0.0.1"
port = {port}
security = "{security}"
sender = "audan@office.example"
timeout = 2
{more}
[[subscriptions]]
id = "office"
channel = "email"
to = ["duty@office.example", "chief@office.example"]
edition = "analyst"
"""


LOGIN = 'user = "audan"\npassword = { env = "MAIL_PASSWORD" }'


@pytest.mark.parametrize(
    ("scheme", "first"),
    [
        ("http", b"HTTP/1.1 2"),
        ("http", b"HTTP/1.1 100 Continue\r\n"),
        ("https", b"\x16\x03\x03\x40\x00"),
    ],
    ids=["status", "continue", "handshake"],
)
def test_a_receiver_that_dribbles_is_cut_off(store: Store, scheme: str, first: bytes) -> None:
    with dribbler(first) as port:
        text = hook(f"{scheme}://127.0.0.1:{port}/").replace("attempts = 3", "attempts = 1")
        begun = time.monotonic()
        sent = outbox(store, text).send()
    assert [(one.last, one.detail) for one in sent] == [("failed", "no answer within 1 seconds")]
    # Ten bytes a second would go on for as long as http.client reads: a line of 64 KiB is two hours.
    assert time.monotonic() - begun < 20


def test_a_mail_server_that_dribbles_is_cut_off(store: Store) -> None:
    with mail_server() as box:
        box.pause = 0.2
        begun = time.monotonic()
        sent = outbox(store, post(box.port, "none")).send()
    assert [(one.last, one.detail) for one in sent] == [("failed", "not taken within 2 seconds")]
    assert time.monotonic() - begun < 20


def test_a_receiver_may_ask_for_patience_within_bounds(store: Store) -> None:
    waits: list[float] = []
    with receiver() as got:
        got.answers, got.headers = [503, 429, 200], {"Retry-After": "3"}
        sent = outbox(store, hook(got.url), sleep=waits.append).send()
        assert [(one.last, one.attempts) for one in sent] == [("sent", 3)]
        assert waits == pytest.approx([3, 3], abs=2.5)


def test_patience_outlasts_the_run_and_not_the_bound(store: Store) -> None:
    with receiver() as got:
        got.answers, got.headers = [503, 200], {"Retry-After": "86400"}
        box = outbox(store, hook(got.url))
        sent = box.send()
        asked = datetime.fromisoformat(sent[0].not_before) - datetime.now(UTC)
        # A day was asked for; the settings wait a minute at most.
        assert timedelta(seconds=30) < asked <= timedelta(seconds=60)
        # Another run, another process: it is still too early, unless somebody says `now`.
        assert outbox(store, hook(got.url)).retry() == []
        assert len(got.calls) == 1
        assert [one.last for one in outbox(store, hook(got.url)).retry(now=True)] == ["sent"]


def test_retry_after_is_seconds_or_an_instant() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    past = format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True)
    assert judge(503, soon).wait == pytest.approx(100, abs=3)
    assert judge(503, past).wait == 0
    assert judge(503, "9" * 400).wait == 999_999_999
    for nonsense in ("", "soon", "-5", "1.5", "²", "Mon, 99 Nov 2026 99:99:99 GMT", "1e9", "NaN"):
        assert judge(503, nonsense).wait is None, nonsense
    # Who took it, or never will, is not asked again.
    assert judge(200, "5").wait is judge(404, "5").wait is None


def test_keys_that_nobody_vouches_for_get_nothing(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, keys = keys_for(tmp_path / "right")
    other, wrong = keys_for(tmp_path / "wrong", "127.0.0.9")
    for served, trusted in ((keys, None), (keys, other), (wrong, other)):
        monkeypatch.delenv("SSL_CERT_FILE", raising=False)
        if trusted is not None:
            monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        with receiver(served) as got:
            box = outbox(store, hook(got.url).replace("attempts = 3", "attempts = 1"))
            sent = box.send() or box.retry(revive=True)
            assert [one.last for one in sent] == ["failed"]
            assert "CERTIFICATE_VERIFY_FAILED" in sent[0].detail
            assert got.calls == []
    monkeypatch.setenv("SSL_CERT_FILE", str(shown))
    with receiver(keys) as got:
        sent = outbox(store, hook(got.url)).retry(revive=True)
        assert [one.last for one in sent] == ["sent"]
        assert got.calls[0][0]["host"] == got.url.split("/")[2]


def test_a_plain_line_stays_in_the_allowed_networks(store: Store) -> None:
    box = outbox(store, hook("http://8.8.8.8/"))
    assert "over https" in box.check()["duty"]
    assert "over https" in box.send()[0].detail


def test_mail_over_starttls(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown, keys = keys_for(tmp_path / "keys")
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with mail_server(keys) as box:
        sent = outbox(store, post(box.port, "starttls", LOGIN)).send()
        assert sent[0].last == "failed"
        assert "CERTIFICATE_VERIFY_FAILED" in sent[0].detail
        assert box.logins == box.mails == []
        monkeypatch.setenv("SSL_CERT_FILE", str(shown))
        sent = outbox(store, post(box.port, "starttls", LOGIN)).retry(revive=True)
        assert [one.last for one in sent] == ["sent"]
        assert [secret for _, secret in box.logins] == [True]
        assert len(box.mails) == 1


def test_no_starttls_no_mail(store: Store) -> None:
    with mail_server() as box:
        sent = outbox(store, post(box.port, "starttls", LOGIN)).send()
        assert sent[0].last == "failed"
        assert "STARTTLS" in sent[0].detail
        assert box.logins == box.mails == []


def test_a_rude_farewell_sends_nothing_twice(store: Store) -> None:
    with mail_server() as box:
        box.farewell = 421
        text = post(box.port, "none")
        assert [one.last for one in outbox(store, text).send()] == ["sent"]
        assert outbox(store, text).retry(now=True) == []
        assert len(box.mails) == 1


def test_one_address_of_two_is_not_taken(store: Store) -> None:
    with mail_server() as box:
        box.refuse, box.only = 450, "chief"
        text = post(box.port, "none").replace("attempts = 1", "attempts = 2\nfirst_seconds = 60")
        sent = outbox(store, text).send()
        # Later it may be: the message comes again, under the same id.
        assert [one.last for one in sent] == ["failed"]
        assert sent[0].detail == "not taken yet: chief@office.example (450)"
        box.refuse = 550
        sent = outbox(store, text).retry(now=True)
        assert sent[0].last == "sent"
        assert sent[0].detail == "accepted, but not for chief@office.example (550)"
        assert [to for _, to, _ in box.mails] == [["<duty@office.example>"]] * 2


def test_the_fault_of_one_keeps_nothing_from_the_others(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gis_layers.alerts import mail

    def broken(*_: Any) -> Any:
        raise KeyError("something nobody thought of")

    monkeypatch.setattr(mail, "send", broken)
    with receiver() as got:
        text = (
            hook(got.url)
            + post(9, "none").partition("attempts = 1")[2].partition("[[")[0]
            + """
[[subscriptions]]
id = "aaa"
channel = "email"
to = ["duty@office.example"]
"""
        )
        states = {one.subscription: one.last for one in outbox(store, text).send()}
    assert states == {"duty": "sent", "aaa": "failed"}


def test_what_a_receiver_says_is_no_command_for_a_terminal(store: Store) -> None:
    with dribbler(b"\x1b[2J\x1b]0;owned\x07 200 OK\r\n\r\n") as port:
        sent = outbox(store, hook(f"http://127.0.0.1:{port}/")).send()
    assert sent[0].last == "failed"
    assert "owned" in sent[0].detail
    assert sent[0].detail.isprintable()


def test_a_template_is_tried_before_anything_is_sent(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    text = post(9, "none", f'templates = "{folder}"')
    assert "cannot be read" in outbox(store, text).check()["office"]
    (folder / "mail.txt").write_text("$subject $signals", encoding="utf-8")
    (folder / "mail.html").write_text("<p>$nobody</p>", encoding="utf-8")
    assert "$signals" in outbox(store, text).check()["office"]
    (folder / "mail.html").write_text("<p>$signals</p>", encoding="utf-8")
    assert outbox(store, text).check()["office"] == ""


def test_a_feed_of_the_analysts_is_not_for_everybody(store: Store, tmp_path: Path) -> None:
    feed = '[[subscriptions]]\nid = "{0}"\nchannel = "feed"\nfolder = "{1}"\nedition = "{0}"\n'
    outbox(store, "".join(feed.format(edition, tmp_path) for edition in ("public", "analyst"))).send()
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) & 0o007 for path in tmp_path.glob("*.*")}
    assert modes["analyst.atom"] == modes["analyst.geojson"] == 0
    assert b"needs a check" in (tmp_path / "analyst.atom").read_bytes()
    for ending in ("atom", "geojson"):
        assert b"fall" not in (tmp_path / f"public.{ending}").read_bytes()


def test_a_mistyped_store_is_left_alone(store: Store, tmp_path: Path) -> None:
    box = outbox(store, hook("http://127.0.0.1:9/"))
    with pytest.raises(SystemFault, match="no store"):
        Outbox(tmp_path / "typo", box.settings)
    assert not (tmp_path / "typo").exists()


def test_a_build_waits_for_the_run_before(store: Store) -> None:
    with receiver() as got:
        box = outbox(store, hook(got.url))
        held, free = threading.Event(), threading.Event()

        def hold() -> None:
            with locked(Path(store.path), name=".alerts.lock"):
                held.set()
                free.wait(20)

        other = threading.Thread(target=hold)
        other.start()
        held.wait(20)
        with pytest.raises(SystemFault, match="run of alerts"):
            box.send()
        threading.Timer(0.5, free.set).start()
        assert [one.last for one in box.send(patience=20)] == ["sent"]
        other.join()


def test_a_wrong_alerts_file_is_refused_before_the_build(root: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "alerts.toml"
    wrong.write_text("nonsense = 1", encoding="utf-8")
    words = ["build", str(root / "config/areas/london/area.toml"), "--store", str(tmp_path / "store")]
    run = subprocess.run(
        [sys.executable, "-m", "gis_layers.cli", *words, "--alerts", str(wrong)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 1
    assert "unknown setting" in run.stderr
    assert not (tmp_path / "store").exists()


def old(desk: sqlite3.Connection, name: str, days: float, *outcomes: str) -> None:
    """Write a delivery of so many days ago into a desk."""
    then = datetime.now(UTC) - timedelta(days=days)
    plan_delivery(
        desk,
        Delivery(name, "duty", "webhook", "http://127.0.0.1", "r", "analyst", instant(then), b"{}"),
        [f"signal.{name}"],
    )
    for outcome in outcomes:
        note_attempt(desk, name, outcome, "", then)  # type: ignore[arg-type]


def test_old_deliveries_go_and_what_was_in_them_never_again(store: Store) -> None:
    with open_desk(Path(store.path)) as desk:
        old(desk, "sent-long-ago", 500, "begun", "sent")
        old(desk, "refused-long-ago", 500, "begun", "refused")
        old(desk, "given-up-long-ago", 500, *("begun", "failed") * 3)
        old(desk, "sent", 300, "begun", "sent")
        old(desk, "still-to-go", 500, "begun", "failed")
        old(desk, "tried-again", 500, "begun", "failed")
        note_attempt(desk, "tried-again", "sent", "", datetime.now(UTC))
        keys = signals_out(desk, "duty")
    with receiver() as got:
        outbox(store, hook(got.url)).send()
        assert len(got.calls) == 2
    with open_desk(Path(store.path)) as desk:
        left = {one.id for one in read_deliveries(desk)}
        assert {name for name in left if "-" in name or name == "sent"} == {
            "sent",
            "still-to-go",
            "tried-again",
        }
        assert keys <= signals_out(desk, "duty")
        tries = {name for (name,) in desk.execute("SELECT DISTINCT delivery FROM attempt")}
        assert tries == left


def test_the_young_stay_whoever_asks(store: Store) -> None:
    with open_desk(Path(store.path)) as desk:
        old(desk, "young", 29, "begun", "sent")
        with pytest.raises(UsageError, match="30 days"):
            prune_deliveries(desk, 29)
        assert prune_deliveries(desk, 30) == 0
        # Not even a clock that is wrong takes what the file itself calls young.
        with pytest.raises(sqlite3.DatabaseError, match="journal"):
            prune_deliveries(desk, 30, now=datetime.now(UTC) + timedelta(days=100))
        assert [one.id for one in read_deliveries(desk)] == ["young"]
        for statement in ("DELETE FROM attempt", "DELETE FROM delivery", "DELETE FROM delivered_signal"):
            with pytest.raises(sqlite3.DatabaseError, match="journal"):
                desk.execute(statement)


def test_a_desk_of_the_version_before_keeps_what_went_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = desk_file._MIGRATIONS
    monkeypatch.setattr(desk_file, "_MIGRATIONS", steps[:2])
    monkeypatch.setattr(desk_file, "VERSION", 2)
    with open_desk(tmp_path) as desk:
        desk.execute(
            "INSERT INTO delivery VALUES ('d', 'duty', 'webhook', 't', 'r', 'analyst', '2020-01-01', x'00')"
        )
        desk.execute("INSERT INTO delivered_signal VALUES ('duty', 'fall.01000.theft.2022-12', 'd')")
        desk.execute(
            "INSERT INTO attempt (delivery, at, outcome, detail) VALUES ('d', '2020-01-01', 'begun', '')"
        )
        desk.execute(
            "INSERT INTO attempt (delivery, at, outcome, detail) VALUES ('d', '2020-01-01', 'sent', 'ok')"
        )
    monkeypatch.undo()
    with open_desk(tmp_path) as desk:
        assert [(one.id, one.last, one.not_before) for one in read_deliveries(desk)] == [("d", "sent", "")]
        assert prune_deliveries(desk, 30) == 1
        assert read_deliveries(desk) == []
        assert signals_out(desk, "duty") == {"fall.01000.theft.2022-12"}
        # Still in one delivery at most.
        with pytest.raises(sqlite3.IntegrityError):
            desk.execute("INSERT INTO delivered_signal VALUES ('duty', 'fall.01000.theft.2022-12', 'e')")
