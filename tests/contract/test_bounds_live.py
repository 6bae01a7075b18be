"""Bounds on a running server: how often, how much, how long; and the headers of every answer."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from live import live
from tiny import tiny_release

from gis_layers.release import Store
from tile_server import ServerSettings
from tile_server.bounds.settings import Bounds


def raw(address: str, *pieces: bytes, pause: float = 0.0, wait: float = 5.0) -> bytes:
    """Send bytes as they are and return everything that comes back until the other end hangs up."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=wait) as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(pause)
        except OSError:
            pass
        got = b""
        try:
            while chunk := connection.recv(65536):
                got += chunk
        except OSError:
            pass
        return got


def test_who_asks_too_often_waits_and_nobody_else_does(tmp_path: Path) -> None:
    store = tiny_release(tmp_path / "store")
    settings = ServerSettings(store.path, bounds=Bounds(rate=2, burst=5), trusted_proxies=("127.0.0.1",))
    with live(settings) as address, httpx.Client(base_url=address) as client:
        far, other = {"x-forwarded-for": "192.0.2.7"}, {"x-forwarded-for": "192.0.2.8"}
        statuses = [client.get("/conformance", headers=far).status_code for _ in range(8)]
        assert statuses[:5] == [200] * 5
        assert 429 in statuses[5:]
        refused = next(
            a for _ in range(9) if (a := client.get("/conformance", headers=far)).status_code == 429
        )
        assert int(refused.headers["retry-after"]) >= 1
        assert refused.json()["code"] == "TooManyRequests"
        assert refused.headers["x-content-type-options"] == "nosniff"
        assert client.get("/conformance", headers=other).status_code == 200
        # This machine itself is not counted.
        assert {client.get("/conformance").status_code for _ in range(10)} == {200}
        time.sleep(1.2)
        assert client.get("/conformance", headers=far).status_code == 200


def test_forwarded_addresses_of_strangers_are_not_believed(public_server: str) -> None:
    headers = {"x-forwarded-for": "192.0.2.7", "x-forwarded-proto": "https"}
    made = httpx.get(f"{public_server}/?f=json", headers=headers).json()
    assert {link["href"].split(":")[0] for link in made["links"]} == {"http"}


def test_a_trusted_proxy_tells_the_scheme(tmp_path: Path) -> None:
    store = tiny_release(tmp_path / "store")
    with live(ServerSettings(store.path, trusted_proxies=("127.0.0.0/8",))) as address:
        made = httpx.get(f"{address}/?f=json", headers={"x-forwarded-proto": "https"}).json()
    assert {link["href"].split(":")[0] for link in made["links"]} == {"https"}


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/collections?" + "&".join(f"a{n}=1" for n in range(80)), {}, 400),
        ("/collections?a=" + "x" * 5000, {}, 414),
        ("/" + "x" * 2000, {}, 414),
        ("/collections", {"x-long": "x" * 40_000}, 431),
        ("/collections", {f"x-{n}": "1" for n in range(120)}, 431),
        ("/collections/safety/items?filter=" + "(" * 1500 + "level=1" + ")" * 1500, {}, 400),
        ("/collections/safety/items?filter=" + "NOT " * 600 + "level=1", {}, 400),
        ("/collections/safety/items?filter=" + " OR ".join(["level=1"] * 200), {}, 400),
        ("/collections/safety/items?filter=level IN (" + ",".join("1" * 1500) + ")", {}, 400),
        ("/collections/safety/items?filter=" + '{"op":"not","args":[' * 88 + "true" + "]}" * 88, {}, 400),
    ],
)
def test_what_is_too_much_is_refused(
    public_server: str, path: str, headers: dict[str, str], status: int
) -> None:
    answer = httpx.get(public_server + path, headers=headers)
    assert answer.status_code == status
    assert answer.json()["status"] == status
    assert answer.headers["content-security-policy"]


def test_a_body_that_says_that_it_is_too_large_is_refused_before_it_comes(public_server: str) -> None:
    host = urlsplit(public_server).netloc.encode()
    head = b"GET /collections HTTP/1.1\r\nhost: " + host + b"\r\ncontent-length: 10000000\r\n\r\n"
    assert raw(public_server, head, wait=3).startswith(b"HTTP/1.1 413")


def test_a_body_that_does_not_end_is_refused(public_server: str) -> None:
    host = urlsplit(public_server).netloc.encode()
    head = b"POST /collections HTTP/1.1\r\nhost: " + host + b"\r\ntransfer-encoding: chunked\r\n\r\n"
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    got = raw(public_server, head, *[chunk] * 50, wait=3)
    assert got.split()[1] in (b"405", b"413")


def test_headers_that_do_not_end_are_hung_up_on(public_server: str) -> None:
    host = urlsplit(public_server).netloc.encode()
    head = b"GET /collections HTTP/1.1\r\nhost: " + host + b"\r\n"
    got = raw(public_server, head, *[b"x-a: " + b"y" * 8000 + b"\r\n"] * 40, wait=3)
    assert got.startswith(b"HTTP/1.1 431")
    # One header without an end counts as well.
    assert raw(public_server, head, b"x-a: ", *[b"y" * 8000] * 40, wait=3).startswith(b"HTTP/1.1 431")


def test_headers_that_come_too_slowly_are_hung_up_on(public_server: str) -> None:
    began = time.monotonic()
    assert raw(public_server, b"GET /collections HTTP/1.1\r\n", wait=30) == b""
    assert 8 < time.monotonic() - began < 14


def test_a_connection_is_used_again_and_again(public_server: str) -> None:
    host = urlsplit(public_server).netloc.encode()
    one = b"GET /conformance HTTP/1.1\r\nhost: " + host + b"\r\n\r\n"
    last = one.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")
    got = raw(public_server, one, one, one + one, last, pause=0.05)
    assert got.count(b"HTTP/1.1 200") == 5


def test_an_answer_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    store = tiny_release(tmp_path / "store")
    settings = ServerSettings(store.path, bounds=Bounds(seconds=0.001))
    with live(settings) as address:
        answer = httpx.get(f"{address}/collections?f=html")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert "within 0.001 seconds" in answer.json()["description"]


@pytest.mark.parametrize(
    "path", ["/", "/?f=html", "/collections", "/nothing", "/healthz", "/collections?nonsense=1"]
)
def test_every_answer_carries_the_headers(public_server: str, server: str, path: str) -> None:
    for address, frames in ((public_server, "frame-ancestors *"), (server, "frame-ancestors 'self'")):
        headers = httpx.get(address + path).headers
        assert frames in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "server" not in headers
        assert "strict-transport-security" not in headers


def test_https_is_kept_behind_a_proxy(tmp_path: Path, tiny_store: Store) -> None:
    with live(ServerSettings(Path(tiny_store.path), base_url="https://maps.example")) as address:
        assert "max-age" in httpx.get(f"{address}/collections").headers["strict-transport-security"]
