"""Alerts: what is a signal, what goes out and how often, whom a webhook may call, and that nothing goes out twice."""

from __future__ import annotations

import email
import email.policy
import ipaddress
import json
import os
import re
import signal as signals_of_the_system
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from alerting import SECRET, alerting_release, duty, mail_server, outbox, receiver
from typer.testing import CliRunner

from gis_layers.alerts import find_signals, read_alerts, verify
from gis_layers.alerts.reach import allowed, resolve
from gis_layers.cli.app import app
from gis_layers.desk import open_desk, read_deliveries
from gis_layers.errors import AudanError, InputError, SystemFault, UsageError
from gis_layers.release import Store

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("HOOK", SECRET)
    return alerting_release(tmp_path / "store")


def hook(url: str, more: str = "", first: str = "0") -> str:
    return f"""
[retry]
attempts = 4
first_seconds = {first}
[webhooks]
allow_private = ["127.0.0.0/8"]
{duty(url, more)}"""


def keys(body: bytes) -> list[str]:
    return [one["key"] for one in json.loads(body)["signals"]]


EVERY = {
    "rating.01000.theft.2022-12", "rating.05000.burglary.2022-12", "outbreak.03000.theft.2022-12",
    "fall.09000.theft.2022-12", "structure.04000.all.2022-12", "completeness.01000.method.2022-12",
}  # fmt: skip


def test_signals_of_the_newest_month_standing_ones_only_when_new(store: Store) -> None:
    edition = store.current().edition("analyst")
    found = {one.key: one for one in find_signals(edition, "analyst")}
    assert set(found) == EVERY
    outbreak = found["outbreak.03000.theft.2022-12"]
    assert (outbreak.parent, outbreak.values["count"], outbreak.values["expected"]) == ("A", 84, 9.25)
    assert found["rating.01000.theft.2022-12"].level == 5
    two = {one.key for one in find_signals(edition, "analyst", months=2)}
    # A month earlier they were new themselves.
    assert two - EVERY >= {"rating.02000.theft.2022-11"}


def test_the_public_edition_tells_rises_alone(store: Store) -> None:
    found = {one.key for one in find_signals(store.current().edition("public"), "public")}
    assert found == {key for key in EVERY if key.startswith(("rating", "outbreak"))}
    # Whatever a layer holds, a fall is not told.
    analyst = store.current().edition("analyst")
    assert {one.kind for one in find_signals(analyst, "public")} == {"rating", "outbreak"}


def test_a_webhook_is_signed_and_goes_out_once(store: Store) -> None:
    with receiver() as got:
        sent = outbox(store, hook(got.url)).send()
        assert [(one.last, one.attempts) for one in sent] == [("sent", 1)]
        headers, body = got.calls[0]
        assert set(keys(body)) == EVERY
        assert headers["idempotency-key"] == json.loads(body)["delivery"] == sent[0].id
        stamp, mark = headers["audan-timestamp"], headers["audan-signature"]
        assert verify(SECRET, stamp, mark, body, now=time.time())
        assert not verify(SECRET, stamp, mark, body + b" ", now=time.time())
        assert not verify("another secret", stamp, mark, body, now=time.time())
        assert not verify(SECRET, str(int(stamp) + 1), mark, body, now=time.time())
        assert not verify(SECRET, stamp, mark, body, now=time.time() + 301)
        assert not verify(SECRET, "²", mark, body, now=time.time())
        assert outbox(store, hook(got.url)).send() == []
        # The next release has one more outbreak, and that alone goes out.
        alerting_release(Path(store.path), shift=3)
        outbox(store, hook(got.url)).send()
        assert [keys(body) for _, body in got.calls[1:]] == [["outbreak.06000.theft.2022-12"]]


def test_a_subscription_is_by_offence_district_kind_and_level(store: Store) -> None:
    def new(more: str) -> set[str]:
        plans = outbox(store, hook("http://127.0.0.1:9/", more)).plan()
        return {one.key for one in plans[0].new}

    assert new('parents = ["B"]') == {"rating.05000.burglary.2022-12", "fall.09000.theft.2022-12"}
    assert new('districts = ["04000"]') == {"structure.04000.all.2022-12"}
    assert new('offences = ["burglary"]') == {"rating.05000.burglary.2022-12"}
    assert new('signals = ["rating"]\nlevel = 4') == {"rating.01000.theft.2022-12"}
    assert not (Path(store.path) / "desk.sqlite").exists()


