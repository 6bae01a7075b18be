"""Tokens of an identity provider: signed by one of its keys, for us, now; the claims say what they open."""

from __future__ import annotations

import json
import logging
import threading
import time
import urllib.request
from collections.abc import Callable
from typing import Any

import jwt

from gis_layers.desk.scope import Scope
from gis_layers.errors import SystemFault

from .grant import Grant, Unauthorized
from .settings import Oidc

LOGGER = logging.getLogger(__name__)

_MOST_BYTES = 1 << 20
_SECONDS = 5.0
_FAMILY = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
_CODE_LENGTH = 64


def looks_like_jwt(text: str) -> bool:
    """Tell a signed token of a provider from one of the desk."""
    return text.count(".") == 2 and text.startswith("ey")


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """The keys come from the address of the settings and from nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        return None


def fetch(address: str) -> dict[str, Any]:
    """Return the provider's key set."""
    opener = urllib.request.build_opener(_NoRedirects)
    with opener.open(address, timeout=_SECONDS) as answer:
        return dict(json.loads(answer.read(_MOST_BYTES)))


class Keys:
    """The provider's public keys, asked for when one is unknown or they are old, but never too often.

    Parameters
    ----------
    settings
        The provider.
    fetch
        Returns the key set at an address.
    """

    def __init__(
        self,
        settings: Oidc,
        fetch: Callable[[str], dict[str, Any]] = fetch,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings, self._fetch, self._clock = settings, fetch, clock
        self._keys: dict[str | None, jwt.PyJWK] = {}
        self._asked = self._got = float("-inf")
        self._lock = threading.Lock()

    def get(self, name: str | None) -> jwt.PyJWK | None:
        """Return a key by its id, None if the provider has none of it; may wait for the provider."""
        # one asks; whoever comes meanwhile is answered by the keys there are, and waits only if there are none
        if self._lock.acquire(blocking=not self._keys):
            try:
                old = self._clock() - self._got > self.settings.max_age
                rested = self._clock() - self._asked >= self.settings.refresh
                if (old or name not in self._keys) and rested:
                    self._ask()
            finally:
                self._lock.release()
        if not self._keys:
            raise SystemFault("the identity provider's keys cannot be had")
        return self._keys.get(name)

    def _ask(self) -> None:
        self._asked = self._clock()
        try:
            held = self._fetch(self.settings.jwks_url)
            found = [key for entry in held["keys"] if (key := _key(entry)) is not None]
            if not found:
                raise ValueError("the set holds no key that signs")
        except Exception as error:
            # Whatever the provider does, keys that were good an hour ago are better than a closed door.
            LOGGER.error("the identity provider's keys cannot be had: %s", error)
            return
        self._keys = {key.key_id: key for key in found}
        if len(found) == 1:
            # A provider with one key need not name it.
            self._keys.setdefault(None, found[0])
        self._got = self._clock()


def _key(entry: Any) -> jwt.PyJWK | None:
    """Read a public key that signs; a shared secret (`oct`) in a key set is never one of ours."""
    if (
        not isinstance(entry, dict)
        or entry.get("kty") not in _FAMILY.values()
        or entry.get("use", "sig") != "sig"
    ):
        return None
    try:
        return jwt.PyJWK(entry)
    except jwt.PyJWTError:
        # A kind of key that this version does not know must not take the others with it.
        return None


class Provider:
    """An identity provider whose tokens are accepted."""

    def __init__(self, settings: Oidc, keys: Keys | None = None) -> None:
        self.settings = settings
        self.keys = keys or Keys(settings)

    def check(self, text: str) -> Grant:
        """Return what a token opens; may wait for the provider.

        Raises
        ------
        Unauthorized
            If it is not signed by a key of the provider with an accepted signature, not for us, or not now.
        """
        try:
            header = jwt.get_unverified_header(text)
            algorithm, name = header.get("alg"), header.get("kid")
            if algorithm not in self.settings.algorithms or not isinstance(name, str | None):
                raise Unauthorized("the token does not hold")
            key = self.keys.get(name)
            # The key's kind must be the signature's: else an RSA key's text might serve as a secret.
            if key is None or key.key_type != _FAMILY[algorithm[:2]]:
                raise Unauthorized("the token does not hold")
            claims = jwt.decode(
                text,
                key.key,
                algorithms=[algorithm],
                audience=self.settings.audience,
                issuer=self.settings.issuer,
                leeway=self.settings.leeway,
                options={"require": ["exp", "iss", "aud", "sub"], "verify_iat": False},
            )
        except (jwt.PyJWTError, ValueError, TypeError):
            raise Unauthorized("the token does not hold") from None
        return self._grant(claims)

    def _grant(self, claims: dict[str, Any]) -> Grant:
        """Read the claims; whatever is missing or odd gives less, never more."""
        names = self.settings.claims
        who, name = f"oidc:{str(claims['sub'])[:120]}", str(_claim(claims, names.name) or "")[:200]
        roles = _texts(_claim(claims, names.edition))
        if not set(roles) & set(names.analyst):
            return Grant(who, name, "public")
        if names.parents is None and names.districts is None:
            return Grant(who, name, "analyst")
        parents = _texts(_claim(claims, names.parents)) if names.parents else []
        districts = _texts(_claim(claims, names.districts)) if names.districts else []
        if "*" in parents or "*" in districts:
            return Grant(who, name, "analyst")
        if not parents and not districts:
            return Grant(who, name, "public")
        return Grant(who, name, "analyst", Scope(tuple(districts), tuple(parents)))


def _claim(claims: dict[str, Any], path: str) -> Any:
    if path in claims:
        return claims[path]
    found: Any = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [text for text in values if isinstance(text, str) and 0 < len(text) <= _CODE_LENGTH]
