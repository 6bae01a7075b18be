"""Bounds that need no server: buckets, waiting, proxies, the policy of pages, settings files."""

from __future__ import annotations

from pathlib import Path

import pytest

from gis_layers.errors import InputError, UsageError
from tile_server.auth.credentials import read_credential
from tile_server.auth.grant import Unauthorized
from tile_server.auth.lockout import LONGEST, Lockout
from tile_server.bounds.client import client_address, client_key, is_local, read_networks
from tile_server.bounds.policy import content_policy, security_headers
from tile_server.bounds.rate import Buckets
from tile_server.settings_file import read_settings_file


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_empties_and_fills() -> None:
    clock = Clock()
    buckets = Buckets(2.0, 3, clock=clock)
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert buckets.take("b") == 0
    clock.now += 0.5
    assert [buckets.take("a"), buckets.take("a")] == [0, 0.5]
    clock.now += 1e6
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert Buckets(0, 1).take("a") == 0


def test_buckets_are_bounded() -> None:
    buckets = Buckets(1.0, 1, most=100)
    for number in range(1000):
        buckets.take(str(number))
    assert len(buckets) == 100


def test_waits_double_up_to_a_quarter_of_an_hour() -> None:
    clock = Clock()
    lockout = Lockout(2, clock=clock)
    waits = []
    for _ in range(16):
        lockout.failed("a", "t")
        waits.append(lockout.wait("a", "t"))
        clock.now += waits[-1]
    assert waits[:7] == [0, 0, 1, 2, 4, 8, 16]
    assert waits[-1] == LONGEST
    assert lockout.wait("a", "other") == lockout.wait("b", "t") == 0
    lockout.failed("a", "t")
    lockout.succeeded("a", "t")
    assert lockout.wait("a", "t") == 0


def test_waiting_is_forgotten_after_a_rest_and_bounded() -> None:
    clock = Clock()
    lockout = Lockout(1, most=10, clock=clock)
    for _ in range(3):
        lockout.failed("a", "t")
    assert lockout.wait("a", "t") > 0
    clock.now += LONGEST + 10
    lockout.failed("a", "t")
    assert lockout.wait("a", "t") == 0
    for number in range(100):
        lockout.failed(str(number), "t")
    assert len(lockout) == 10


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["6.6.6.6, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["6.6.6.6", "198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", ["6.6.6.6, nonsense, 10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", ["nonsense"], "10.0.0.1"),
        ("2001:db8::1", ["2001:db8:5::7"], "2001:db8:5::7"),
        ("10.0.0.1", [", ".join(["6.6.6.6"] * 5000 + ["198.51.100.1"])], "198.51.100.1"),
    ],
)
def test_only_our_own_proxies_are_believed(peer: str, forwarded: list[str], found: str) -> None:
    ours = read_networks(["10.0.0.0/8", "2001:db8::/64"])
    assert client_address(peer, forwarded, ours) == found


def test_clients_are_counted_by_address_and_network() -> None:
    assert client_key("::ffff:203.0.113.9") == "203.0.113.9"
    assert client_key("2001:db8::1") == client_key("2001:db8::ffff")
    assert client_key("2001:db8:0:1::1") != client_key("2001:db8::1")
    assert [is_local(host) for host in ("127.0.0.2", "::1", "LOCALHOST", "localhost.evil", "0.0.0.0")] == [
        True, True, True, False, False,
    ]  # fmt: skip
    with pytest.raises(UsageError):
        read_networks(["10.0.0.1/8/9"])


@pytest.mark.parametrize(
    "header",
    [
        b"Bearer", b"Bearer ", b"Digest x", b"Basic !!!", b"Basic YWJj", b"Basic YWJjOg==", b"Basic /////w==", b"",
        b"Bearer " + b"x" * 9000,
    ],
)  # fmt: skip
def test_headers_that_carry_no_token_are_refused(header: bytes) -> None:
    with pytest.raises(Unauthorized):
        read_credential([header])
    with pytest.raises(Unauthorized):
        read_credential([b"Bearer a", b"Bearer a"])


def test_a_password_may_hold_colons() -> None:
    assert read_credential([b"basic YTpiOmM="]) == "b:c"


def test_the_policy_names_the_basemap_and_nothing_else() -> None:
    plain = content_policy(None, embeddable=True)
    assert "http" not in plain
    assert "unsafe" not in plain
    assert "frame-ancestors *" in plain
    with_map = content_policy("https://{s}.tiles.example/{z}/{x}/{y}.png", embeddable=False)
    assert "https://*.tiles.example" in with_map
    assert "frame-ancestors 'self'" in with_map
    for evil in ("https://a b; script-src *", "javascript:alert(1)", "https://x;script-src *//y"):
        assert content_policy(evil, embeddable=True) == plain


def test_https_is_kept_where_the_public_address_has_it() -> None:
    names = {name for name, _ in security_headers(None, embeddable=False, https=True)}
    assert {b"strict-transport-security", b"x-frame-options", b"x-content-type-options"} <= names
    assert b"strict-transport-security" not in dict(security_headers(None, embeddable=True, https=False))


def test_a_settings_file_is_read_and_its_errors_name_the_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "server.toml"
    monkeypatch.setenv("ISSUER", "https://login.example")
    good = (
        'trusted_proxies = ["10.0.0.1"]\n[bounds]\nrate = 5\n[oidc]\nissuer = "${ISSUER}"\naudience = "audan"\n'
        'jwks_url = "https://login.example/keys"\n[oidc.claims]\nparents = "regions"\n'
    )
    path.write_text(good, encoding="utf-8")
    read = read_settings_file(path)
    assert (read["bounds"].rate, read["oidc"].issuer, read["oidc"].claims.parents) == (
        5, "https://login.example", "regions",
    )  # fmt: skip
    for wrong, line in (
        (good.replace("rate = 5", "rate = -1"), 3),
        (good.replace("rate = 5", "rait = 5"), 3),
        (good.replace("https://login.example/keys", "http://login.example/keys"), 7),
        (good.replace("[oidc.claims]", 'algorithms = ["HS256"]\n[oidc.claims]'), 8),
        (good.replace("[oidc.claims]", 'algorithms = ["none"]\n[oidc.claims]'), 8),
    ):
        path.write_text(wrong, encoding="utf-8")
        with pytest.raises(InputError, match=f"line {line}"):
            read_settings_file(path)
    with pytest.raises(InputError, match="no such settings file"):
        read_settings_file(tmp_path / "none.toml")