def test_what_fails_is_tried_again_ever_more_slowly_and_not_for_ever(store: Store) -> None:
    waits: list[float] = []
    with receiver() as got:
        got.answers = [500, 503, 429, 200]
        sent = outbox(store, hook(got.url, first="4"), sleep=waits.append).send()
        assert [(one.last, one.attempts) for one in sent] == [("sent", 4)]
        assert waits == pytest.approx([4, 8, 16], abs=2)
        assert len({headers["idempotency-key"] for headers, _ in got.calls}) == 1
        assert len({body for _, body in got.calls}) == 1
    with receiver() as got:
        alerting_release(Path(store.path), shift=3)
        got.answers = [500]
        box = outbox(store, hook(got.url))
        assert [box.state(one) for one in box.send()] == ["given up"]
        assert len(got.calls) == 4
        assert box.retry(now=True) == []
        got.answers = [200]
        assert [box.state(one) for one in box.retry(revive=True)] == ["sent"]


@pytest.mark.parametrize("status", [301, 302, 400, 401, 404, 410])
def test_a_refusal_is_not_repeated_and_a_redirect_not_followed(store: Store, status: int) -> None:
    with receiver() as got:
        got.answers = [status]
        box = outbox(store, hook(got.url))
        assert [box.state(one) for one in box.send()] == ["refused"]
        assert len(got.calls) == 1


def test_nobody_there_is_left_for_the_next_run(store: Store) -> None:
    text = hook("http://127.0.0.1:9/", first="3000")
    box = outbox(store, text)
    assert [box.state(one) for one in box.send()] == ["pending"]
    assert box.send() == box.retry() == []
    assert [one.attempts for one in box.retry(now=True)] == [2]


def test_killed_between_sending_and_writing_it_down(store: Store) -> None:
    """The receiver has it, the desk does not know: it comes again under the same key, and never a third time."""
    with receiver() as got:
        box = outbox(store, hook(got.url))
        path = Path(store.path).parent / "alerts.toml"
        command = [sys.executable, "-m", "gis_layers.cli", "alerts", "send"]
        command += ["--store", str(store.path), "--settings", str(path)]
        process = subprocess.Popen(command, env=os.environ)
        got.before = lambda: os.kill(process.pid, signals_of_the_system.SIGKILL)
        assert process.wait(200) == -signals_of_the_system.SIGKILL
        got.before = None
        with open_desk(Path(store.path)) as desk:
            assert [(one.last, one.attempts) for one in read_deliveries(desk)] == [("begun", 1)]
        assert [one.last for one in box.send()] == ["sent"]
        assert len(got.calls) == 2
        assert got.calls[0][1] == got.calls[1][1]
        assert got.calls[0][0]["idempotency-key"] == got.calls[1][0]["idempotency-key"]
        assert box.send() == box.retry(now=True) == []


def test_the_journal_keeps_what_it_says(store: Store) -> None:
    with receiver() as got:
        outbox(store, hook(got.url)).send()
    with open_desk(Path(store.path)) as desk:
        for table in ("delivery", "delivered_signal", "attempt"):
            for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET delivery = 'x'"):
                if table == "delivery" and statement.startswith("UPDATE"):
                    statement = "UPDATE delivery SET id = 'x'"
                with pytest.raises(sqlite3.DatabaseError, match="journal"):
                    desk.execute(statement)


def test_two_runs_at_once_are_one(store: Store) -> None:
    with receiver() as got:
        box = outbox(store, hook(got.url))
        found: list[Exception] = []

        def again() -> None:
            try:
                outbox(store, hook(got.url)).send()
            except SystemFault as error:
                found.append(error)

        got.before = again
        box.send()
        assert "another run of alerts" in str(found[0])
        assert len(got.calls) == 1


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
        "2002:7f00:1::", "64:ff9b::7f00:1", "2001:db8::1", "fec0::1", "64:ff9b:1::1", "::7f00:1", "198.18.0.1",
        "192.0.0.1", "240.0.0.1",
    ],
)  # fmt: skip
def test_no_webhook_calls_inside(text: str) -> None:
    assert not allowed(ipaddress.ip_address(text))


