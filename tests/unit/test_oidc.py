"""Tokens of an identity provider: what is signed otherwise, for others or for another time opens nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from gis_layers.desk import EVERYWHERE, Scope
from gis_layers.errors import SystemFault
from tile_server.auth.grant import Unauthorized
from tile_server.auth.oidc import Keys, Provider, looks_like_jwt
from tile_server.auth.settings import Claims, Oidc

RSA = rsa.generate_private_key(65537, 2048)
OTHER = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP256R1())
SETTINGS = Oidc(
    issuer="https://login.example",
    audience="audan",
    jwks_url="https://login.example/keys",
    claims=Claims(parents="regions", districts="districts", edition="realm.roles"),
)


def public(key: Any, name: str, **more: str) -> dict[str, Any]:
    kind = jwt.algorithms.RSAAlgorithm if hasattr(key, "decrypt") else jwt.algorithms.ECAlgorithm
    return {**json.loads(kind.to_jwk(key.public_key())), "kid": name, **more}


KEYS = {
    "keys": [public(RSA, "r"), public(EC, "e"), {"kty": "oct", "k": "c2VjcmV0", "kid": "s"}, {"kty": "odd"}]
}


class Source:
    """A key set, and how often it was asked for."""

    def __init__(self, keys: Any) -> None:
        self.keys, self.asked, self.now = keys, 0, 0.0

    def fetch(self, _: str) -> dict[str, Any]:
        self.asked += 1
        if isinstance(self.keys, Exception):
            raise self.keys
        return dict(self.keys)


def provider(source: Source | None = None, settings: Oidc = SETTINGS) -> Provider:
    held = source or Source(KEYS)
    return Provider(settings, Keys(settings, held.fetch, lambda: held.now))


def claims(**other: Any) -> dict[str, Any]:
    now = int(time.time())
    made = {
        "iss": "https://login.example", "aud": "audan", "sub": "u1", "exp": now + 300, "iat": now,
        "email": "aigul@example.org", "realm": {"roles": ["x", "audan-analyst"]}, "regions": ["A"],
    } | other  # fmt: skip
    return {name: value for name, value in made.items() if value is not None}


def signed(key: Any = RSA, algorithm: str = "RS256", kid: str | None = "r", **other: Any) -> str:
    return jwt.encode(claims(**other), key, algorithm, headers={"kid": kid} if kid else None)


def test_a_good_token_opens_what_its_claims_say() -> None:
    grant = provider().check(signed())
    assert (grant.who, grant.name, grant.edition, grant.scope) == (
        "oidc:u1", "aigul@example.org", "analyst", Scope(parents=("A",)),
    )  # fmt: skip
    assert provider().check(signed(EC, "ES256", "e", districts="01000")).scope == Scope(("01000",), ("A",))
    assert looks_like_jwt(signed())
    assert not looks_like_jwt("audan_0123456789ab_" + "x" * 43)


def test_claims_that_are_missing_or_odd_give_less() -> None:
    assert provider().check(signed(regions=["*"])).scope == EVERYWHERE
    for odd in (
        {"realm": {"roles": ["reader"]}},
        {"realm": None},
        {"realm": "audan-analyst"},
        {"realm": [1]},
    ):
        assert provider().check(signed(**odd)).edition == "public"
    for odd in (
        {"regions": None},
        {"regions": []},
        {"regions": {"A": 1}},
        {"regions": [1, None]},
        {"regions": ""},
    ):
        assert provider().check(signed(**odd)).edition == "public"
    unscoped = SETTINGS.model_copy(update={"claims": Claims(edition="realm.roles")})
    assert provider(settings=unscoped).check(signed()).scope == EVERYWHERE


def pem(key: Any) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return bytes(key.public_key().public_bytes(serialization.Encoding.PEM, form))


def handmade(header: dict[str, Any], payload: dict[str, Any], secret: bytes | None) -> str:
    """Sign as no library would: with a public key as the secret, or with nothing."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, payload)]
    text = b".".join(parts)
    mark = hmac.new(secret, text, hashlib.sha256).digest() if secret else b""
    return (text + b"." + base64.urlsafe_b64encode(mark).rstrip(b"=")).decode()


