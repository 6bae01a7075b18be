"""Asking the real server: right and wrong token, a server that is down, slow, cancelled, or no Audan at all."""

import http.server
import socket
import threading

import pytest
from audan.core import servers
from audan.core.client import Client
from audan.core.fault import Cancelled, Fault
from audan.core.network import fetch, open_desk
from audan.core.probe import probe
from audan.core.servers import Server, clean_url
from audan.core.tasks import Tasks
from conftest import wait_for
from qgis.core import QgsFeedback


class Away:
    """An ear that turns away after some looks."""

    def __init__(self, looks):
        self.looks = looks

    def isCanceled(self):
        self.looks -= 1
        return self.looks < 0

    def setProgress(self, percent):
        pass


@pytest.fixture
def silent():
    """Address of a server that takes a call and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(8)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
def odd():
    """A server that answers every path with a chosen status, headers and body."""

    class Odd(http.server.BaseHTTPRequestHandler):
        answer = (200, {}, b"")
        seen = []

        def do_GET(self):
            Odd.seen.append((self.path, self.headers.get("Authorization")))
            status, headers, body = Odd.answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Odd)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    Odd.address = f"http://127.0.0.1:{running.server_address[1]}"
    yield Odd
    running.shutdown()
    running.server_close()


def fault_of(call, *args):
    with pytest.raises(Fault) as caught:
        call(*args)
    assert caught.value.remedy, caught.value.code
    assert not caught.value.remedy.startswith("fault."), caught.value.code
    return caught.value


def test_a_server_tells_its_catalogue(server):
    found = probe(server)
    assert found.area["id"] == "walled_town"
    assert found.edition == "analyst"
    rating = found.layer("rating")
    assert rating.is_judged
    assert len(rating.months) == 48
    assert rating.class_of(5).colour == "#7f2704"
    assert fault_of(found.layer, "nothing").code == "no_layer"


def test_rows_come_page_by_page(server, monkeypatch):
    monkeypatch.setattr("audan.core.client.PAGE", 10)
    rows = Client(server).rows("rating", datetime="2022-12", offence="theft").rows
    assert len(rows) == 36
    assert len({row["district"] for row in rows}) == 36
    assert len(Client(server).rows("rating", datetime="2022-12", offence="theft", limit=13).rows) == 13


def test_values_and_rows_agree(server):
    client = Client(server)
    values = client.values("rating", ["count", "level"], datetime="2022-11/2022-12", offence="assault")
    assert values.months == ["2022-11", "2022-12"]
    for row in client.rows("rating", datetime="2022-12", offence="assault").rows:
        assert values.at("count", "2022-12", row["district"]) == row["count"]


def test_the_story_of_a_district_is_told_in_a_language(server):
    told = Client(server, lang="ru").explain("11", "assault", "2022-12")
    assert "Побои" in told["text"]
    assert told["story"]["district"]["district"] == "11"


def test_a_right_token_opens_and_a_wrong_one_is_named(guarded, authcfg):
    url, token = guarded
    assert probe(Server("Guarded", url, authcfg(token))).edition == "analyst"
    assert fault_of(probe, Server("Guarded", url, authcfg("audan_wrong_wrong"))).code == "token"
    assert fault_of(probe, Server("Guarded", url)).code == "needs_token"
    assert fault_of(probe, Server("Guarded", url, "nocfg01")).code == "authentication"


def test_a_dead_network_is_told_apart(server):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert fault_of(probe, Server("Dead", f"http://127.0.0.1:{port}")).code == "unreachable"
    assert fault_of(probe, Server("Nowhere", "http://no-such-host.invalid")).code == "unreachable"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((200, {}, b"<html>welcome</html>"), "no_audan"),
        ((200, {}, b'{"some": "json"}'), "no_audan"),
        ((200, {}, b"[]"), "no_audan"),
        ((404, {}, b"nothing"), "no_audan"),
        ((302, {"Location": "http://127.0.0.2:9/"}, b""), "no_audan"),
        ((503, {}, b"down"), "no_release"),
        ((502, {}, b"down"), "no_release"),
        ((403, {}, b"{}"), "opens_nothing"),
        ((429, {"Retry-After": "7"}, b"{}"), "wait"),
        ((400, {}, b'{"description": "no such month"}'), "refused"),
        ((500, {}, b"{}"), "answer"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_answer_is_told_apart(odd, answer, code):
    odd.answer = answer
    assert fault_of(probe, Server("Odd", odd.address)).code == code


def test_a_token_is_not_carried_to_another_host(odd, authcfg):
    odd.answer = (302, {"Location": odd.address.replace("127.0.0.1", "localhost") + "/elsewhere"}, b"")
    odd.seen.clear()
    fault_of(probe, Server("Odd", odd.address, authcfg("secret")))
    assert [path for path, _ in odd.seen] == ["/catalogue"]


def test_a_silent_server_is_given_up(silent):
    assert fetch(silent, patience=1.0).late
    assert fault_of(Client(Server("Slow", silent), patience=1.0).catalogue).code == "slow"


def test_a_fetch_is_cancelled_at_once(silent):
    ear = Away(3)
    with pytest.raises(Cancelled):
        Client(Server("Slow", silent), ear).catalogue()
    assert ear.looks > -4, "it did not turn away when it was told to"


def test_a_task_fetches_beside_the_window_and_is_cancelled(server, silent, stalls):
    tasks, told = Tasks(), []
    with stalls:
        tasks.start("catalogue", lambda ear: Client(server, ear).catalogue(), told.append, told.append)
        wait_for(lambda: told)
    assert told[0].area["id"] == "walled_town"
    assert stalls.longest < 0.1
    told.clear()
    with stalls:
        slow = Server("Slow", silent)
        tasks.start("slow", lambda ear: Client(slow, ear).catalogue(), told.append, told.append)
        wait_for(lambda: open_desk()._open)
        tasks.cancel()
        wait_for(lambda: not tasks.running)
        wait_for(lambda: not open_desk()._open)
    assert stalls.longest < 0.1
    assert told == []


def test_a_task_tells_its_fault_and_an_error_of_ours(server):
    tasks, told = Tasks(), []
    tasks.start(
        "x",
        lambda ear: Client(server, ear).rows("nothing"),
        told.append,
        lambda fault: told.append(fault.code),
    )
    wait_for(lambda: told)
    tasks.start("y", lambda ear: 1 / 0, told.append, lambda fault: told.append(fault.code))
    wait_for(lambda: len(told) == 2)
    assert told == ["refused", "own"]


def test_feedback_of_qgis_is_an_ear(silent):
    feedback = QgsFeedback()
    feedback.cancel()
    with pytest.raises(Cancelled):
        Client(Server("Slow", silent), feedback).catalogue()


def test_servers_are_kept_without_secrets():
    servers.save(Server("Head / office", "https://crime.example/audan", "abc1234"))
    assert servers.servers() == [Server("Head / office", "https://crime.example/audan", "abc1234")]
    assert servers.find("Head / office").url == "https://crime.example/audan"
    servers.remove("Head / office")
    assert servers.servers() == []


@pytest.mark.parametrize(
    "text", ["crime.example", "ftp://x", "http://", "http://x?y=1", "http://x:port", "http://[x"]
)
def test_what_is_no_address_is_refused(text):
    assert fault_of(clean_url, text).code == "address"


def test_an_address_with_a_password_is_refused():
    assert fault_of(clean_url, "https://me:secret@crime.example").code == "credentials"
    assert clean_url(" https://crime.example/ ") == "https://crime.example"