def test_a_name_is_as_good_as_all_its_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    def answers(*addresses: str) -> None:
        found = [(2, 1, 6, "", (address, 443)) for address in addresses]
        monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: found)

    answers("8.8.8.8")
    assert [str(one) for one in resolve("receiver.example", 443)] == ["8.8.8.8"]
    answers("8.8.8.8", "10.0.0.1")
    with pytest.raises(UsageError, match="may not be called"):
        resolve("receiver.example", 443)
    found = resolve("receiver.example", 443, ["10.0.0.0/8"])
    assert [str(one) for one in found] == ["8.8.8.8", "10.0.0.1"]
    monkeypatch.undo()
    with pytest.raises(UsageError, match="no name of a host"):
        resolve("x" * 64 + ".example", 443)


def test_loopback_is_not_called_unless_allowed(store: Store) -> None:
    with receiver() as got:
        text = hook(got.url).replace('"127.0.0.0/8"', "")
        box = outbox(store, text)
        assert "may not be called" in box.check()["duty"]
        assert box.send()[0].detail.startswith("the webhook's address lies in a network")
        assert got.calls == []


def test_an_e_mail_by_template(store: Store) -> None:
    with mail_server() as box:
        text = f"""
base_url = "https://maps.example"
[mail]
host = "127.0.0.1"
port = {box.port}
security = "none"
sender = "audan@office.example"
""" + "".join(
            f"""
[[subscriptions]]
id = "office-{lang}"
channel = "email"
to = ["duty@office.example", "chief@office.example"]
edition = "analyst"
language = "{lang}"
"""
            for lang in ("en", "ru", "kk")
        )
        sent = outbox(store, text).send()
        assert [one.last for one in sent] == ["sent"] * 3
        assert outbox(store, text).send() == []
        words = {
            "en": ("6 new signals", "Outbreak"),
            "ru": ("6 новых сигналов", "Всплеск"),
            "kk": ("6 жаңа белгі", "Күрт өсу"),
        }
        for (sender, to, raw), (lang, (subject, word)), delivery in zip(
            box.mails, words.items(), sent, strict=True
        ):
            assert (sender, to) == (
                "<audan@office.example>",
                ["<duty@office.example>", "<chief@office.example>"],
            )
            made = email.message_from_bytes(raw, policy=email.policy.default)
            assert subject in made["Subject"], lang
            assert made["Message-ID"] == f"<{delivery.id}@office.example>"
            plain, rich = (made.get_body((kind,)).get_content() for kind in ("plain", "html"))
            assert word in plain
            assert word in rich
            view = "layer=dynamics&offence=theft&month=2022-12&district=03000"
            assert f"https://maps.example/#{view}&lang={lang}" in plain
            assert f'<html lang="{lang}">' in rich
        box.refuse = 550
        alerting_release(Path(store.path), shift=3)
        refused = outbox(store, text)
        assert {refused.state(one) for one in refused.send()} == {"refused"}


def test_names_in_an_e_mail_are_text(store: Store) -> None:
    from gis_layers.alerts.mail import message

    text = """
[mail]
host = "mail.example"
sender = "audan@office.example"
[[subscriptions]]
id = "office"
channel = "email"
to = ["duty@office.example"]
"""
    settings = outbox(store, text).settings
    told = {
        "area": {"id": "x", "name": {"en": "A\nBcc: all@example"}, "invented": False},
        "created": "2026-11-23T10:00:00Z",
        "signals": [{"title": "<script>1</script>", "text": "a & b"}],
    }
    made = message(settings.mail, settings.subscriptions[0], "k", json.dumps(told).encode())  # type: ignore[arg-type]
    assert made["Bcc"] is None
    assert "<script>" not in made.get_body(("html",)).get_content()  # type: ignore[union-attr]