def forgeries() -> dict[str, str]:
    now = int(time.time())
    good = signed()
    head, body, mark = good.split(".")
    changed = base64.urlsafe_b64encode(json.dumps(claims(regions=["*"])).encode()).rstrip(b"=").decode()
    return {
        "another key": signed(OTHER),
        "an unknown key": signed(kid="q"),
        "no key named": signed(kid=None),
        "changed claims": f"{head}.{changed}.{mark}",
        "no signature": f"{head}.{body}.",
        "none": handmade({"alg": "none", "kid": "r", "typ": "JWT"}, claims(), None),
        "None": handmade({"alg": "None", "kid": "r"}, claims(), None),
        "the public key as a secret": handmade({"alg": "HS256", "kid": "r"}, claims(), pem(RSA)),
        "a shared secret of the set": handmade({"alg": "HS256", "kid": "s"}, claims(), b"secret"),
        "a signature not on the list": signed(algorithm="RS512"),
        "a key of the other kind": handmade({"alg": "ES256", "kid": "r"}, claims(), b"x"),
        "a key of its own": handmade({"alg": "RS256", "kid": "r", "jwk": KEYS["keys"][0]}, claims(), b"x"),
        "critical things unknown": jwt.encode(
            claims(), RSA, "RS256", headers={"kid": "r", "crit": ["exp2"], "exp2": 1}
        ),
        "another issuer": signed(iss="https://login.example.evil"),
        "another audience": signed(aud="other"),
        "no audience": signed(aud=None),
        "no subject": signed(sub=None),
        "no end": signed(exp=None),
        "expired": signed(exp=now - 60),
        "not yet": signed(nbf=now + 120),
        "not even JSON": "ey.ey.ey",
        "a list": handmade({"alg": "RS256", "kid": "r"}, [1], b"x"),  # type: ignore[arg-type]
        "an odd key name": handmade({"alg": "RS256", "kid": {"a": 1}}, claims(), b"x"),
    }


@pytest.mark.parametrize("kind", forgeries())
def test_a_forgery_opens_nothing(kind: str) -> None:
    with pytest.raises(Unauthorized) as refused:
        provider().check(forgeries()[kind])
    assert refused.value.description == "the token does not hold"


def test_clocks_may_differ_a_little() -> None:
    now = int(time.time())
    assert provider().check(signed(exp=now - 10, nbf=now + 10)).edition == "analyst"


def test_keys_are_asked_for_seldom_however_many_are_unknown() -> None:
    source = Source(KEYS)
    held = provider(source)
    for number in range(50):
        with pytest.raises(Unauthorized):
            held.check(signed(OTHER, kid=f"unknown{number}"))
    assert source.asked == 1
    source.now += SETTINGS.refresh
    source.keys = {"keys": [*KEYS["keys"], public(OTHER, "new")]}
    assert held.check(signed(OTHER, kid="new")).edition == "analyst"
    assert source.asked == 2
    source.now += SETTINGS.max_age + 1
    held.check(signed())
    assert source.asked == 3


def test_old_keys_serve_while_the_provider_is_away_and_none_without_any() -> None:
    source = Source(KEYS)
    held = provider(source)
    held.check(signed())
    source.keys = OSError("away")
    source.now += SETTINGS.max_age + 1
    assert held.check(signed()).edition == "analyst"
    away = provider(Source(OSError("away")))
    with pytest.raises(SystemFault):
        away.check(signed())


def test_a_key_that_was_taken_back_opens_nothing_after_the_keys_grew_old() -> None:
    source = Source(KEYS)
    held = provider(source)
    held.check(signed())
    source.keys = {"keys": [public(EC, "e")]}
    source.now += SETTINGS.max_age + 1
    with pytest.raises(Unauthorized):
        held.check(signed())


def test_a_slow_provider_keeps_nobody_waiting_whose_key_is_known() -> None:
    asked, answer = threading.Event(), threading.Event()
    source = Source(KEYS)

    def fetch(url: str) -> dict[str, Any]:
        if source.asked:
            asked.set()
            assert answer.wait(10)
        return source.fetch(url)

    held = Provider(SETTINGS, Keys(SETTINGS, fetch, lambda: source.now))
    held.check(signed())
    source.now += SETTINGS.refresh
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(held.check, signed(OTHER, kid="unknown"))
        assert asked.wait(10)
        assert held.check(signed()).edition == "analyst"
        answer.set()
        with pytest.raises(Unauthorized):
            waiting.result(10)