def test_feeds_on_the_disk(store: Store) -> None:
    text = '[[subscriptions]]\nid = "public"\nchannel = "feed"\nfolder = "out"\n'
    assert outbox(store, text).send() == []
    folder = Path(store.path).parent / "out"
    tree = ElementTree.fromstring((folder / "public.atom").read_bytes())
    assert len(tree.findall(f"{ATOM}entry")) == 3
    ids = {entry.findtext(f"{ATOM}id") for entry in tree.findall(f"{ATOM}entry")}
    made = json.loads((folder / "public.geojson").read_text(encoding="utf-8"))
    assert {one["properties"]["kind"] for one in made["features"]} == {"rating", "outbreak"}
    assert all(one["geometry"]["type"] == "Point" for one in made["features"])
    alerting_release(Path(store.path), shift=3)
    outbox(store, text).send()
    again = ElementTree.fromstring((folder / "public.atom").read_bytes())
    # What is still there keeps its id.
    assert len(ids & {entry.findtext(f"{ATOM}id") for entry in again.findall(f"{ATOM}entry")}) == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('channel = "webhook"', 'channel = "email"'), "is for"),
        (("http://127.0.0.1:9/", "ftp://127.0.0.1/"), "https://"),
        (("http://127.0.0.1:9/", "https://me:pass@host/"), "no user, password"),
        (('secret = { env = "HOOK" }', 'secret = "plain text"'), "secret"),
        (('secret = { env = "HOOK" }', ""), "needs 'secret'"),
        (('edition = "analyst"', 'edition = "public"\nsignals = ["fall"]'), "no signals 'fall'"),
        (('id = "duty"', 'id = "duty"\nnonsense = 1'), "unknown setting"),
        (('"127.0.0.0/8"', '"not a network"'), "network"),
    ],
)  # fmt: skip
def test_settings_are_checked(store: Store, change: tuple[str, str], said: str) -> None:
    text = hook("http://127.0.0.1:9/")
    assert change[0] in text
    with pytest.raises(InputError, match=re.escape(said)):
        outbox(store, text.replace(*change))


def test_secrets_are_needed_and_long(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    box = outbox(store, hook("http://127.0.0.1:9/"))
    monkeypatch.setenv("HOOK", "short")
    assert "needs 16" in box.check()["duty"]
    monkeypatch.delenv("HOOK")
    assert "secret is not there" in box.check()["duty"]


def test_the_analyst_edition_does_not_leave_in_the_clear(store: Store) -> None:
    text = """
[mail]
host = "mail.example"
security = "none"
sender = "audan@office.example"
[[subscriptions]]
id = "office"
channel = "email"
to = ["duty@office.example"]
edition = "analyst"
"""
    assert "anybody can read" in outbox(store, text).check()["office"]
    with pytest.raises(AudanError, match="password"):
        outbox(
            store,
            text.replace('security = "none"', 'security = "none"\nuser = "a"\npassword = { env = "P" }'),
        )


def test_the_commands(store: Store, root: Path) -> None:
    with receiver() as got:
        outbox(store, hook(got.url))
        path = Path(store.path).parent / "alerts.toml"

        def audan(*words: str) -> Any:
            at = [] if words[0] == "list" else ["--store", str(store.path)]
            run = CliRunner().invoke(app, ["alerts", *words, *at, "--settings", str(path), "--json"])
            assert run.exit_code == 0, run.output
            return json.loads(run.stdout)

        assert [one["id"] for one in audan("list")] == ["duty"]
        assert SECRET not in json.dumps(audan("list"))
        assert len(audan("preview")[0]["new"]) == 6
        assert audan("send", "--dry-run")[0]["new"] == 6
        assert got.calls == []
        assert audan("history") == []
        assert [one["state"] for one in audan("send")] == ["sent"]
        assert set(audan("history")[0]["signals"]) == EVERY
        assert audan("retry") == []
        assert audan("preview")[0]["new"] == []
    # The file that the project brings is right as it is.
    assert read_alerts(root / "config" / "alerts.toml").subscriptions[0].id == "public-feed"


def test_the_snippet_of_the_documentation_verifies(root: Path) -> None:
    from gis_layers.alerts import sign

    page = (root / "docs" / "tutorials" / "administrator.md").read_text(encoding="utf-8")
    found = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert found is not None
    scope: dict[str, Any] = {}
    exec(found[1], scope)
    now = int(time.time())
    headers = {"Audan-Timestamp": str(now), "Audan-Signature": sign(SECRET, now, b"{}")}
    assert scope["is_ours"](SECRET, headers, b"{}")
    assert not scope["is_ours"](SECRET, headers, b"{ }")
    old = {"Audan-Timestamp": str(now - 400), "Audan-Signature": sign(SECRET, now - 400, b"{}")}
    assert not scope["is_ours"](SECRET, old, b"{}")
